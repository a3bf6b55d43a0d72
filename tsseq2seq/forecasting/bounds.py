"""Between which values forecasts lie: demand is never below zero, a share never above one."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np

from tsseq2seq.errors import ParameterError, ParameterTypeError, shown

__all__ = ["Bounds", "check_bounds", "find_bounds"]

_OWNER = "Seq2SeqForecaster"


@dataclass(frozen=True)
class Bounds:
    """The lowest and the highest value of forecasts, of their intervals and of sample paths.

    Attributes
    ----------
    floor, ceiling
        A number for each target; −∞ and ∞ where there is none. Empty: of no target there is one.

    Examples
    --------
    >>> Bounds((0.0,), (np.inf,)).hold(np.array([[-1.0], [2.0]])).tolist()
    [[0.0], [2.0]]
    """

    floor: tuple[float, ...] = ()
    ceiling: tuple[float, ...] = ()

    def hold(self, values: np.ndarray, *, axis: int = -1) -> np.ndarray:
        """Bring values to the nearest that is allowed; NaN stays NaN.

        Parameters
        ----------
        values
            Forecasts, with the targets along one axis.
        axis
            Which that is.
        """
        if not self.floor:
            return values
        shape = [1] * values.ndim
        shape[axis] = -1
        floor, ceiling = (np.asarray(ends, dtype=float).reshape(shape) for ends in (self.floor, self.ceiling))
        return np.clip(values, floor, ceiling) + 0.0  # no -0


def find_bounds(lowest: np.ndarray, *, floor: float | None, ceiling: float | None) -> Bounds:
    """Return the bounds given, and a floor of 0 for targets of which no value is below it.

    Parameters
    ----------
    lowest
        (Y,), the lowest value of each target in training; NaN where none was observed.
    floor, ceiling
        As the user gave them, for all targets; None: the floor is found, and there is no ceiling.

    Examples
    --------
    >>> find_bounds(np.array([0.0, -3.0]), floor=None, ceiling=None).floor
    (0.0, -inf)
    """
    found = np.where(lowest >= 0, 0.0, -np.inf) if floor is None else np.full(lowest.shape, float(floor))
    if floor is None and ceiling is not None:
        found = np.minimum(found, float(ceiling))  # who gives a ceiling below 0 expects what is below 0
    highest = np.full(lowest.shape, np.inf if ceiling is None else float(ceiling))
    return Bounds(tuple(found.tolist()), tuple(highest.tolist()))


def check_bounds(floor: object, ceiling: object) -> None:
    """Refuse a floor or a ceiling that is no number, and a ceiling that is not above the floor.

    Raises
    ------
    ParameterError, ParameterTypeError
        Naming the parameter.
    """
    for name, value in (("floor", floor), ("ceiling", ceiling)):
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
            raise ParameterTypeError(f"{_OWNER}: {name} is {value!r}; it must be a number")
        if isinstance(value, int) and abs(value) > sys.float_info.max:
            raise ParameterError(f"{_OWNER}: {name} is {shown(value)}, which is too large for a number")
        if np.isnan(float(value)):
            raise ParameterError(f"{_OWNER}: {name} is nan; it must be a number")
    for name, value, beyond in (("floor", floor, np.inf), ("ceiling", ceiling, -np.inf)):
        if value == beyond:
            raise ParameterError(f"{_OWNER}: {name} is {value!r}, beyond every forecast; it must be a number")
    if floor is not None and ceiling is not None and not floor < ceiling:  # type: ignore[operator]
        raise ParameterError(f"{_OWNER}: ceiling is {ceiling!r}; it must be above floor, which is {floor!r}")
