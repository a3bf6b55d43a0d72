"""Which scalings an output admits: it says what it needs, and a scaling what it does to values."""

from __future__ import annotations

from tsseq2seq.data.scaling.base import Scaling
from tsseq2seq.data.scaling.registry import SCALINGS
from tsseq2seq.nn.outputs import Output

__all__ = ["admits", "admitted_scalings"]


def admits(output: Output, scaling: Scaling) -> bool:
    """Tell whether an output is meaningful under a scaling.

    Examples
    --------
    >>> from tsseq2seq import NegativeBinomial
    >>> admits(NegativeBinomial(), SCALINGS["mean"]), admits(NegativeBinomial(), SCALINGS["window"])
    (True, False)
    """
    return not output.needs_proportion or (scaling.linear and not scaling.centred)


def admitted_scalings(output: Output) -> tuple[str, ...]:
    """Return the names of the library's scalings that an output admits."""
    return tuple(name for name, scaling in SCALINGS.items() if admits(output, scaling))
