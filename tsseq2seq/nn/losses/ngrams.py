"""An n-gram model of token sequences, and its expected log-likelihood under another distribution.

Probabilities are interpolated with those of shorter contexts (Witten & Bell 1991)::

    q(k | h) = (count(h k) + distinct(h) · q(k | h')) / (count(h) + distinct(h))

where h' is h without its oldest token, and the last one is uniform. Whatever was not seen after h therefore
has log q(k | h) = backoff(h) + log q(k | h'), so that the tables hold what was seen alone, and an expectation
over a vocabulary needs no table of contexts × vocabulary.
"""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from tsseq2seq.errors import ParameterError

__all__ = ["NGrams"]

_LARGEST_KEY = 2**62


class NGrams:
    """The model of some sequences.

    Parameters
    ----------
    tokens, offsets
        The sequences, one after the other, and where each begins; the last offset is the number of tokens.
    order
        Tokens of an n-gram: 2 for bigrams.
    vocabulary
        Number of tokens, V.
    begin
        Token that stands before each sequence.

    Raises
    ------
    ParameterError
        If the vocabulary is too large for the order, so that n-grams cannot be numbered.

    Examples
    --------
    >>> model = NGrams(torch.tensor([4, 5, 4, 5, 4, 6]), torch.tensor([0, 4, 6]), 2, vocabulary=7, begin=1)
    >>> probable = torch.eye(7)[[5, 6]]
    >>> model.expected(probable, torch.tensor([[4], [4]])).exp().tolist()
    [0.5079365372657776, 0.26349207758903503]
    """

    def __init__(
        self,
        tokens: Int[Tensor, " tokens"],
        offsets: Int[Tensor, " offsets"],
        order: int,
        *,
        vocabulary: int,
        begin: int,
    ) -> None:
        if vocabulary**order > _LARGEST_KEY:
            raise ParameterError(
                f"TransitionLoss: order is {order} but the vocabulary has {vocabulary} tokens, too many to "
                "number the n-grams; use a lower order or a smaller max_vocabulary"
            )
        self.order, self.vocabulary, self.begin = order, vocabulary, begin
        flat = tokens.cpu()
        counts = np.bincount(flat.numpy(), minlength=vocabulary).astype(np.float64)
        distinct = float((counts > 0).sum())
        lowest = (counts + distinct / vocabulary) / (counts.sum() + distinct)
        self.base = torch.from_numpy(np.log(lowest))
        self.levels: list[_Level] = []
        history = self.histories(flat, offsets.cpu())
        for length in range(1, order):
            self._add_level(history[:, order - 1 - length :], flat)

    def histories(
        self, tokens: Int[Tensor, " tokens"], offsets: Int[Tensor, " offsets"]
    ) -> Int[Tensor, "tokens n"]:
        """Return the ``order − 1`` tokens before each token of its sequence, the oldest first."""
        place = torch.arange(len(tokens)) - torch.repeat_interleave(offsets[:-1], offsets.diff())
        columns = []
        for back in range(self.order - 1, 0, -1):
            shifted = torch.cat([tokens.new_full((back,), self.begin), tokens])[: len(tokens)]
            columns.append(torch.where(place >= back, shifted, self.begin))
        return torch.stack(columns, dim=1) if columns else tokens.new_empty(len(tokens), 0)

    def _add_level(self, contexts: Int[Tensor, "tokens n"], following: Int[Tensor, " tokens"]) -> None:
        """Learn the tokens that follow contexts of one more token than before."""
        keys = self._keys(contexts)
        pairs, first, counts = np.unique(
            (keys * self.vocabulary + following).numpy(), return_index=True, return_counts=True
        )
        seen_contexts, start, distinct = np.unique(
            pairs // self.vocabulary, return_index=True, return_counts=True
        )
        total = np.add.reduceat(counts, start)
        lower = self.log_probability(contexts[first][:, 1:], following[first])
        row = np.repeat(np.arange(len(seen_contexts)), distinct)
        weight = (total + distinct)[row]
        found = np.log((counts + distinct[row] * lower.exp().numpy()) / weight)
        backoff = np.log(distinct / (total + distinct))
        self.levels.append(
            _Level(
                torch.from_numpy(seen_contexts),
                torch.from_numpy(np.append(start, len(pairs))),
                torch.from_numpy(pairs),
                torch.from_numpy(pairs % self.vocabulary),
                torch.from_numpy(backoff),
                torch.from_numpy(found - backoff[row]) - lower,
            )
        )

    def _keys(self, contexts: Int[Tensor, "N n"]) -> Int[Tensor, " N"]:
        keys = torch.zeros(len(contexts), dtype=torch.int64, device=contexts.device)
        for column in contexts.unbind(1):
            keys = keys * self.vocabulary + column
        return keys

    def log_probability(
        self, contexts: Int[Tensor, "N n"], following: Int[Tensor, " N"]
    ) -> Float[Tensor, " N"]:
        """Return log q of each token after its context, which may be shorter than the order."""
        width = contexts.shape[1]
        total = self.base[following]
        for length, level in enumerate(self.levels[:width], start=1):
            keys = self._keys(contexts[:, width - length :])
            total = total + level.of_tokens(keys, following, self.vocabulary)
        return total

    def expected(
        self, probabilities: Float[Tensor, "N V"], contexts: Int[Tensor, "N n"]
    ) -> Float[Tensor, " N"]:
        """Return Σ p(k) · log q(k | context), with gradients to ``probabilities``, which sum to 1."""
        device, width = probabilities.device, contexts.shape[1]
        total = probabilities @ self.base.to(device, probabilities.dtype)
        for length, level in enumerate(self.levels[:width], start=1):
            keys = self._keys(contexts[:, width - length :])
            total = total + level.to(device).correction(probabilities, keys)
        return total


class _Level:
    """What was seen after contexts of one length, context after context.

    ``above`` is by how much the log-probability of a seen token is above that of backing off.
    """

    def __init__(self, *parts: Tensor) -> None:
        self.parts = parts  # contexts, offsets, pairs (context and token), seen (token), backoff, above

    def to(self, device: torch.device) -> _Level:
        """Return the level on a device; the tables stay there."""
        if self.parts[0].device != device:
            self.parts = tuple(part.to(device) for part in self.parts)
        return self

    def of_tokens(
        self, keys: Int[Tensor, " N"], following: Int[Tensor, " N"], vocabulary: int
    ) -> Float[Tensor, " N"]:
        """Return what longer contexts add to the log-probability of single tokens."""
        contexts, _, pairs, _, backoff, above = self.parts
        place, known = _find(keys, contexts)
        entry, is_seen = _find(keys * vocabulary + following, pairs)
        return backoff[place] * known + above[entry] * is_seen

    def correction(self, probabilities: Float[Tensor, "N V"], keys: Int[Tensor, " N"]) -> Float[Tensor, " N"]:
        """Return what longer contexts add to the expectation; 0 for contexts that were never seen."""
        contexts, offsets, _, seen, backoff, above = self.parts
        place, known = _find(keys, contexts)
        counts = (offsets[place + 1] - offsets[place]) * known
        row = torch.repeat_interleave(torch.arange(len(keys), device=keys.device), counts)
        begin = counts.cumsum(0) - counts
        entry = torch.arange(len(row), device=keys.device) - begin[row] + offsets[place[row]]
        terms = probabilities[row, seen[entry]] * above[entry].to(probabilities.dtype)
        added = (backoff[place] * known).to(probabilities.dtype)
        return added.index_add(0, row, terms)


def _find(keys: Int[Tensor, " N"], among: Int[Tensor, " M"]) -> tuple[Int[Tensor, " N"], Bool[Tensor, " N"]]:
    """Return the place of each key among sorted ones, and whether it is there."""
    place = torch.searchsorted(among, keys).clamp(max=len(among) - 1)
    return place, among[place] == keys
