"""What is said of a training when it is over: broken weights, a loss that grew, a time that was too short."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import nn

from tsseq2seq.errors import DivergenceError, TrainingWarning, warn
from tsseq2seq.training.record import Record
from tsseq2seq.training.training import Training

__all__ = ["check_weights", "loss_grew", "warn_of_outcome"]

# Fewer steps than these teach a network nothing.
_HANDFUL = 10
# A loss that ends so many times above the first batch's has diverged; a loss of series and tokens is about 1
# on the network's scale, so that what is smaller counts as 1.
_GROWTH = 10.0
# Share of the reports at the end whose mean is looked at: a single batch may be an outlier.
_END = 0.05


def check_weights(module: nn.Module, record: Record, *, training: Training) -> None:
    """Refuse weights that the last steps broke: a loss is known before its step, not after it.

    Raises
    ------
    DivergenceError
        Naming the first parameter that is not finite.
    """
    named = [(name, weight) for name, weight in module.named_parameters() if weight.is_floating_point()]
    if not named:
        return
    finite = torch.stack([weight.detach().isfinite().all() for _, weight in named])
    if bool(finite.all()):
        return
    name = named[int((~finite).int().argmax())][0]
    raise DivergenceError(
        f"weights are not finite after step {record.steps} (first in {name!r}), so there is no result; a "
        f"lower learning_rate (now {training.learning_rate}), a smaller clip_norm or precision='float32' may "
        "help"
    )


def loss_grew(record: Record) -> bool:
    """Whether the loss of the weights that were kept is many times that of the first batch.

    Examples
    --------
    >>> rows = [{"step": step, "loss": loss} for step, loss in enumerate((1.0, 50.0, 900.0), start=1)]
    >>> loss_grew(Record(3, steps=3, best_step=3, history=rows, first_loss=1.0))
    True
    """
    losses = [row["loss"] for row in record.history if row["step"] <= record.best_step]
    if not losses or math.isnan(record.first_loss):
        return False
    last = losses[-max(1, round(_END * len(losses))) :]
    return sum(last) / len(last) > record.first_loss + _GROWTH * max(abs(record.first_loss), 1.0)


def warn_of_outcome(records: Sequence[Record], training: Training) -> None:
    """Say once, of all members together, what the networks should not be used for.

    Warns
    -----
    TrainingWarning
        If the time sufficed for a handful of steps only, or for no validation, or the loss grew.
    """
    fewest = min((record.steps for record in records if record.stopped == "time"), default=_HANDFUL)
    if fewest < _HANDFUL:
        shared = "" if training.members == 1 else f", shared by members={training.members}"
        warn(
            f"max_time is {training.max_time:g} s{shared}: a network made only {fewest} training "
            f"{'step' if fewest == 1 else 'steps'}, and has learned next to nothing. Give it more time, or a "
            "smaller network or batch_size",
            TrainingWarning,
        )
    if not all(record.validated for record in records):
        warn(
            f"max_time is {training.max_time:g} s, in which there was no time to validate on "
            f"validation_size={training.validation_size}: the last weights count. Give it more time, or hold "
            "out less",
            TrainingWarning,
        )
    grown = [record for record in records if loss_grew(record)]
    if grown:
        record = grown[0]
        warn(
            f"training diverged: the loss was {record.first_loss:.3g} and ended at "
            f"{record.history[-1]['loss']:.3g}, so that forecasts may be absurd. A lower learning_rate (now "
            f"{training.learning_rate}) or a smaller clip_norm may help",
            TrainingWarning,
        )
