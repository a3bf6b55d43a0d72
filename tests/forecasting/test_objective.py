"""Random windows to train on, and a validation error that is the free-running error by hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pandas as pd
import pytest
import torch

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.features import Coders
from tsseq2seq.data.panel.panel import Panel, make_panel
from tsseq2seq.data.panel.windows import WindowShape
from tsseq2seq.data.scaling.base import Scaling
from tsseq2seq.data.scaling.registry import SCALINGS
from tsseq2seq.forecasting import objective as series_objective
from tsseq2seq.forecasting.defaults import ResolvedSettings
from tsseq2seq.forecasting.fitted import FittedSeries
from tsseq2seq.forecasting.objective import SeriesObjective
from tsseq2seq.forecasting.training_task import TrainingTask
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import Point
from tsseq2seq.training import time_budget
from tsseq2seq.training.teacher_forcing import Linear
from tsseq2seq.training.training import Training

SHAPE = WindowShape(6, 3)


def panel_of(*series) -> Panel:
    parts = [
        pd.DataFrame({"unique_id": place, "ds": np.arange(len(values)), "y": np.asarray(values, dtype=float)})
        for place, values in enumerate(series)
    ]
    return make_panel(read_long_frame(pd.concat(parts), Columns()), Frequency.parse(1))


def objective_of(panel: Panel, *, held_out: int = 0, seed: int = 0, **training) -> SeriesObjective:
    torch.manual_seed(0)
    resolved = ResolvedSettings(
        season_length=None,
        context_length=SHAPE.context_length,
        segment_length=SHAPE.segment_length,
        scaling="window",
        output=Point(),
        network=Network(hidden_size=8),
        training=Training(**training, validation_size=held_out),
    )
    untrained = FittedSeries((), panel, Columns(), Coders(), SHAPE.horizon, resolved)
    objective = TrainingTask.of(untrained).objective(seed=seed)
    objective.model.eval()
    return objective


@contextmanager
def taken_back(objective: SeriesObjective) -> Iterator[None]:
    """Undo at the end whatever drawing batches inside does."""
    state = objective.state()
    yield
    objective.load_state(state)


def walk(length: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=length).cumsum()


def test_windows_are_drawn_evenly_and_with_replacement() -> None:
    objective = objective_of(panel_of(walk(20), walk(14, 1)), batch_size=4000)
    drawn: list[torch.Tensor] = []
    gather = objective.windows.gather
    objective.windows.gather = lambda index: drawn.append(index) or gather(index[:4])  # type: ignore
    objective.batch_loss(0, 1)
    counts = np.bincount(drawn[0], minlength=len(objective.windows))
    assert len(drawn[0]) == 4000
    assert counts.sum() == 4000
    expected = 4000 / len(objective.windows)
    assert (np.abs(counts - expected) < 5 * np.sqrt(expected)).all()


def test_the_seed_decides_windows_and_coins() -> None:
    panel = panel_of(walk(60))
    losses = []
    for seed in (1, 1, 2):
        objective = objective_of(panel, seed=seed, batch_size=8, teacher_forcing=0.3)
        torch.manual_seed(len(losses))
        losses.append([objective.batch_loss(step, 3).item() for step in range(3)])
    assert losses[0] == losses[1] != losses[2]


@pytest.mark.parametrize(
    ("teacher_forcing", "expected"),
    [(None, [0.0, 0.0]), (0.25, [0.25, 0.25]), (Linear(), [1.0, 0.5]), (lambda step: step / 10, [0.0, 0.5])],
)
def test_the_schedule_is_asked_at_each_step(teacher_forcing, expected: list[float]) -> None:
    objective = objective_of(panel_of(walk(30)), batch_size=2, teacher_forcing=teacher_forcing)
    asked = []
    loss = objective.model.forward
    objective.model.forward = lambda batch, **options: (
        asked.append(options["truth_probability"])
        or loss(  # type: ignore
            batch, **options
        )
    )
    for step in (0, 5):
        objective.batch_loss(step, 10)
    assert asked == expected


def test_without_held_out_steps_there_is_no_validation_error() -> None:
    assert objective_of(panel_of(walk(30))).validate() is None


def validation_by_hand(objective: SeriesObjective) -> float:
    """Forecast each held-out window alone, in original units, and scale the errors by its context."""
    errors: list[float] = []
    windows = objective.held_out
    assert windows is not None
    for place in range(len(windows)):
        batch = windows[place]
        with torch.inference_mode():
            forecast = objective.model.forecast(
                batch, horizon=3, read=lambda p: [objective.model.output.point(p)]
            )
        truth = batch.origin + batch.unit * batch.target[0].double()
        context = (batch.origin + batch.unit * batch.context[0].double())[batch.context_mask[0]]
        deviation = context.std(correction=0)
        if deviation > 1e-9:
            errors += ((forecast[0, :, :, 0] - truth).abs() / deviation)[batch.target_mask[0]].tolist()
    return float(np.mean(errors))


SERIES = {
    "one": [walk(30)],
    "several": [walk(30), 1e8 + walk(12, 1), 1e-3 * walk(40, 2)],
    "gaps": [np.where(np.random.default_rng(3).random(40) < 0.3, np.nan, walk(40)), walk(12, 1)],
    "flat contexts": [walk(30), np.r_[np.zeros(12), walk(6, 1)], np.full(20, 3.0)],
}


@pytest.mark.parametrize("series", SERIES.values(), ids=SERIES.keys())
@pytest.mark.parametrize("chunk", [1, 2, 512])
def test_validation_equals_a_loop_over_windows_whatever_the_chunk(
    series: list, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(series_objective, "_VALIDATION_CHUNK", chunk)
    objective = objective_of(panel_of(*series), held_out=6)
    with torch.inference_mode():
        assert objective.validate() == pytest.approx(validation_by_hand(objective), rel=1e-4)


def test_validation_never_feeds_the_truth() -> None:
    panel = panel_of(walk(30))
    objective = objective_of(panel, held_out=3, teacher_forcing=1.0)
    asked = []
    decode = objective.model.decode
    objective.model.decode = lambda *args, **options: (
        asked.append(options.get("truth"))
        or decode(  # type: ignore
            *args, **options
        )
    )
    with torch.inference_mode():
        objective.validate()
    assert asked == [None]


def test_held_out_values_reach_no_training_batch() -> None:
    values = walk(30)
    poisoned = np.r_[values[:-6], np.full(6, 1e6)]
    losses = [
        [objective_of(panel_of(v), held_out=6, batch_size=16).batch_loss(step, 5).item() for step in range(5)]
        for v in (values, poisoned)
    ]
    assert losses[0] == losses[1]


def test_held_out_steps_of_which_none_was_observed_say_nothing() -> None:
    """An error of 0 would make the first weights the best for ever."""
    objective = objective_of(panel_of(np.r_[walk(30), np.full(6, np.nan)]), held_out=6)
    with torch.inference_mode():
        error = objective.validate()
    assert error is None or np.isnan(error)


def test_a_rehearsal_leaves_no_trace() -> None:
    panel = panel_of(walk(60))
    losses = []
    for rehearsals in ((), (0,), (0, 3, 20)):
        objective = objective_of(panel, batch_size=8, teacher_forcing=0.3)
        run = []
        for step in range(25):
            if step in rehearsals:
                with taken_back(objective):
                    inside = [objective.batch_loss(step, 25).item() for _ in range(20)]
                if step == 0:
                    assert inside[0] == losses[0][0]
            run.append(objective.batch_loss(step, 25).item())
        losses.append(run)
    assert losses[0] == losses[1] == losses[2]


def test_steps_that_are_timed_hold_the_drawing_of_as_many() -> None:
    """Where time is limited, the steps after the warm-up say what a step costs, drawn windows included."""
    objective = objective_of(panel_of(walk(60)), batch_size=3)
    asked: list[int] = []
    gather = objective.windows.gather
    objective.windows.gather = lambda index: asked.append(len(index)) or gather(index)  # type: ignore
    for step in range(time_budget._WARM_UPS):
        objective.batch_loss(step, 20)
    asked.clear()
    for step in range(time_budget.CALIBRATION_STEPS):
        objective.batch_loss(step, 20)
    assert asked == [3 * time_budget.CALIBRATION_STEPS]


@pytest.mark.parametrize("scaling", SCALINGS.values(), ids=SCALINGS)
def test_steps_are_captured_if_the_scaling_can_be(scaling: Scaling) -> None:
    objective = objective_of(panel_of(walk(20)), batch_size=4)
    objective.model.scaling = scaling
    obstacle = objective.reason_not_capturable
    assert (obstacle is None) is scaling.capturable
    assert scaling.capturable or f"scaling is {scaling.name!r}" in str(obstacle)
