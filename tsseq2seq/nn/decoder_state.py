"""What changes from step to step of the decoder, and what stays constant."""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Bool, Float
from torch import Tensor

from tsseq2seq.nests import Nest

__all__ = ["DecoderState", "Memory"]


@dataclass(frozen=True)
class DecoderState:
    """All that changes from step to step; every leaf is (B, Q, …).

    Attributes
    ----------
    recurrent
        What the recurrent layers remember; see :class:`~tsseq2seq.nn.cells.RecurrentLayers`.
    history
        (B, Q, K, D), the segments before the previous one, oldest first; None without a residual.
    fed
        (B, Q, H), the last attentional state, under input feeding; else None.
    coverage
        (B, Q, S), the sum of the attention weights so far, where the attention sees it; else None.
    """

    recurrent: Nest
    history: Float[Tensor, "B Q K D"] | None = None
    fed: Float[Tensor, "B Q H"] | None = None
    coverage: Float[Tensor, "B Q S"] | None = None


@dataclass(frozen=True)
class Memory:
    """All that stays constant over the steps; never tiled, never reordered.

    Attributes
    ----------
    context
        (B, C), the context vector.
    keys, values, mask
        (B, S, A), (B, S, E), (B, 1, S): what the attention reads; None without attention, and the mask
        where all is valid too.
    covariates
        (B, T, J), what is known of the steps ahead; None without covariates.
    recent
        (B, K, D), the context's last segments, oldest first; None without a residual.
    """

    context: Float[Tensor, "B C"]
    keys: Float[Tensor, "B S A"] | None = None
    values: Float[Tensor, "B S E"] | None = None
    mask: Bool[Tensor, "B 1 S"] | None = None
    covariates: Float[Tensor, "B T J"] | None = None
    recent: Float[Tensor, "B K D"] | None = None
