"""ScaledWindows: a batch of windows, each on its scale, as an autoencoder reads and writes them."""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Bool, Float
from torch import Tensor

from tsseq2seq.data.panel.batch import Batch
from tsseq2seq.data.scaling.base import Scaling
from tsseq2seq.data.scaling.scale import Scale

__all__ = ["ScaledWindows"]


@dataclass(frozen=True)
class ScaledWindows:
    """Windows on their scales.

    Attributes
    ----------
    values
        (B, W, Y), the network's numbers; 0 where missing.
    mask
        (B, W, Y), True where a value was observed. None: everywhere.
    scale
        The scale of each window.
    calendar
        (B, W, F), features of the time stamps. None: there are none.
    weights
        (B, W), how much each step counts in the loss. None: all the same.
    """

    values: Float[Tensor, "B W Y"]
    mask: Bool[Tensor, "B W Y"] | None
    scale: Scale
    calendar: Float[Tensor, "B W F"] | None
    weights: Float[Tensor, "B W"] | None = None

    @classmethod
    def of(cls, batch: Batch, scaling: Scaling) -> ScaledWindows:
        """Scale each window of a batch."""
        scale, values = scaling.scale_context(batch)
        mask = batch.needed_context_mask
        values = values if mask is None else values.masked_fill(~mask, 0.0)
        return cls(values, mask, scale, batch.calendar, batch.weights)

    @property
    def loss_mask(self) -> Bool[Tensor, "B W Y"]:
        """True at the values that count in the loss: observed ones with a weight, of windows with a scale."""
        counts = ~self.scale.flat
        if self.weights is not None:
            counts = counts & (self.weights > 0)[..., None]
        return counts.expand_as(self.values) if self.mask is None else self.mask & counts
