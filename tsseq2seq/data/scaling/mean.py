"""Mean: divide by the mean absolute value of the context, without centring."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from tsseq2seq.data.panel.batch import Batch
from tsseq2seq.data.scaling.base import Scaling
from tsseq2seq.data.scaling.scale import Scale

__all__ = ["Mean"]


@dataclass(frozen=True)
class Mean(Scaling):
    """Divide each context by the mean absolute value of its original values, without centring it.

    It suits counts: zero stays zero, so that an output distribution of counts can be used.

    References
    ----------
    Salinas et al., "DeepAR", International Journal of Forecasting 36 (2020), section 3.3.

    Examples
    --------
    >>> Mean().name, Mean().centred
    ('mean', False)
    """

    name = "mean"
    centred = False

    def fit(self, batch: Batch) -> tuple[Scale, Float[Tensor, "B C Y"]]:
        """Compute the scale from the mean absolute value; 1 if all values are 0, so that 0 stays a value."""
        origin, unit, mask = batch.origin[:, None], batch.unit[:, None], batch.context_mask
        size = (origin + unit * batch.context.double()).abs() * mask
        size = size.sum(1, keepdim=True) / mask.sum(1, keepdim=True).clamp(min=1)
        size = torch.where(size > 0, size, 1.0)
        return Scale.from_size(batch, size, flat=~mask.any(1, keepdim=True)), batch.context
