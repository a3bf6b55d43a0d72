"""Discounted errors, and the weights that follow from them."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from tsseq2seq.smoothing.method_errors import discounted_errors, judged_steps, relative_logarithms
from tsseq2seq.smoothing.method_weights import MethodWeights


@pytest.mark.parametrize("horizon", [1, 2, 3, 4, 5, 12, 24, 48])
def test_steps_of_the_whole_horizon_are_judged(horizon: int, definitions) -> None:
    steps = judged_steps(horizon)
    assert list(steps) == definitions["judged_ahead"](horizon)
    assert steps[0] == 1
    assert steps[-1] == horizon


def test_errors_fade_and_are_counted_from_the_third_step_on() -> None:
    observed = torch.ones(1, 7, dtype=torch.bool)
    observed[0, 5] = False
    total, count = discounted_errors(lambda ahead: torch.ones(1, 7 - ahead, 2) * ahead, observed, 1, width=2)
    # targets 3, 4 and 6 are judged; each step takes 4 % of what came before
    wanted = np.array([0, 0, 0, 1, 1.96, 1.96 * 0.96, 1 + 1.96 * 0.96**2])
    np.testing.assert_allclose(count[0, :, 0], wanted)
    np.testing.assert_allclose(total[0, :, 1], wanted)


def test_logarithms_are_relative_to_the_mean_and_0_where_nothing_is_known() -> None:
    total = torch.tensor([[1.0, 3.0], [0.0, 0.0], [0.0, 5.0], [2.0, 2.0]], dtype=torch.float64)
    count = torch.tensor([[2.0], [3.0], [1.0], [0.0]], dtype=torch.float64)
    found = relative_logarithms(total, count)
    wanted = [[math.log(0.5), math.log(1.5)], [0, 0], [math.log(1e-3), math.log(2)], [0, 0]]
    np.testing.assert_allclose(found, wanted)


def test_weights_are_errors_to_a_power() -> None:
    errors = torch.tensor([0.5, 1.0, 2.0], dtype=torch.float64)
    power = errors**-12.0
    torch.testing.assert_close(MethodWeights.unlearned(3).of(errors.log()), power / power.sum())
