"""Attention: one score a file, all behind the same interface."""

from __future__ import annotations

from tsseq2seq.nn.attention.additive import AdditiveAttention
from tsseq2seq.nn.attention.base import Attention, masked_softmax
from tsseq2seq.nn.attention.dot import DotAttention

__all__ = ["AdditiveAttention", "Attention", "DotAttention", "build_attention", "masked_softmax"]


def build_attention(
    name: str, *, query_size: int, value_size: int, attention_size: int | None = None
) -> Attention:
    """Build an attention by its name in :class:`~tsseq2seq.nn.network.Network`.

    Examples
    --------
    >>> type(build_attention("dot", query_size=4, value_size=4)).__name__
    'DotAttention'
    """
    if name == "additive":
        return AdditiveAttention(
            query_size=query_size, value_size=value_size, attention_size=attention_size or query_size
        )
    return DotAttention(query_size=query_size, value_size=value_size)
