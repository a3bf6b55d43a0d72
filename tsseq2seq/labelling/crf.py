"""The linear-chain conditional random field: each label depends on its neighbours (Lafferty et al. 2001)."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from tsseq2seq.nn.encoders.base import length_mask

__all__ = ["LinearChainCRF"]


class LinearChainCRF(nn.Module):
    """Scores of neighbouring labels beside those of each step; its sums run over all paths of labels.

    A path's score is the sum of its labels' scores at each step, of a transition between each two
    neighbours, and of a first and a last label. Its probability is the exponential of the score, divided by
    the partition function, which is the sum over all paths. All of it costs T × K² for K labels.

    Parameters
    ----------
    classes
        Number of labels K.

    Attributes
    ----------
    transitions
        (K, K), from a label (row) to the next (column). They begin at 0: labels that do not depend on each
        other.
    first, last
        (K,), of the label at either end.

    References
    ----------
    Lafferty, McCallum & Pereira, "Conditional random fields: probabilistic models for segmenting and labeling
    sequence data" (2001).

    Examples
    --------
    >>> crf = LinearChainCRF(2)
    >>> scores = torch.tensor([[[0.0, 1.0], [3.0, 0.0], [9.0, 9.0]]])
    >>> crf.best_path(scores, torch.tensor([2])).tolist()
    [[1, 0, 0]]
    """

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.transitions = nn.Parameter(torch.zeros(classes, classes))
        self.first = nn.Parameter(torch.zeros(classes))
        self.last = nn.Parameter(torch.zeros(classes))

    def log_likelihood(
        self, scores: Float[Tensor, "B T K"], labels: Int[Tensor, "B T"], lengths: Int[Tensor, " B"]
    ) -> Float[Tensor, " B"]:
        """Return the log-probability of each row's labels; 0 of an empty row."""
        return self.path_score(scores, labels, lengths) - self.log_partition(scores, lengths)

    def path_score(
        self, scores: Float[Tensor, "B T K"], labels: Int[Tensor, "B T"], lengths: Int[Tensor, " B"]
    ) -> Float[Tensor, " B"]:
        """Return the score of each row's labels; padding counts nothing."""
        mask = length_mask(lengths, scores.shape[1])
        labels = labels.masked_fill(~mask, 0)
        each = scores.gather(-1, labels[..., None])[..., 0].masked_fill(~mask, 0.0)
        between = self.transitions[labels[:, :-1], labels[:, 1:]].masked_fill(~mask[:, 1:], 0.0)
        ends = labels.gather(1, (lengths - 1).clamp(min=0)[:, None])[:, 0]
        edges = (self.first[labels[:, 0]] + self.last[ends]).masked_fill(lengths == 0, 0.0)
        return each.sum(1) + between.sum(1) + edges

    def log_partition(
        self, scores: Float[Tensor, "B T K"], lengths: Int[Tensor, " B"]
    ) -> Float[Tensor, " B"]:
        """Return the logarithm of the sum over all paths of each row; 0 of an empty row."""
        mask = length_mask(lengths, scores.shape[1])
        # what padding holds must reach no gradient, not even as 0 times NaN
        scores = scores.masked_fill(~mask[..., None], 0.0)
        heads, sums = self._forward(scores, mask)
        return (sums + (heads[-1] + self.last).logsumexp(-1)).masked_fill(lengths == 0, 0.0)

    def marginals(self, scores: Float[Tensor, "B T K"], lengths: Int[Tensor, " B"]) -> Float[Tensor, "B T K"]:
        """Return the probability of each label at each step, over all paths; 0 at padding.

        They are the gradient of :meth:`log_partition` by the scores, computed by the forward–backward
        algorithm.
        """
        mask = length_mask(lengths, scores.shape[1])
        scores = scores.masked_fill(~mask[..., None], 0.0)
        heads, _ = self._forward(scores, mask)
        tail = self.last.expand_as(heads[-1])
        tails = [tail]
        for step in range(scores.shape[1] - 1, 0, -1):
            after = (self.transitions + (scores[:, step] + tail)[:, None, :]).logsumexp(-1)
            after = after - after.logsumexp(-1, keepdim=True)
            tail = torch.where(mask[:, step, None], after, tail)
            tails.append(tail)
        both = torch.stack(heads, 1) + torch.stack(tails[::-1], 1)
        return both.softmax(-1).masked_fill(~mask[..., None], 0.0)

    def best_path(self, scores: Float[Tensor, "B T K"], lengths: Int[Tensor, " B"]) -> Int[Tensor, "B T"]:
        """Return the likeliest labels of each row, by the Viterbi algorithm; 0 at padding."""
        mask = length_mask(lengths, scores.shape[1])
        scores = scores.masked_fill(~mask[..., None], 0.0)
        best = self.first + scores[:, 0]
        before: list[Tensor] = []
        for step in range(1, scores.shape[1]):
            value, label = (best[:, :, None] + self.transitions).max(1)
            # shifted to 0, so that long sums keep their digits
            value = value + scores[:, step]
            value = value - value.amax(-1, keepdim=True)
            best = torch.where(mask[:, step, None], value, best)
            before.append(label)
        return self._traced(before, (best + self.last).argmax(-1), mask)

    def _traced(
        self, before: list[Int[Tensor, "B K"]], end: Int[Tensor, " B"], mask: Bool[Tensor, "B T"]
    ) -> Int[Tensor, "B T"]:
        """Follow the best labels back from each row's end."""
        label = end
        path = [label]
        for step in range(len(before), 0, -1):
            came_from = before[step - 1].gather(1, label[:, None])[:, 0]
            label = torch.where(mask[:, step], came_from, label)
            path.append(label)
        return torch.stack(path[::-1], 1).masked_fill(~mask, 0)

    def _forward(
        self, scores: Float[Tensor, "B T K"], mask: Bool[Tensor, "B T"]
    ) -> tuple[list[Float[Tensor, "B K"]], Float[Tensor, " B"]]:
        """Return, for each step, the log-sum over the paths that end there in each label, and its constant.

        What is common to all labels is taken out at each step and summed, so that long rows keep their
        digits; after a row's last step nothing changes.
        """
        head = self.first + scores[:, 0]
        constant = head.logsumexp(-1)
        head = head - constant[:, None]
        heads = [head]
        for step in range(1, scores.shape[1]):
            following = (head[:, :, None] + self.transitions).logsumexp(1) + scores[:, step]
            common = following.logsumexp(-1)
            valid = mask[:, step]
            head = torch.where(valid[:, None], following - common[:, None], head)
            constant = constant + torch.where(valid, common, 0.0)
            heads.append(head)
        return heads, constant
