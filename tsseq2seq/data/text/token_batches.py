"""Bucketed batches: pairs of similar length, as many as a budget of tokens allows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor

from tsseq2seq.data.text.token_batch import TokenBatch
from tsseq2seq.data.text.token_pairs import TokenPairs
from tsseq2seq.settings import check_number

__all__ = ["BucketedEpochs", "TokenBatch", "bucketed_batches"]


def bucketed_batches(
    pairs: TokenPairs, *, tokens: int, generator: torch.Generator | None, shuffle: bool = True
) -> Iterator[Int[Tensor, " B"]]:
    """Divide pairs into batches with little padding.

    Pairs are sorted by source length and divided into stretches. Each stretch is sorted by target length,
    ascending and descending in turn, so that neighbours have similar lengths of both. The number of stretches
    is about that of the batches in each. A new batch starts whenever the budget is full.

    Parameters
    ----------
    pairs
        The pairs.
    tokens
        The budget: B × (S + T) of a batch, including padding. A pair that exceeds it alone is a batch of its
        own.
    generator
        Shuffles pairs of the same lengths, and the batches. None: torch's global generator.
    shuffle
        Whether to shuffle. True.

    Yields
    ------
    Tensor
        (B,), the numbers of a batch's pairs, on the CPU; each pair occurs once.

    Raises
    ------
    ParameterError
        If ``tokens`` is below 1.

    Examples
    --------
    >>> from tsseq2seq.data.text.token_pairs import TokenSequences
    >>> sources = TokenSequences.of([[4] * 9, [4], [4] * 8, [4, 4]])
    >>> pairs = TokenPairs(sources, sources)
    >>> [batch.tolist() for batch in bucketed_batches(pairs, tokens=36, generator=None, shuffle=False)]
    [[1, 3], [0, 2]]
    """
    check_number("bucketed_batches", "tokens", tokens, low=1, integer=True)
    return _batches(pairs, tokens, generator, shuffle)


class BucketedEpochs:
    """An endless iterator over the batches of :func:`bucketed_batches`, epoch after epoch.

    Parameters
    ----------
    pairs, tokens
        As in :func:`bucketed_batches`.
    generator
        Shuffles every epoch; nothing else may draw from it.

    Examples
    --------
    >>> from tsseq2seq.data.text.token_pairs import TokenSequences
    >>> sources = TokenSequences.of([[4], [4], [4]])
    >>> epochs = BucketedEpochs(TokenPairs(sources, sources), tokens=4, generator=torch.Generator())
    >>> sorted(next(epochs).tolist() + next(epochs).tolist())
    [0, 1, 2]
    """

    def __init__(self, pairs: TokenPairs, *, tokens: int, generator: torch.Generator) -> None:
        self.pairs = pairs
        self.tokens = tokens
        self.generator = generator
        self.before_epoch = generator.get_state()
        self.batches: list[Tensor] = []
        self.count = 0

    def __iter__(self) -> BucketedEpochs:
        """Return itself."""
        return self

    def __next__(self) -> Int[Tensor, " B"]:
        """Return the numbers of the next batch's pairs."""
        if self.count == len(self.batches):
            self._shuffle()
        self.count += 1
        return self.batches[self.count - 1]

    def state(self) -> dict[str, Any]:
        """Return the generator's state before this epoch, and the number of its batches returned so far."""
        state = self.before_epoch if self.batches else self.generator.get_state()
        return {"before_epoch": state, "taken": self.count}

    def load_state(self, state: dict[str, Any]) -> None:
        """Continue from a state, for which the epoch is shuffled again."""
        self.generator.set_state(state["before_epoch"])
        self.batches, self.count = [], 0
        if state["taken"]:
            self._shuffle()
            self.count = state["taken"]

    def _shuffle(self) -> None:
        self.before_epoch = self.generator.get_state()
        self.batches = list(bucketed_batches(self.pairs, tokens=self.tokens, generator=self.generator))
        self.count = 0


def _batches(
    pairs: TokenPairs, tokens: int, generator: torch.Generator | None, shuffle: bool
) -> Iterator[Int[Tensor, " B"]]:
    # an empty sequence is padded to one token
    source = pairs.sources.lengths.cpu().numpy().clip(min=1)
    target = pairs.targets.lengths.cpu().numpy().clip(min=1)
    # the sort is stable, so that pairs of the same lengths keep their shuffled order
    shuffled = _permutation(len(pairs), generator) if shuffle else np.arange(len(pairs))
    order = shuffled[_order_by_lengths(source[shuffled], target[shuffled], tokens)]
    bounds = _batch_bounds(source[order], target[order], tokens)
    batches = _permutation(len(bounds), generator) if shuffle else np.arange(len(bounds))
    for batch in batches:
        start, stop = bounds[batch]
        yield torch.from_numpy(order[start:stop])


def _permutation(count: int, generator: torch.Generator | None) -> np.ndarray:
    device = "cpu" if generator is None else generator.device
    return torch.randperm(count, generator=generator, device=device).cpu().numpy()


def _order_by_lengths(source: np.ndarray, target: np.ndarray, tokens: int) -> np.ndarray:
    """Return a stable order in which neighbours have similar source and target lengths."""
    # three stretches by source length; target lengths rise, fall and rise:
    #     source   1 1 1 2 2 | 3 3 4 4 4 | 5 5 6 7 7
    #     target   1 2 2 4 6 | 7 6 4 3 2 | 2 4 5 7 9
    by_source = np.lexsort((target, source))
    total_tokens = (source + target)[by_source].cumsum()
    if not len(total_tokens):
        return by_source
    # √batches stretches of √batches each would suggest itself; measurements favour half as many again
    stretches = max(1, round(1.5 * float(np.sqrt(total_tokens[-1] / tokens))))
    stretch = np.empty_like(source)
    stretch[by_source] = (total_tokens - 1) * stretches // total_tokens[-1]
    return np.lexsort((source, np.where(stretch % 2 == 0, target, -target), stretch))


def _batch_bounds(source: np.ndarray, target: np.ndarray, tokens: int) -> list[tuple[int, int]]:
    """Return the start and the stop of each batch, each as long as the budget allows."""
    bounds = []
    start = widest_source = widest_target = 0
    for row, (source_length, target_length) in enumerate(zip(source.tolist(), target.tolist(), strict=True)):
        widest_source, widest_target = max(widest_source, source_length), max(widest_target, target_length)
        if row > start and (row - start + 1) * (widest_source + widest_target) > tokens:
            bounds.append((start, row))
            start, widest_source, widest_target = row, source_length, target_length
    if len(source):
        bounds.append((start, len(source)))
    return bounds
