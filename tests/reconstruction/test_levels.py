"""Levels of series: their own, those of training, and as numbers of a panel."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from tsseq2seq.reconstruction.levels import Levels, indices_of_known, typical_spread_of_windows

NAN = float("nan")


def test_mean_and_deviation_of_what_was_observed(panel_of) -> None:
    first, second = [1.0, NAN, 4.0, 7.0], [1e8 + 1, 1e8 + 2, 1e8 + 9]
    levels = Levels.of(panel_of(first, second))
    np.testing.assert_allclose(levels.mean[:, 0], [4.0, 1e8 + 4])
    np.testing.assert_allclose(levels.spread[:, 0], [np.nanstd(first), np.std([1, 2, 9])])


def test_a_constant_has_no_spread_and_nothing_no_mean(panel_of) -> None:
    levels = Levels.of(panel_of([0.1] * 7, [NAN, NAN], [1.0, 2.0]))
    assert levels.spread[:2, 0].tolist() == [0.0, 0.0]
    assert levels.mean[0, 0] == 0.1
    assert levels.mean[1].isnan().all()


def test_series_trained_on_keep_their_levels_and_others_have_their_own(panel_of) -> None:
    trained = panel_of([0.0, 2.0], [NAN, NAN])
    later = panel_of([10.0, 30.0], [5.0, 7.0], [100.0, 104.0])
    levels = Levels.of(trained).known(trained, later)
    assert levels.mean[:, 0].tolist() == [1.0, 6.0, 102.0]
    assert levels.spread[:, 0].tolist() == [1.0, 1.0, 2.0]


def test_a_series_without_a_name_is_not_taken_for_one_with(panel_of) -> None:
    trained = panel_of([0.0, 2.0])
    assert indices_of_known(trained, panel_of([1.0, 2.0])).tolist() == [0]
    nameless = dataclasses.replace(panel_of([1.0, 2.0]), named=False)
    assert indices_of_known(trained, nameless).tolist() == [-1]


def test_moments_are_numbers_of_the_panel(panel_of) -> None:
    panel = panel_of([100.0, 104.0, 112.0])
    moments = Levels.of(panel).moments(panel).before(torch.tensor([0, 0]), torch.tensor([1, 3]))
    original = panel.origin[0] + panel.unit[0] * moments.mean.double()
    assert original.flatten().tolist() == pytest.approx([316 / 3] * 2)


def test_windows_of_a_wandering_level_vary_less_than_the_series(panel_of) -> None:
    rng = np.random.default_rng(0)
    wandering = panel_of(rng.normal(size=2000).cumsum().tolist())
    still = panel_of(rng.normal(size=2000).tolist())
    assert typical_spread_of_windows(wandering, 20) < 0.3
    assert typical_spread_of_windows(still, 20) > 0.9
    assert typical_spread_of_windows(panel_of([1.0, 2.0]), 20) == 1.0, "nothing tells"
