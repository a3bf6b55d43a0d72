"""Scores of text: edit distance, character error rate, exact matches, BLEU and chrF."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tsseq2seq.errors import DataError, require

__all__ = ["character_error_rate", "edit_distance", "evaluate_text"]


def edit_distance(one: Sequence[object], other: Sequence[object]) -> int:
    """Return how many insertions, deletions and substitutions make one sequence the other.

    References
    ----------
    Levenshtein (1966); Wagner and Fischer, "The string-to-string correction problem" (1974).

    Examples
    --------
    >>> edit_distance("kitten", "sitting")
    3
    """
    codes: dict[object, int] = {}
    first, second = (
        np.array([codes.setdefault(item, len(codes)) for item in sequence], dtype=np.int64)
        for sequence in (one, other)
    )
    places = np.arange(len(second) + 1)
    row = places.copy()
    for number, item in enumerate(first, start=1):
        # deletions and substitutions; insertions then run along the row as a cumulative minimum
        step = np.minimum(row[1:] + 1, row[:-1] + (second != item))
        row = np.minimum.accumulate(np.concatenate([[number], step]) - places) + places
    return int(row[-1])


def character_error_rate(found: Sequence[str], truth: Sequence[str]) -> float:
    """Return edits over the number of true characters, of all sentences together.

    Raises
    ------
    DataError
        If the numbers of sentences differ, or the truth has no characters.

    Examples
    --------
    >>> character_error_rate(["ab", "c"], ["ab", "cd"])
    0.25
    """
    if len(found) != len(truth):
        raise DataError(f"there are {len(found)} sentences and {len(truth)} references; each needs one")
    length = sum(len(sentence) for sentence in truth)
    if not length:
        raise DataError("the references have no characters, so there is no error rate")
    return sum(edit_distance(one, other) for one, other in zip(found, truth, strict=True)) / length


def evaluate_text(found: Sequence[str], truth: Sequence[str]) -> dict[str, float]:
    """Return ``exact_match`` and ``cer`` (shares), ``chrf`` and ``bleu`` (0 to 100, by sacrebleu).

    BLEU is that of sacrebleu with its tokeniser ``"none"``: sentences count as they are tokenised.

    Raises
    ------
    DataError
        As :func:`character_error_rate`.
    MissingDependencyError
        If sacrebleu is not installed.
    """
    sacrebleu = require("sacrebleu", extra="text", purpose="evaluate")
    rate = character_error_rate(found, truth)
    exact = [one == other for one, other in zip(found, truth, strict=True)]
    return {
        "exact_match": float(np.mean(exact)),
        "cer": rate,
        "chrf": float(sacrebleu.corpus_chrf(list(found), [list(truth)]).score),
        "bleu": float(sacrebleu.corpus_bleu(list(found), [list(truth)], tokenize="none", force=True).score),
    }
