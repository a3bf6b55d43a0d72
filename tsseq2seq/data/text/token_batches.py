"""Which pairs go into one batch: those of like length, as many as a budget of tokens holds."""

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

    Pairs are ordered by source length; stretches of them by target length, up in one stretch and
    down in the next, so that neighbours are alike in both. There are about as many stretches as
    batches in each. The order is then cut wherever the budget is full.

    Parameters
    ----------
    pairs
        The pairs.
    tokens
        The budget: B × (S + T) of a batch, padding included. A pair that alone exceeds it is a batch
        of its own.
    generator
        Shuffles pairs of the same lengths, and the batches. None: torch's global one.
    shuffle
        False: the batches and their order are always the same.

    Yields
    ------
    Tensor
        (B,), numbers of pairs, on the CPU; each pair occurs once.

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
    """Batches of :func:`bucketed_batches`, epoch after epoch: an iterator without an end.

    Parameters
    ----------
    pairs, tokens
        As there.
    generator
        Shuffles; nothing else draws from it.

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
        self.epoch: list[Tensor] = []
        self.taken = 0

    def __iter__(self) -> BucketedEpochs:
        """Return itself."""
        return self

    def __next__(self) -> Int[Tensor, " B"]:
        """Return the numbers of the next batch's pairs."""
        if self.taken == len(self.epoch):
            self._shuffle()
        self.taken += 1
        return self.epoch[self.taken - 1]

    def state(self) -> dict[str, Any]:
        """Return what this epoch was shuffled with, and how many batches of it were taken."""
        state = self.before_epoch if self.epoch else self.generator.get_state()
        return {"before_epoch": state, "taken": self.taken}

    def load_state(self, state: dict[str, Any]) -> None:
        """Go on from a state: the epoch is shuffled again."""
        self.generator.set_state(state["before_epoch"])
        self.epoch, self.taken = [], 0
        if state["taken"]:
            self._shuffle()
            self.taken = state["taken"]

    def _shuffle(self) -> None:
        self.before_epoch = self.generator.get_state()
        self.epoch = list(bucketed_batches(self.pairs, tokens=self.tokens, generator=self.generator))
        self.taken = 0


def _batches(
    pairs: TokenPairs, tokens: int, generator: torch.Generator | None, shuffle: bool
) -> Iterator[Int[Tensor, " B"]]:
    # an empty sequence is padded to one token
    source = pairs.sources.lengths.cpu().numpy().clip(min=1)
    target = pairs.targets.lengths.cpu().numpy().clip(min=1)
    first = _permutation(len(pairs), generator) if shuffle else np.arange(len(pairs))
    order = first[_alike(source[first], target[first], tokens)]
    bounds = _cut(source[order], target[order], tokens)
    batches = _permutation(len(bounds), generator) if shuffle else np.arange(len(bounds))
    for batch in batches:
        start, stop = bounds[batch]
        yield torch.from_numpy(order[start:stop])


def _permutation(count: int, generator: torch.Generator | None) -> np.ndarray:
    device = "cpu" if generator is None else generator.device
    return torch.randperm(count, generator=generator, device=device).cpu().numpy()


def _alike(source: np.ndarray, target: np.ndarray, tokens: int) -> np.ndarray:
    """Return an order in which neighbours are alike in both lengths; equals stay as they come."""
    by_source = np.lexsort((target, source))
    mass = (source + target)[by_source].cumsum()
    if not len(mass):
        return by_source
    # square cells: √batches stretches of √batches each; measured, half as many again is a little better
    stretches = max(1, round(1.5 * float(np.sqrt(mass[-1] / tokens))))
    stretch = np.empty_like(source)
    stretch[by_source] = (mass - 1) * stretches // mass[-1]
    return np.lexsort((source, np.where(stretch % 2 == 0, target, -target), stretch))


def _cut(source: np.ndarray, target: np.ndarray, tokens: int) -> list[tuple[int, int]]:
    """Return where batches start and stop, each as long as the budget allows."""
    bounds = []
    start = widest_source = widest_target = 0
    for row, (read, written) in enumerate(zip(source.tolist(), target.tolist(), strict=True)):
        widest_source, widest_target = max(widest_source, read), max(widest_target, written)
        if row > start and (row - start + 1) * (widest_source + widest_target) > tokens:
            bounds.append((start, row))
            start, widest_source, widest_target = row, read, written
    if len(source):
        bounds.append((start, len(source)))
    return bounds
