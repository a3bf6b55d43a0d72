"""Bins against numpy's histograms and interpolation."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
import torch
from hypothesis import given
from hypothesis import strategies as st

from tsseq2seq.errors import ParameterError, ParameterTypeError
from tsseq2seq.nn.outputs import Binned

EDGES = (-2.0, -1.0, -0.5, 0.0, 1.5, 2.0)  # not equally wide
OUTPUT = Binned(bins=5, edges=EDGES)


def log_probabilities(rows=20, bins=5, dtype=torch.float64):
    output = Binned(bins=bins, edges=tuple(np.linspace(-1, 1, bins + 1)))
    return output.parameters(torch.randn(rows, bins + 1, dtype=dtype), None)


def scipy_histogram(log_probability):
    return scipy.stats.rv_histogram((np.exp(log_probability) / np.diff(EDGES), EDGES), density=True)


def test_parameters_are_log_probabilities_of_a_softmax():
    raw = torch.randn(7, 3, 6, dtype=torch.float64)
    shares = np.exp(raw[..., :-1].numpy())
    expected = np.log(shares / shares.sum(-1, keepdims=True))
    np.testing.assert_allclose(OUTPUT.parameters(raw, None), expected, rtol=1e-10)


def test_the_base_is_a_prior_a_normal_density_about_it():
    """A preference of strength s is a normal density about the base, of variance 1 / (2 s)."""
    raw, base = torch.zeros(4, 6, dtype=torch.float64), torch.tensor([-3.0, -0.2, 0.1, 9.0]).double()
    raw[:, -1] = torch.tensor([-30.0, 0.0, 3.0, 0.5])
    strength = np.log1p(np.exp(raw[:, -1].numpy()))
    centres = (np.array(EDGES[1:]) + np.array(EDGES[:-1])) / 2
    density = np.stack([
        scipy.stats.norm.pdf(centres, b, np.sqrt(1 / (2 * s)))
        for b, s in zip(base.numpy(), strength, strict=True)
    ])  # fmt: skip
    probability = OUTPUT.parameters(raw, base).exp().numpy()
    np.testing.assert_allclose(probability, density / density.sum(1, keepdims=True), rtol=1e-8)
    np.testing.assert_allclose(probability[0], 0.2, rtol=1e-6)  # no strength: all bins alike
    nearest = np.abs(centres[None] - base.numpy()[:, None]).argmin(1)
    assert (probability.argmax(1)[1:] == nearest[1:]).all()


def test_the_loss_is_the_log_probability_of_the_bin_that_numpy_finds():
    parameters = log_probabilities(400)
    truth = torch.from_numpy(np.random.default_rng(0).normal(0, 1.5, size=400))
    place = np.clip(np.searchsorted(EDGES, truth.numpy(), side="right") - 1, 0, 4)
    expected = -parameters.numpy()[np.arange(400), place]
    np.testing.assert_allclose(OUTPUT.elementwise_loss(parameters, truth), expected)


def test_a_histogram_of_codes_is_numpys():
    values = np.random.default_rng(0).uniform(-2, 2, size=3000)
    expected, _ = np.histogram(values, EDGES)
    found = np.bincount(OUTPUT.encode(torch.from_numpy(values)).numpy(), minlength=5)
    np.testing.assert_array_equal(found, expected)


def test_what_lies_beyond_counts_to_the_outer_bins_and_an_edge_to_the_bin_above():
    values = torch.tensor([-1e9, -2.0, -1.0, 0.0, 2.0, 1e9, -torch.inf, torch.inf])
    assert OUTPUT.encode(values).tolist() == [0, 0, 1, 3, 4, 4, 0, 4]


@pytest.mark.parametrize("shape", [(), (5,), (2, 3, 4)])
def test_codes_come_back_as_themselves(shape):
    tokens = torch.randint(0, 5, shape)
    assert torch.equal(OUTPUT.encode(OUTPUT.decode(tokens)), tokens)


@given(st.integers(2, 300), st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.floats(0, 1))
def test_a_value_comes_back_within_half_a_bin(bins, low, width, share):
    edges = np.linspace(low, low + max(width, abs(low) * 1e-2 * bins), bins + 1)  # float32 tells them apart
    output = Binned(bins=bins, edges=tuple(edges.tolist()))
    value = edges[0] + share * (edges[-1] - edges[0])
    back = output.decode(output.encode(torch.tensor([value], dtype=torch.float32))).item()
    assert abs(back - value) <= 0.5 * np.diff(edges).max() * 1.01 + 1e-6 * np.abs(edges).max()
    centres = (edges[1:] + edges[:-1]) / 2
    assert torch.equal(output.encode(torch.tensor(centres, dtype=torch.float32)), torch.arange(bins)), (
        "each centre lies in its bin"
    )


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_quantiles_invert_the_distribution_function(dtype):
    parameters = log_probabilities(50, dtype=dtype)
    shares = torch.rand(50, dtype=dtype)
    cumulative = np.concatenate([np.zeros((50, 1)), parameters.double().exp().cumsum(-1).numpy()], axis=1)
    expected = [
        np.interp(share * row[-1], row, EDGES)
        for share, row in zip(shares.double().numpy(), cumulative, strict=True)
    ]
    np.testing.assert_allclose(OUTPUT._quantile(parameters, shares), expected, atol=1e-5)
    by_scipy = [
        scipy_histogram(row).ppf(share)
        for row, share in zip(parameters.double().numpy(), shares.double().numpy(), strict=True)
    ]
    np.testing.assert_allclose(OUTPUT._quantile(parameters, shares), by_scipy, atol=1e-5)


def test_the_point_is_the_median():
    parameters = log_probabilities(50)
    expected = [scipy_histogram(row).median() for row in parameters.numpy()]
    np.testing.assert_allclose(OUTPUT.point(parameters), expected, atol=1e-9)


def test_the_ends_of_the_distribution_are_the_outer_edges_of_the_bins_that_can_be():
    parameters = torch.tensor([[-torch.inf, 0.5, 0.5, -torch.inf, -torch.inf]]).log_softmax(-1)
    low, high = (OUTPUT._quantile(parameters, torch.full((1,), share)).item() for share in (1e-6, 1.0))
    assert low == pytest.approx(-1.0, abs=1e-4)
    assert high == pytest.approx(0.0, abs=1e-4)


def test_quantiles_rise_with_their_probability():
    parameters = log_probabilities(1, bins=100, dtype=torch.float32)
    output = Binned(bins=100, edges=tuple(np.linspace(-3, 3, 101).tolist()))
    values = output._quantile(parameters.expand(1001, -1), torch.linspace(0, 1, 1001))
    assert (values.diff() >= -1e-5).all()
    assert values.min() >= -3
    assert values.max() <= 3


@pytest.mark.parametrize("noise_given", [False, True])
def test_draws_follow_the_histogram(noise_given):
    parameters = log_probabilities(1, dtype=torch.float32)
    generator = torch.Generator().manual_seed(1)
    noise = torch.randn(20_000, generator=generator) if noise_given else None
    drawn = OUTPUT.sample(parameters.expand(20_000, -1), generator, noise=noise)
    assert (
        scipy.stats.kstest(drawn.numpy(), scipy_histogram(parameters[0].double().numpy()).cdf).pvalue > 0.01
    )
    if noise is not None:
        order = noise.argsort()
        assert (drawn[order].diff() >= -1e-5).all(), "more noise, a larger value"


def test_scores_are_the_normal_quantiles_of_the_distribution_function():
    parameters = log_probabilities(300)
    truth = torch.from_numpy(np.random.default_rng(1).uniform(-2, 2, size=300))
    shares = [scipy_histogram(row).cdf(x) for row, x in zip(parameters.numpy(), truth.numpy(), strict=True)]
    expected = scipy.stats.norm.ppf(np.clip(shares, 1e-4, 1 - 1e-4))
    scores = OUTPUT.normal_scores(parameters, truth)
    np.testing.assert_allclose(scores, expected, atol=1e-6)
    # the noise that would have drawn it
    within = np.abs(expected) < 3.5
    drawn = OUTPUT.sample(parameters, noise=scores)
    np.testing.assert_allclose(drawn[within], truth[within], atol=1e-6)


def test_scores_beyond_the_edges_are_finite():
    parameters = log_probabilities(4)
    scores = OUTPUT.normal_scores(parameters, torch.tensor([-1e9, 1e9, -2.0, 2.0]).double())
    np.testing.assert_allclose(scores.abs(), scipy.stats.norm.isf(1e-4))


@pytest.mark.usefixtures("unchecked_types")
@pytest.mark.parametrize(
    ("settings", "kind", "message"),
    [
        ({"bins": 1}, ParameterError, "Binned: bins is 1; it must be an integer, at least 2"),
        ({"bins": 2.5}, ParameterTypeError, "Binned: bins is 2.5"),
        (
            {"bins": 2, "edges": "ab"},
            ParameterTypeError,
            "Binned: edges is 'ab'; it must be a list of numbers",
        ),
        ({"bins": 2, "edges": 3.0}, ParameterTypeError, r"Binned: edges is 3.0; it must be a list"),
        ({"bins": 2, "edges": [0.0, 1.0]}, ParameterError, "edges has 2 numbers; 2 bins need 3"),
        (
            {"bins": 2, "edges": [0.0, 1.0, 1.0]},
            ParameterError,
            r"must increase, but edges\[1\] is 1.0 and edges\[2\] is 1.0",
        ),
        ({"bins": 2, "edges": [0.0, float("nan"), 1.0]}, ParameterError, r"edges\[1\] is nan"),
        ({"bins": 2, "edges": [0.0, 1.0, float("inf")]}, ParameterError, r"edges\[2\] is inf.*finite"),
        ({"bins": 2, "edges": [-float("inf"), 0.0, 1.0]}, ParameterError, r"edges\[0\] is -inf.*finite"),
        ({"bins": 2, "edges": ["a", "b", "c"]}, ParameterTypeError, r"edges\[0\] is 'a'.*number"),
    ],
)
def test_bad_edges_are_refused(settings, kind, message):
    with pytest.raises(kind, match=message):
        Binned(**settings)


def test_without_edges_it_cannot_be_used_yet():
    with pytest.raises(ValueError, match="no edges yet; they are chosen when a forecaster is fitted"):
        Binned(3).encode(torch.zeros(2))
