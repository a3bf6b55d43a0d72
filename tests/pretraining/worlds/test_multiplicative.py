import numpy as np

from tsseq2seq.pretraining.worlds import WORLDS, WorldShape


def test_the_season_grows_with_the_level():
    values = WORLDS["multiplicative"].draw(WorldShape(2000, 144, (12,)), np.random.default_rng(0))
    years = values.reshape(2000, 12, 12)
    level, size = years.mean(axis=2), years.std(axis=2)
    grown = level[:, -1] > 2 * level[:, 0]
    assert grown.sum() > 50
    assert np.median((size[:, -1] / size[:, 0])[grown]) > 1.6


def test_series_are_positive():
    assert (WORLDS["multiplicative"].draw(WorldShape(500, 144, (12,)), np.random.default_rng(0)) > 0).all()
