"""Backtests: forecasts of a history from many cutoffs, beside the true values."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone
from tqdm import tqdm

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.frames import give_back_long, read_frame
from tsseq2seq.data.frames.long_frame import read_times
from tsseq2seq.data.grid.frequency import Frequency, FrequencyLike
from tsseq2seq.errors import DataWarning, ParameterError, ParameterTypeError, shown, warn
from tsseq2seq.evaluation.protocol import CutoffForecaster, Forecaster
from tsseq2seq.evaluation.rolling_origins import RollingOrigins, read_origins
from tsseq2seq.forecasting.fitted import FittedSeries
from tsseq2seq.keywords import checked_arguments
from tsseq2seq.memory import memory_told
from tsseq2seq.settings import check_levels, check_number
from tsseq2seq.training.loop import interrupts_raised

__all__ = ["backtest"]


@checked_arguments
@memory_told
def backtest(
    estimator: Any,  # noqa: ANN401
    df: Any,  # noqa: ANN401
    *,
    windows: int = 1,
    step: int | None = None,
    refit: bool | int | None = False,
    warm_start: bool = False,
    levels: Sequence[float] | None = None,
    progress: bool | None = None,
) -> Any:  # noqa: ANN401
    """Forecast a history from rolling origins.

    Cutoffs are counted from the end of each series: the last lies one horizon before the end, the others
    ``step`` apart before it. The forecasts of one fit are made in batches.

    Parameters
    ----------
    estimator
        A :class:`~tsseq2seq.Seq2SeqForecaster`, a baseline, or any other
        :class:`~tsseq2seq.evaluation.protocol.Forecaster`. It is not changed.
    df
        The history, in any form that the estimator takes.
    windows
        Number of cutoffs.
    step
        Time steps between cutoffs. None: the horizon.
    refit
        False: a clone is fitted once, on the rows before the first cutoff. True: at each cutoff. A number k:
        at each k-th cutoff. None: the estimator is used as fitted, with a warning if it was trained on rows
        that it forecasts. Baselines are fitted at each cutoff in any case.
    warm_start
        Whether a refit continues training from the networks of the fit before.
    levels
        Levels of the intervals, in percent. None: all that the output has.
    progress
        Whether a bar over the fits is shown. None: on terminals.

    Returns
    -------
    pandas.DataFrame or polars.DataFrame, as ``df``
        Series, time stamp, ``cutoff`` (the last known time stamp), the target and the forecasts; sorted by
        series in order of first appearance, then by cutoff.

    Raises
    ------
    TsSeq2SeqError
        If an argument or the frame cannot be used, or no series is longer than the horizon.

    Warns
    -----
    DataWarning
        If series are too short for some cutoffs, or the model was trained on rows that it forecasts.

    Examples
    --------
    >>> from tsseq2seq import Seq2SeqForecaster, Training, backtest, datasets
    >>> model = Seq2SeqForecaster(12, training=Training(max_steps=5))
    >>> backtest(model, datasets.load("air_passengers"), windows=2).groupby("cutoff").size().tolist()
    [12, 12]
    """
    _check(estimator, windows, step, refit, warm_start)
    check_levels("backtest", levels)
    step = estimator.horizon if step is None else step
    columns = _columns(estimator)
    frame, kind = read_frame(df, columns)
    origins = read_origins(frame, columns, _freq(estimator, refit))
    with interrupts_raised():
        if isinstance(estimator, CutoffForecaster):
            forecasts = _by_fits(
                estimator, frame, origins, windows, step, refit, warm_start, levels, progress
            )
        else:
            forecasts = _one_by_one(estimator, frame, columns, origins, windows, step, levels, progress)
    return give_back_long(_in_order(forecasts, columns, origins), kind, columns)


def _check(estimator: Any, windows: int, step: int | None, refit: Any, warm_start: bool) -> None:  # noqa: ANN401
    if not isinstance(estimator, Forecaster):
        raise ParameterTypeError(
            f"backtest: estimator is {estimator!r}; it must have horizon, id_col, time_col, target_col, "
            "fit and predict"
        )
    check_number("backtest", "horizon", estimator.horizon, low=1, integer=True)
    check_number("backtest", "windows", windows, low=1, integer=True)
    check_number("backtest", "step", step, low=1, integer=True, optional=True)
    if refit is not None and not isinstance(refit, bool):
        check_number("backtest", "refit", refit, low=1, integer=True)
    if warm_start and not refit:
        raise ParameterError(
            f"backtest: warm_start is True, but refit is {refit!r}, so there is no second fit to go on with"
        )


def _columns(estimator: Any) -> Columns:  # noqa: ANN401
    roles = ("past_covariates", "future_covariates", "static_covariates")
    return Columns.of(
        id_col=estimator.id_col,
        time_col=estimator.time_col,
        target_col=estimator.target_col,
        **{role: getattr(estimator, role, ()) for role in roles},
        weight_col=getattr(estimator, "weight_col", None),
    )


def _freq(estimator: Any, refit: bool | int | None) -> FrequencyLike | Frequency | None:  # noqa: ANN401
    """Return the frequency of a model used as fitted, or the parameter ``freq``."""
    if refit is None and isinstance(estimator, CutoffForecaster) and hasattr(estimator, "frequency_"):
        return estimator.frequency_
    return getattr(estimator, "freq", None)


def _fresh(estimator: Any, origins: RollingOrigins) -> Any:  # noqa: ANN401
    """Return an unfitted copy with the frequency set: the rows before a cutoff may be too few to infer it."""
    model = clone(estimator, safe=False)
    if getattr(model, "freq", origins) is None:
        model.freq = origins.frequency.alias
    return model


def _by_fits(
    estimator: Any,  # noqa: ANN401
    frame: pd.DataFrame,
    origins: RollingOrigins,
    windows: int,
    step: int,
    refit: bool | int | None,
    warm_start: bool,
    levels: Sequence[float] | None,
    progress: bool | None,
) -> pd.DataFrame:
    """Forecast from all cutoffs, those of one fit together."""
    cutoffs = origins.cutoffs(estimator.horizon, windows, step, fitted=refit is not None)
    if refit is None:
        _warn_of_overlap(estimator, frame, cutoffs, origins)
        return _predict_cutoffs(estimator, frame, windows, step, 0, levels)
    cutoffs_of_fit = windows if refit is False else int(refit)
    groups = [
        range(first, min(first + cutoffs_of_fit, windows)) for first in range(0, windows, cutoffs_of_fit)
    ]
    pieces = []
    model = estimator
    with _bar(len(groups), "backtest", progress) as bar:
        for number, group in enumerate(groups):
            before = frame.iloc[origins.before(cutoffs[group[0]])]
            if number and warm_start:
                model = copy.copy(model).fit(before, warm_start=True)
            else:
                model = _fresh(estimator, origins).fit(before)
            pieces.append(_predict_cutoffs(model, frame, len(group), step, windows - 1 - group[-1], levels))
            bar.update()
    return pd.concat(pieces, ignore_index=True)


def _predict_cutoffs(
    model: Any,  # noqa: ANN401
    frame: pd.DataFrame,
    windows: int,
    step: int,
    skip: int,
    levels: Sequence[float] | None,
) -> pd.DataFrame:
    """Forecast from cutoffs, without the warning of short series, which was given once already."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".* are left out, because series are too short")
        return model.predict_cutoffs(frame, windows=windows, step=step, skip=skip, levels=levels)


def _one_by_one(
    estimator: Any,  # noqa: ANN401
    frame: pd.DataFrame,
    columns: Columns,
    origins: RollingOrigins,
    windows: int,
    step: int,
    levels: Sequence[float] | None,
    progress: bool | None,
) -> pd.DataFrame:
    """Forecast from each cutoff, fitting at each."""
    named = columns.id in frame.columns
    keys = [str(columns.id), columns.time] if named else [columns.time]
    frame = frame.assign(**{columns.time: read_times(frame, columns.time)})  # text cannot be joined
    pieces = []
    cutoffs = origins.cutoffs(estimator.horizon, windows, step)
    with _bar(windows, "backtest", progress) as bar:
        for cutoff in cutoffs:
            before = _up_to(frame.iloc[origins.before(cutoff)], origins.stamps(cutoff), columns)
            ahead = frame.iloc[origins.after(cutoff, estimator.horizon)]
            future = ahead if columns.future else None
            forecast = _fresh(estimator, origins).fit(before).predict(future=future, levels=levels)
            truth = ahead[[*keys, *columns.targets]].astype(dict.fromkeys(columns.targets, np.float64))
            # rows that a forecaster leaves out are NaN
            rows = _rows_ahead(origins, cutoff, estimator.horizon, keys)
            pieces.append(rows.merge(truth, how="left", on=keys).merge(forecast, how="left", on=keys))
            bar.update()
    return pd.concat(pieces, ignore_index=True)


def _rows_ahead(origins: RollingOrigins, cutoff: np.ndarray, horizon: int, keys: list[str]) -> pd.DataFrame:
    """Return the rows to forecast: series (if they are named), time stamp and ``cutoff``."""
    possible = np.flatnonzero(cutoff >= 1)
    starts, first = origins.starts[possible], cutoff[possible]
    steps = (first[:, None] + np.arange(horizon)).reshape(-1)
    rows = pd.DataFrame({keys[-1]: origins.frequency.advance(starts.repeat(horizon), steps)})
    rows["cutoff"] = origins.frequency.advance(starts, first - 1).repeat(horizon)
    if len(keys) > 1:
        rows.insert(0, keys[0], origins.ids[possible].repeat(horizon))
    return rows


def _up_to(before: pd.DataFrame, stamps: pd.Series, columns: Columns) -> pd.DataFrame:
    """Add a row without values at the cutoff to each series whose last rows are missing."""
    named = columns.id in before.columns
    last = before.groupby(columns.id, sort=False)[columns.time].max() if named else None
    late = stamps[stamps != last.reindex(stamps.index)] if last is not None else stamps
    if last is None and before[columns.time].max() == stamps.iloc[0]:
        return before
    if late.empty:
        return before
    rows = before.drop_duplicates(columns.id).set_index(columns.id).loc[late.index] if named else before[:1]
    rows = rows.assign(**{columns.time: late.to_numpy()})
    rows[[*columns.targets, *columns.past, *columns.future]] = np.nan
    return pd.concat([before, rows.reset_index() if named else rows], ignore_index=True)


def _in_order(forecasts: pd.DataFrame, columns: Columns, origins: RollingOrigins) -> pd.DataFrame:
    """Sort by series, in order of first appearance, then by cutoff and time."""
    times, cutoffs = (pd.factorize(forecasts[name], sort=True)[0] for name in (columns.time, "cutoff"))
    keys = [times, cutoffs]
    if columns.id in forecasts.columns:
        keys.append(origins.ids.get_indexer(pd.Index(forecasts[columns.id])))
    return forecasts.iloc[np.lexsort(keys)].reset_index(drop=True)


def _warn_of_overlap(
    estimator: Any,  # noqa: ANN401
    frame: pd.DataFrame,
    cutoffs: np.ndarray,
    origins: RollingOrigins,
) -> None:
    """Warn if the model was trained on rows that it forecasts."""
    fitted = getattr(estimator, "fitted_", None)
    if not isinstance(fitted, FittedSeries):
        return
    panel = fitted.read(frame)
    unseen = fitted.after_training(panel).cpu().numpy()
    # a series that is too short for every cutoff is not forecast
    first = np.where(cutoffs >= 1, cutoffs, np.iinfo(np.int64).max).min(0)
    seen = np.flatnonzero(unseen > first)
    if not len(seen):
        return
    first_seen = int(seen[0])
    until = origins.frequency.advance(origins.starts[[first_seen]], unseen[[first_seen]] - 1)[0]
    warn(
        f"backtest: refit is None, and the model was trained on part of what it forecasts in {len(seen)} "
        f"of {panel.count} series; the first is {shown(origins.ids[first_seen])}, trained on up to {until}. "
        "Errors there are too small",
        DataWarning,
    )


def _bar(total: int, label: str, shown: bool | None) -> Any:  # noqa: ANN401 (tqdm is no generic before 4.69)
    # None: tqdm shows the bar if standard error is a terminal
    return tqdm(total=total, desc=label, unit="fit", disable=None if shown is None else not shown)
