"""What is held back is missing in training, and nothing else is."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tsseq2seq.errors import ParameterError
from tsseq2seq.reconstruction.held_back import calibration_steps, validation_steps, without
from tsseq2seq.training.training import Training


def test_a_fifth_of_the_blocks_is_held_back(panel_of) -> None:
    panel = panel_of([0.0] * 103, [1.0] * 50)
    steps = calibration_steps(panel, 10, panel.lengths).numpy()
    assert steps.sum() == 30
    first, second = steps[:103], steps[103:]
    # blocks are counted back from each series' end: the first 3 steps are in none
    assert not first[:3].any()
    for part in (first[3:], second):
        assert set(part.reshape(-1, 10).sum(1)) <= {0, 10}


def test_of_two_blocks_none_can_be_spared(panel_of) -> None:
    panel = panel_of([0.0] * 29)
    assert not calibration_steps(panel, 10, panel.lengths).any()
    assert calibration_steps(panel, 9, panel.lengths).sum() == 9


def test_validation_lies_at_the_end_of_each_series_and_no_block_in_it(panel_of) -> None:
    panel = panel_of([0.0] * 60, [0.0] * 40)
    validated = validation_steps(panel, 10, Training(validation_size=15)).numpy()
    assert np.flatnonzero(validated).tolist() == [*range(45, 60), *range(85, 100)]
    held_back = calibration_steps(panel, 10, panel.lengths - 15).numpy()
    assert held_back.any()
    assert not (held_back & validated).any()
    assert not validation_steps(panel, 10, Training()).any()


@pytest.mark.parametrize(
    ("size", "match"),
    [
        (9, "validation_size is 9, less than window_length 10"),
        (51, "validation_size is 51; that leaves 9 steps"),
        (0.15, "validation_size is 0.15, which is 9 of 60 steps, less than window_length 10"),
        (0.9, "validation_size is 0.9, which is 54 of 60 steps; that leaves 6 steps"),
    ],
)
def test_validation_holds_a_window_and_leaves_one(panel_of, size, match) -> None:
    with pytest.raises(ParameterError, match=match):
        validation_steps(panel_of([0.0] * 60), 10, Training(validation_size=size))


def test_without_hides_values_and_nothing_else(panel_of) -> None:
    panel = panel_of([1.0, 2.0, float("nan"), 4.0])
    hidden = without(panel, torch.tensor([False, True, False, False]))
    assert hidden.observed[:, 0].tolist() == [True, False, False, True]
    assert hidden.values[1, 0] == 0
    assert torch.equal(hidden.values[[0, 3]], panel.values[[0, 3]])
