"""The roles of a frame's columns: series name, time stamp, targets and covariates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from tsseq2seq.errors import ParameterError, ParameterTypeError, shown

__all__ = ["FORECAST", "Columns", "columns_from_parts", "columns_to_parts"]

#: Columns that results have in addition to forecasts and the user's own columns.
RESULT_COLUMNS = ("cutoff", "sample", "scenario", "log_probability")

#: The name of a point forecast's column, and the beginning of all forecasts' columns.
FORECAST = "Seq2Seq"


@dataclass(frozen=True)
class Columns:
    """Names of the columns by role.

    Attributes
    ----------
    id, time
        Series name and time stamp. One series if ``id`` is None, or is ``unique_id`` and not in the frame.
    targets
        The columns to forecast.
    past, future, static
        Covariates that are known up to the cutoff, known through the horizon, and constant in a series.
    weight
        How much each row counts in the loss. None: all the same.
    """

    id: str | None = "unique_id"
    time: str = "ds"
    targets: tuple[str, ...] = ("y",)
    past: tuple[str, ...] = ()
    future: tuple[str, ...] = ()
    static: tuple[str, ...] = ()
    weight: str | None = None

    @property
    def covariates(self) -> tuple[str, ...]:
        """All covariates."""
        return (*self.past, *self.future, *self.static)

    @property
    def quantities(self) -> tuple[str, ...]:
        """All columns beside series name and time stamp: targets, covariates and weights."""
        return (*self.targets, *self.covariates, *(() if self.weight is None else (self.weight,)))

    @property
    def unweighted(self) -> Columns:
        """The columns without that of weights, which only a fit reads."""
        return replace(self, weight=None)

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
        weight_col: str | None = None,
    ) -> Columns:
        """Return the columns of an estimator's parameters, after checking them.

        Raises
        ------
        ParameterTypeError
            If covariates are a single name rather than a list, or a name is no text.
        ParameterError
            If there is no target, a column has two roles, or has the name of a column of forecasts.

        Examples
        --------
        >>> Columns.of(id_col="shop", time_col="day", target_col="sales").targets
        ('sales',)
        """
        if not isinstance(target_col, str | list | tuple):
            _check_text({"target_col": (target_col,)})
        targets = (target_col,) if isinstance(target_col, str) else tuple(target_col)
        if not targets:
            raise ParameterError(f"target_col is {target_col!r}; it must name a column")
        ids: dict[str, tuple[str, ...]] = {} if id_col is None else {"id_col": (id_col,)}
        roles = {**ids, "time_col": (time_col,), "target_col": targets}
        _check_text(roles)
        _refuse_names_of_results(roles)
        covariates = {
            "past_covariates": past_covariates,
            "future_covariates": future_covariates,
            "static_covariates": static_covariates,
        }
        for role, names in covariates.items():
            if not isinstance(names, list | tuple):
                raise ParameterTypeError(f"{role} is {names!r}; it must be a list of columns")
            roles[role] = tuple(names)
            _check_text({role: roles[role]})
        if weight_col is not None:
            roles["weight_col"] = (weight_col,)
            _check_text({"weight_col": roles["weight_col"]})
        _check_one_role_each(roles)
        past, future, static = (roles[role] for role in covariates)
        return cls(id_col, time_col, targets, past, future, static, weight_col)


def _check_text(roles: Mapping[str, Sequence[object]]) -> None:
    """Refuse names that are no text: forecasts have columns named after them."""
    for role, names in roles.items():
        for name in names:
            if not isinstance(name, str):
                raise ParameterTypeError(
                    f"{role} is {shown(name)}; names of columns with a role must be text. "
                    "Rename them with df.columns = df.columns.map(str)"
                )


def _refuse_names_of_results(roles: dict[str, tuple[str, ...]]) -> None:
    """Refuse columns with the name of a column of forecasts or results."""
    for role, names in roles.items():
        for name in names:
            if str(name).startswith(FORECAST):
                raise ParameterError(
                    f"{role} is {name!r}; names that begin with {FORECAST!r} are the forecast's"
                )
            if name in RESULT_COLUMNS:
                raise ParameterError(f"{role} is {name!r}; results have a column of this name themselves")


def _check_one_role_each(roles: dict[str, tuple[str, ...]]) -> None:
    role_of: dict[str, str] = {}
    for role, names in roles.items():
        for name in names:
            if name in role_of:
                where = f"twice in {role}" if role_of[name] == role else f"in {role_of[name]} and in {role}"
                raise ParameterError(f"column {name!r} is {where}; a column has one role")
            role_of[name] = role


def columns_to_parts(columns: Columns) -> dict[str, Any]:
    """Return the roles as plain values, for saved models."""
    return asdict(columns.unweighted)


def columns_from_parts(parts: dict[str, Any]) -> Columns:
    """Return the columns of parts."""
    several: dict[str, Any] = {role: tuple(parts[role]) for role in ("targets", "past", "future", "static")}
    return Columns(parts["id"], parts["time"], **several)
