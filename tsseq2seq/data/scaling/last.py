"""Last: centre on the last observed value, divide by the standard deviation of the history."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from tsseq2seq.data.panel.batch import Batch
from tsseq2seq.data.scaling.base import Scaling
from tsseq2seq.data.scaling.scale import Scale
from tsseq2seq.data.scaling.statistics import history_mean_and_deviation, lowest_value

__all__ = ["Last"]


@dataclass(frozen=True)
class Last(Scaling):
    """Centre each context on its last value, and divide it by the standard deviation of its history.

    It suits series whose level drifts. A quiet context stays small, unlike with ``"window"``.

    References
    ----------
    Lin et al., "SegRNN" (2023), centre their inputs in this way.

    Examples
    --------
    >>> Last().name, Last().needs_history
    ('last', True)
    """

    name = "last"
    needs_history = True

    def fit(self, batch: Batch) -> tuple[Scale, Float[Tensor, "B C Y"]]:
        """Compute the scale; ``ValueError`` if the batch has no statistics of the history."""
        _, spread = history_mean_and_deviation(batch)
        lowest = lowest_value(batch.context, batch.needed_context_mask)
        return Scale.from_spread(batch, _last_value(batch), spread, level=lowest), batch.context


def _last_value(batch: Batch) -> Float[Tensor, "B 1 Y"]:
    """Return the last observed value of each context; 0 if there is none."""
    if batch.needed_context_mask is None:
        return batch.context[:, -1:]
    # counted from 1, as 0 stands for a value that was not observed
    positions = torch.arange(1, batch.context.shape[1] + 1, device=batch.context.device)[:, None]
    last = (positions * batch.context_mask).argmax(1, keepdim=True)
    return (batch.context * batch.context_mask).gather(1, last)
