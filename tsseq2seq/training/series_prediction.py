"""Forecasting every series of a panel, in chunks that stay within the processor's caches."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from tsseq2seq.data.windows import Windows
from tsseq2seq.training.series import SeriesModel

__all__ = ["forecast_all", "sample_all"]

# Rows at a time, and rows times paths.
_CHUNK = 256
_PATHS = 8192


@torch.inference_mode()
def forecast_all(model: SeriesModel, windows: Windows, probabilities: Sequence[float]) -> np.ndarray:
    """Forecast all windows, free running and in float32.

    Parameters
    ----------
    model
        A trained model, in evaluation mode.
    windows
        What to forecast.
    probabilities
        Quantiles to return beside the point forecast; the output must have them.

    Returns
    -------
    numpy.ndarray
        (windows, horizon, targets, 1 + quantiles) in original units, float64.
    """

    def read(parameters: Tensor) -> list[Tensor]:
        quantiles = model.output.quantiles(parameters)
        return [model.output.point(parameters), *[quantiles[level] for level in probabilities]]

    pieces = []
    for start in range(0, len(windows), _CHUNK):
        stop = min(start + _CHUNK, len(windows))
        batch = windows.gather(torch.arange(start, stop, device=windows.panel.values.device))
        pieces.append(model.forecast(batch, horizon=windows.shape.horizon, read=read).cpu())
    return torch.cat(pieces).numpy()


@torch.inference_mode()
def sample_all(model: SeriesModel, windows: Windows, *, paths: int, seed: int) -> np.ndarray:
    """Draw sample paths of all windows; the same seed gives the same paths.

    Returns
    -------
    numpy.ndarray
        (windows, paths, horizon, targets) in original units, float64.
    """
    device = windows.panel.values.device
    generator = torch.Generator(device).manual_seed(seed)
    chunk = max(1, min(_CHUNK, _PATHS // paths))
    pieces = []
    for start in range(0, len(windows), chunk):
        stop = min(start + chunk, len(windows))
        batch = windows.gather(torch.arange(start, stop, device=device))
        drawn = model.sample_paths(batch, horizon=windows.shape.horizon, paths=paths, generator=generator)
        pieces.append(drawn.cpu())
    return torch.cat(pieces).numpy()
