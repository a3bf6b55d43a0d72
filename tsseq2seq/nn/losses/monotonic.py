"""A penalty on attention that goes back in the source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float, Int
from torch import Tensor

from tsseq2seq.nn.losses.sequences import DecodedSequences, SequenceFunction, SequenceLoss
from tsseq2seq.settings import check_number

__all__ = ["MonotonicAlignment"]


@dataclass(frozen=True)
class MonotonicAlignment(SequenceLoss):
    """How far the place that is attended to goes back, as a share of the source, the mean over steps.

    The place of a decoder step is the mean of the source's places under the weights of the attention. Steps
    forward cost nothing. It suits pairs whose order is the same: spellings and sounds, speech and text.

    Parameters
    ----------
    weight
        Weight of the penalty beside the loss of the tokens.

    Examples
    --------
    >>> back = torch.eye(3).flip(0)[None]
    >>> seen = torch.ones(1, 3, dtype=torch.bool)
    >>> tokens = torch.zeros(1, 3, dtype=torch.int64)
    >>> decoded = DecodedSequences(tokens, seen, tokens, seen, torch.zeros(1, 3, 1), torch.add, back)
    >>> MonotonicAlignment().loss(decoded).item()
    0.5
    """

    weight: float = 1.0
    reads_attention: ClassVar[bool] = True
    weighs_samples: ClassVar[bool] = True

    def __post_init__(self) -> None:
        """Check the weight."""
        check_number("MonotonicAlignment", "weight", self.weight, low=0)

    def function(
        self, tokens: Int[Tensor, " tokens"], offsets: Int[Tensor, " offsets"], vocabulary: int
    ) -> SequenceFunction:
        """Return :meth:`loss`: nothing is learned of the targets."""
        return self.loss

    def loss(self, decoded: DecodedSequences) -> Float[Tensor, ""]:
        """Return the weighted penalty."""
        assert decoded.weights is not None
        lengths = decoded.source_mask.sum(1, keepdim=True)
        places = torch.arange(decoded.weights.shape[2], device=decoded.weights.device)
        place = (decoded.weights * places).sum(-1) / (lengths - 1).clamp(min=1)
        both = decoded.target_mask[:, 1:] & decoded.target_mask[:, :-1]
        back = (place[:, :-1] - place[:, 1:]).clamp(min=0).masked_fill(~both, 0.0)
        if decoded.sample_weight is not None:
            back = back * decoded.sample_weight[:, None]
        return self.weight * back.sum() / both.sum().clamp(min=1)
