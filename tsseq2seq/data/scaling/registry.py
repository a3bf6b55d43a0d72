"""The library's scalings by name."""

from __future__ import annotations

from tsseq2seq.data.scaling.base import Scaling
from tsseq2seq.data.scaling.last import Last
from tsseq2seq.data.scaling.log1p import Log1p
from tsseq2seq.data.scaling.mean import Mean
from tsseq2seq.data.scaling.robust import Robust
from tsseq2seq.data.scaling.series import WholeSeries
from tsseq2seq.data.scaling.unscaled import Unscaled
from tsseq2seq.data.scaling.window import Window
from tsseq2seq.errors import ParameterError

__all__ = ["SCALINGS", "resolve_scaling"]

#: Every scaling of the library by its name.
SCALINGS: dict[str, Scaling] = {
    scaling.name: scaling
    for scaling in (Window(), WholeSeries(), Last(), Robust(), Mean(), Log1p(), Unscaled())
}


def resolve_scaling(value: str | Scaling, *, owner: str = "resolve_scaling") -> Scaling:
    """Return the scaling of this name; a :class:`Scaling` is returned as it is.

    Parameters
    ----------
    value
        A name of ``SCALINGS``, or a scaling.
    owner
        The function or class that the message names.

    Raises
    ------
    ParameterError
        If it is neither.

    Examples
    --------
    >>> resolve_scaling("log1p")
    Log1p()
    """
    if isinstance(value, Scaling):
        return value
    if not isinstance(value, str) or value not in SCALINGS:
        names = ", ".join(repr(name) for name in SCALINGS)
        raise ParameterError(f"{owner}: scaling is {value!r}; it must be one of {names}, or a Scaling")
    return SCALINGS[value]
