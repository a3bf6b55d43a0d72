import numpy as np
import pytest

from tsseq2seq.pretraining.components.events import level_shifts, outliers, pulses
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
