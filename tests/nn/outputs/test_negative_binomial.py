"""The negative binomial distribution against scipy's."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
import torch

from tsseq2seq.nn.outputs import NegativeBinomial

OUTPUT = NegativeBinomial()


def scipy_nb(mean, dispersion):
    """scipy counts failures before the n-th success, each of which has the probability p."""
    return scipy.stats.nbinom(n=1 / np.asarray(dispersion), p=1 / (1 + np.asarray(dispersion) * mean))


def parameters_of(rows=60, dtype=torch.float64):
    return OUTPUT.parameters(torch.randn(rows, 2, dtype=dtype) * 3, None)


def test_mean_and_dispersion_are_positive_and_the_base_is_added_before_that():
    raw = torch.tensor([[1.5, 0.0], [-1e3, -1e3], [1e3, 1e3]], dtype=torch.float64)
    base = torch.tensor([1.0, 0.0, -1e3], dtype=torch.float64)
    parameters = OUTPUT.parameters(raw, base)
    expected = np.log1p(np.exp([2.5, -1e3, 0.0])), [np.log(2), 0.0, 1e3]
    np.testing.assert_allclose(parameters.T, expected, atol=2e-4)
    assert (parameters > 0).all()
    assert torch.equal(OUTPUT.point(parameters), parameters[:, 0])


def test_its_mean_and_variance_are_the_ones_that_the_docstring_says():
    mean, dispersion = parameters_of().T.numpy()
    distribution = scipy_nb(mean, dispersion)
    np.testing.assert_allclose(distribution.mean(), mean)
    np.testing.assert_allclose(distribution.var(), mean + dispersion * mean**2)


@pytest.mark.parametrize("unit", [None, 1.0, 7.5, 400.0])
def test_loss_is_the_negative_log_likelihood_of_the_counts(unit):
    parameters = parameters_of()
    size = 1.0 if unit is None else unit
    counts = torch.from_numpy(np.random.default_rng(0).poisson(3 * size, 60).astype(float))
    units = None if unit is None else torch.tensor([unit], dtype=torch.float64)
    ours = OUTPUT.elementwise_loss(parameters, counts / size, units)
    mean, dispersion = parameters.T.numpy()
    # not the density of the scaled number: no Jacobian, which would not depend on the network
    expected = -scipy_nb(mean * size, dispersion).logpmf(counts.numpy())
    np.testing.assert_allclose(ours, expected, rtol=1e-8)


def test_every_row_has_its_own_unit():
    parameters, counts = parameters_of().reshape(20, 3, 1, 2), torch.randint(0, 50, (20, 3, 1)).double()
    unit = torch.rand(20, 1, 1, dtype=torch.float64) * 10 + 0.1
    together = OUTPUT.elementwise_loss(parameters, counts / unit, unit)
    for row in range(20):
        alone = OUTPUT.elementwise_loss(parameters[row], counts[row] / unit[row], unit[row])
        torch.testing.assert_close(together[row], alone)


@pytest.mark.parametrize("count", [0.0, 1.0, 10.0, 1e3, 1e6, 1e9])
@pytest.mark.parametrize("dispersion", [1e-4, 1e-2, 1.0, 100.0])
def test_the_likelihood_in_float32_is_good_to_a_thousandth(count, dispersion):
    """Its terms are huge and cancel: lgamma(10⁶) alone is 10⁷, of which float32 keeps no decimals."""
    mean = max(count, 0.5) * 1.1
    parameters = torch.tensor([[mean, dispersion]])
    ours = OUTPUT.elementwise_loss(parameters, torch.tensor([count])).item()
    # of what float32 makes of the parameters
    expected = -scipy_nb(*parameters[0].double().numpy()).logpmf(count)
    assert ours == pytest.approx(expected, abs=1e-3, rel=1e-5)


@pytest.mark.parametrize("count", [0.0, 1.0, 1e4, 1e9, 1e20])
@pytest.mark.parametrize("scale", [1.0, 100.0, 1e4])
def test_gradients_are_finite(count, scale):
    raw = (torch.randn(200, 2) * scale).requires_grad_()
    for unit in (None, torch.full((200,), 1e3)):
        loss = OUTPUT.elementwise_loss(OUTPUT.parameters(raw, None), torch.full((200,), count), unit)
        (gradient,) = torch.autograd.grad(loss.sum(), raw)
        assert loss.isfinite().all()
        assert gradient.isfinite().all()


@pytest.mark.parametrize(("count", "unit"), [(0.0, 1.0), (3.0, 1.0), (500.0, 20.0), (2e5, 5e4)])
@pytest.mark.parametrize("dispersion", [1e-3, 0.3, 5.0])
def test_gradients_equal_differences_of_the_likelihood(count, unit, dispersion):
    parameters = torch.tensor([[1.3, dispersion]], requires_grad=True)
    truth, units = torch.tensor([count / unit]), torch.tensor([unit])
    (ours,) = torch.autograd.grad(OUTPUT.elementwise_loss(parameters, truth, units).sum(), parameters)
    for place, name in enumerate(["mean", "dispersion"]):
        at = parameters.detach()[0].double().numpy()
        losses = []
        for sign in (1, -1):
            moved = at.copy()
            moved[place] *= 1 + sign * 1e-5
            losses.append(-scipy_nb(moved[0] * unit, moved[1]).logpmf(count))
        expected = (losses[0] - losses[1]) / (2e-5 * at[place])
        assert ours[0, place].item() == pytest.approx(expected, rel=1e-2, abs=2e-2), name


@pytest.mark.parametrize(
    ("mean", "dispersion", "unit"), [(0.2, 0.5, None), (4.0, 0.5, None), (3.0, 1e-4, None), (0.8, 1.5, 5.0)]
)
def test_draws_are_whole_counts_with_the_right_frequencies(mean, dispersion, unit):
    rows = 20_000
    parameters = torch.tensor([mean, dispersion]).expand(rows, 2)
    units = None if unit is None else torch.full((rows,), unit)
    drawn = OUTPUT.sample(parameters, torch.Generator().manual_seed(1), unit=units)
    counts = (drawn if unit is None else drawn * unit).double().numpy()
    np.testing.assert_allclose(counts, np.round(counts), atol=1e-5)
    distribution = scipy_nb(mean * (unit or 1.0), dispersion)
    # classes that are expected at least 20 times, and what lies beyond them
    most = int(distribution.isf(20 / rows))
    observed = np.bincount(np.minimum(np.round(counts).astype(int), most), minlength=most + 1)
    expected = rows * np.append(distribution.pmf(np.arange(most)), distribution.sf(most - 1))
    assert len(observed) == len(expected)
    assert scipy.stats.chisquare(observed, expected).pvalue > 0.01


def test_draws_of_large_counts_have_the_right_moments():
    parameters = torch.tensor([1.2, 0.05]).expand(50_000, 2)
    drawn = OUTPUT.sample(parameters, torch.Generator().manual_seed(1), unit=torch.tensor([1e6])).double()
    assert drawn.mean().item() == pytest.approx(1.2, rel=0.01)
    assert drawn.var().item() == pytest.approx(0.05 * 1.2**2, rel=0.05)


def test_draws_repeat_with_the_generator_and_differ_within_it():
    parameters = torch.tensor([[500.0, 0.5]]).expand(6, 2)
    first, again = (OUTPUT.sample(parameters, torch.Generator().manual_seed(1)) for _ in range(2))
    assert torch.equal(first, again)
    assert len(first.unique()) > 3


def test_it_cannot_be_coupled():
    assert not OUTPUT.coupled
    with pytest.raises(TypeError, match="NegativeBinomial"):
        OUTPUT.normal_scores(torch.ones(3, 2), torch.zeros(3))
