"""The decoder's state, which changes from step to step, and its memory, which stays constant."""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Bool, Float
from torch import Tensor

from tsseq2seq.nests import Nest
from tsseq2seq.nn.pointer_generator import Copyable

__all__ = ["DecoderState", "Memory"]


@dataclass(frozen=True)
class DecoderState:
    """What changes from one decoder step to the next; every tensor is (B, Q, …).

    Attributes
    ----------
    recurrent
        State of the recurrent layers; see :class:`~tsseq2seq.nn.cells.RecurrentLayers`.
    history
        (B, Q, K, D), the segments before the previous one, the oldest first; None without a residual.
    attentional
        (B, Q, H), the attentional state of the step before; None without input feeding.
    coverage
        (B, Q, S), the sum of the attention weights so far; None without coverage.
    """

    recurrent: Nest
    history: Float[Tensor, "B Q K D"] | None = None
    attentional: Float[Tensor, "B Q H"] | None = None
    coverage: Float[Tensor, "B Q S"] | None = None


@dataclass(frozen=True)
class Memory:
    """What stays constant over the decoder steps. It is never repeated for queries, and never reordered.

    Attributes
    ----------
    context
        (B, C), the context vector.
    keys, values
        (B, S, A) and (B, S, E): the attention's keys, and the encoder's states; None without attention.
    mask
        (B, 1, S), True at valid encoder steps; None if all are valid, or without attention.
    covariates
        (B, T, J), the future and static covariates of the decoder steps; None without covariates.
    recent
        (B, K, D), the last segments of the context, the oldest first, or the bases of all decoder steps where
        they are given; None without a residual.
    copyable
        What can be copied of the sources; None without a copy mechanism.
    """

    context: Float[Tensor, "B C"]
    keys: Float[Tensor, "B S A"] | None = None
    values: Float[Tensor, "B S E"] | None = None
    mask: Bool[Tensor, "B 1 S"] | None = None
    covariates: Float[Tensor, "B T J"] | None = None
    recent: Float[Tensor, "B K D"] | None = None
    copyable: Copyable | None = None
