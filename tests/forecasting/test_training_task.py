"""What networks are trained on is put together in one place, as ``fit`` does it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
import torch

from tsseq2seq import Binned, Network, Seq2SeqForecaster, Training
from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.errors import DataError
from tsseq2seq.forecasting.defaults import ForecasterSettings
from tsseq2seq.forecasting.fitted import FittedSeries
from tsseq2seq.forecasting.fitting import untrained_series
from tsseq2seq.forecasting.training_task import TrainingTask
from tsseq2seq.training.seeding import seeded

CPU = torch.device("cpu")


def frame(*lengths: int, value: float | None = None) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.concat(
        pd.DataFrame({"unique_id": n, "ds": np.arange(length), "y": rng.normal(size=length).cumsum()})
        for n, length in enumerate(lengths)
    ).assign(**({} if value is None else {"y": value}))


def given(**settings) -> ForecasterSettings:
    training = {"max_steps": 1, "batch_size": 8, "precision": "float32", "progress": False}
    training |= settings.pop("training", {})
    defaults = {"context_length": 8, "segment_length": 1, "network": Network(hidden_size=4)}
    return ForecasterSettings(4, **(defaults | settings), training=Training(**training))


def untrained(df: pd.DataFrame, settings: ForecasterSettings) -> FittedSeries:
    return untrained_series(read_long_frame(df, Columns()), settings, None, CPU)


@pytest.mark.parametrize("output", [None, Binned(bins=8)])
def test_the_first_loss_is_that_of_fit(output) -> None:
    """Weights, windows and coins come from the same random numbers."""
    settings = given() if output is None else given(output=output)
    names = [field.name for field in dataclasses.fields(settings)]
    df = frame(60, 30)
    with seeded(5, CPU) as drawn:
        objective = TrainingTask.of(untrained(df, settings)).objective(seed=drawn)
        objective.module.train()
        loss = objective.batch_loss(0, 1).item()
    model = Seq2SeqForecaster(**{name: getattr(settings, name) for name in names}, seed=5).fit(df)
    assert loss == pytest.approx(model.history_["loss"].iloc[0], rel=1e-6)


def test_windows_and_those_held_out_are_those_of_the_settings() -> None:
    series = untrained(frame(40, 25), given(stride=4, training={"validation_size": 5}))
    task = TrainingTask.of(series)
    assert task.held_out is not None
    assert (task.windows.stride, task.held_out.stride) == (4, 4)
    assert task.windows.end.tolist() == [35, 20]
    assert task.held_out.first_cutoff.tolist() == [35, 20]
    assert task.objective(seed=0).held_out is task.held_out
    assert TrainingTask.of(untrained(frame(40), given())).held_out is None


def test_statistics_of_the_history_are_there_where_the_scaling_needs_them() -> None:
    for scaling, needed in (("series", True), ("window", False)):
        task = TrainingTask.of(untrained(frame(40), given(scaling=scaling, training={"validation_size": 5})))
        assert task.held_out is not None
        assert [part.moments is not None for part in (task.windows, task.held_out)] == [needed] * 2


def test_a_binned_output_gets_edges_once() -> None:
    series = untrained(frame(60), given(output=Binned(bins=8)))
    assert series.resolved.output.edges is None
    task = TrainingTask.of(series)
    assert len(task.series.resolved.output.edges) == 9
    assert TrainingTask.of(task.series).series.resolved.output == task.series.resolved.output
    assert task.objective(seed=0).model.output == task.series.resolved.output


def test_a_network_that_is_given_is_gone_on_with() -> None:
    fitted = Seq2SeqForecaster(4, context_length=8, training=Training(max_steps=1)).fit(frame(40)).fitted_
    objective = TrainingTask.of(fitted).objective(fitted.members[0], seed=0)
    assert objective.model is fitted.members[0]


def test_nothing_observed_and_nothing_left_are_refused() -> None:
    with pytest.raises(DataError, match="'y' is missing in all 40"):
        TrainingTask.of(untrained(frame(40, value=np.nan), given()))
    with pytest.raises(DataError, match="10 steps, of which 9 are held out"):
        TrainingTask.of(untrained(frame(10, 6), given(training={"validation_size": 9})))
