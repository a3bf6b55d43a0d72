import numpy as np
import pytest
from scipy.stats import kurtosis

from tsseq2seq.pretraining.components.noise import changing_spread, heavy_tailed, noise
from tsseq2seq.pretraining.traits import Traits


def test_heavy_tails_are_students_with_unit_variance():
    drawn = heavy_tailed(Traits(np.random.default_rng(0), 1), 200_000, np.array([[8.0]]))
    assert drawn.std() == pytest.approx(1, abs=0.02)
    assert kurtosis(drawn[0]) == pytest.approx(6 / (8 - 4), abs=0.4)


def test_a_changing_spread_is_positive_and_persists():
    spread = np.log(changing_spread(Traits(np.random.default_rng(0), 200), 300))
    before, after = spread[:, 50:-1], spread[:, 51:]
    assert np.corrcoef(before.ravel(), after.ravel())[0, 1] > 0.8


def test_noise_has_unit_spread_and_no_memory():
    drawn = noise(Traits(np.random.default_rng(0), 500), 200, lasting=False)
    assert np.median(drawn.std(axis=1)) == pytest.approx(1, abs=0.05)
    lagged = [np.corrcoef(x[1:], x[:-1])[0, 1] for x in drawn]
    assert abs(np.mean(lagged)) < 0.02


def test_some_noise_lasts():
    drawn = noise(Traits(np.random.default_rng(0), 500), 200)
    lagged = np.array([np.corrcoef(x[1:], x[:-1])[0, 1] for x in drawn])
    assert 0.15 < (lagged > 0.25).mean() < 0.5
    assert np.median(drawn.std(axis=1)) == pytest.approx(1, abs=0.1)
    hourly = noise(Traits(np.random.default_rng(0), 500, 0.0, 1 / 8766), 200)
    assert np.mean([np.corrcoef(x[1:], x[:-1])[0, 1] for x in hourly]) > lagged.mean() + 0.05
