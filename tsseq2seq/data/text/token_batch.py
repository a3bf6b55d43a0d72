"""A batch of sentence pairs, ready for the network."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Int
from torch import Tensor

__all__ = ["TokenBatch"]


@dataclass(frozen=True)
class TokenBatch:
    """Numbers of tokens, filled up with padding.

    Attributes
    ----------
    source
        (B, S), sentences to read.
    source_lengths
        (B,), tokens of each that are not padding; 0 for an empty sentence.
    target
        (B, T), sentences to write: without a begin token, the end token last.
    target_lengths
        (B,), the end token included.
    padding
        Where padding stands, ``"back"`` or ``"front"``. The networks of this library read batches padded
        at the back; as padding is masked wherever they look, the other way would give the same numbers.
    """

    source: Int[Tensor, "B S"]
    source_lengths: Int[Tensor, " B"]
    target: Int[Tensor, "B T"]
    target_lengths: Int[Tensor, " B"]
    padding: str = "back"

    @property
    def source_mask(self) -> Bool[Tensor, "B S"]:
        """True where the source is not padding."""
        return _valid(self.source, self.source_lengths, self.padding)

    @property
    def target_mask(self) -> Bool[Tensor, "B T"]:
        """True where the target is not padding."""
        return _valid(self.target, self.target_lengths, self.padding)


def _valid(tokens: Int[Tensor, "B T"], lengths: Int[Tensor, " B"], padding: str) -> Bool[Tensor, "B T"]:
    width = tokens.shape[1]
    places = torch.arange(width, device=tokens.device)
    return places >= width - lengths[:, None] if padding == "front" else places < lengths[:, None]
