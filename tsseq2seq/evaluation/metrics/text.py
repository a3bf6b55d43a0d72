"""Metrics of texts: character error rate, exact matches, BLEU and chrF."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tsseq2seq.data.text.edit_distance import edit_distances
from tsseq2seq.errors import DataError, require

__all__ = ["character_error_rate", "evaluate_text"]


def character_error_rate(sentences: Sequence[str], truth: Sequence[str]) -> float:
    """Return the number of edits divided by the number of true characters, over all sentences.

    Raises
    ------
    DataError
        If the numbers of sentences differ, or the truth has no characters.

    Examples
    --------
    >>> character_error_rate(["ab", "c"], ["ab", "cd"])
    0.25
    """
    if len(sentences) != len(truth):
        raise DataError(f"there are {len(sentences)} sentences and {len(truth)} references; each needs one")
    length = sum(len(sentence) for sentence in truth)
    if not length:
        raise DataError("the references have no characters, so there is no error rate")
    return int(edit_distances(sentences, truth).sum()) / length


def evaluate_text(sentences: Sequence[str], truth: Sequence[str]) -> dict[str, float]:
    """Return ``exact_match`` and ``cer`` (shares), ``chrf`` and ``bleu`` (0 to 100, by sacrebleu).

    BLEU is sacrebleu's with the tokeniser ``"none"``: tokens are separated by spaces.

    Raises
    ------
    DataError
        As :func:`character_error_rate`.
    MissingDependencyError
        If sacrebleu is not installed.
    """
    sacrebleu = require("sacrebleu", extra="text", purpose="evaluate")
    rate = character_error_rate(sentences, truth)
    exact = [one == other for one, other in zip(sentences, truth, strict=True)]
    return {
        "exact_match": float(np.mean(exact)),
        "cer": rate,
        "chrf": float(sacrebleu.corpus_chrf(list(sentences), [list(truth)]).score),
        "bleu": float(
            sacrebleu.corpus_bleu(list(sentences), [list(truth)], tokenize="none", force=True).score
        ),
    }
