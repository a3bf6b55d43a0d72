"""The models in a frame of forecasts: their columns of point forecasts and of interval bounds."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import pandas as pd

from tsseq2seq.errors import DataError, ParameterError, shown

__all__ = ["Model", "find_models"]

_BOUND = re.compile(r"(?P<model>.+)-(?P<side>lo|hi)-(?P<level>\d+(\.\d+)?)")


@dataclass(frozen=True)
class Model:
    """The columns of one model: its point forecasts and the bounds of its intervals.

    Attributes
    ----------
    name
        Column of point forecasts.
    lower, upper
        Columns of lower and upper bounds, by level in percent.
    """

    name: str
    lower: dict[float, str]
    upper: dict[float, str]

    @property
    def levels(self) -> list[float]:
        """Levels with both bounds, ascending."""
        return sorted(self.lower.keys() & self.upper.keys())

    @property
    def quantiles(self) -> dict[float, str]:
        """Columns by quantile; the point forecast counts as the median."""
        lower = {round((1 - level / 100) / 2, 8): column for level, column in self.lower.items()}
        upper = {round((1 + level / 100) / 2, 8): column for level, column in self.upper.items()}
        return dict(sorted({**lower, 0.5: self.name, **upper}.items()))

    @property
    def columns(self) -> list[str]:
        """All columns of the model."""
        return [self.name, *self.lower.values(), *self.upper.values()]


def find_models(forecasts: pd.DataFrame, taken: Collection[str], models: Sequence[str] | None) -> list[Model]:
    """Find the models among the columns of a frame.

    Parameters
    ----------
    forecasts
        The frame.
    taken
        Columns with another role.
    models
        Names of the models. None: all columns that have no other role and are not bounds.

    Raises
    ------
    ParameterError
        If ``models`` names a column that is missing.
    DataError
        If there is no model, a column is not numeric or occurs twice, or a bound belongs to no model.

    Examples
    --------
    >>> frame = pd.DataFrame({"y": [1.0], "ETS": [1.0], "ETS-lo-80": [0.0], "ETS-hi-80": [2.0]})
    >>> [(model.name, model.levels, list(model.quantiles)) for model in find_models(frame, ["y"], None)]
    [('ETS', [80.0], [0.1, 0.5, 0.9])]
    """
    free = [str(name) for name in forecasts.columns if name not in taken]
    bounds = {name: match for name in free if (match := _BOUND.fullmatch(name))}
    names = [name for name in free if name not in bounds]
    if models is not None:
        for name in models:
            if name not in names:
                raise ParameterError(f"models holds {name!r}; the models in forecasts are {names}")
        names = list(models)
    else:
        for column, match in bounds.items():
            if match["model"] not in names:
                raise DataError(
                    f"column {column!r} bounds an interval of {match['model']!r}, which is not in forecasts"
                )
    if not names:
        raise DataError(f"forecasts has no column of a model; it has {[str(c) for c in forecasts.columns]}")
    chosen = [_model(name, bounds) for name in names]
    for column in (column for model in chosen for column in model.columns):
        _check_numeric(forecasts, column)
    return chosen


def _model(name: str, bounds: dict[str, re.Match[str]]) -> Model:
    matches = {column: match for column, match in bounds.items() if match["model"] == name}
    sides: dict[str, dict[float, str]] = {"lo": {}, "hi": {}}
    for column, match in matches.items():
        level = float(match["level"])
        if not 0 < level < 100:
            raise DataError(f"column {column!r} has the level {level:g}; levels lie between 0 and 100")
        if level < 1:
            raise DataError(
                f"column {column!r} has the level {level:g}; levels are in percent, so that it must be "
                f"renamed to {name}-{match['side']}-{100 * level:.6g}"
            )
        if level in sides[match["side"]]:
            raise DataError(f"columns {sides[match['side']][level]!r} and {column!r} bound the same interval")
        sides[match["side"]][level] = column
    return Model(name, sides["lo"], sides["hi"])


def _check_numeric(forecasts: pd.DataFrame, column: str) -> None:
    if (forecasts.columns == column).sum() > 1:
        raise DataError(f"forecasts has several columns named {column!r}; column names must be unique")
    dtype = forecasts[column].dtype
    if not pd.api.types.is_numeric_dtype(dtype) or pd.api.types.is_complex_dtype(dtype):
        raise DataError(
            f"column {column!r} has the type {dtype} and begins with {shown(forecasts[column].iloc[0])}, so "
            "it is no forecast; if it is no model, pass the names of those that are as models"
        )
