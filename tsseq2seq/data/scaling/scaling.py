"""Scaling inside the window: each context by its own statistics, and back.

One model then serves series of any level. Only values before the cutoff touch a statistic.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from tsseq2seq.data.panel.batch import Batch
from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.data.scaling.logarithm import Logarithm, without_rounding
from tsseq2seq.errors import DataError, shown

__all__ = ["SCALINGS", "Scale", "check_scaling", "fit_scale", "needs_history", "scale_context"]

SCALINGS = ("window", "series", "last", "robust", "mean", "log1p", "none")
#: Those that look at the whole history before the cutoff.
_HISTORICAL = ("series", "last")

# Interquartile range of a standard normal.
_IQR = 1.3489795


@dataclass(frozen=True)
class Scale:
    """A reversible map from the panel's numbers to the network's.

    Attributes
    ----------
    location, spread
        (B, 1, Y): network's number = (number − location) / spread.
    flat
        (B, 1, Y), True where the context does not vary, so that there is nothing to scale by: its
        numbers become 0, and whatever the network says comes back as ``level``: the context's value;
        the last one before it if nothing in it was observed; NaN if there is none.
    level
        (B, 1, Y): the number that a flat context comes back as.
    origin, unit
        (B, 1, Y), float64: original value = origin + unit × number.
    logarithm
        What is scaled instead of the number, counted from the lowest of the context. None without.
    """

    location: Float[Tensor, "B 1 Y"]
    spread: Float[Tensor, "B 1 Y"]
    flat: Bool[Tensor, "B 1 Y"]
    level: Float[Tensor, "B 1 Y"]
    origin: Float[Tensor, "B 1 Y"]
    unit: Float[Tensor, "B 1 Y"]
    logarithm: Logarithm | None = None

    @property
    def original_unit(self) -> Float[Tensor, "B 1 Y"]:
        """What a 1 of the network is in original units; not with a logarithm."""
        return (self.unit * self.spread.double()).float()

    def transform(self, numbers: Float[Tensor, "B T Y"]) -> Float[Tensor, "B T Y"]:
        """From the panel's numbers to the network's."""
        return self.normalise(numbers if self.logarithm is None else self.logarithm.transform(numbers))

    def normalise(self, numbers: Float[Tensor, "B T Y"]) -> Float[Tensor, "B T Y"]:
        """From the panel's numbers, or their logarithms if those are scaled, to the network's."""
        # all numbers are finite, and become 0 in units of infinity
        return (numbers - self.location).div_(self.spread.masked_fill(self.flat, torch.inf)).float()

    def inverse(self, scaled: Float[Tensor, "B T Y"]) -> Float[Tensor, "B T Y"]:
        """From the network's numbers to original values, in float64."""
        numbers = self.location.double() + self.spread.double() * scaled.double()
        if self.logarithm is None:
            original = self.origin + self.unit * numbers
        else:
            original = self.logarithm.inverse(numbers)
        return torch.where(self.flat, self.origin + self.unit * self.level.double(), original)


def needs_history(scaling: str) -> bool:
    """Tell whether a scaling needs batches that carry statistics of the whole history."""
    return scaling in _HISTORICAL


def fit_scale(batch: Batch, scaling: str) -> Scale:
    """Take the statistics of a batch's contexts; see :func:`scale_context`."""
    return _fitted(batch, scaling)[0]


def scale_context(batch: Batch, scaling: str) -> tuple[Scale, Float[Tensor, "B C Y"]]:
    """Take the statistics of a batch's contexts, and scale the contexts by them.

    Parameters
    ----------
    batch
        The windows.
    scaling
        ``"window"``: mean and standard deviation of the context. ``"robust"``: its median and
        interquartile range. ``"mean"``: divided by the mean absolute value, not centred, so that zero
        stays zero. ``"log1p"``: as ``"window"``, of log(1 + y). ``"series"``: mean and
        standard deviation of the whole history before the cutoff. ``"last"``: the last value observed,
        and the standard deviation of the whole history: what drifts looks alike at any level, and quiet
        contexts are not blown up (as SegRNN centres its inputs; Lin et al. 2023). ``"none"``: original
        values.

    Returns
    -------
    scale
        One map for each row and target.
    context
        The contexts on the network's scale; where nothing was observed they mean nothing.
    """
    scale, numbers = _fitted(batch, scaling)
    return scale, scale.normalise(numbers)


def _fitted(batch: Batch, scaling: str) -> tuple[Scale, Float[Tensor, "B C Y"]]:
    """Return the scale, and the contexts or, if those are scaled, their logarithms."""
    origin, unit = batch.origin[:, None], batch.unit[:, None]
    values, mask = batch.context, batch.needed_context_mask
    if scaling == "none":
        # what was never observed has no original value to go by
        level = torch.zeros_like(unit) if batch.last is None else batch.last[:, None].double()
        return Scale(-origin / unit, 1 / unit, level.isnan(), level, origin, unit), values
    if scaling == "mean":
        return _mean_scale(batch), values
    level = lowest = _lowest_value(values, mask)
    logarithm, numbers = None, values
    if scaling == "log1p":
        logarithm = Logarithm.of(level, origin, unit)
        # they are counted from the lowest value
        numbers, lowest = logarithm.transform(values), torch.zeros_like(level)
    if needs_history(scaling):
        if batch.history is None:
            raise ValueError(f"scaling={scaling!r} needs windows with moments=True")
        location, spread = batch.history.mean[:, None], batch.history.spread[:, None]
        if scaling == "last":
            location = _last_value(batch)
    elif scaling == "robust":
        location, spread = _robust(values, mask, lowest)
    else:
        location, spread = _mean_and_deviation(numbers, mask, lowest)
    flat = ~(spread > 0)
    if mask is not None:
        seen = mask.sum(1, keepdim=True) > 0  # faster than any()
        flat |= ~seen
        if batch.last is not None:
            level = torch.where(seen, level, batch.last[:, None])
    location, spread = location.masked_fill(flat, 0.0), spread.masked_fill(flat, 1.0)
    return Scale(location, spread, flat, level, origin, unit, logarithm), numbers


def _mean_scale(batch: Batch) -> Scale:
    """Divide original values by their mean size; 1 where all are zero, so that a rare event has a size."""
    origin, unit, mask = batch.origin[:, None], batch.unit[:, None], batch.context_mask
    size = (origin + unit * batch.context.double()).abs() * mask
    size = size.sum(1, keepdim=True) / mask.sum(1, keepdim=True).clamp(min=1)
    size = torch.where(size > 0, size, 1.0)
    seen = mask.any(1, keepdim=True)
    level = torch.zeros_like(unit) if batch.last is None else batch.last[:, None].double()
    return Scale(-origin / unit, size / unit, ~seen, level, origin, unit)


def _mean_and_deviation(
    values: Float[Tensor, "B T Y"], mask: Bool[Tensor, "B T Y"] | None, lowest: Float[Tensor, "B 1 Y"]
) -> tuple[Float[Tensor, "B 1 Y"], Float[Tensor, "B 1 Y"]]:
    # counted from the lowest of the values, so that a constant context has a deviation of exactly 0;
    # in units of the range, so that no square overflows or vanishes
    shares = _keep(values - lowest, mask)
    reach = shares.amax(1, keepdim=True)
    shares.div_(torch.where(reach > 0, reach, 1.0))
    count = values.shape[1] if mask is None else mask.sum(1, keepdim=True).clamp(min=1)
    mean = shares.sum(1, keepdim=True) / count
    deviation = (_keep(shares.sub_(mean), mask).square_().sum(1, keepdim=True) / count).sqrt()
    return lowest + mean * reach, deviation * reach


def _keep(values: Float[Tensor, "B T Y"], mask: Bool[Tensor, "B T Y"] | None) -> Float[Tensor, "B T Y"]:
    """Put 0 where nothing was observed, in place."""
    return values if mask is None else values.mul_(mask)


def _lowest_value(
    values: Float[Tensor, "B T Y"], mask: Bool[Tensor, "B T Y"] | None
) -> Float[Tensor, "B 1 Y"]:
    """Return the lowest of the observed values; 0 where there is none."""
    if mask is None:
        return values.amin(1, keepdim=True)
    lowest = values.masked_fill(~mask, torch.inf).amin(1, keepdim=True)
    return lowest.masked_fill(lowest.isinf(), 0.0)


def _last_value(batch: Batch) -> Float[Tensor, "B 1 Y"]:
    """Return the last observed value of each context; 0 where there is none."""
    if batch.needed_context_mask is None:
        return batch.context[:, -1:]
    # from 1 on, as a place of 0 could not be told from one that was not observed
    places = torch.arange(1, batch.context.shape[1] + 1, device=batch.context.device)[:, None]
    last = (places * batch.context_mask).argmax(1, keepdim=True)
    return (batch.context * batch.context_mask).gather(1, last)


def _robust(
    values: Float[Tensor, "B T Y"], mask: Bool[Tensor, "B T Y"] | None, lowest: Float[Tensor, "B 1 Y"]
) -> tuple[Float[Tensor, "B 1 Y"], Float[Tensor, "B 1 Y"]]:
    observed = values if mask is None else values.masked_fill(~mask, torch.nan)
    quartiles = torch.nanquantile(observed, values.new_tensor([0.25, 0.5, 0.75]), dim=1)
    low, median, high = quartiles.nan_to_num(0.0)[:, :, None]
    # where over half of the values are equal, the standard deviation has to do; and where they are
    # so nearly equal that the others would become infinite
    _, deviation = _mean_and_deviation(values, mask, lowest)
    spread = (high - low) / _IQR
    return median, torch.where(spread > 1e-20 * deviation, spread, deviation)


def check_scaling(panel: Panel, scaling: str, *, counts: bool = False) -> None:
    """Refuse values that a scaling or an output cannot take.

    Parameters
    ----------
    panel
        The series.
    scaling
        ``"log1p"`` needs values above −1.
    counts
        Whether values must be whole numbers from 0 on.

    Raises
    ------
    DataError
        Naming the first offending value.
    """
    if scaling == "log1p":
        # what was not observed is 0 in the panel, which is the first value
        lowest = panel.unit * torch.segment_reduce(panel.values, "min", offsets=panel.offsets).double()
        low = (without_rounding(panel.origin + lowest, panel.origin) <= -1).any(1)
        if low.any():
            series = int(low.int().argmax())
            values = panel.original(series)
            where = _place(panel, series, values, values <= -1)
            raise DataError(
                f"scaling is 'log1p', but {where}; all values must be above -1 (any will do with "
                "scaling='window')"
            )
    if not counts:
        return
    for series in range(panel.count):
        values = panel.original(series)
        with np.errstate(invalid="ignore"):
            part = (values < 0) | (np.abs(values - np.round(values)) > 1e-3)
        if part.any():
            where = _place(panel, series, values, part)
            raise DataError(f"the output is for counts, but {where}; values must be whole numbers from 0 on")


def _place(panel: Panel, series: int, values: np.ndarray, bad: np.ndarray) -> str:
    step, target = np.unravel_index(int(bad.argmax()), bad.shape)
    return f"series {shown(panel.ids[series])} is {values[step, target]:g} at {panel.time(series, int(step))}"
