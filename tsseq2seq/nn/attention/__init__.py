"""Attention over the encoder's states: one score a file, behind one interface."""

from __future__ import annotations

from typing import Any

from tsseq2seq.errors import ParameterError
from tsseq2seq.nn.attention.additive import AdditiveAttention
from tsseq2seq.nn.attention.alignment import (
    ALIGNMENTS,
    WINDOW,
    Alignment,
    MonotonicAlignment,
    PredictedAlignment,
)
from tsseq2seq.nn.attention.base import ATTENTIONS, Attention, masked_softmax
from tsseq2seq.nn.attention.concat import ConcatAttention
from tsseq2seq.nn.attention.dot import DotAttention
from tsseq2seq.nn.attention.general import GeneralAttention
from tsseq2seq.nn.attention.location import LocationAttention
from tsseq2seq.nn.attention.multihead import MultiHeadAttention
from tsseq2seq.nn.attention.scaled import ScaledAttention
from tsseq2seq.nn.attention.scored import ScoredAttention

__all__ = [
    "ALIGNMENTS",
    "ATTENTIONS",
    "AdditiveAttention",
    "Alignment",
    "Attention",
    "ConcatAttention",
    "DotAttention",
    "GeneralAttention",
    "LocationAttention",
    "MonotonicAlignment",
    "MultiHeadAttention",
    "PredictedAlignment",
    "ScaledAttention",
    "ScoredAttention",
    "build_alignment",
    "build_attention",
    "masked_softmax",
]


def build_alignment(name: str | None, *, query_size: int, window: int | None = None) -> Alignment | None:
    """Build an alignment by its name in :class:`~tsseq2seq.nn.network.Network`; None without a name.

    Parameters
    ----------
    name
        Name of an alignment, such as ``"monotonic"``.
    query_size
        Width of decoder states.
    window
        Places on each side of the centre. None: 10.

    Examples
    --------
    >>> build_alignment("monotonic", query_size=4).window
    10
    """
    return None if name is None else ALIGNMENTS[name](query_size=query_size, window=window or WINDOW)


def build_attention(
    name: str,
    *,
    query_size: int,
    value_size: int,
    attention_size: int | None = None,
    heads: int | None = None,
    coverage: bool = False,
) -> Attention:
    """Build an attention by its name in :class:`~tsseq2seq.nn.network.Network`.

    Parameters
    ----------
    name
        Name of an attention, such as ``"dot"``.
    query_size, value_size
        Widths of decoder and encoder states.
    attention_size
        Width of the hidden layer, or of all heads together. None: ``query_size``.
    heads
        Number of heads. None: the largest of 4, 2 and 1 that divides the width.
    coverage
        Whether the sum of the attention weights so far enters the scores.

    Raises
    ------
    ParameterError
        If the name is unknown, or the attention takes no coverage.

    Examples
    --------
    >>> type(build_attention("dot", query_size=4, value_size=4)).__name__
    'DotAttention'
    """
    attention_class = ATTENTIONS[name]
    if coverage and not attention_class.takes_coverage:
        raise ParameterError(f"build_attention: coverage is True, but {name!r} takes no coverage")
    width = attention_size or query_size
    options: dict[str, Any] = {}
    if attention_class.has_width:
        options["attention_size"] = width
    if attention_class.has_heads:
        options["heads"] = heads or next(number for number in (4, 2, 1) if width % number == 0)
    if attention_class.takes_coverage:
        options["coverage"] = coverage
    attention: Attention = attention_class(query_size=query_size, value_size=value_size, **options)
    return attention
