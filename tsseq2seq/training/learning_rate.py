"""The learning rate of each training step: a warm-up, then a cosine, a line or a constant."""

from __future__ import annotations

import math

from tsseq2seq.training.training import Training

__all__ = ["learning_rate", "learning_rate_factor"]


def learning_rate(training: Training, step: int, total: int) -> float:
    """Return the learning rate of step ``step`` (from 0) of ``total``.

    Examples
    --------
    >>> learning_rate(Training(learning_rate=0.1, warmup=0.0, schedule="linear"), 5, 10)
    0.05
    """
    factor = learning_rate_factor(step, total, schedule=training.schedule, warmup=training.warmup)
    return training.learning_rate * factor


def learning_rate_factor(step: int, total: int, *, schedule: str, warmup: float) -> float:
    """Return the learning rate of step ``step`` (from 0) of ``total``, as a share of the highest one.

    Examples
    --------
    >>> [round(learning_rate_factor(s, 100, schedule="cosine", warmup=0.1), 3) for s in (0, 9, 55, 99)]
    [0.1, 1.0, 0.5, 0.0]
    """
    warmup_steps = int(warmup * total)
    if step < warmup_steps:
        return (step + 1) / warmup_steps
    if schedule == "constant":
        return 1.0
    share_over = (step - warmup_steps) / max(1, total - warmup_steps)
    return 0.5 * (1 + math.cos(math.pi * share_over)) if schedule == "cosine" else 1 - share_over
