"""Averages of the weights, against plain numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from tsseq2seq.training.averaging import CheckpointAverage, ExponentialAverage


def follow(decay: float, values: list[float]) -> list[float]:
    module = nn.Linear(1, 1, bias=False)
    nn.init.constant_(module.weight, values[0])
    average = ExponentialAverage(module, decay)
    seen = []
    for reached, value in enumerate(values[1:], start=1):
        nn.init.constant_(module.weight, value)
        average.update(reached)
        seen.append(average.weights[0].item())
    return seen


@pytest.mark.parametrize("decay", [0.0, 0.05, 0.5, 0.9, 0.999])
def test_it_equals_the_recurrence(decay: float) -> None:
    values = np.random.default_rng(0).normal(size=60).tolist()
    expected, average = [], values[0]
    for update, value in enumerate(values[1:]):
        share = min(decay, (1 + update) / (10 + update))
        average = share * average + (1 - share) * value
        expected.append(average)
    np.testing.assert_allclose(follow(decay, values), expected, rtol=1e-5, atol=1e-6)


def test_in_the_long_run_it_equals_the_exponential_mean_of_pandas() -> None:
    values = np.random.default_rng(1).normal(size=400).tolist()
    expected = pd.Series(values).ewm(alpha=0.1, adjust=True).mean().iloc[-1]
    assert follow(0.9, values)[-1] == pytest.approx(expected, abs=1e-4)


def test_the_start_is_soon_forgotten() -> None:
    assert abs(follow(0.999, [1e6] + [1.0] * 100)[-1] - 1.0) < 1e-3


def test_swapping_puts_the_own_weights_back_even_after_an_error() -> None:
    module = nn.Linear(3, 2)
    average = ExponentialAverage(module, 0.9)
    start = module.weight.detach().clone()
    with torch.no_grad():
        module.weight.add_(1.0)
    own = module.weight.detach().clone()
    with average.swapped():
        assert torch.equal(module.weight, start)
    assert torch.equal(module.weight, own)
    with pytest.raises(KeyError), average.swapped():
        raise KeyError
    assert torch.equal(module.weight, own)


def test_copying_changes_values_and_not_parameters() -> None:
    module = nn.Linear(3, 2)
    parameters = list(module.parameters())
    average = ExponentialAverage(module, 0.9)
    with torch.no_grad():
        module.bias.zero_()
    average.copy_to_module()
    assert [id(p) for p in module.parameters()] == [id(p) for p in parameters]
    assert torch.equal(module.bias, average.weights[1])
    assert module.bias.requires_grad


def test_the_average_does_not_share_memory_with_the_module() -> None:
    module = nn.Linear(1, 1)
    average = ExponentialAverage(module, 0.5)
    before = average.weights[0].clone()
    with torch.no_grad():
        module.weight.add_(5.0)
    assert torch.equal(average.weights[0], before)


@pytest.mark.parametrize(("count", "every", "steps"), [(1, 1, 5), (3, 2, 11), (4, 3, 9), (5, 10, 7)])
def test_checkpoints_are_averaged_counting_back_from_the_last_step(count, every, steps) -> None:
    module = nn.Linear(1, 1, bias=False)
    average = CheckpointAverage(module, count=count, every=every, steps=steps)
    values = np.random.default_rng(0).normal(size=steps).tolist()
    taken: list[float] = []
    for step, value in enumerate(values, start=1):
        nn.init.constant_(module.weight, value)
        average.update(step)
        if (steps - step) % every == 0:
            taken.append(value)
        # before the first checkpoint, the weights are what they are
        expected = np.mean(taken[-count:]) if taken else value
        assert average.weights[0].item() == pytest.approx(expected, abs=1e-6)
    assert taken[-1] == values[-1]


@pytest.mark.parametrize(
    ("places", "taken"),
    [
        ([1, 1, 2, 2, 3, 3, 4, 4], [2, 6]),
        ([1, 3, 3, 4], [1, 3]),
        ([4], [0]),
        ([3], [0]),
        ([1, 1, 1], []),
    ],
    ids=["half as long", "a checkpoint passed by", "the last alone", "nearly the last", "none"],
)
def test_checkpoints_follow_the_plan_and_not_the_number_of_updates(places, taken) -> None:
    """Of four steps planned the second and the fourth are checkpoints."""
    module = nn.Linear(1, 1, bias=False)
    average = CheckpointAverage(module, count=9, every=2, steps=4)
    for update, reached in enumerate(places):
        nn.init.constant_(module.weight, float(update))
        average.update(reached)
    expected = np.mean(taken) if taken else len(places) - 1
    assert average.weights[0].item() == pytest.approx(expected)
