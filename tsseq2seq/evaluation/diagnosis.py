"""Diagnosis of a frame before training: its contents, and the cost of training on it."""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch

from tsseq2seq.data.frames.long_frame import LongFrame
from tsseq2seq.data.grid.frequency import Frequency, FrequencyLike
from tsseq2seq.data.panel.covariate_doubts import covariate_doubts
from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.data.panel.seasonality import seasonal_periods
from tsseq2seq.data.scaling.base import Scaling
from tsseq2seq.errors import shown
from tsseq2seq.forecasting.defaults import ForecasterSettings, ResolvedSettings
from tsseq2seq.forecasting.fitting import untrained_series
from tsseq2seq.forecasting.objective import SeriesObjective
from tsseq2seq.forecasting.training_task import TrainingTask
from tsseq2seq.hardware.devices import wait_for
from tsseq2seq.training.seeding import seeded
from tsseq2seq.training.step import GradientSteps, make_optimizer
from tsseq2seq.training.training import Training

__all__ = ["Diagnosis", "diagnose"]

_TRIAL_STEPS = 4
_MEGABYTE = 2**20


@dataclass(frozen=True)
class Diagnosis:
    """The result of :meth:`~tsseq2seq.Seq2SeqForecaster.diagnose`; ``print`` shows it as a report.

    Attributes
    ----------
    series, steps
        Number of series, and of time steps in all of them, gaps included.
    shortest, median, longest
        Lengths of the series, in time steps.
    frequency
        The alias of the grid's frequency.
    missing
        Number of missing targets, gaps included.
    gaps
        Number of time steps without a row.
    constant
        Number of series that never change.
    seasons
        Seasonal periods found, in time steps.
    context_length, segment_length, horizon
        Lengths of a window.
    lags
        Lags of the values read at each step, in time steps.
    scaling
        How each window is scaled.
    short
        Number of series shorter than a context and a horizon: their windows are padded.
    windows, parameters
        Number of windows to train on, and of weights of one network.
    memory
        Bytes that training takes: the panel, the weights with gradients and the optimiser's state, and
        what one batch keeps for its gradients. The memory of PyTorch itself is not counted.
    gradient_steps
        Training steps of each member.
    seconds
        Time of training all members on this machine, estimated from a few training steps.
    remarks
        Sentences on what the user may want to change.
    """

    series: int
    steps: int
    shortest: int
    median: int
    longest: int
    frequency: str
    missing: int
    gaps: int
    constant: int
    seasons: tuple[int, ...]
    context_length: int
    segment_length: int
    horizon: int
    lags: tuple[int, ...]
    scaling: str | Scaling
    short: int
    windows: int
    parameters: int
    memory: int
    gradient_steps: int
    seconds: float
    remarks: tuple[str, ...]

    def to_frame(self) -> pd.DataFrame:
        """Return the attributes as a frame with the columns ``name`` and ``value``."""
        rows = [(field.name, getattr(self, field.name)) for field in dataclasses.fields(self)]
        return pd.DataFrame(rows, columns=["name", "value"])

    def __repr__(self) -> str:
        """Return what is printed."""
        return str(self)

    def __str__(self) -> str:
        seasons = ", ".join(str(period) for period in self.seasons) or "none found"
        segments = "" if self.segment_length == 1 else f" in segments of {self.segment_length}"
        lags = f", lags {', '.join(map(str, self.lags))}" if self.lags else ""
        lines = [
            f"series      {self.series:,} of {self.shortest:,} to {self.longest:,} steps "
            f"(median {self.median:,}), {self.steps:,} in all",
            f"frequency   {self.frequency}; seasonal periods: {seasons}",
            f"missing     {self.missing:,} values, {self.gaps:,} of them in gaps of time",
            f"windows     {self.windows:,}, {self.context_length} → {self.horizon}{segments}{lags}; "
            f"scaling: {self.scaling}",
            f"network     {self.parameters:,} weights",
            f"training    {self.gradient_steps:,} steps, about {self.seconds:,.0f} s and "
            f"{self.memory / _MEGABYTE:,.0f} MB",
        ]
        return "\n".join([*lines, *(f"remark      {remark}" for remark in self.remarks)])


def diagnose(
    frame: LongFrame,
    asked: ForecasterSettings,
    *,
    freq: FrequencyLike | Frequency | None,
    device: torch.device,
) -> Diagnosis:
    """Describe a frame, and run a few training steps to estimate the cost of training.

    Parameters
    ----------
    frame
        The rows to train on.
    asked
        The settings as asked for.
    freq
        Frequency of the grid. None: inferred.
    device
        Where training would run.
    """
    task = TrainingTask.of(untrained_series(frame, asked, freq, device))
    panel, resolved = task.series.panel, task.series.resolved
    with seeded(0, device):
        objective = task.objective(seed=0)
        seconds, kept = _measure_step(objective, resolved)
    parameters = sum(weight.numel() for weight in objective.model.parameters())
    steps = _steps(resolved.training.steps_of_epochs(objective.steps_an_epoch), seconds)
    lengths = panel.lengths.cpu()
    given_rows = len(frame.times)
    return Diagnosis(
        series=panel.count,
        steps=len(panel.values),
        shortest=int(lengths.min()),
        median=int(np.median(lengths)),
        longest=int(lengths.max()),
        frequency=panel.frequency.alias,
        missing=int((~panel.observed).sum()),
        gaps=len(panel.values) - given_rows,
        constant=_constant(panel),
        seasons=asked.seasons or seasonal_periods(panel, panel.frequency.exact_seasons()),
        context_length=resolved.context_length,
        segment_length=resolved.segment_length,
        horizon=asked.horizon,
        lags=resolved.lags,
        scaling=resolved.scaling,
        short=int((lengths < resolved.context_length + asked.horizon).sum()),
        windows=len(task.windows),
        parameters=parameters,
        # weights, gradients and two moments
        memory=_bytes(panel) + kept + 16 * parameters * resolved.training.members,
        gradient_steps=steps,
        seconds=steps * seconds * resolved.training.members,
        remarks=(
            *_remarks(panel, resolved, asked),
            *covariate_doubts(task.series.coders, given_rows),
        ),
    )


def _steps(training: Training, seconds: float) -> int:
    """Return the training steps of each member, given the seconds of one; ``max_time`` is for all members."""
    if training.max_time is None:
        return int(training.max_steps or 1)
    affordable = max(1, int(training.max_time / training.members / seconds))
    return affordable if training.max_steps is None else min(affordable, training.max_steps)


def _measure_step(objective: SeriesObjective, resolved: ResolvedSettings) -> tuple[float, int]:
    """Return the seconds of a training step, and the bytes that its forward pass keeps for the gradients."""
    make_step = GradientSteps(objective, make_optimizer(objective, resolved.training), resolved.training)
    kept: dict[int, int] = {}

    def count(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    seconds = []
    objective.module.train()
    with torch.autograd.graph.saved_tensors_hooks(count, lambda tensor: tensor):
        make_step(0, _TRIAL_STEPS)
    for step in range(1, _TRIAL_STEPS):
        begun = time.perf_counter()
        make_step(step, _TRIAL_STEPS)
        wait_for(objective.device)
        seconds.append(time.perf_counter() - begun)
    return float(np.median(seconds)), sum(kept.values())


def _bytes(panel: Panel) -> int:
    tensors = [panel.values, panel.observed]
    for features in (panel.past, panel.future, panel.static):
        if features is not None:
            tensors += [features.numbers, features.mask, features.codes]
    if panel.calendar is not None:
        tensors.append(panel.calendar.rows)
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


def _constant(panel: Panel) -> int:
    # the first observed value of a series is 0 in the panel, so that a constant series is 0 throughout
    changes = (panel.values != 0).any(1).long()
    sums = torch.cat([changes.new_zeros(1), changes.cumsum(0)])
    return int((sums[panel.offsets[1:]] == sums[panel.offsets[:-1]]).sum())


def _remarks(panel: Panel, resolved: ResolvedSettings, asked: ForecasterSettings) -> list[str]:
    remarks = []
    lengths = panel.lengths.cpu()
    whole = resolved.context_length + asked.horizon
    short = lengths < whole
    if short.any():
        first = int(short.float().argmax())
        remarks.append(
            f"{int(short.sum()):,} series are shorter than a context and a horizon ({whole} steps) and will "
            f"be padded; the first is {shown(panel.ids[first])} with {int(lengths[first])}"
        )
    constant = _constant(panel)
    if constant:
        remarks.append(f"{constant:,} series never change: they are forecast as that, and teach nothing")
    share = float((~panel.observed).float().mean())
    if share > 0.2:
        remarks.append(f"{share:.0%} of the values are missing; they are masked")
    usual = panel.frequency.season_candidates()
    if resolved.season_length is None and usual and asked.seasons is None:
        remarks.append(
            "no season was found, so the model reads and writes single values; if there is one, say it: "
            f"season_length={usual[0]}"
        )
    return remarks
