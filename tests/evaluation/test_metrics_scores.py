"""Scores of arrays against brute force, closed forms and a paper's numbers."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats
from utilsforecast import losses

from tsseq2seq.errors import DataError, ParameterError
from tsseq2seq.evaluation.metrics import (
    crps_quantiles,
    crps_samples,
    interval_score,
    mase_scale,
    owa,
    pinball_loss,
    rmsse_scale,
    weighted_quantile_loss,
)

RNG = np.random.default_rng(0)


def test_scales_equal_a_loop() -> None:
    values = RNG.normal(size=30)
    values[[4, 17]] = np.nan
    pairs = [(values[t], values[t - 7]) for t in range(7, 30)]
    errors = np.array([a - b for a, b in pairs if not np.isnan(a - b)])
    assert len(errors) == 20
    assert mase_scale(values, 7) == pytest.approx(np.abs(errors).sum() / 20)
    assert rmsse_scale(values, 7) == pytest.approx((np.square(errors).sum() / 20) ** 0.5)


def test_scales_without_a_pair_are_nan_and_of_a_constant_zero() -> None:
    assert np.isnan(mase_scale([1.0, 2.0], 2))
    assert np.isnan(rmsse_scale([1.0, np.nan, 2.0], 1))
    assert mase_scale([3.0] * 5, 1) == rmsse_scale([3.0] * 5, 1) == 0


def test_owa_of_published_figures() -> None:
    """M4, Hourly: the winner, and the naive method."""
    assert owa(9.328, 0.893, 18.383, 2.395) == pytest.approx(0.440, abs=5e-4)
    assert owa(43.003, 11.608, 18.383, 2.395) == pytest.approx(3.593, abs=5e-4)


@pytest.mark.parametrize("quantile", [0.1, 0.5, 0.93])
def test_pinball_is_least_at_the_quantile(quantile: float) -> None:
    truth = RNG.exponential(size=4001)
    grid = np.linspace(0, 5, 2001)
    best = grid[np.argmin([pinball_loss(truth, np.full(4001, f), quantile).mean() for f in grid])]
    assert best == pytest.approx(np.quantile(truth, quantile), abs=0.01)


def test_weighted_quantile_loss_equals_a_loop_and_leaves_nan_out() -> None:
    truth, forecasts, quantiles = RNG.normal(size=(4, 5)), RNG.normal(size=(4, 5, 3)), [0.9, 0.2, 0.5]
    truth[1, 2] = np.nan
    total, weight = [0.0, 0.0, 0.0], 0.0
    for i, j in np.ndindex(4, 5):
        if np.isnan(truth[i, j]):
            continue
        weight += abs(truth[i, j])
        for k, q in enumerate(quantiles):
            error = truth[i, j] - forecasts[i, j, k]
            total[k] += 2 * (q * error if error > 0 else (q - 1) * error)
    expected = sum(part / weight for part in total) / 3
    assert weighted_quantile_loss(truth, forecasts, quantiles) == pytest.approx(expected)


def test_weighted_quantile_loss_of_zeros_is_nan() -> None:
    assert np.isnan(weighted_quantile_loss([0.0, 0.0], [[1.0], [2.0]], [0.5]))


def test_crps_of_samples_equals_the_pairwise_formula() -> None:
    truth, samples = RNG.normal(size=6), RNG.gamma(2, size=(6, 9))
    samples[0, :4] = samples[0, 0]  # ties
    spread = np.abs(samples[:, :, None] - samples[:, None, :]).mean((1, 2))
    expected = np.abs(samples - truth[:, None]).mean(1) - spread / 2
    np.testing.assert_allclose(crps_samples(truth, samples), expected)


def test_crps_of_samples_equals_the_integral_of_the_brier_score() -> None:
    truth, samples = 0.3, RNG.normal(size=7)
    edges = np.sort(np.append(samples, truth))
    expected = sum(
        integrate.quad(lambda x: (np.mean(samples <= x) - (truth <= x)) ** 2, a, b)[0]
        for a, b in itertools.pairwise(edges)
    )
    assert crps_samples(np.array(truth), samples) == pytest.approx(expected)


def normal_crps(truth: np.ndarray) -> np.ndarray:
    """The closed form for the standard normal (Gneiting and Raftery 2007, equation 21)."""
    return truth * (2 * stats.norm.cdf(truth) - 1) + 2 * stats.norm.pdf(truth) - 1 / np.sqrt(np.pi)


def test_crps_approaches_the_closed_form_of_the_normal() -> None:
    truth = np.array([-2.0, 0.0, 0.7])
    samples = stats.norm.ppf((np.arange(4000) + 0.5) / 4000)
    np.testing.assert_allclose(crps_samples(truth, np.tile(samples, (3, 1))), normal_crps(truth), atol=1e-3)
    quantiles = [(k + 0.5) / 500 for k in range(500)]
    forecasts = np.tile(stats.norm.ppf(quantiles), (3, 1))
    np.testing.assert_allclose(crps_quantiles(truth, forecasts, quantiles), normal_crps(truth), atol=1e-3)


@pytest.mark.parametrize(
    "quantiles",
    [[k / 10 for k in range(1, 10)], [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95]],
    ids=["deciles", "uneven"],
)
def test_few_quantiles_are_near_on_average(quantiles: list[float]) -> None:
    truth = RNG.normal(size=5000)
    found = crps_quantiles(truth, np.tile(stats.norm.ppf(quantiles), (5000, 1)), quantiles).mean()
    assert found == pytest.approx(normal_crps(truth).mean(), rel=0.05)


def test_crps_takes_quantiles_in_any_order() -> None:
    truth, forecasts = RNG.normal(size=4), RNG.normal(size=(4, 3))
    one = crps_quantiles(truth, forecasts, [0.1, 0.5, 0.7])
    np.testing.assert_allclose(crps_quantiles(truth, forecasts[:, [2, 0, 1]], [0.7, 0.1, 0.5]), one)


@pytest.mark.parametrize("level", [50, 90, 99.5])
def test_interval_score_equals_two_pinball_losses_and_utilsforecast(level: float) -> None:
    truth, lower = RNG.normal(size=50), RNG.normal(size=50) - 1
    upper = lower + RNG.random(50)
    alpha = 1 - level / 100
    found = interval_score(truth, lower, upper, level)
    pinball = pinball_loss(truth, lower, alpha / 2) + pinball_loss(truth, upper, 1 - alpha / 2)
    np.testing.assert_allclose(found, 2 / alpha * pinball)
    frame = pd.DataFrame({"unique_id": 0, "y": truth, f"A-lo-{level}": lower, f"A-hi-{level}": upper})
    assert losses.winkler_score(frame, ["A"], level)["A"].item() == pytest.approx(found.mean())


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda: mase_scale([1.0, 2.0], 0), ParameterError, "season_length is 0"),
        (lambda: mase_scale(np.ones((2, 2)), 1), DataError, r"values has the shape \(2, 2\)"),
        (lambda: pinball_loss([1.0], [1.0], 90), ParameterError, "a quantile is 90; it must lie between"),
        (lambda: pinball_loss([1.0], [1.0, 2.0], 0.5), DataError, r"forecast has the shape \(2,\)"),
        (lambda: weighted_quantile_loss([1.0], [[1.0, 2.0]], [0.5]), DataError, r"it must be \(1, 1\)"),
        (
            lambda: crps_quantiles([1.0], [[1.0, 2.0]], [0.5, 0.5]),
            ParameterError,
            "each may stand there once",
        ),
        (lambda: crps_samples([1.0], [1.0, 2.0]), DataError, r"samples has the shape \(2,\)"),
        (lambda: interval_score([1.0], [1.0], [1.0], 100), ParameterError, "level is 100"),
        (lambda: interval_score([1.0], [1.0, 2.0], [1.0], 80), DataError, r"lower has the shape \(2,\)"),
    ],
    ids=["season", "matrix", "percent", "shape", "quantiles", "twice", "samples", "level", "bounds"],
)
def test_refusals(call: object, error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        call()  # type: ignore[operator]
