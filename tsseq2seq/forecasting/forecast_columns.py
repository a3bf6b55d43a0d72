"""Forecasts of windows as named columns: the point forecast and the ends of the intervals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from tsseq2seq.data.frames.columns import FORECAST
from tsseq2seq.data.panel.forecast_frame import interval_columns
from tsseq2seq.data.panel.windows import Windows
from tsseq2seq.errors import DataWarning, shown, warn
from tsseq2seq.forecasting.conformal import Conformal
from tsseq2seq.forecasting.fitted import FittedSeries
from tsseq2seq.forecasting.prediction import point_and_spreads, quantiles_all, sample_all
from tsseq2seq.forecasting.quantile_paths import quantile_paths
from tsseq2seq.forecasting.smoothing_intervals import smoothing_intervals
from tsseq2seq.settings import check_number

__all__ = [
    "DEFAULT_PATHS",
    "checked_paths",
    "forecast_columns",
    "sample_columns",
    "warn_of_unknown",
]

#: Number of sample paths behind the intervals of a distribution, where ``num_samples`` is None.
DEFAULT_PATHS = 200
_MOST_PATHS = 1_000_000
# Levels of the intervals of an output that has any.
_USUAL_LEVELS = (80, 90)


def forecast_columns(
    fitted: FittedSeries,
    windows: Windows,
    *,
    conformal: Conformal | None,
    levels: Sequence[float] | None,
    paths: int,
    seed: int,
) -> dict[str, np.ndarray]:
    """Forecast windows, and name the columns of the forecasts.

    Parameters
    ----------
    fitted
        The networks.
    windows
        The windows to forecast.
    conformal
        The calibration from which intervals are computed. None: intervals come from the output.
    levels
        Levels of the intervals, in percent. None: all that the output has, 80 and 90 if it has any; 90 for
        a distribution or with a calibration, less if the calibration has too few windows for 90. A point
        forecast without a calibration has intervals if levels are given and exponential smoothing has a part
        in it.
    paths, seed
        Sample paths behind the intervals of a distribution.

    Returns
    -------
    dict
        Arrays (windows, horizon) by column: ``Seq2Seq``, ``Seq2Seq-lo-90`` …; with several targets
        ``Seq2Seq-load``, ``Seq2Seq-load-lo-90`` ….
    """
    output = fitted.resolved.output
    # a point forecast has intervals where smoothing has a part in it, but only if asked for
    by_smoothing = fitted.smoothing is not None and not output.sampled and not output.probabilities
    any_level = output.sampled or conformal is not None
    any_level |= levels is not None and (by_smoothing or output.any_level)
    if conformal is not None and levels is None:
        levels = (min(90, conformal.highest_level),)
    if levels is None and output.any_level:
        # of many quantiles, nobody reads all as intervals
        levels, any_level = _USUAL_LEVELS, True
    intervals = interval_columns(FORECAST, None if any_level else output.probabilities, levels)
    probabilities = list(intervals.values())
    if conformal is None:
        numbers = quantiles_all(
            fitted.members,
            windows,
            [] if by_smoothing else probabilities,
            paths=paths,
            seed=seed,
            bounds=fitted.resolved.bounds,
            blend=fitted.blend,
        )
        if by_smoothing and probabilities:
            numbers = _with_smoothing_intervals(fitted, windows, numbers[..., 0], probabilities)
    else:
        numbers = _calibrated(fitted, windows, conformal, probabilities, paths, seed)
        numbers = fitted.resolved.bounds.hold(numbers, axis=2)
    warn_of_unknown(windows, np.isnan(numbers[..., 0]).any(1))
    _warn_of_no_width(fitted, bool(intervals))
    columns = {}
    for target, prefix in enumerate(_target_names(windows)):
        for column, name in enumerate([FORECAST, *intervals]):
            columns[name.replace(FORECAST, prefix, 1)] = numbers[:, :, target, column]
    return columns


def sample_columns(fitted: FittedSeries, windows: Windows, *, paths: int, seed: int) -> dict[str, np.ndarray]:
    """Draw sample paths of windows: arrays (windows, paths, horizon) by the column of each target."""
    if fitted.resolved.output.sampled:
        bounds = fitted.resolved.bounds
        drawn = sample_all(fitted.members, windows, paths=paths, seed=seed, bounds=bounds, blend=fitted.blend)
    else:
        drawn = quantile_paths(fitted, windows, paths=paths, seed=seed)
    warn_of_unknown(windows, np.isnan(drawn).any((1, 2)))
    _warn_of_no_width(fitted, True)
    return {name: drawn[..., target] for target, name in enumerate(_target_names(windows))}


def warn_of_unknown(windows: Windows, unknown: np.ndarray) -> None:
    """Say of which windows there is no forecast: of those before which no value was observed.

    Parameters
    ----------
    windows
        What was forecast.
    unknown
        (windows, targets), where a forecast is missing.
    """
    if not unknown.any():
        return
    window, target = (int(place) for place in np.argwhere(unknown)[0])
    panel = windows.panel
    index = torch.tensor([window], device=windows.cumulative.device)
    series = int(windows.locate(index)[0][0])
    warn(
        f"no value of {panel.targets[target]!r} is known before {int(unknown.any(1).sum()):,} of "
        f"{len(unknown):,} forecasts, which are NaN; the first is of series {shown(panel.ids[series])}. Drop "
        "such series, or give them a first value",
        DataWarning,
    )


def _warn_of_no_width(fitted: FittedSeries, intervals: bool) -> None:
    if intervals and fitted.resolved.usual_spread.spread and not any(fitted.resolved.usual_spread.spread):
        warn(
            "no series varied in training, so that nothing is known of how values spread, and intervals of "
            "width 0 tell nothing",
            DataWarning,
        )


def _target_names(windows: Windows) -> list[str]:
    """Return the column of each target's forecast: ``Seq2Seq``, or ``Seq2Seq-load`` … of several targets."""
    targets = windows.panel.targets
    return [FORECAST] if len(targets) == 1 else [f"{FORECAST}-{target}" for target in targets]


def checked_paths(num_samples: int | None) -> int:
    """Check a number of sample paths, and return it; None: the default.

    Raises
    ------
    ParameterError, ParameterTypeError
        If it is not an integer, at least 1.
    """
    check_number("predict", "num_samples", num_samples, low=1, high=_MOST_PATHS, integer=True, optional=True)
    return DEFAULT_PATHS if num_samples is None else int(num_samples)


def _with_smoothing_intervals(
    fitted: FittedSeries, windows: Windows, point: np.ndarray, probabilities: list[float]
) -> np.ndarray:
    """Return the point forecast and the ends of intervals, (windows, horizon, Y, 1 + ends)."""
    assert fitted.smoothing is not None
    resolved = fitted.resolved
    ends = smoothing_intervals(fitted.smoothing, windows, point, probabilities, resolved.usual_spread)
    return resolved.bounds.hold(np.concatenate([point[..., None], ends], axis=-1), axis=2)


def _calibrated(
    fitted: FittedSeries,
    windows: Windows,
    conformal: Conformal,
    probabilities: list[float],
    paths: int,
    seed: int,
) -> np.ndarray:
    """Return the point forecast and the ends of calibrated intervals, (windows, horizon, Y, 1 + ends)."""
    forecasts = point_and_spreads(fitted.members, windows, paths=paths, seed=seed, blend=fitted.blend)
    # a series that was never observed has no forecast, and no interval
    missing = np.isnan(forecasts[0])
    centre, lower_spread, upper_spread = (np.where(missing, 0.0, part) for part in forecasts)
    columns = [forecasts[0]]
    for probability in probabilities:
        level = round(abs(1 - 2 * probability) * 100, 6)
        lower, upper = conformal.interval(centre, lower_spread, upper_spread, level)
        columns.append(np.where(missing, np.nan, lower if probability < 0.5 else upper))
    return np.stack(columns, axis=-1)
