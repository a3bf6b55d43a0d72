"""Which column of a frame plays which role."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tsseq2seq.errors import ParameterError, ParameterTypeError

__all__ = ["FORECAST", "Columns", "columns_from_parts", "columns_to_parts"]

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

    @classmethod
    def of(
        cls,
        *,
        id_col: str | None,
        time_col: str,
        target_col: str | Sequence[str],
        past_covariates: Sequence[str] = (),
        future_covariates: Sequence[str] = (),
        static_covariates: Sequence[str] = (),
    ) -> Columns:
        """Check the column names that an estimator was given, and gather them.

        Raises
        ------
        ParameterTypeError
            If covariates are a single name rather than a list.
        ParameterError
            If there is no target, a column has two roles, or is called as a column of forecasts.

        Examples
        --------
        >>> Columns.of(id_col="shop", time_col="day", target_col="sales").targets
        ('sales',)
        """
        if not isinstance(target_col, str | list | tuple):
            raise ParameterTypeError(
                f"target_col is {target_col!r}; it must be a column, or a list of columns"
            )
        targets = (target_col,) if isinstance(target_col, str) else tuple(target_col)
        if not targets:
            raise ParameterError(f"target_col is {target_col!r}; it must name a column")
        ids: dict[str, tuple[str, ...]] = {} if id_col is None else {"id_col": (id_col,)}
        roles = {**ids, "time_col": (time_col,), "target_col": targets}
        _check_names_of_results(roles)
        covariates = {
            "past_covariates": past_covariates,
            "future_covariates": future_covariates,
            "static_covariates": static_covariates,
        }
        for role, names in covariates.items():
            if not isinstance(names, list | tuple):
                raise ParameterTypeError(f"{role} is {names!r}; it must be a list of columns")
            roles[role] = tuple(names)
        _check_one_role_each(roles)
        return cls(id_col, time_col, targets, *(roles[role] for role in covariates))


def _check_names_of_results(roles: dict[str, tuple[str, ...]]) -> None:
    """Refuse columns whose names a forecast's own columns have."""
    for role, names in roles.items():
        for name in names:
            if str(name).startswith(FORECAST):
                raise ParameterError(f"{role} is {name!r}; names that begin so are the forecast's")
            if name in TAKEN:
                raise ParameterError(f"{role} is {name!r}; forecasts have a column of that name themselves")


def _check_one_role_each(roles: dict[str, tuple[str, ...]]) -> None:
    role_of: dict[str, str] = {}
    for role, names in roles.items():
        for name in names:
            if name in role_of:
                where = f"twice in {role}" if role_of[name] == role else f"in {role_of[name]} and in {role}"
                raise ParameterError(f"column {name!r} is {where}; a column has one role")
            role_of[name] = role


def columns_to_parts(columns: Columns) -> dict[str, Any]:
    """Take the roles apart, for saved models."""
    return asdict(columns)


def columns_from_parts(parts: dict[str, Any]) -> Columns:
    """Put the roles together again."""
    several = {role: tuple(parts[role]) for role in ("targets", "past", "future", "static")}
    return Columns(parts["id"], parts["time"], **several)
