"""Forecasting windows of a panel, in chunks that stay within the processor's caches.

Several members are one model: their forecasts' median, and sample paths from each in turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from tsseq2seq.data.panel.windows import Windows
from tsseq2seq.forecasting.model import SeriesModel
from tsseq2seq.forecasting.reach_seen import hold_paths_within_reach, hold_within_reach
from tsseq2seq.nn.outputs import Output

__all__ = ["forecast_all", "quantiles_all", "reach_all", "sample_all"]

# Rows at a time: what a processor's caches hold, and what keeps a GPU busy.
_CHUNK, _GPU_CHUNK = 256, 4096
# Sample paths in a chunk for each row of a chunk of forecasts: 8,192 on a processor.
_PATHS_PER_ROW = 32

# One standard deviation of a normal distribution below and above the median.
_REACH = (0.15865525393145707, 0.8413447460685429)


def quantiles_all(
    members: Sequence[SeriesModel],
    windows: Windows,
    probabilities: Sequence[float],
    *,
    paths: int,
    seed: int,
) -> np.ndarray:
    """Forecast the point and quantiles of all windows.

    Parameters
    ----------
    members
        Trained models, in evaluation mode.
    windows
        What to forecast.
    probabilities
        Quantiles; the output must have them, unless they are taken from sample paths.
    paths, seed
        Sample paths behind the quantiles of a distribution.

    Returns
    -------
    numpy.ndarray
        (windows, horizon, targets, 1 + quantiles) in original units, float64.
    """
    output = members[0].output
    if output.sampled:
        drawn = _quantiles_of_paths(members, windows, [0.5, *probabilities], paths=paths, seed=seed)
        return hold_within_reach(drawn, windows, whole=output.counts)

    def read(parameters: Tensor) -> list[Tensor]:
        quantiles = output.quantiles(parameters)
        return [output.point(parameters), *[quantiles[level] for level in probabilities]]

    return hold_within_reach(forecast_all(members, windows, read), windows)


def reach_all(
    members: Sequence[SeriesModel], windows: Windows, *, paths: int, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Forecast the point, and how far it is down and up to what the model itself thinks unusual.

    One standard deviation's quantiles of sample paths, the outermost of trained quantiles, and for
    a point forecast one unit of the window's scale.

    Returns
    -------
    centre, below, above : numpy.ndarray
        (windows, horizon, targets) in original units; ``below`` and ``above`` are distances.
    """
    output = members[0].output
    if output.sampled:
        numbers = _quantiles_of_paths(members, windows, [0.5, *_REACH], paths=paths, seed=seed)
    else:
        numbers = forecast_all(members, windows, lambda parameters: _reach(output, parameters))
    centre, low, high = np.moveaxis(hold_within_reach(numbers, windows, whole=output.counts), -1, 0)
    return centre, centre - low, high - centre


def _reach(output: Output, parameters: Tensor) -> list[Tensor]:
    point = output.point(parameters)
    if not output.probabilities:
        return [point, point - 1, point + 1]
    quantiles = output.quantiles(parameters)
    return [point, quantiles[output.probabilities[0]], quantiles[output.probabilities[-1]]]


@torch.inference_mode()
def forecast_all(
    members: Sequence[SeriesModel], windows: Windows, read: Callable[[Tensor], list[Tensor]]
) -> np.ndarray:
    """Forecast all windows, free running and in float32.

    Parameters
    ----------
    members, windows
        As in :func:`quantiles_all`.
    read
        What to take from the output's parameters, each (B, H, Y).

    Returns
    -------
    numpy.ndarray
        (windows, horizon, targets, numbers read) in original units, float64.
    """
    pieces = []
    for index in _chunks(windows, _rows(windows)):
        batch = windows.gather(index)
        each = [model.forecast(batch, horizon=windows.shape.horizon, read=read) for model in members]
        pieces.append((each[0] if len(each) == 1 else _median(each)).cpu())
    return torch.cat(pieces).numpy()


def sample_all(members: Sequence[SeriesModel], windows: Windows, *, paths: int, seed: int) -> np.ndarray:
    """Draw sample paths of all windows; the same seed gives the same paths.

    Returns
    -------
    numpy.ndarray
        (windows, paths, horizon, targets) in original units, float64.
    """
    drawn = np.concatenate(list(_paths(members, windows, paths, seed)))
    return hold_paths_within_reach(drawn, windows, whole=members[0].output.counts)


def _quantiles_of_paths(
    members: Sequence[SeriesModel], windows: Windows, probabilities: list[float], *, paths: int, seed: int
) -> np.ndarray:
    # chunk by chunk: all paths of many windows would not fit into memory
    pieces = [np.quantile(drawn, probabilities, axis=1) for drawn in _paths(members, windows, paths, seed)]
    return np.moveaxis(np.concatenate(pieces, axis=1), 0, -1)


def _paths(members: Sequence[SeriesModel], windows: Windows, paths: int, seed: int) -> Iterator[np.ndarray]:
    generator = torch.Generator(windows.panel.values.device).manual_seed(seed)
    shares = [paths // len(members) + (place < paths % len(members)) for place in range(len(members))]
    rows = _rows(windows)
    for index in _chunks(windows, max(1, min(rows, _PATHS_PER_ROW * rows // paths))):
        with torch.inference_mode():
            batch = windows.gather(index)
            drawn = [
                model.sample_paths(batch, horizon=windows.shape.horizon, paths=share, generator=generator)
                for model, share in zip(members, shares, strict=True)
                if share
            ]
        yield torch.cat(drawn, dim=1).cpu().numpy()


def _rows(windows: Windows) -> int:
    return _CHUNK if windows.panel.values.device.type == "cpu" else _GPU_CHUNK


def _chunks(windows: Windows, size: int) -> tuple[Tensor, ...]:
    return torch.arange(len(windows), device=windows.panel.values.device).split(size)


def _median(each: list[Tensor]) -> Tensor:
    """Return the median, halfway between the middle two of an even number (torch takes the lower)."""
    ordered = torch.stack(each).sort(0).values
    return (ordered[(len(each) - 1) // 2] + ordered[len(each) // 2]) / 2
