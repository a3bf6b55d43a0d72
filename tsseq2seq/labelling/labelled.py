"""Sequences with the numbers of their labels and their weights, and which of them are held out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from tsseq2seq.data.evenly_spaced import evenly_spaced_tensor
from tsseq2seq.data.sample_weights import unit_weights
from tsseq2seq.data.text.token_pairs import TokenPairs, TokenSequences
from tsseq2seq.errors import ParameterError
from tsseq2seq.labelling.readers import Sequences
from tsseq2seq.training.training import Training

__all__ = ["Labelled", "held_out_of_each_class", "labelled_rows_to_train_on", "split_labelled"]


@dataclass(frozen=True)
class Labelled:
    """Sequences with the numbers of their labels, and a weight of each sequence.

    Attributes
    ----------
    pairs
        The sequences, and as their targets the numbers of their labels: one, or one for each step.
    weights
        (N,), the weights.
    """

    pairs: TokenPairs
    weights: Float[Tensor, " N"]

    @classmethod
    def of(
        cls, sources: Sequences, numbers: Sequence[Sequence[int]], weights: Float[Tensor, " N"]
    ) -> Labelled:
        """Return sequences with lists of label numbers."""
        return cls(TokenPairs(sources, TokenSequences.of(numbers)), weights)

    def __len__(self) -> int:
        """Return the number of sequences."""
        return len(self.pairs)

    def subset(self, index: Int[Tensor, " B"]) -> Labelled:
        """Return some sequences, in the order of their numbers in ``index``."""
        return Labelled(self.pairs.subset(index), self.weights[index])

    def with_unit_weights(self, what: str) -> Labelled:
        """Return the sequences with weights whose mean over all labels is 1; ``what`` names them in messages.

        Raises
        ------
        DataError
            If all weights are 0.
        """
        weights = unit_weights(self.weights, self.pairs.targets.lengths, what)
        return self if weights is None else replace(self, weights=weights)

    def to(self, device: torch.device) -> Labelled:
        """Return the sequences on a device."""
        return Labelled(self.pairs.to(device), self.weights.to(device))


def split_labelled(labelled: Labelled, training: Training) -> tuple[Labelled, Labelled | None]:
    """Return what is trained on, and ``validation_size`` sequences to validate on; None if that is 0.

    Sequences are held out evenly spaced in the order of their first labels, so that each class has its share.
    The first sequence of each class is always trained on.

    Raises
    ------
    ParameterError
        If too few would be left.
    """
    count = training.held_out(len(labelled))
    if not count:
        return labelled, None
    targets = labelled.pairs.targets
    may = _may_be_held_out(targets)
    if count > int(may.sum()):
        kept = len(labelled) - int(may.sum())
        told = training.held_out_in_words(len(labelled), "sequences")
        raise ParameterError(
            f"Training: validation_size is {told}, but there are {len(labelled)} sequences, of which {kept} "
            f"must be trained on, one of each class; at most {int(may.sum())} can be held out"
        )
    held_out = held_out_of_each_class(targets, count)
    return labelled.subset(torch.nonzero(~held_out)[:, 0]), labelled.subset(torch.nonzero(held_out)[:, 0])


def labelled_rows_to_train_on(targets: TokenSequences, training: Training) -> Int[Tensor, " rows"]:
    """Return the rows that :func:`split_labelled` trains on; all of them where it refuses to split.

    Parameters
    ----------
    targets
        The numbers of the labels of each sequence.
    training
        Says how many are held out.

    Examples
    --------
    >>> targets = TokenSequences.of([[0], [0], [1], [0], [1]])
    >>> labelled_rows_to_train_on(targets, Training(validation_size=2))
    tensor([0, 2, 3])
    """
    count = training.held_out(len(targets))
    held_out = torch.zeros(len(targets), dtype=torch.bool)
    if 0 < count <= int(_may_be_held_out(targets).sum()):
        held_out = held_out_of_each_class(targets, count)
    return torch.nonzero(~held_out)[:, 0]


def held_out_of_each_class(targets: TokenSequences, count: int) -> Bool[Tensor, " N"]:
    """Return which ``count`` sequences are held out, or fewer: all but the first of each class.

    They are evenly spaced in the order of their first labels.

    Examples
    --------
    >>> held_out_of_each_class(TokenSequences.of([[0], [0], [1], [0], [1]]), 2).tolist()
    [False, True, False, False, True]
    """
    may = _may_be_held_out(targets)
    # a sequence without labels is placed by the label after it
    firsts = targets.tokens[targets.offsets[:-1].clamp(max=len(targets.tokens) - 1)]
    order = firsts.argsort(stable=True)
    candidates = order[may[order]]
    held_out = torch.zeros(len(targets), dtype=torch.bool)
    held_out[candidates[evenly_spaced_tensor(len(candidates), min(count, len(candidates)))]] = True
    return held_out


def _may_be_held_out(targets: TokenSequences) -> Bool[Tensor, " N"]:
    """Return which sequences are not the first of a class."""
    rows = torch.arange(len(targets)).repeat_interleave(targets.lengths)
    firsts = torch.full((int(targets.tokens.max()) + 1,), len(targets))
    firsts = firsts.scatter_reduce(0, targets.tokens, rows, "amin")
    may = torch.ones(len(targets), dtype=torch.bool)
    may[firsts[firsts < len(targets)]] = False
    return may
