"""Forecasts of all windows of a panel, in chunks that fit into the processor's caches.

Several members are one model: the forecast is the median of theirs, and sample paths come from all of them
in equal shares.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from tsseq2seq.data.panel.windows import Windows
from tsseq2seq.forecasting.blend import Blend
from tsseq2seq.forecasting.bounds import Bounds
from tsseq2seq.forecasting.model import SeriesModel
from tsseq2seq.forecasting.reach_seen import hold_paths_within_reach, hold_within_reach
from tsseq2seq.forecasting.window_keys import window_keys
from tsseq2seq.nn.outputs import Output
from tsseq2seq.nn.outputs.random_streams import RandomStreams

__all__ = ["forecast_all", "point_and_spreads", "quantiles_all", "sample_all"]

# Windows of a chunk: as many as a processor's caches hold, and as keep a GPU busy.
_CHUNK, _GPU_CHUNK = 256, 4096
# A chunk of sample paths has so many for each window of a chunk of forecasts: 8,192 on a CPU.
_PATHS_PER_ROW = 32

# Probabilities one standard deviation below and above the mean of a normal distribution.
_SPREAD_PROBABILITIES = (0.15865525393145707, 0.8413447460685429)

_NO_BOUNDS = Bounds()


def quantiles_all(
    members: Sequence[SeriesModel],
    windows: Windows,
    probabilities: Sequence[float],
    *,
    paths: int,
    seed: int,
    bounds: Bounds = _NO_BOUNDS,
    blend: Blend | None = None,
) -> np.ndarray:
    """Forecast the point and quantiles of all windows.

    Parameters
    ----------
    members
        Trained models, in evaluation mode.
    windows
        The windows to forecast.
    probabilities
        Probabilities of the quantiles. A distribution takes any, from sample paths; any other output must
        have them.
    paths, seed
        Sample paths behind the quantiles of a distribution.
    bounds
        Between which values forecasts lie.
    blend
        Exponential smoothing, of which forecasts are partly. None: the networks forecast alone.

    Returns
    -------
    numpy.ndarray
        (windows, horizon, targets, 1 + quantiles) in original units, float64.
    """
    output = members[0].output
    if output.sampled:
        return _centre_and_quantiles(members, windows, list(probabilities), paths, seed, bounds, blend)

    def read(parameters: Tensor) -> list[Tensor]:
        return [output.point(parameters), *output.quantiles_at(parameters, probabilities)]

    numbers = forecast_all(members, windows, read)
    if blend is not None:
        numbers = blend.mix(numbers, windows, probabilities)
    return bounds.hold(hold_within_reach(numbers, windows), axis=2)


def point_and_spreads(
    members: Sequence[SeriesModel], windows: Windows, *, paths: int, seed: int, blend: Blend | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Forecast the point and its spread downwards and upwards, for conformal calibration.

    The spread is the distance from the point to a quantile: for distributions to that of one standard
    deviation, taken from sample paths, for quantiles to the outermost ones. For a point forecast it is one
    unit of the window's scale.

    Parameters
    ----------
    members, windows, paths, seed, blend
        As for :func:`quantiles_all`.

    Returns
    -------
    centre, lower_spread, upper_spread : numpy.ndarray
        (windows, horizon, targets) in original units.
    """
    output = members[0].output
    if output.sampled:
        probabilities = [0.5, *_SPREAD_PROBABILITIES]
        numbers = _centre_and_quantiles(members, windows, probabilities, paths, seed, _NO_BOUNDS, blend)
        centre, median, low, high = np.moveaxis(numbers, -1, 0)
        return centre, median - low, high - median  # a mean may lie beyond both
    numbers = forecast_all(members, windows, lambda parameters: _point_and_ends(output, parameters))
    if blend is not None:
        # the spread is left as it is: the calibration learns how wide an interval must be
        mixed = blend.mix(numbers[..., :1], windows, ())
        numbers = numbers + (mixed - numbers[..., :1])
    centre, low, high = np.moveaxis(hold_within_reach(numbers, windows), -1, 0)
    return centre, centre - low, high - centre


def _point_and_ends(output: Output, parameters: Tensor) -> list[Tensor]:
    """Return the point, and the value one spread below and one above it, on the window's scale."""
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
        As for :func:`quantiles_all`.
    read
        Computes the numbers to return, each (B, H, Y), from the output's parameters.

    Returns
    -------
    numpy.ndarray
        (windows, horizon, targets, numbers read) in original units, float64.
    """
    pieces = []
    for index in _chunks(windows, _rows(windows)):
        batch = windows.gather(index)
        forecasts = [model.forecast(batch, horizon=windows.shape.horizon, read=read) for model in members]
        numbers = forecasts[0] if len(forecasts) == 1 else _median(forecasts)
        pieces.append(windows.in_time(numbers, index, steps=1).cpu())
    return torch.cat(pieces).numpy()


def sample_all(
    members: Sequence[SeriesModel],
    windows: Windows,
    *,
    paths: int,
    seed: int,
    bounds: Bounds = _NO_BOUNDS,
    blend: Blend | None = None,
) -> np.ndarray:
    """Draw sample paths of all windows; the same seed gives the same paths.

    They are a series' own: neither the series beside it nor their order or number change them.

    Parameters
    ----------
    members, windows, paths, seed, bounds, blend
        As for :func:`quantiles_all`.

    Returns
    -------
    numpy.ndarray
        (windows, paths, horizon, targets) in original units, float64.
    """
    return np.concatenate(list(_paths(members, windows, paths, seed, bounds, blend)))


def _centre_and_quantiles(
    members: Sequence[SeriesModel],
    windows: Windows,
    probabilities: list[float],
    paths: int,
    seed: int,
    bounds: Bounds,
    blend: Blend | None,
) -> np.ndarray:
    output, pieces = members[0].output, []
    # in chunks, because the paths of many windows do not fit into memory
    for drawn in _paths(members, windows, paths, seed, bounds, blend):
        quantiles = np.quantile(drawn, probabilities, axis=1)
        pieces.append(np.concatenate([output.centre_of(drawn)[None], quantiles]))
    return np.moveaxis(np.concatenate(pieces, axis=1), 0, -1)


def _paths(
    members: Sequence[SeriesModel],
    windows: Windows,
    paths: int,
    seed: int,
    bounds: Bounds,
    blend: Blend | None,
) -> Iterator[np.ndarray]:
    """Draw the paths of a chunk of windows after the other, each path where its series may go."""
    keys, counts = window_keys(windows, seed), members[0].output.counts
    shares = [paths // len(members) + (member < paths % len(members)) for member in range(len(members))]
    before = np.cumsum([0, *shares]).tolist()
    rows, blended = _rows(windows), None if blend is None else blend.of_paths(windows)
    for index in _chunks(windows, max(1, min(rows, _PATHS_PER_ROW * rows // paths))):
        with torch.inference_mode():
            batch = windows.gather(index)
            drawn = [
                model.sample_paths(
                    batch,
                    horizon=windows.shape.horizon,
                    paths=share,
                    streams=RandomStreams(keys[index], first_path=first),
                )
                for model, share, first in zip(members, shares, before, strict=False)
                if share
            ]
        found = windows.in_time(torch.cat(drawn, dim=1), index, steps=2).cpu().numpy()
        if blended is not None:
            found = blended.move(found, index)
        yield bounds.hold(hold_paths_within_reach(found, windows, index, whole=counts))


def _rows(windows: Windows) -> int:
    return _CHUNK if windows.panel.values.device.type == "cpu" else _GPU_CHUNK


def _chunks(windows: Windows, size: int) -> tuple[Tensor, ...]:
    return torch.arange(len(windows), device=windows.panel.values.device).split(size)


def _median(forecasts: list[Tensor]) -> Tensor:
    """Return the median; of an even number the mean of the middle two (torch returns the lower one)."""
    ordered = torch.stack(forecasts).sort(0).values
    return (ordered[(len(forecasts) - 1) // 2] + ordered[len(forecasts) // 2]) / 2
