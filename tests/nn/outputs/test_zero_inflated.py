"""The zero-inflated negative binomial distribution against scipy's negative binomial."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
import torch

from tsseq2seq.nn.outputs import ZeroInflatedNegativeBinomial
from tsseq2seq.nn.outputs.random_streams import RandomStreams

OUTPUT = ZeroInflatedNegativeBinomial()


def probability(count, mean, dispersion, nothing):
    """π and the rest, which scipy counts as failures before the n-th success."""
    of_counts = mean / (1 - nothing)
    counts = scipy.stats.nbinom(n=1 / dispersion, p=1 / (1 + dispersion * of_counts))
    return nothing * (count == 0) + (1 - nothing) * counts.pmf(count)


def parameters_of(rows=60):
    return OUTPUT.parameters(torch.randn(rows, 3, dtype=torch.float64) * 3, None)


def test_the_mean_begins_at_the_base_and_all_parameters_are_in_range():
    base = torch.tensor([0.003, 0.4, 7.0, 300.0, 0.0, -4.0], dtype=torch.float64)
    parameters = OUTPUT.parameters(torch.zeros(6, 3, dtype=torch.float64), base)
    np.testing.assert_allclose(parameters[:4, 0], base[:4], rtol=1e-9)
    assert (parameters[4:, 0] > 0).all()
    wild = OUTPUT.parameters(torch.randn(300, 3) * 1e4, torch.randn(300) * 100)
    assert (wild[:, :2] > 0).all()
    assert ((wild[:, 2] >= 0) & (wild[:, 2] < 1)).all()


@pytest.mark.parametrize("unit", [None, 1.0, 7.5])
def test_loss_is_the_negative_log_likelihood_of_the_counts(unit):
    parameters, size = parameters_of(), 1.0 if unit is None else unit
    counts = torch.from_numpy(np.random.default_rng(0).poisson(size, 60).astype(float))
    assert (counts == 0).any() or size > 1
    counts[:20] = 0.0
    units = None if unit is None else torch.tensor([unit], dtype=torch.float64)
    ours = OUTPUT.elementwise_loss(parameters, counts / size, units)
    mean, dispersion, nothing = parameters.T.numpy()
    wanted = -np.log(probability(counts.numpy(), mean * size, dispersion, nothing))
    np.testing.assert_allclose(ours, wanted, rtol=1e-8)


def test_its_probabilities_sum_to_1_and_its_mean_is_the_mean_of_the_whole():
    mean, dispersion, nothing = 0.7, 0.5, 0.6
    counts = torch.arange(400, dtype=torch.float64)
    parameters = torch.tensor([[mean, dispersion, nothing]], dtype=torch.float64).expand(400, 3)
    mass = (-OUTPUT.elementwise_loss(parameters, counts)).exp()
    assert mass.sum().item() == pytest.approx(1, rel=1e-9)
    assert (mass * counts).sum().item() == pytest.approx(mean, rel=1e-9)
    assert OUTPUT.point(parameters)[0].item() == pytest.approx(mean)


@pytest.mark.parametrize("base", [None, 0.3])
def test_gradients_are_those_of_differences(base):
    raw = torch.randn(24, 3, dtype=torch.float64, requires_grad=True)
    counts = torch.tensor([0.0, 0.0, 1.0, 4.0], dtype=torch.float64).repeat(6)
    bases = None if base is None else torch.full((24,), base, dtype=torch.float64)
    unit = torch.tensor([3.0], dtype=torch.float64)

    def loss(given):
        return OUTPUT.elementwise_loss(OUTPUT.parameters(given, bases), counts / 3, unit)

    assert torch.autograd.gradcheck(loss, (raw,))


@pytest.mark.parametrize("way", ["sample", "draw"])
@pytest.mark.parametrize(
    ("mean", "dispersion", "nothing", "unit"), [(0.5, 0.5, 0.4, None), (0.8, 1.0, 0.7, 5.0)]
)
def test_draws_are_whole_counts_with_the_right_frequencies(way, mean, dispersion, nothing, unit):
    rows = 20_000
    parameters = torch.tensor([mean, dispersion, nothing]).expand(1, rows, 3)
    units = None if unit is None else torch.full((1, rows), unit)
    if way == "sample":
        drawn = OUTPUT.sample(parameters, torch.Generator().manual_seed(1), unit=units)
    else:
        drawn = OUTPUT.draw(parameters, RandomStreams(torch.tensor([3])), unit=units)
    counts = (drawn if unit is None else drawn * unit)[0].double().numpy()
    np.testing.assert_allclose(counts, np.round(counts), atol=1e-5)
    mass = probability(np.arange(200), mean * (unit or 1.0), dispersion, nothing)
    most = int(np.flatnonzero(rows * mass[::-1].cumsum()[::-1] > 20)[-1])
    observed = np.bincount(np.minimum(np.round(counts).astype(int), most), minlength=most + 1)
    expected = rows * np.append(mass[:most], mass[most:].sum())
    assert scipy.stats.chisquare(observed, expected * observed.sum() / expected.sum()).pvalue > 0.01


def test_a_zero_that_was_rounded_is_a_zero():
    parameters = torch.tensor([[0.5, 0.5, 0.4]], dtype=torch.float64).expand(3, 3)
    rounded = torch.tensor([0.0, 6e-8, -6e-8], dtype=torch.float64)
    loss = OUTPUT.elementwise_loss(parameters, rounded)
    np.testing.assert_allclose(loss, loss[:1].expand(3), atol=1e-6)
