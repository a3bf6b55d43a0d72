"""Attention: one score a file, all behind the same interface."""

from __future__ import annotations

from typing import Any

from tsseq2seq.errors import ParameterError
from tsseq2seq.nn.attention.additive import AdditiveAttention
from tsseq2seq.nn.attention.base import ATTENTIONS, Attention, masked_softmax
from tsseq2seq.nn.attention.concat import ConcatAttention
from tsseq2seq.nn.attention.dot import DotAttention
from tsseq2seq.nn.attention.general import GeneralAttention
from tsseq2seq.nn.attention.multihead import MultiHeadAttention
from tsseq2seq.nn.attention.scaled import ScaledAttention
from tsseq2seq.nn.attention.scored import ScoredAttention

__all__ = [
    "ATTENTIONS",
    "AdditiveAttention",
    "Attention",
    "ConcatAttention",
    "DotAttention",
    "GeneralAttention",
    "MultiHeadAttention",
    "ScaledAttention",
    "ScoredAttention",
    "build_attention",
    "masked_softmax",
]


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
        Width of the hidden layer, or of all heads together. None takes the query's.
    heads
        Number of heads. None takes 4, or 2 or 1 where the width is no multiple of 4.
    coverage
        Whether the attention so far enters the scores.

    Raises
    ------
    ParameterError
        If the name is unknown, or that attention has no room for coverage.

    Examples
    --------
    >>> type(build_attention("dot", query_size=4, value_size=4)).__name__
    'DotAttention'
    """
    kind = ATTENTIONS[name]
    if coverage and not kind.takes_coverage:
        raise ParameterError(f"build_attention: coverage is True, but {name!r} has no weight for it")
    width = attention_size or query_size
    options: dict[str, Any] = {}
    if kind.has_width:
        options["attention_size"] = width
    if kind.has_heads:
        options["heads"] = heads or next(number for number in (4, 2, 1) if width % number == 0)
    if kind.takes_coverage:
        options["coverage"] = coverage
    attention: Attention = kind(query_size=query_size, value_size=value_size, **options)
    return attention
