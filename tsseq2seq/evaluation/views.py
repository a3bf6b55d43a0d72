"""Views of a fitted forecaster: attention weights, exposure bias, importance of covariates."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from tsseq2seq.data.evenly_spaced import evenly_spaced_tensor
from tsseq2seq.data.panel.batch import Batch
from tsseq2seq.data.panel.features import FeatureCoder, Features
from tsseq2seq.data.panel.windows import Windows
from tsseq2seq.errors import DataError, ParameterError
from tsseq2seq.forecasting.fitted import FittedSeries
from tsseq2seq.forecasting.model import SeriesModel

__all__ = ["attention_frame", "covariate_importance", "exposure_bias"]

_CHUNK = 256
_MOST_WINDOWS = 1024

#: Returns a batch with values of a second batch, of other windows, in place of its own.
Shuffle = Callable[[Batch, Batch], Batch]


@torch.inference_mode()
def attention_frame(fitted: FittedSeries, windows: Windows) -> pd.DataFrame:
    """Return attention weights of free-running forecasts, averaged over the members.

    Parameters
    ----------
    fitted
        The forecaster.
    windows
        The windows to forecast.

    Returns
    -------
    pandas.DataFrame
        A row for each window, decoder step and encoder step that is not padding: the name of the series (if
        series have names), ``step`` (the first time step of the decoder step, from 1), ``lag`` (time steps
        back from the cutoff, from 1) and ``weight``. The weights of a decoder step add up to 1.

    Raises
    ------
    ParameterError
        If the network has no attention.
    """
    if fitted.resolved.network.attention is None:
        raise ParameterError("attention: the network has none; fit with Network(attention='additive')")
    length = fitted.resolved.segment_length
    pieces = []
    for index in torch.arange(len(windows), device=windows.cumulative.device).split(_CHUNK):
        batch = windows.gather(index)
        weights = torch.stack([model.attention_weights(batch) for model in fitted.members]).mean(0).cpu()
        rows, steps, sources = weights.shape
        valid = torch.full((rows,), sources) if batch.lengths is None else batch.lengths.cpu()
        segments_back = valid[:, None] - torch.arange(sources) - 1
        keep = (segments_back >= 0)[:, None].expand(-1, steps, -1)
        window = torch.arange(rows)[:, None, None].expand_as(weights)
        step = torch.arange(steps)[None, :, None].expand_as(weights) * length + 1
        lag = (segments_back * length + 1)[:, None].expand_as(weights)
        part = {
            "series": batch.series.cpu()[window[keep]].numpy(),
            "step": step[keep].numpy(),
            "lag": lag[keep].numpy(),
            "weight": weights[keep].numpy(),
        }
        pieces.append(pd.DataFrame(part))
    frame = pd.concat(pieces, ignore_index=True)
    names = frame.pop("series")
    if windows.panel.named:
        frame.insert(0, str(fitted.columns.id), windows.panel.ids[names.to_numpy()])
    return frame


@torch.inference_mode()
def exposure_bias(fitted: FittedSeries, windows: Windows) -> pd.DataFrame:
    """Return mean absolute errors by time step, teacher-forced and free running, on the windows' scale.

    Parameters
    ----------
    fitted
        The forecaster.
    windows
        The windows to forecast; up to 1,024 of them are used.

    Returns
    -------
    pandas.DataFrame
        ``step`` (from 1), ``teacher_forced``, ``free_running``.

    Raises
    ------
    DataError
        If no window has a known target.
    """
    _require_windows(fitted, windows)
    errors = {}
    for name, truth in (("teacher_forced", 1.0), ("free_running", 0.0)):
        total = torch.zeros(windows.shape.horizon, dtype=torch.float64)
        count = torch.zeros(windows.shape.horizon, dtype=torch.float64)
        for index in _evenly(windows).split(_CHUNK):
            error, valid = _errors(fitted.members, windows.gather(index), truth)
            total += error.masked_fill(~valid, 0.0).sum((0, 2))[: len(total)].double().cpu()
            count += valid.sum((0, 2))[: len(count)].cpu()
        if not bool(count.any()):
            _refuse_nothing_known()
        errors[name] = (total / count).numpy()
    return pd.DataFrame({"step": np.arange(1, windows.shape.horizon + 1), **errors})


@torch.inference_mode()
def covariate_importance(fitted: FittedSeries, windows: Windows, *, repeats: int, seed: int) -> pd.DataFrame:
    """Return the relative rise of the error when a covariate is shuffled between windows.

    The calendar counts as one covariate.

    Parameters
    ----------
    fitted
        The forecaster.
    windows
        The windows to forecast; up to 1,024 of them are used.
    repeats
        Number of shuffles.
    seed
        Seed of the shuffles.

    Returns
    -------
    pandas.DataFrame
        ``covariate``, ``role``, ``importance`` (mean relative rise) and ``deviation`` (over the shuffles),
        the most important covariate first.

    Raises
    ------
    ParameterError
        If the model has no covariates.
    DataError
        If no window has a known target.

    References
    ----------
    Fisher, Rudin, Dominici, "All models are wrong, but many are useful", JMLR 20 (2019).
    """
    _require_windows(fitted, windows)
    shuffles = _shuffles(fitted)
    if not shuffles:
        raise ParameterError("covariate_importance: the model has no covariates")
    generator = torch.Generator().manual_seed(seed)
    device = windows.cumulative.device
    chosen = _evenly(windows)
    orders = [chosen[torch.randperm(len(chosen), generator=generator).to(device)] for _ in range(repeats)]
    unshuffled = _mean_error(fitted.members, windows, None, chosen)
    rows = []
    for (role, name), shuffle in shuffles.items():
        worse = [_mean_error(fitted.members, windows, shuffle, order) / unshuffled - 1 for order in orders]
        rows.append((name, role, float(np.mean(worse)), float(np.std(worse))))
    frame = pd.DataFrame(rows, columns=["covariate", "role", "importance", "deviation"])
    return frame.sort_values("importance", ascending=False, ignore_index=True)


def _evenly(windows: Windows) -> Tensor:
    """Return the indices of up to 1,024 evenly spaced windows."""
    return evenly_spaced_tensor(len(windows), _MOST_WINDOWS, device=windows.cumulative.device)


def _require_windows(fitted: FittedSeries, windows: Windows) -> None:
    if len(windows) == 0:
        raise DataError(
            f"no series is longer than the horizon of {fitted.horizon}, so that no forecast can be compared"
        )


def _refuse_nothing_known() -> NoReturn:
    raise DataError(
        "no window has both a context that varies and a known target, so that no forecast can be compared"
    )


def _errors(members: tuple[SeriesModel, ...], batch: Batch, truth: float) -> tuple[Tensor, Tensor]:
    """Return absolute errors (B, H, Y) of the members' median, and the mask of those that count."""
    scaled = members[0].scaled(batch)  # all members have the same scaling
    points = [
        model.output.point(model.decode_with_targets(model.prepare(scaled), scaled, truth, None))
        for model in members
    ]
    return (torch.stack(points).quantile(0.5, dim=0) - scaled.target).abs(), scaled.loss_mask


def _mean_error(
    members: tuple[SeriesModel, ...], windows: Windows, shuffle: Shuffle | None, order: Tensor
) -> float:
    total, count = 0.0, 0
    for index, others in zip(_evenly(windows).split(_CHUNK), order.split(_CHUNK), strict=True):
        batch = windows.gather(index)
        if shuffle is not None:
            batch = shuffle(batch, windows.gather(others))
        error, valid = _errors(members, batch, 0.0)
        total += float(error.masked_fill(~valid, 0.0).sum())
        count += int(valid.sum())
    if not count:
        _refuse_nothing_known()
    return total / count


def _shuffles(fitted: FittedSeries) -> dict[tuple[str, str], Shuffle]:
    """Return for each covariate, by role and name, the function that shuffles it."""
    shuffles: dict[tuple[str, str], Shuffle] = {}
    for role in ("past", "future", "static"):
        coder: FeatureCoder | None = getattr(fitted.coders, role)
        if coder is None:
            continue
        for column, name in enumerate(coder.numeric):
            shuffles[role, name] = _shuffle(role, ("numbers", "mask"), column)
        for column, name in enumerate(coder.categorical):
            shuffles[role, name] = _shuffle(role, ("codes",), column)
    if fitted.panel.calendar is not None:
        shuffles["calendar", "calendar"] = lambda batch, other: dataclasses.replace(
            batch, calendar=other.calendar
        )
    return shuffles


def _shuffle(role: str, tensors: tuple[str, ...], column: int) -> Shuffle:
    """Return the function that replaces a column of the named tensors of a role's features."""

    def shuffle(batch: Batch, other: Batch) -> Batch:
        features: Features = getattr(batch, role)
        changes = {}
        for name in tensors:
            tensor = getattr(features, name).clone()
            tensor[..., column] = getattr(getattr(other, role), name)[..., column]
            changes[name] = tensor
        shuffled: dict[str, Any] = {role: dataclasses.replace(features, **changes)}
        return dataclasses.replace(batch, **shuffled)

    return shuffle
