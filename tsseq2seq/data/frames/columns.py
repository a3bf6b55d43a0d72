"""Which column of a frame plays which role."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tsseq2seq.errors import ParameterError, ParameterTypeError

__all__ = ["FORECAST", "Columns", "columns_from_parts", "columns_to_parts", "read_columns"]

#: Columns of results that are neither the user's nor forecasts.
TAKEN = ("cutoff", "sample", "scenario", "log_probability")

#: What the forecast's columns are called, or begin with.
FORECAST = "Seq2Seq"


@dataclass(frozen=True)
class Columns:
    """Names of the columns by role.

    Attributes
    ----------
    id, time
        Series name and time stamp. None, or a frame without the column ``unique_id``: one series.
    targets
        What is forecast.
    past, future, static
        Covariates known up to the cutoff, known through the horizon, and constant in a series.
    """

    id: str | None = "unique_id"
    time: str = "ds"
    targets: tuple[str, ...] = ("y",)
    past: tuple[str, ...] = ()
    future: tuple[str, ...] = ()
    static: tuple[str, ...] = ()

    @property
    def covariates(self) -> tuple[str, ...]:
        """All covariates."""
        return (*self.past, *self.future, *self.static)


def read_columns(
    *,
    id_col: str | None,
    time_col: str,
    target_col: str | Sequence[str],
    past_covariates: Sequence[str] = (),
    future_covariates: Sequence[str] = (),
    static_covariates: Sequence[str] = (),
) -> Columns:
    """Check an estimator's column names and gather them.

    Raises
    ------
    ParameterTypeError
        If covariates are a single name rather than a list.
    ParameterError
        If there is no target, or a column has two roles.

    Examples
    --------
    >>> read_columns(id_col="shop", time_col="day", target_col="sales").targets
    ('sales',)
    """
    if not isinstance(target_col, str | list | tuple):
        raise ParameterTypeError(f"target_col is {target_col!r}; it must be a column, or a list of columns")
    targets = (target_col,) if isinstance(target_col, str) else tuple(target_col)
    if not targets:
        raise ParameterError(f"target_col is {target_col!r}; it must name a column")
    given: dict[str, tuple[str, ...]] = {"time_col": (time_col,), "target_col": targets}
    if id_col is not None:
        given = {"id_col": (id_col,), **given}
    for role, reserved in given.items():
        for name in reserved:
            if str(name).startswith(FORECAST):
                raise ParameterError(f"{role} is {name!r}; names that begin so are the forecast's")
            if name in TAKEN:
                raise ParameterError(f"{role} is {name!r}; forecasts have a column of that name themselves")
    covariates = {
        "past_covariates": past_covariates,
        "future_covariates": future_covariates,
        "static_covariates": static_covariates,
    }
    for role, names in covariates.items():
        if not isinstance(names, list | tuple):
            raise ParameterTypeError(f"{role} is {names!r}; it must be a list of columns")
        given[role] = tuple(names)
    taken: dict[str, str] = {}
    for role, names in given.items():
        for name in names:
            if name in taken:
                where = f"twice in {role}" if taken[name] == role else f"in {taken[name]} and in {role}"
                raise ParameterError(f"column {name!r} is {where}; a column has one role")
            taken[name] = role
    return Columns(
        id_col,
        time_col,
        targets,
        past=given["past_covariates"],
        future=given["future_covariates"],
        static=given["static_covariates"],
    )


def columns_to_parts(columns: Columns) -> dict[str, Any]:
    """Take the roles apart, for saved models."""
    return asdict(columns)


def columns_from_parts(parts: dict[str, Any]) -> Columns:
    """Put the roles together again."""
    several = {role: tuple(parts[role]) for role in ("targets", "past", "future", "static")}
    return Columns(parts["id"], parts["time"], **several)
