"""Findings: all that a report tells, computed once from a frame and a model."""

from __future__ import annotations

import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.frames import read_frame
from tsseq2seq.errors import DataError, ParameterError
from tsseq2seq.evaluation.baselines import SeasonalNaive, Smoothing
from tsseq2seq.evaluation.leaderboard import Leaderboard, leaderboard

__all__ = ["Findings", "find"]

# A backtest of more series than this says no more, and takes longer.
_MOST_BACKTESTED = 1000
# The level of intervals where the output has none of its own.
_LEVEL = 80.0
_PAIR = ("-lo-", "-hi-")


@dataclass(frozen=True)
class Findings:
    """What a report tells.

    Attributes
    ----------
    model
        The fitted forecaster.
    history
        The frame, long, with the columns of the model.
    forecast
        Series, time stamp, ``Seq2Seq`` and intervals.
    levels
        Levels of the intervals, in percent; empty: there are none.
    board
        The backtest, and the models' errors in it. None: the history is too short for one.
    too_short
        Why there is no backtest; empty if there is one.
    backtested
        Series in the backtest.
    importance
        Covariates and what they are worth. None: there are none.
    attention
        Attention weights of a forecast. None: the network has no attention.
    seconds
        Seconds by what they were spent on.

    Examples
    --------
    >>> from tsseq2seq import Seq2SeqForecaster, datasets
    >>> found = find(Seq2SeqForecaster.pretrained(3), datasets.load("air_passengers"), windows=1)
    >>> found.ids, found.levels, len(found.forecast)
    (['air_passengers'], (80.0,), 3)
    """

    model: Any
    history: pd.DataFrame
    forecast: pd.DataFrame
    levels: tuple[float, ...]
    board: Leaderboard | None
    too_short: str
    backtested: int
    importance: pd.DataFrame | None
    attention: pd.DataFrame | None
    seconds: dict[str, float]

    @property
    def columns(self) -> Columns:
        """The names of the columns."""
        columns: Columns = self.model.fitted_.columns
        return columns

    @property
    def ids(self) -> list[Any]:
        """The series, in the order of the forecast."""
        return list(dict.fromkeys(self.forecast[self.columns.id])) if self.has_ids else [""]

    @property
    def has_ids(self) -> bool:
        """Whether the series have names."""
        return self.columns.id in self.forecast


def find(model: Any, df: Any, *, windows: int = 3) -> Findings:  # noqa: ANN401
    """Fit a model if it is not fitted, forecast, and backtest it beside simple models.

    Parameters
    ----------
    model
        A forecaster with one target; with weights of the package it need not be fitted.
    df
        The history.
    windows
        Cutoffs of the backtest, a horizon apart. The network is trained once, before the first of them.

    Raises
    ------
    ParameterError
        If the model forecasts several targets, or needs future covariates.

    Examples
    --------
    >>> from tsseq2seq import Seq2SeqForecaster, datasets
    >>> found = find(Seq2SeqForecaster.pretrained(3), datasets.load("air_passengers"), windows=2)
    >>> found.board.forecasts["cutoff"].nunique()
    2
    """
    _check(model)
    seconds: dict[str, float] = {}
    begun = time.monotonic()
    fitted = model if hasattr(model, "history_") else clone(model).fit(df)
    history, _ = read_frame(df, fitted.fitted_.columns)
    seconds["fit"] = time.monotonic() - begun
    begun = time.monotonic()
    levels = _levels(fitted)
    forecast, _ = read_frame(fitted.predict(history, levels=levels or None), fitted.fitted_.columns)
    seconds["forecast"] = time.monotonic() - begun
    begun = time.monotonic()
    part, count = _sample(history, fitted.fitted_.columns)
    board, too_short = _board(model, fitted, part, windows, levels)
    seconds["backtest"] = time.monotonic() - begun
    columns = fitted.fitted_.columns
    importance = fitted.covariate_importance(part, windows=3) if columns.covariates else None
    attentive = fitted.network_.attention is not None
    attention = fitted.attention(_first_series(history, columns)) if attentive else None
    return Findings(
        fitted, history, forecast, levels, board, too_short, count, importance, attention, seconds
    )


def _check(model: Any) -> None:  # noqa: ANN401
    if not isinstance(model.target_col, str) and len(model.target_col) > 1:
        raise ParameterError(
            f"report: target_col is {list(model.target_col)}; a report is of one target, so make one for each"
        )
    if model.future_covariates:
        raise ParameterError(
            f"report: future_covariates is {list(model.future_covariates)}, whose values after the end of df "
            "are not known; leave them out, or plot predict(future=…) yourself"
        )


def _levels(fitted: Any) -> tuple[float, ...]:  # noqa: ANN401
    """Return levels of intervals that the forecaster has."""
    output = fitted.output_
    if output.sampled or output.any_level or fitted.conformal_ is not None:
        return (_LEVEL,)
    if output.probabilities:
        found = {round(abs(1 - 2 * each) * 100, 6) for each in output.probabilities if each != 0.5}
        pairs = {round(1 - each, 9) for each in output.probabilities}
        whole = {round(each, 9) for each in output.probabilities}
        return tuple(sorted(found)) if pairs == whole else ()
    return (_LEVEL,) if fitted.fitted_.smoothing is not None else ()


def _sample(history: pd.DataFrame, columns: Columns) -> tuple[pd.DataFrame, int]:
    """Return evenly spaced series of a large panel, and how many they are."""
    if columns.id not in history:
        return history, 1
    ids = history[columns.id].drop_duplicates()
    if len(ids) <= _MOST_BACKTESTED:
        return history, len(ids)
    places = np.linspace(0, len(ids) - 1, _MOST_BACKTESTED).astype(int)
    return history[history[columns.id].isin(ids.iloc[places])], _MOST_BACKTESTED


def _first_series(history: pd.DataFrame, columns: Columns) -> pd.DataFrame:
    if columns.id not in history:
        return history
    return history[history[columns.id] == history[columns.id].iloc[0]]


def _board(
    model: Any,  # noqa: ANN401
    fitted: Any,  # noqa: ANN401
    history: pd.DataFrame,
    windows: int,
    levels: Sequence[float],
) -> tuple[Leaderboard | None, str]:
    """Backtest the network beside smoothing and the seasonal naive method."""
    columns, horizon = fitted.fitted_.columns, fitted.fitted_.horizon
    names = {
        "id_col": columns.id,
        "time_col": columns.time,
        "target_col": columns.targets[0],
        "freq": model.freq,
    }
    others = [
        kind(horizon, season_length=fitted.season_length_, **names) for kind in (Smoothing, SeasonalNaive)
    ]
    entered = {"Seq2Seq": clone(model), "Smoothing": others[0], "SeasonalNaive": others[1]}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # said of the whole history already
            board = leaderboard(
                history,
                entered,
                windows=windows,
                levels=list(levels) or None,
                metrics=["mase", "mae", "rmse", "smape"],
                season_length=fitted.season_length_,
                refit=False,
                progress=False,
            )
    except DataError as error:
        return None, str(error)
    return board, ""
