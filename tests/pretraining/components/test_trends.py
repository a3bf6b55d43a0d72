import numpy as np
import pytest

from tsseq2seq.pretraining.components.trends import broken_line, cycle, ended_line, growth, local_level
from tsseq2seq.pretraining.traits import Traits


def test_steps_of_a_local_level_are_uncorrelated():
    steps = np.diff(local_level(Traits(np.random.default_rng(0), 400), 200), axis=1)
    moving = steps[steps.std(axis=1) > 0]
    assert 0.7 < len(moving) / 400 < 0.9
    assert abs(np.mean([np.corrcoef(x[1:], x[:-1])[0, 1] for x in moving])) < 0.02


def test_a_broken_line_bends_four_times_at_most():
    lines = broken_line(Traits(np.random.default_rng(0), 300), 100)
    bends = (np.abs(np.diff(lines, 2, axis=1)) > 1e-9).sum(axis=1)
    assert bends.max() <= 4
    assert bends.max() > 0


def test_an_ended_line_stands_still_after_its_end():
    steps = np.abs(np.diff(ended_line(Traits(np.random.default_rng(0), 400), 400), axis=1))
    ended = steps[:, -1] < 0.01 * steps.max(axis=1)
    assert 0.4 < ended.mean() < 0.99


def test_a_cycle_has_unit_spread_and_a_length_above_the_shortest():
    cycles = cycle(Traits(np.random.default_rng(0), 300), 600, 20.0)
    assert cycles.std() == pytest.approx(1, abs=0.1)
    power = np.abs(np.fft.rfft(cycles - cycles.mean(axis=1, keepdims=True), axis=1)) ** 2
    fast = power[:, 600 // 14 :].sum(axis=1) / power.sum(axis=1)
    assert np.median(fast) < 0.1


def test_growth_is_by_the_year_and_mostly_upwards():
    monthly, yearly = (
        growth(Traits(np.random.default_rng(0), 2000, 0.0, step), 25) for step in (1 / 12, 1.0)
    )
    np.testing.assert_allclose(yearly[:, 1], monthly[:, 12])
    assert 0.03 < np.median(monthly[:, 12]) < 0.08
    assert 0.8 < (monthly[:, -1] > 0).mean() < 0.97
    np.testing.assert_allclose(np.diff(monthly, 2, axis=1), 0, atol=1e-12)
