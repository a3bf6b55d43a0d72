"""Metrics of labels: of a class for each sequence, and of a label for each step."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from sklearn.metrics import accuracy_score, f1_score, log_loss

from tsseq2seq.evaluation.metrics.spans import are_span_labels, span_f1

__all__ = ["evaluate_classes", "evaluate_tags"]


def evaluate_classes(
    truth: Int[np.ndarray, " N"], probabilities: Float[np.ndarray, "N K"]
) -> dict[str, float]:
    """Return ``accuracy``, ``macro_f1`` (the mean over classes that occur) and ``log_loss``.

    Parameters
    ----------
    truth
        The number of each true class.
    probabilities
        The probabilities of the classes.

    Examples
    --------
    >>> evaluate_classes(np.array([0, 1]), np.array([[0.5, 0.5], [0.25, 0.75]]))["accuracy"]
    1.0
    """
    predicted = probabilities.argmax(1)
    return {
        "accuracy": float(accuracy_score(truth, predicted)),
        "macro_f1": _macro_f1(truth, predicted),
        "log_loss": float(log_loss(truth, probabilities, labels=np.arange(probabilities.shape[1]))),
    }


def evaluate_tags(truth: Sequence[Sequence[Any]], predicted: Sequence[Sequence[Any]]) -> dict[str, float]:
    """Return ``token_accuracy``, ``sentence_accuracy`` and ``macro_f1``; ``span_f1`` if labels are of spans.

    Parameters
    ----------
    truth, predicted
        The labels of each sequence.

    Examples
    --------
    >>> evaluate_tags([["B-a", "O"], ["O"]], [["B-a", "O"], ["B-a"]])["sentence_accuracy"]
    0.5
    """
    flat, guessed = list(chain.from_iterable(truth)), list(chain.from_iterable(predicted))
    equal = [list(one) == list(other) for one, other in zip(truth, predicted, strict=True)]
    scores = {
        "token_accuracy": float(accuracy_score(flat, guessed)),
        "sentence_accuracy": float(np.mean(equal)),
        "macro_f1": _macro_f1(flat, guessed),
    }
    if are_span_labels({*flat, *guessed}):
        scores["span_f1"] = span_f1(predicted, truth)
    return scores


def _macro_f1(truth: Any, predicted: Any) -> float:  # noqa: ANN401 (labels of any type)
    return float(f1_score(truth, predicted, average="macro", zero_division=0))
