"""ROUGE: overlap of n-grams, and longest common subsequences, of texts and their references."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

__all__ = ["ROUGE_METRICS", "longest_common_subsequence", "rouge"]

#: The metrics, each with its n; 0: the longest common subsequence.
ROUGE_METRICS = {"rouge1": 1, "rouge2": 2, "rougeL": 0}


def rouge(sentences: Sequence[str], truth: Sequence[str], metric: str) -> float:
    """Return the mean F-measure of all pairs, 0 to 100.

    Tokens are separated by blanks, as for BLEU; there is no stemming, and capital letters matter. A pair of
    which neither text has an n-gram, such as two single words for ``"rouge2"``, counts as whether they are
    equal.

    Parameters
    ----------
    sentences, truth
        The sentences and their references.
    metric
        ``"rouge1"``, ``"rouge2"`` or ``"rougeL"``.

    References
    ----------
    Lin, "ROUGE: a package for automatic evaluation of summaries" (2004).

    Examples
    --------
    >>> round(rouge(["police killed the gunman"], ["the gunman killed police"], "rouge2"), 2)
    33.33
    >>> rouge(["police kill the gunman"], ["police killed the gunman"], "rougeL")
    75.0
    """
    order = ROUGE_METRICS[metric]
    scores = [
        _f_measure(one.split(), other.split(), order) for one, other in zip(sentences, truth, strict=True)
    ]
    return 100 * float(np.mean(scores))


def _f_measure(found: list[str], true: list[str], order: int) -> float:
    """Return the harmonic mean of precision and recall, which is 2 · matches / all."""
    if order:
        one, other = _ngrams(found, order), _ngrams(true, order)
        matches, total = (one & other).total(), one.total() + other.total()
    else:
        matches, total = longest_common_subsequence(found, true), len(found) + len(true)
    return 2 * matches / total if total else float(found == true)


def _ngrams(tokens: list[str], order: int) -> Counter[tuple[str, ...]]:
    return Counter(zip(*(tokens[start:] for start in range(order)), strict=False))


def longest_common_subsequence(one: Sequence[str], other: Sequence[str]) -> int:
    """Return the length of the longest common subsequence, a row of the table in one integer's bits.

    References
    ----------
    Hyyrö, "Bit-parallel LCS-length computation revisited" (2004).

    Examples
    --------
    >>> longest_common_subsequence("abcbdab", "bdcaba")
    4
    """
    places: dict[str, int] = {}
    for place, token in enumerate(one):
        places[token] = places.get(token, 0) | 1 << place
    whole = (1 << len(one)) - 1
    row = whole
    for token in other:
        matches = row & places.get(token, 0)
        row = ((row + matches) | (row - matches)) & whole
    return len(one) - row.bit_count()
