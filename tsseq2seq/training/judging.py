"""What a validation measures of tokens or labels: their mean loss, and the share that is predicted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Judged", "mean_judged"]


@dataclass(frozen=True)
class Judged:
    """A batch of tokens or labels under a model.

    Attributes
    ----------
    loss
        The sum of their losses, weighted where samples have weights.
    count
        How many they are.
    hits
        How many are predicted, weighted likewise.
    """

    loss: float
    count: int
    hits: float


def mean_judged(batches: Iterable[Judged]) -> tuple[float, float]:
    """Return the mean loss of all batches, and the share of what is predicted.

    Weights are 1 on average over all batches, so that the means are weighted ones.

    Examples
    --------
    >>> mean_judged([Judged(loss=3.0, count=2, hits=1.0), Judged(loss=0.0, count=2, hits=2.0)])
    (0.75, 0.75)
    """
    total, count, hits = 0.0, 0, 0.0
    for batch in batches:
        total, count, hits = total + batch.loss, count + batch.count, hits + batch.hits
    return total / count, hits / count
