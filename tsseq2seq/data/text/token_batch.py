"""A batch of sentence pairs: padded token numbers and lengths."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

__all__ = ["TokenBatch"]


@dataclass(frozen=True)
class TokenBatch:
    """Token numbers of sources and targets, padded to equal lengths.

    Attributes
    ----------
    source
        (B, S), source sentences; (B, S, 2), with their numbers in the extended vocabulary, for a copy
        mechanism; or (B, S, F), sequences of feature vectors.
    source_lengths
        (B,), tokens of each source without padding; 0 for an empty sentence.
    target
        (B, T), target sentences, without the begin token and with the end token.
    target_lengths
        (B,), tokens of each target without padding, including the end token.
    padding
        The side of the padding, ``"back"`` (default) or ``"front"``. This library's networks read batches
        padded at the back.
    weights
        (B,), how much each pair counts in the loss. None: all the same.
    """

    source: Int[Tensor, "B S"] | Int[Tensor, "B S 2"] | Float[Tensor, "B S F"]
    source_lengths: Int[Tensor, " B"]
    target: Int[Tensor, "B T"]
    target_lengths: Int[Tensor, " B"]
    padding: str = "back"
    weights: Float[Tensor, " B"] | None = None

    @property
    def source_tokens(self) -> Int[Tensor, "B S"] | Float[Tensor, "B S F"]:
        """The sources without numbers of the extended vocabulary."""
        is_extended = self.source.ndim == 3 and not self.source.is_floating_point()
        return self.source[..., 0] if is_extended else self.source

    @property
    def source_mask(self) -> Bool[Tensor, "B S"]:
        """The source's mask: True for tokens, False for padding."""
        return _valid(self.source, self.source_lengths, self.padding)

    @property
    def target_mask(self) -> Bool[Tensor, "B T"]:
        """The target's mask: True for tokens, False for padding."""
        return _valid(self.target, self.target_lengths, self.padding)

    @property
    def token_weights(self) -> Float[Tensor, " N"] | None:
        """The weight of each target token that is not padding; None: all the same."""
        mask = self.target_mask
        return None if self.weights is None else self.weights[:, None].expand(mask.shape)[mask]


def _valid(steps: Tensor, lengths: Int[Tensor, " B"], padding: str) -> Bool[Tensor, "B T"]:
    width = steps.shape[1]
    positions = torch.arange(width, device=steps.device)
    return positions >= width - lengths[:, None] if padding == "front" else positions < lengths[:, None]
