"""Fitting: from a checked frame and settings to a trained model with its surroundings."""

from __future__ import annotations

import torch

from tsseq2seq.data.frequency import Frequency
from tsseq2seq.data.long_frame import LongFrame
from tsseq2seq.data.panel import Panel, fit_coders
from tsseq2seq.data.windows import Windows, WindowShape, training_windows, validation_windows
from tsseq2seq.errors import DataError
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import Output
from tsseq2seq.training.defaults import choose
from tsseq2seq.training.fitted_series import FittedSeries, read_panel
from tsseq2seq.training.loop import Record, train
from tsseq2seq.training.seeding import seeded
from tsseq2seq.training.series_building import build_series_model
from tsseq2seq.training.series_objective import SeriesObjective
from tsseq2seq.training.training import Training

__all__ = ["fit_series"]


def fit_series(
    frame: LongFrame,
    *,
    frequency: Frequency | None,
    horizon: int,
    context_length: int | None,
    segment_length: int | None,
    scaling: str,
    output: Output,
    network: Network,
    training: Training,
    device: torch.device,
    seed: int | None,
    started: float,
) -> tuple[FittedSeries, Record]:
    """Choose what is open, build a model and train it.

    Parameters
    ----------
    frame
        The rows to train on.
    frequency
        The time grid; None: inferred.
    horizon, context_length, segment_length, scaling, output, network, training, seed
        As in :class:`~tsseq2seq.forecaster.Seq2SeqForecaster`.
    device
        Where to train.
    started
        ``time.monotonic()`` at which ``max_time`` began.

    Raises
    ------
    DataError
        If nothing is left to train on.
    """
    coders = fit_coders(frame)
    panel = read_panel(frame, frequency, coders, scaling).to(device)
    choices = choose(
        panel,
        horizon=horizon,
        context_length=context_length,
        segment_length=segment_length,
        network=network,
        training=training,
        output=output,
    )
    shape = WindowShape(choices.context_length, horizon, choices.segment_length)
    windows, held_out = _windows(panel, shape, choices.training.validation_size, scaling)
    with seeded(seed, device) as drawn:
        model = build_series_model(
            choices.network,
            output,
            scaling,
            shape=shape,
            targets=len(frame.columns.targets),
            season_length=choices.season_length,
            coders=coders,
        ).to(device)
        objective = SeriesObjective(model, windows, held_out, choices.training, seed=drawn)
        record = train(objective, choices.training, started=started)
    return FittedSeries(model, panel, frame.columns, coders, horizon, choices, output, scaling), record


def _windows(panel: Panel, shape: WindowShape, held_out: int, scaling: str) -> tuple[Windows, Windows | None]:
    """Return the windows to train on, and those to validate on if anything is held out."""
    if not bool(panel.observed.any()):
        raise DataError(f"column {panel.targets[0]!r} is missing in all {len(panel.values)} steps")
    moments = scaling == "series"
    windows = training_windows(panel, shape, held_out=held_out, moments=moments)
    if len(windows) == 0:
        raise DataError(
            f"no series is long enough to train on: the longest has {int(panel.lengths.max())} steps, of "
            f"which validation_size={held_out} are held out; at least 2 must be left"
        )
    if not held_out:
        return windows, None
    return windows, validation_windows(panel, shape, held_out=held_out, moments=moments)
