"""What can be checked of captured steps without a GPU; ``tests/gpu`` holds them against eager ones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pandas as pd
import pytest
import torch

from tsseq2seq import Linear, Network, Point, Seq2SeqForecaster, Training
from tsseq2seq.errors import ParameterError
from tsseq2seq.forecasting.objective import SeriesObjective
from tsseq2seq.forecasting.training_task import TrainingTask
from tsseq2seq.training.captured_steps import Capturable, captured_steps
from tsseq2seq.training.step import make_optimizer


class OnGpu(SeriesObjective):
    """Says that it computes on a GPU."""

    @property
    def device(self) -> torch.device:
        return torch.device("cuda", 0)

    @device.setter
    def device(self, value: torch.device) -> None:
        pass


def objective_of(kind: type = SeriesObjective, *, lengths=(60, 50), **settings) -> SeriesObjective:
    df = pd.concat(
        pd.DataFrame({"unique_id": name, "ds": np.arange(length), "y": np.sin(np.arange(length))})
        for name, length in enumerate(lengths)
    )
    options = {"max_steps": 1, "device": "cpu", "batch_size": 8, "progress": False}
    training = Training(**(options | settings.pop("training", {})))
    defaults = {"context_length": 8, "segment_length": 1, "network": Network(hidden_size=4)}
    model = Seq2SeqForecaster(4, **(defaults | settings), training=training, seed=0).fit(df)
    fitted = model.fitted_
    objective = TrainingTask.of(fitted).objective(fitted.members[0], seed=1)
    if kind is SeriesObjective:
        return objective
    other = kind.__new__(kind)
    other.__dict__ |= objective.__dict__
    return other


def captured(objective: SeriesObjective, **training) -> object:
    settings = Training(**training)
    return captured_steps(objective, make_optimizer(objective, settings), settings)


def test_on_a_processor_steps_are_made_kernel_by_kernel() -> None:
    objective = objective_of()
    assert captured(objective) is None
    assert captured(objective, cuda_graphs=False) is None
    with pytest.raises(ParameterError, match="cuda_graphs is True, but the device is 'cpu'"):
        captured(objective, cuda_graphs=True)


def refused(objective: SeriesObjective, message: str, **training) -> None:
    assert captured(objective, **training) is None
    with pytest.raises(ParameterError, match=message):
        captured(objective, cuda_graphs=True, **training)


def test_why_steps_cannot_be_captured_is_said() -> None:
    refused(objective_of(OnGpu), "the optimiser is SGD", optimizer="sgd", learning_rate=0.1)
    refused(objective_of(OnGpu), "the optimiser is Own", optimizer=Own)
    refused(objective_of(OnGpu, lengths=(60, 9)), "some windows are padded")
    refused(objective_of(OnGpu, scaling="robust"), "scaling is 'robust'")
    refused(objective_of(OnGpu, output=Point(loss)), "the loss is not one of those known by name")


class Own(torch.optim.AdamW):
    """May do anything in its steps."""


def loss(forecast: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    return (forecast - truth).abs()


@contextmanager
def taken_back(objective: SeriesObjective) -> Iterator[None]:
    """Undo at the end whatever drawing batches inside does."""
    state = objective.state()
    yield
    objective.load_state(state)


class Sentences:
    """An objective of other shapes at each step."""

    module = torch.nn.Linear(1, 1)
    device = torch.device("cuda", 0)

    def batch_loss(self, step: int, total: int) -> torch.Tensor:
        raise AssertionError

    def state(self) -> dict:
        raise AssertionError

    def load_state(self, state: dict) -> None:
        raise AssertionError

    def validate(self) -> float | None:
        raise AssertionError


def test_objectives_of_changing_shapes_are_not_captured() -> None:
    assert not isinstance(Sentences(), Capturable)
    refused(Sentences(), "the shapes of these batches change")  # type: ignore[arg-type]


def test_false_is_not_asked_for_reasons() -> None:
    assert captured(objective_of(OnGpu), cuda_graphs=False) is None


def test_kinds_of_steps_follow_the_schedule() -> None:
    objective = objective_of(training={"teacher_forcing": Linear()})
    assert isinstance(objective, Capturable)
    names = [objective.graph_name(step, 10) for step in (0, 1, 5, 6, 9, 10)]
    assert names == [
        "teacher_forcing",
        "two_passes",
        "two_passes",
        "sampling_loop",
        "sampling_loop",
        "free_running",
    ]


@pytest.mark.parametrize("share", [0.0, 0.3, 0.7, 1.0])
def test_the_captured_batch_loss_on_the_device_is_the_loss(share: float) -> None:
    objective = objective_of(training={"teacher_forcing": share})
    with taken_back(objective):
        expected = objective.batch_loss(2, 10)
    objective.set_device_numbers(2, 10)
    torch.testing.assert_close(objective.captured_batch_loss(2, 10), expected, rtol=0, atol=0)


def test_the_number_on_the_device_decides_the_coins() -> None:
    """A graph is recorded once, and replayed with other probabilities of the same kind."""
    objective = objective_of(training={"teacher_forcing": 0.3})
    losses = []
    for threshold in (0.0, 0.3, 1.0):
        objective.threshold.fill_(threshold)
        with taken_back(objective):
            losses.append(objective.captured_batch_loss(0, 1).item())
    assert len(set(losses)) == 3
