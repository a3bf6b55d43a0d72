"""Correction: what the pretrained network makes of exponential smoothing, beside it in shares."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from tsseq2seq.data.panel.windows import Windows, WindowShape
from tsseq2seq.forecasting.prediction import quantiles_all
from tsseq2seq.forecasting.pretrained_design import (
    CONTEXT_LENGTH,
    DEFAULT_SIZE,
    PRETRAINED_SIZES,
    SEGMENT_LENGTH,
    build_pretrained,
    pretrained_lags,
)
from tsseq2seq.settings import check_number
from tsseq2seq.smoothing.cutoff_forecasts import CutoffForecasts
from tsseq2seq.training.saved_members import members_from_tensors, members_to_tensors

if TYPE_CHECKING:
    from tsseq2seq.forecasting.model import SeriesModel

__all__ = ["Correction"]

_PREFIX = "correction."


@dataclass(frozen=True)
class Correction:
    """The pretrained network, and its share beside the smoothing that it corrects.

    Attributes
    ----------
    model
        The network.
    share
        Its share, from 0 to 1; the rest is exponential smoothing alone.
    """

    model: SeriesModel
    share: float

    def steps(self, horizon: int) -> int:
        """Return how many steps of smoothing it reads: whole segments."""
        return -(-horizon // SEGMENT_LENGTH) * SEGMENT_LENGTH

    def apply(
        self,
        smoothed: CutoffForecasts,
        forecasts: np.ndarray,
        windows: Windows,
        probabilities: Sequence[float],
    ) -> np.ndarray:
        """Return forecasts of smoothing, corrected.

        Parameters
        ----------
        smoothed
            What smoothing forecasts of the windows.
        forecasts
            (windows, horizon, targets, 1 + quantiles): its point and quantiles; NaN, where it knows too
            little, stays.
        windows
            What was forecast.
        probabilities
            The probabilities of the quantiles.
        """
        return forecasts + self.share * (self.forecasts(smoothed, windows, probabilities) - forecasts)

    def forecasts(
        self, smoothed: CutoffForecasts, windows: Windows, probabilities: Sequence[float]
    ) -> np.ndarray:
        """Return the network's own forecasts of windows, (windows, horizon, targets, 1 + quantiles)."""
        lags = pretrained_lags(smoothed.base.periods)
        shape = WindowShape(CONTEXT_LENGTH, windows.shape.horizon, SEGMENT_LENGTH, lags)
        own = windows.of_values_alone(shape).with_bases(smoothed)
        return quantiles_all([self.model], own, probabilities, paths=1, seed=0)

    def to_parts(self) -> tuple[dict[str, Any], dict[str, Tensor]]:
        """Return all fields as values that JSON can hold, and as tensors."""
        tensors = {_PREFIX + name: tensor for name, tensor in members_to_tensors([self.model]).items()}
        return {"share": self.share}, tensors

    @classmethod
    def from_parts(
        cls, parts: dict[str, Any], tensors: dict[str, Tensor], device: torch.device
    ) -> Correction:
        """Undo :meth:`to_parts`."""
        own = {
            name.removeprefix(_PREFIX): tensor for name, tensor in tensors.items() if name.startswith(_PREFIX)
        }
        check_number("model", "correction", parts["share"], low=0, high=1)
        network = PRETRAINED_SIZES[DEFAULT_SIZE]
        (model,) = members_from_tensors(lambda: build_pretrained(network), 1, own, device)
        return cls(model, float(parts["share"]))

    def with_share(self, share: float) -> Correction:
        """Return the same network with another share."""
        return dataclasses.replace(self, share=share)
