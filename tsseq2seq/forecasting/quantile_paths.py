"""Sample paths from the quantiles of each step, by a Gaussian copula (Wen and Torkkola 2019).

Quantiles say how far each step may go by itself. A path goes through a rank at each step, and ranks of steps
that lie near each other are alike, as they were in earlier forecasts of the training series::

    normal scores, correlated over the horizon ─▶ ranks ─▶ the value at that rank, step by step

So at each step the paths have the quantiles that ``predict`` returns, and their sums and extremes are those
of whole futures.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import NormalDist

import numpy as np
import torch
from jaxtyping import Float

from tsseq2seq.data.panel.windows import Windows
from tsseq2seq.errors import ParameterError
from tsseq2seq.forecasting.fitted import FittedSeries
from tsseq2seq.forecasting.judging import last_windows
from tsseq2seq.forecasting.network_share import windows_truth
from tsseq2seq.forecasting.prediction import quantiles_all
from tsseq2seq.forecasting.rank_correlation import rank_correlation
from tsseq2seq.forecasting.smoothing_intervals import smoothing_intervals
from tsseq2seq.forecasting.window_keys import window_keys
from tsseq2seq.nn.outputs.random_streams import RandomStreams

__all__ = ["check_paths", "quantile_paths"]

_NORMAL = NormalDist()
# Probabilities of quantiles where any may be asked for; beyond the outermost the last slope goes on.
_GRID = (0.005, 0.02, 0.05, *(round(0.1 * tenth, 1) for tenth in range(1, 10)), 0.95, 0.98, 0.995)
# Earlier forecasts whose ranks are read: of so many series the last so many, one horizon after the other.
_SERIES, _EACH = 256, 8
# Paths of a chunk of windows have so many values.
_VALUES = 4_000_000


def check_paths(fitted: FittedSeries) -> None:
    """Refuse a forecast that neither is a distribution nor has quantiles.

    Raises
    ------
    ParameterError
        If its output is a point, and smoothing, which has intervals, has no part in it.
    """
    output = fitted.resolved.output
    if not output.sampled and not _probabilities(fitted):
        raise ParameterError(
            f"sample: {type(output).__name__} is no distribution, and exponential smoothing has no part in "
            "the forecast (network_share is 1), so that no paths can be drawn; fit with output=Normal(), "
            "StudentT() or Quantiles()"
        )


def quantile_paths(
    fitted: FittedSeries, windows: Windows, *, paths: int, seed: int
) -> Float[np.ndarray, "B N H Y"]:
    """Draw sample paths of windows; the same seed gives the same paths, whatever other series are beside.

    Parameters
    ----------
    fitted
        The forecaster; see :func:`check_paths`.
    windows
        What to forecast.
    paths
        Paths of each window.
    seed
        Of the ranks.
    """
    probabilities = _probabilities(fitted)
    grid = _numbers(fitted, windows, probabilities)
    factors = [np.linalg.cholesky(rank_correlation(scores)) for scores in _earlier_scores(fitted, windows)]
    keys, (count, steps, targets, _) = window_keys(windows, seed), grid.shape
    drawn = np.empty((count, paths, steps, targets))
    for rows in _chunks(count, paths * steps * targets):
        noise = RandomStreams(keys[rows]).normal((len(keys[rows]), paths, steps, targets)).cpu().double()
        for target, factor in enumerate(factors):
            scores = noise[..., target] @ torch.from_numpy(factor).T
            drawn[rows, :, :, target] = _values_at(scores.numpy(), grid[rows, :, target], probabilities)
    return fitted.resolved.bounds.hold(drawn)


def _probabilities(fitted: FittedSeries) -> tuple[float, ...]:
    """Return the probabilities of the quantiles that paths go through; empty: there are none."""
    output = fitted.resolved.output
    if output.any_level:
        return _GRID
    if len(output.probabilities) > 1:
        return output.probabilities
    return _GRID if fitted.smoothing is not None and not output.sampled else ()


def _numbers(
    fitted: FittedSeries, windows: Windows, probabilities: tuple[float, ...]
) -> Float[np.ndarray, "B H Y Q"]:
    """Forecast the quantiles."""
    asked = list(probabilities) if fitted.resolved.output.probabilities else []
    numbers = quantiles_all(
        fitted.members,
        windows,
        asked,
        paths=1,
        seed=0,
        bounds=fitted.resolved.bounds,
        blend=fitted.blend,
    )
    if asked:
        return numbers[..., 1:]
    assert fitted.smoothing is not None
    usual = fitted.resolved.usual_spread
    return smoothing_intervals(fitted.smoothing, windows, numbers[..., 0], list(probabilities), usual)


def _earlier_scores(fitted: FittedSeries, windows: Windows) -> list[Float[np.ndarray, "B H"]]:
    """Return of each target the normal scores of the outcomes of earlier forecasts of the training series."""
    steps, targets = windows.shape.horizon, windows.panel.values.shape[1]
    if fitted.panel.count == 0:  # saved without them
        return [np.empty((0, steps))] * targets
    earlier = last_windows(fitted, each=_EACH, most=_SERIES, horizon=steps)
    if not len(earlier):
        return [np.empty((0, steps))] * targets
    probabilities = _probabilities(fitted)
    grid, truth = _numbers(fitted, fitted.with_forecasts(earlier), probabilities), windows_truth(earlier)
    return [_scores_of(truth[..., target], grid[:, :, target], probabilities) for target in range(targets)]


def _values_at(
    scores: Float[np.ndarray, "B N H"], grid: Float[np.ndarray, "B H Q"], probabilities: tuple[float, ...]
) -> Float[np.ndarray, "B N H"]:
    """Return the values at normal scores, on lines from quantile to quantile."""
    knots = _knots(probabilities)
    after = np.searchsorted(knots, scores).clip(1, len(knots) - 1)
    place = np.moveaxis(after, 1, 2)  # (B, H, N), as the grid
    low, high = (np.moveaxis(np.take_along_axis(grid, at, axis=2), 2, 1) for at in (place - 1, place))
    share = (scores - knots[after - 1]) / (knots[after] - knots[after - 1])
    return low + share * (high - low)


def _scores_of(
    truth: Float[np.ndarray, "B H"], grid: Float[np.ndarray, "B H Q"], probabilities: tuple[float, ...]
) -> Float[np.ndarray, "B H"]:
    """Return the normal scores of outcomes; NaN where there is none, or no quantile lies apart from another.

    What lies at several quantiles that are equal, as 0 among the quantiles of demand, has their middle.
    """
    knots = _knots(probabilities)
    sides = []
    for reached in ((grid < truth[..., None]).sum(-1), (grid <= truth[..., None]).sum(-1)):
        after = reached.clip(1, len(knots) - 1)
        low, high = (np.take_along_axis(grid, at[..., None], axis=2)[..., 0] for at in (after - 1, after))
        apart = high > low
        share = np.divide(truth - low, high - low, out=np.full(truth.shape, 0.5), where=apart)
        sides.append(knots[after - 1] + share * (knots[after] - knots[after - 1]))
    scores = (sides[0] + sides[1]) / 2
    told = ~np.isnan(truth) & (grid[..., -1] > grid[..., 0])
    return np.where(told, scores, np.nan)


def _knots(probabilities: tuple[float, ...]) -> Float[np.ndarray, " Q"]:
    return np.array([_NORMAL.inv_cdf(probability) for probability in probabilities])


def _chunks(count: int, values: int) -> Iterator[slice]:
    size = max(1, _VALUES // max(1, values))
    return (slice(begin, begin + size) for begin in range(0, count, size))
