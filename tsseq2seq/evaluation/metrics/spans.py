"""Spans that labels of steps mark: names, places, any stretch of several steps with one meaning."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

__all__ = ["are_span_labels", "span_f1", "spans_of"]

_OUTSIDE = "O"


def are_span_labels(labels: Iterable[object]) -> bool:
    """Return whether labels are those of spans: ``"O"``, ``"B-…"`` and ``"I-…"``, at least one of the latter.

    Examples
    --------
    >>> are_span_labels(["O", "B-name", "I-name"]), are_span_labels(["O", "noun"])
    (True, False)
    """
    texts = list(labels)
    marked = [label for label in texts if isinstance(label, str) and label[:2] in ("B-", "I-") and label[2:]]
    return bool(marked) and all(label == _OUTSIDE or label in marked for label in texts)


def spans_of(labels: Sequence[str]) -> set[tuple[str, int, int]]:
    """Return the spans of a sequence of labels: kind, first step, and the step after the last.

    A span begins at ``B-``, and at an ``I-`` that continues no span of its kind, as CoNLL's script counts.

    Examples
    --------
    >>> sorted(spans_of(["B-a", "I-a", "O", "I-b"]))
    [('a', 0, 2), ('b', 3, 4)]
    """
    spans = set()
    kind, start = "", 0
    for step, label in enumerate([*labels, _OUTSIDE]):
        continues = label[:2] == "I-" and label[2:] == kind
        if continues:
            continue
        if kind:
            spans.add((kind, start, step))
        kind, start = (label[2:] if label != _OUTSIDE else ""), step
    return spans


def span_f1(predicted: Sequence[Sequence[str]], truth: Sequence[Sequence[str]]) -> float:
    """Return the F1 score of spans that agree in kind, beginning and end, over all sequences.

    1 if there are none, neither predicted nor true.

    Examples
    --------
    >>> span_f1([["B-a", "I-a"], ["B-b"]], [["B-a", "O"], ["B-b"]])
    0.5
    """
    found = [spans_of(row) for row in predicted]
    true = [spans_of(row) for row in truth]
    right = sum(len(one & other) for one, other in zip(found, true, strict=True))
    count = sum(map(len, found)) + sum(map(len, true))
    return 2 * right / count if count else 1.0
