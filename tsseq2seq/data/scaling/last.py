"""Last: the last value observed, and the standard deviation of the whole history."""

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

    What drifts looks alike at any level, and quiet contexts are not blown up.

    References
    ----------
    Lin et al., "SegRNN" (2023), centre their inputs so.

    Examples
    --------
    >>> Last().name, Last().needs_history
    ('last', True)
    """

    name = "last"
    needs_history = True

    def fit(self, batch: Batch) -> tuple[Scale, Float[Tensor, "B C Y"]]:
        """Take the last observed value; ``ValueError`` if the batch has no statistics of the history."""
        _, spread = history_mean_and_deviation(batch)
        lowest = lowest_value(batch.context, batch.needed_context_mask)
        return Scale.from_spread(batch, _last_value(batch), spread, level=lowest), batch.context


def _last_value(batch: Batch) -> Float[Tensor, "B 1 Y"]:
    """Return the last observed value of each context; 0 where there is none."""
    if batch.needed_context_mask is None:
        return batch.context[:, -1:]
    # from 1 on, as a place of 0 could not be told from one that was not observed
    places = torch.arange(1, batch.context.shape[1] + 1, device=batch.context.device)[:, None]
    last = (places * batch.context_mask).argmax(1, keepdim=True)
    return (batch.context * batch.context_mask).gather(1, last)
