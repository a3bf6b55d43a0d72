"""CutoffForecasts: what smoothing forecasts from some cutoffs of a panel, made once and read often.

A network that adds to smoothing, the mixture of both and its quantiles ask for the same forecasts of a few
cutoffs. Training, which asks for any cutoff, reads a :class:`~tsseq2seq.smoothing.panel_table.PanelTable`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.data.panel.windows import Windows
from tsseq2seq.smoothing.base import SmoothingBase

__all__ = ["CutoffForecasts"]


@dataclass(frozen=True)
class CutoffForecasts:
    """Forecasts and quantiles of smoothing from some cutoffs.

    Attributes
    ----------
    base
        Exponential smoothing.
    probabilities
        The probabilities of the quantiles.
    place
        (series + 1,): where the cutoffs of each series begin in ``cutoffs``.
    cutoffs
        (B,): the cutoffs, sorted within each series.
    numbers
        (B, H, Y, 1 + quantiles), float64: point and quantiles in original units.
    known
        (B, Y): whether enough is known before the cutoff; see :meth:`SmoothingBase.forecast`.
    origin, unit
        (series, Y): of the panel.
    """

    base: SmoothingBase
    probabilities: tuple[float, ...]
    place: Int[Tensor, " places"]
    cutoffs: Int[Tensor, " B"]
    numbers: Float[Tensor, "B H Y N"]
    known: Bool[Tensor, "B Y"]
    origin: Float[Tensor, "series Y"]
    unit: Float[Tensor, "series Y"]

    @classmethod
    def of(
        cls, base: SmoothingBase, windows: Windows, probabilities: Sequence[float], *, steps: int
    ) -> CutoffForecasts:
        """Forecast from the cutoffs of windows.

        Parameters
        ----------
        base
            Exponential smoothing.
        windows
            Where forecasts begin.
        probabilities
            Probabilities of quantiles.
        steps
            Steps to forecast.
        """
        panel: Panel = windows.panel
        series, cutoffs = (part.cpu() for part in _all_cutoffs(windows))
        found = base.cutoff_numbers(panel, series, cutoffs, steps, probabilities=probabilities)
        numbers, known = (part.to(panel.values.device) for part in found)
        place = torch.cat([torch.zeros_like(windows.cumulative[:1]), windows.cumulative])
        cutoffs = cutoffs.to(panel.values.device)
        return cls(base, tuple(probabilities), place, cutoffs, numbers, known, panel.origin, panel.unit)

    def at(
        self, series: Int[Tensor, " B"], cutoff: Int[Tensor, " B"], steps: int
    ) -> Float[Tensor, "B steps Y"]:
        """Return the points of so many steps from cutoffs on, as numbers of the panel.

        The cutoffs of a series are evenly spaced, as those of windows are.
        """
        row = self._rows(series, cutoff)
        shift, unit = self.origin[series][:, None], self.unit[series][:, None]
        return ((self.numbers[row, :steps, :, 0] - shift) / unit).float()

    def serves(
        self, base: SmoothingBase, windows: Windows, probabilities: Sequence[float], steps: int
    ) -> bool:
        """Return whether these are a base's forecasts of windows, with the quantiles and steps asked for."""
        return (
            self.base is base
            and torch.equal(self.place[1:], windows.cumulative)
            and torch.equal(self.cutoffs, _all_cutoffs(windows)[1])
            and steps <= self.numbers.shape[1]
            and set(map(_rounded, probabilities)) <= set(map(_rounded, self.probabilities))
        )

    def read(self, probabilities: Sequence[float], steps: int) -> np.ndarray:
        """Return point and quantiles of every cutoff, (B, steps, Y, 1 + quantiles).

        NaN is what :meth:`SmoothingBase.forecast_cutoffs` has so.
        """
        column = {_rounded(probability): 1 + place for place, probability in enumerate(self.probabilities)}
        columns = [0, *(column[_rounded(probability)] for probability in probabilities)]
        chosen = self.numbers[:, :steps][..., columns]
        return chosen.masked_fill(~self.known[:, None, :, None], torch.nan).cpu().numpy()

    def _rows(self, series: Int[Tensor, " B"], cutoff: Int[Tensor, " B"]) -> Int[Tensor, " B"]:
        first, after = self.place[series], self.place[series + 1]
        last = len(self.cutoffs) - 1
        second = self.cutoffs[(first + 1).clamp(max=last)]
        begin = self.cutoffs[first.clamp(max=last)]
        stride = torch.where(after - first > 1, second - begin, 1)
        return first + torch.div(cutoff - begin, stride, rounding_mode="floor")


def _all_cutoffs(windows: Windows) -> tuple[Int[Tensor, " B"], Int[Tensor, " B"]]:
    """Return series and cutoff of every window."""
    return windows.locate(torch.arange(len(windows), device=windows.cumulative.device))


def _rounded(probability: float) -> float:
    """Return a probability as it is meant: that of a level of 90 is not 0.05 to the last bit."""
    return round(probability, 9)
