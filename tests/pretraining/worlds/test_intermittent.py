import numpy as np

from tsseq2seq.pretraining.worlds import WORLDS, WorldShape


def test_series_are_counts_with_many_zeros():
    values = WORLDS["intermittent"].draw(WorldShape(1000, 150, (12,)), np.random.default_rng(0))
    assert (values >= 0).all()
    assert (values == np.round(values)).all()
    zeros = (values == 0).mean(axis=1)
    assert np.quantile(zeros, 0.9) > 0.8
    assert 0.3 < np.median(zeros) < 0.8
    assert np.quantile(zeros, 0.1) < 0.3
