"""Metrics of the user's own: functions of truth and forecast."""

from __future__ import annotations

import keyword
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from tsseq2seq.errors import DataWarning, ParameterError, ParameterTypeError, shown, warn
from tsseq2seq.evaluation.metrics.rows import Rows
from tsseq2seq.evaluation.metrics.scoring import Scores, Scoring

__all__ = ["Metric", "check_own_names", "metric_name", "score_own"]

#: A metric: its name, or a function of truth and forecast, (rows,) each, that returns a number.
Metric = str | Callable[..., Any]


def metric_name(metric: Metric) -> str:
    """Return the name under which a metric stands in a table: that of a function is its ``__name__``.

    Raises
    ------
    ParameterError
        If a function has no name that says what it is, as a lambda.

    Examples
    --------
    >>> metric_name("mae"), metric_name(np.max)
    ('mae', 'max')
    """
    if isinstance(metric, str):
        return metric
    name = getattr(metric, "__name__", None)
    # a keyword, too, cannot be the name that a function was given
    if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
        raise ParameterError(
            f"metrics holds {shown(metric)}, a function without a name for the table; write it as "
            "def rmsle(y_true, y_pred): ..., or set its __name__"
        )
    return name


def check_own_names(metrics: Iterable[Metric], taken: Iterable[str]) -> None:
    """Refuse functions whose names mean something else.

    Parameters
    ----------
    metrics
        Names and functions.
    taken
        Names that no function may have.

    Raises
    ------
    ParameterError
        If a function has no usable name, one of those taken, or that of another function.
    """
    functions: dict[str, object] = {}
    for metric in metrics:
        name = metric_name(metric)
        if metric is name:
            continue
        if name in taken:
            raise ParameterError(
                f"metrics holds a function of the name {name!r}, which has another meaning in the table; "
                "give it another name"
            )
        if functions.setdefault(name, metric) is not metric:
            raise ParameterError(
                f"metrics holds two functions of the name {name!r}; give one of them another name"
            )


def score_own(metric: Callable[..., Any], scoring: Scoring) -> Scores:
    """Return the mean over groups of what a function returns for the rows of each.

    Rows that a model did not forecast are left out before. Groups for which the function returns NaN are
    left out of the mean, with a warning.

    Raises
    ------
    ParameterTypeError
        If the function returns no single number.
    """
    rows, name = scoring.rows, metric_name(metric)
    groups = np.stack([_of_groups(metric, name, rows, model.name) for model in scoring.models], axis=1)
    missing = np.isnan(groups)
    # a model without a forecast in a group has been told of
    for place, model in enumerate(scoring.models):
        forecast = np.bincount(rows.groups, ~np.isnan(rows.column(model.name)), minlength=len(groups)) > 0
        missing[:, place] &= forecast
    if missing.any():
        group, place = np.argwhere(missing)[0]
        warn(
            f"{name} is NaN for {missing.sum()} of {missing.size} forecasts, which are left out; the first "
            f"is {scoring.models[place].name}'s of series {shown(rows.names[rows.series[group]])}",
            DataWarning,
        )
    return {name: np.stack([rows.result_means(column) for column in groups.T], axis=1)}


def _of_groups(metric: Callable[..., Any], name: str, rows: Rows, column: str) -> np.ndarray:
    """Return the scores (groups,) of a model's column, NaN for groups without a forecast."""
    forecast = rows.column(column)
    known = np.flatnonzero(~np.isnan(forecast))
    order = known[np.argsort(rows.groups[known], kind="stable")]
    groups, first = np.unique(rows.groups[order], return_index=True)
    scores = np.full(len(rows.series), np.nan)
    for group, chosen in zip(groups, np.split(order, first[1:]), strict=True):
        # chosen rows are copies: what a function does to its arguments is its own affair
        scores[group] = _number(metric(rows.truth[chosen], forecast[chosen]), name, rows.name(int(chosen[0])))
    return scores


def _number(result: object, name: str, series: str) -> float:
    """Return what a function returned as a float."""
    array = np.asarray(result)
    if array.ndim or array.dtype.kind not in "fiub":
        got = f"an array of shape {array.shape}" if array.ndim else shown(result)
        raise ParameterTypeError(
            f"metrics: {name} returned {got} for series {series}; it must return one number, as the mean of "
            "its errors"
        )
    return float(array)
