"""Metrics of texts: character error rate, exact matches, BLEU, chrF and ROUGE."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from tsseq2seq.data.text.edit_distance import edit_distances
from tsseq2seq.errors import DataError, MissingDependencyError, TsSeq2SeqWarning, require, warn
from tsseq2seq.evaluation.metrics.rouge import ROUGE_METRICS, rouge

__all__ = [
    "TEXT_METRICS",
    "available_text_metrics",
    "character_error_rate",
    "check_text_metrics",
    "evaluate_text",
]

#: Names of the metrics.
TEXT_METRICS = ("exact_match", "cer", "chrf", "bleu", *ROUGE_METRICS)
_OF_SACREBLEU = ("chrf", "bleu")


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


def evaluate_text(
    sentences: Sequence[str], truth: Sequence[str], metrics: Collection[str] | None = None
) -> dict[str, float]:
    """Return ``exact_match`` and ``cer`` (shares), ``chrf`` and ``bleu`` (by sacrebleu) and ROUGE (0 to 100).

    BLEU is sacrebleu's with the tokeniser ``"none"``: tokens are separated by spaces. It is of the effective
    order: where no sentence has four tokens, of the n-grams that there are. ``rouge1``, ``rouge2`` and
    ``rougeL`` are those of :func:`~tsseq2seq.evaluation.metrics.rouge.rouge`.

    Parameters
    ----------
    sentences, truth
        The sentences and their references.
    metrics
        Names of the metrics. None: all.

    Raises
    ------
    DataError
        As :func:`character_error_rate`.
    MissingDependencyError
        If a metric needs sacrebleu, and it is not installed.
    """
    wanted = set(TEXT_METRICS if metrics is None else metrics)
    check_text_metrics(wanted)
    rate = character_error_rate(sentences, truth)
    exact = [one == other for one, other in zip(sentences, truth, strict=True)]
    scores = {"exact_match": float(np.mean(exact)), "cer": rate} | _by_sacrebleu(sentences, truth, wanted)
    scores |= {name: rouge(sentences, truth, name) for name in ROUGE_METRICS if name in wanted}
    return {name: score for name, score in scores.items() if name in wanted}


def check_text_metrics(metrics: Collection[str], purpose: str = "evaluate") -> None:
    """Refuse metrics that cannot be computed here, before time is spent.

    Raises
    ------
    MissingDependencyError
        If one of them needs sacrebleu, and it is not installed.
    """
    named = [name for name in metrics if name in _OF_SACREBLEU]
    if named:
        require("sacrebleu", extra="text", purpose=f"{purpose} with the metric {named[0]!r}")


def _by_sacrebleu(sentences: Sequence[str], truth: Sequence[str], wanted: set[str]) -> dict[str, float]:
    scores: dict[str, float] = {}
    if "chrf" in wanted:
        sacrebleu = require("sacrebleu", extra="text", purpose="evaluate")
        scores["chrf"] = float(sacrebleu.corpus_chrf(list(sentences), [list(truth)]).score)
    if "bleu" in wanted:
        sacrebleu = require("sacrebleu", extra="text", purpose="evaluate")
        bleu = sacrebleu.metrics.BLEU(tokenize="none", force=True, effective_order=True)
        scores["bleu"] = float(bleu.corpus_score(list(sentences), [list(truth)]).score)
    return scores


def available_text_metrics() -> tuple[str, ...]:
    """Return the names of all metrics that can be computed; warn if some cannot, for want of sacrebleu."""
    try:
        check_text_metrics(_OF_SACREBLEU)
    except MissingDependencyError as error:
        warn(f"{' and '.join(_OF_SACREBLEU)} are left out. {error}", TsSeq2SeqWarning)
        return tuple(name for name in TEXT_METRICS if name not in _OF_SACREBLEU)
    return TEXT_METRICS
