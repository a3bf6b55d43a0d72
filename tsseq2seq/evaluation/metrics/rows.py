"""The rows that are scored, and the means of their scores over groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tsseq2seq.data.frames.column_values import read_numbers
from tsseq2seq.data.frames.target_numbers import holds_numbers
from tsseq2seq.errors import DataError, ParameterError, shown

__all__ = ["CUTOFF", "STEP", "Rows", "read_rows"]

CUTOFF, STEP = "cutoff", "step"


@dataclass(frozen=True)
class Rows:
    """Rows of forecasts whose truth is known, in groups.

    A group is one forecast (a series and a cutoff); if results are by step, it is a series and a step. Its
    score is the mean over its rows. A result is the mean over its groups.

    Attributes
    ----------
    frame
        The rows.
    truth
        (rows,), never NaN.
    groups
        (rows,), index of the group of each row.
    series
        (groups,), index of the series of each group in ``names``.
    results
        (groups,), index of the result of each group.
    names
        Names of the series; a single number if the frame has no names.
    labels
        Name of each result. None: there is one result for all rows.
    """

    frame: pd.DataFrame
    truth: np.ndarray
    groups: np.ndarray
    series: np.ndarray
    results: np.ndarray
    names: pd.Index
    labels: pd.Index | None

    @property
    def result_count(self) -> int:
        """Number of results."""
        return 1 if self.labels is None else len(self.labels)

    def column(self, name: str) -> np.ndarray:
        """Return a column as (rows,) float64, NaN where missing."""
        return self.frame[name].to_numpy(dtype=np.float64, na_value=np.nan)

    def group_means(self, scores: np.ndarray) -> np.ndarray:
        """Return the mean of each group, (groups,), over the rows that are not NaN."""
        return _means(scores, self.groups, len(self.series))

    def result_means(self, group_scores: np.ndarray) -> np.ndarray:
        """Return the mean of each result, (results,), over the groups that are not NaN."""
        return _means(group_scores, self.results, self.result_count)

    def result_sums(self, scores: np.ndarray) -> np.ndarray:
        """Return the sum of each result, (results,), over its rows that are not NaN."""
        scored = ~np.isnan(scores)
        result_of_row = self.results[self.groups]
        return np.bincount(result_of_row[scored], scores[scored], minlength=self.result_count)

    def name(self, row: int) -> str:
        """Return the name of the series of a row, for messages."""
        return shown(self.names[self.series[self.groups[row]]])


def read_rows(
    forecasts: pd.DataFrame, *, by: str | None, id_col: str | None, time_col: str, target_col: str
) -> Rows:
    """Check a frame of forecasts and group its rows.

    Rows whose truth is NaN are left out; they count for the numbers of the steps.

    Raises
    ------
    ParameterError
        If ``by`` is not a column to group by.
    DataError
        If a column is missing, a series name or time stamp is empty, a row occurs twice, or no truth is
        known.
    """
    named = id_col is not None and id_col in forecasts.columns
    if id_col not in (None, "unique_id") and not named:
        raise _missing(forecasts, str(id_col))
    for name in (time_col, target_col):
        if (forecasts.columns == name).sum() != 1:
            raise _missing(forecasts, name)
    allowed = [name for name in (id_col if named else None, CUTOFF, STEP) if name is not None]
    if by is not None and (by not in allowed or (by == CUTOFF and CUTOFF not in forecasts.columns)):
        raise ParameterError(
            f"by is {by!r}; it must be None or one of {allowed}, and a column (but for 'step')"
        )
    keys = [name for name in allowed if name in forecasts.columns and name != STEP]
    _check_keys(forecasts, [*keys, time_col])
    truth = _truth(forecasts, target_col)
    series, names = pd.factorize(forecasts[id_col]) if named else _single(forecasts)
    cutoffs, stamps = pd.factorize(forecasts[CUTOFF]) if CUTOFF in keys else _single(forecasts)
    steps = _steps(forecasts[time_col], series, cutoffs)
    scored = ~np.isnan(truth)
    series, cutoffs, steps = series[scored], cutoffs[scored], steps[scored]
    second = steps if by == STEP else cutoffs
    codes, groups = np.unique(series * (int(second.max()) + 1) + second, return_inverse=True)
    of_group = np.zeros(len(codes), dtype=np.int64)
    of_group[groups] = np.arange(len(groups))
    labels, result_of_row = _results(by, id_col, (series, names), (cutoffs, stamps), steps)
    frame = forecasts[scored].reset_index(drop=True)
    return Rows(
        frame=frame,
        truth=truth[scored],
        groups=groups,
        series=series[of_group],
        results=result_of_row[of_group],
        names=pd.Index(names),
        labels=labels,
    )


def _results(
    by: str | None,
    id_col: str | None,
    series: tuple[np.ndarray, pd.Index],
    cutoffs: tuple[np.ndarray, pd.Index],
    steps: np.ndarray,
) -> tuple[pd.Index | None, np.ndarray]:
    if by is None:
        return None, np.zeros(len(steps), dtype=np.int64)
    if by == STEP:
        return pd.Index(np.arange(1, int(steps.max()) + 1)), steps - 1
    codes, labels = series if by == id_col else cutoffs
    return pd.Index(labels), codes


def _steps(times: pd.Series, series: np.ndarray, cutoffs: np.ndarray) -> np.ndarray:
    """Return the step of each row, from 1, among the rows of its series and cutoff."""
    keys = pd.DataFrame({"series": series, "cutoff": cutoffs, "time": times.to_numpy()})
    ranks = keys.groupby(["series", "cutoff"], sort=False)["time"].rank(method="first")
    return ranks.to_numpy().astype(np.int64)


def _truth(forecasts: pd.DataFrame, target_col: str) -> np.ndarray:
    column = forecasts[target_col]
    if not holds_numbers(column):
        raise DataError(f"column {target_col!r} has the type {column.dtype}; the truth must be numeric")
    truth = read_numbers(column)
    if np.isnan(truth).all():
        raise DataError(f"column {target_col!r} of forecasts holds no number, so nothing can be scored")
    return truth


def _check_keys(forecasts: pd.DataFrame, keys: Sequence[str]) -> None:
    for name in keys:
        if forecasts[name].isna().any():
            row = int(np.argmax(forecasts[name].isna().to_numpy()))
            raise DataError(f"column {name!r} of forecasts is empty in row {row}")
    twice = forecasts.duplicated(list(keys)).to_numpy()
    if twice.any():
        row = int(np.argmax(twice))
        there = ", ".join(f"{name} {shown(forecasts[name].iloc[row])}" for name in keys)
        hint = "" if CUTOFF in keys else "; forecasts of several cutoffs need the column 'cutoff'"
        raise DataError(f"forecasts has two rows for {there} (the second is row {row}){hint}")


def _missing(forecasts: pd.DataFrame, name: str) -> DataError:
    there = ", ".join(repr(column) for column in forecasts.columns[:20])
    return DataError(f"forecasts must have one column {name!r}; it has: {there}")


def _single(forecasts: pd.DataFrame) -> tuple[np.ndarray, pd.Index]:
    return np.zeros(len(forecasts), dtype=np.int64), pd.Index([0])


def _means(scores: np.ndarray, groups: np.ndarray, count: int) -> np.ndarray:
    scored = ~np.isnan(scores)
    sums = np.bincount(groups[scored], scores[scored], minlength=count)
    counts = np.bincount(groups[scored], minlength=count)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
