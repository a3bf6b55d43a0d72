"""A penalty on attention that comes back to where it was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional

from tsseq2seq.nn.losses.sequences import DecodedSequences, SequenceFunction, SequenceLoss
from tsseq2seq.settings import check_number

__all__ = ["CoverageLoss"]


@dataclass(frozen=True)
class CoverageLoss(SequenceLoss):
    """How much of each step's attention lies where earlier steps looked, the mean over steps.

    Of each place the lesser counts: its weight now, or the sum of its weights so far. A network that reads
    the same words again writes them again. ``Network(attention_coverage=True)`` shows the attention that sum.

    Parameters
    ----------
    weight
        Weight of the penalty beside the loss of the tokens.

    References
    ----------
    See, Liu and Manning, "Get to the point: summarization with pointer-generator networks", ACL 2017,
    equations 10 to 13.

    Examples
    --------
    >>> import torch
    >>> again = torch.tensor([[[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]])
    >>> read, written = torch.ones(1, 2, dtype=torch.bool), torch.ones(1, 3, dtype=torch.bool)
    >>> tokens = torch.zeros(1, 3, dtype=torch.int64)
    >>> hidden = torch.zeros(1, 3, 1)
    >>> decoded = DecodedSequences(tokens[:, :2], read, tokens, written, hidden, torch.add, again)
    >>> round(CoverageLoss().loss(decoded).item(), 4)
    0.3333
    """

    weight: float = 1.0
    reads_attention: ClassVar[bool] = True
    weighs_samples: ClassVar[bool] = True

    def __post_init__(self) -> None:
        """Check the weight."""
        check_number("CoverageLoss", "weight", self.weight, low=0)

    def function(
        self, tokens: Int[Tensor, " tokens"], offsets: Int[Tensor, " offsets"], vocabulary: int
    ) -> SequenceFunction:
        """Return :meth:`loss`: nothing is learned of the targets."""
        return self.loss

    def loss(self, decoded: DecodedSequences) -> Float[Tensor, ""]:
        """Return the weighted penalty."""
        weights, mask = decoded.weights, decoded.target_mask
        assert weights is not None
        before = functional.pad(weights.cumsum(1)[:, :-1], (0, 0, 1, 0))
        again = weights.minimum(before).sum(-1).masked_fill(~mask, 0.0)
        if decoded.sample_weight is not None:
            again = again * decoded.sample_weight[:, None]
        return self.weight * again.sum() / mask.sum().clamp(min=1)
