"""The Tweedie distribution against a sum of scipy's gamma densities, and against its moments."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.integrate
import scipy.special
import scipy.stats
import torch

from tsseq2seq.errors import ParameterError
from tsseq2seq.nn.outputs import Tweedie
from tsseq2seq.nn.outputs.random_streams import RandomStreams

POWERS = [1.1, 1.5, 1.8]
each_power = pytest.mark.parametrize("power", POWERS)


def log_density(amount, mean, dispersion, power):
    """Of a Poisson number of gamma amounts: a sum over all numbers that matter."""
    rate = mean ** (2 - power) / ((2 - power) * dispersion)
    if amount == 0:
        return -rate
    shape, scale = (2 - power) / (power - 1), dispersion * (power - 1) * mean ** (power - 1)
    number = np.arange(1, 20_000)
    terms = scipy.stats.poisson.logpmf(number, rate)
    terms = terms + scipy.stats.gamma.logpdf(amount, a=number * shape, scale=scale)
    return scipy.special.logsumexp(terms)


def loss_of(power, mean, dispersion, amount):
    parameters = torch.tensor([[mean, dispersion]], dtype=torch.float64)
    truth = torch.tensor([amount], dtype=torch.float64)
    return Tweedie(power=power).elementwise_loss(parameters, truth).item()


@each_power
@pytest.mark.parametrize("mean", [0.05, 1.0, 12.0])
@pytest.mark.parametrize("dispersion", [0.3, 1.0, 6.0])
def test_loss_is_the_negative_logarithm_of_the_density(power, mean, dispersion):
    for amount in (0.0, 1e-3, 0.2, 1.0, 7.0, 40.0):
        wanted = -log_density(amount, mean, dispersion, power)
        far = amount ** (2 - power) / ((2 - power) * dispersion) > 60  # the saddlepoint
        assert loss_of(power, mean, dispersion, amount) == pytest.approx(
            wanted, rel=1e-3 if far else 1e-6, abs=5e-3 if far else 1e-6
        )


@pytest.mark.parametrize("dispersion", [1e-3, 0.01])
def test_the_saddlepoint_is_good_to_half_a_percent_and_takes_over_without_a_step(dispersion):
    for amount in (0.5, 1.0, 2.0):
        wanted = -log_density(amount, 1.1, dispersion, 1.5)
        assert loss_of(1.5, 1.1, dispersion, amount) == pytest.approx(wanted, rel=5e-3, abs=5e-3)
    # 60 amounts in the largest term
    border = (60 * 0.5 * dispersion) ** 2
    below, above = (loss_of(1.5, border, dispersion, border * factor) for factor in (1 - 1e-9, 1 + 1e-9))
    assert above == pytest.approx(below, abs=5e-3)


@each_power
def test_density_and_probability_of_0_sum_to_1_and_give_the_moments(power):
    mean, dispersion = 0.8, 1.3

    def integral(weight):
        def density(amount):
            return weight(amount) * np.exp(-loss_of(power, mean, dispersion, amount))

        ends = ((1e-5, 1e-3), (1e-3, 1), (1, 60))
        return sum(scipy.integrate.quad(density, *each, limit=200)[0] for each in ends)

    # what lies below 0.00001 counts as nothing; there the density grows without end
    rounded = scipy.integrate.quad(lambda y: np.exp(log_density(y, mean, dispersion, power)), 0, 1e-5)[0]
    nothing = np.exp(-loss_of(power, mean, dispersion, 0.0))
    assert nothing + rounded + integral(lambda amount: 1.0) == pytest.approx(1, abs=2e-3)
    assert integral(lambda amount: amount) == pytest.approx(mean, rel=1e-3)
    variance = integral(lambda amount: (amount - mean) ** 2) + (nothing + rounded) * mean**2
    assert variance == pytest.approx(dispersion * mean**power, rel=2e-3)


@each_power
def test_gradients_are_those_of_differences(power):
    output = Tweedie(power=power)
    raw = torch.randn(20, 2, dtype=torch.float64, requires_grad=True)
    truth = torch.tensor([0.0, 0.1, 1.0, 5.0], dtype=torch.float64).repeat(5)
    base = torch.rand(20, dtype=torch.float64)
    for given in (None, base):
        assert torch.autograd.gradcheck(
            lambda one, given=given: output.elementwise_loss(output.parameters(one, given), truth), (raw,)
        )


def test_the_unit_of_the_amounts_does_not_matter_to_the_gradient():
    """The dispersion takes it up, so that windows may be divided by their mean."""
    mean = torch.tensor([2.0], dtype=torch.float64)
    unit, dispersion, power = 50.0, 0.7, 1.5
    small, large = (
        loss_of(power, float(mean) * size, dispersion * size ** (2 - power), 3.0 * size)
        for size in (1.0, unit)
    )
    assert large - small == pytest.approx(np.log(unit))


@pytest.mark.parametrize("way", ["sample", "draw"])
@each_power
def test_draws_are_0_as_often_as_they_should_and_have_the_moments(way, power):
    output, mean, dispersion = Tweedie(power=power), 0.8, 1.3
    parameters = torch.tensor([mean, dispersion]).expand(1, 60_000, 2)
    if way == "sample":
        drawn = output.sample(parameters, torch.Generator().manual_seed(2))[0]
    else:
        drawn = output.draw(parameters, RandomStreams(torch.tensor([5])))[0]
    nothing = np.exp(-loss_of(power, mean, dispersion, 0.0))
    assert (drawn == 0).double().mean().item() == pytest.approx(nothing, abs=0.01)
    assert drawn.mean().item() == pytest.approx(mean, rel=0.03)
    assert drawn.double().var().item() == pytest.approx(dispersion * mean**power, rel=0.06)


@pytest.mark.parametrize("power", [1.0, 2.0, 0.5, 3.0])
def test_powers_that_are_no_compound_are_refused(power):
    with pytest.raises(ParameterError, match="power"):
        Tweedie(power=power)


@each_power
def test_a_zero_that_was_rounded_is_a_zero(power):
    """As float32 makes of 0 where a panel holds distances from another value."""
    assert loss_of(power, 0.8, 1.3, 6e-8) == loss_of(power, 0.8, 1.3, -6e-8) == loss_of(power, 0.8, 1.3, 0.0)
