import numpy as np
import pytest

from tsseq2seq.pretraining.components.events import closed_days, disturbed, level_shifts, outliers, pulses
from tsseq2seq.pretraining.traits import Traits


def test_events_are_as_many_as_expected():
    values = outliers(Traits(np.random.default_rng(0), 2000), 100, 2.0)
    assert (values != 0).sum(axis=1).mean() == pytest.approx(2, abs=0.15)


def test_a_shifted_level_stays():
    changes = np.diff(level_shifts(Traits(np.random.default_rng(0), 2000), 100, 1.0), axis=1)
    assert (changes != 0).sum(axis=1).mean() == pytest.approx(0.99, abs=0.1)


def test_pulses_fade():
    values = pulses(Traits(np.random.default_rng(0), 500), 400, 1.0)
    peaks = np.abs(values).max(axis=1)
    after = np.abs(values[:, -1])
    assert np.median(after[peaks > 0] / peaks[peaks > 0]) < 0.01


def test_most_series_are_not_disturbed_and_no_positive_one_turns_negative():
    values = np.exp(0.1 * np.random.default_rng(0).normal(size=(3000, 100)))
    found = disturbed(Traits(np.random.default_rng(0), 3000), values)
    same = (found == values).all(axis=1)
    assert 0.7 < same.mean() < 0.9
    assert (found > 0).all()
    assert (found / values).max() <= np.exp(1.6) * (1 + 1e-9)


def test_disturbances_are_as_large_as_a_series_changes():
    values = np.random.default_rng(0).normal(size=(3000, 100))
    small, large = (disturbed(Traits(np.random.default_rng(0), 3000), size * values) for size in (1e-6, 1.0))
    np.testing.assert_allclose(1e6 * small, large, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(("step_years", "some"), [(1 / 365.25, True), (1 / 12, False)])
def test_days_are_closed_now_and_then_and_months_never(step_years, some):
    values = np.exp(np.random.default_rng(0).normal(size=(3000, 100)))
    found = closed_days(Traits(np.random.default_rng(0), 3000, 0.0, step_years), values)
    closed = (found == 0).any(axis=1)
    assert 0.02 < closed.mean() < 0.1 if some else not closed.any()
    assert (found == 0).mean(axis=1).max() < 0.15
    assert (found[found != 0] == values[found != 0]).all()
