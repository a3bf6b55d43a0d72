"""The scalings that an output admits, from the properties of the output and of the scaling."""

from __future__ import annotations

from tsseq2seq.data.scaling.base import Scaling
from tsseq2seq.data.scaling.registry import SCALINGS
from tsseq2seq.nn.outputs import Output

__all__ = ["admits", "admitted_scalings"]


def admits(output: Output, scaling: Scaling) -> bool:
    """Return whether an output can be used with a scaling.

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
