import numpy as np

from tsseq2seq.pretraining.traits import Traits
from tsseq2seq.pretraining.worlds import WORLDS, WorldShape
from tsseq2seq.pretraining.worlds.saturation import growth_curve


def test_curves_lie_between_0_and_1_and_turn_once_at_most():
    curves = growth_curve(Traits(np.random.default_rng(0), 500), 100)
    assert curves.min() >= 0
    assert curves.max() <= 1
    direction = np.sign(np.where(np.abs(np.diff(curves, axis=1)) > 1e-12, np.diff(curves, axis=1), 0))
    for row in direction:
        moved = row[row != 0]
        assert (np.diff(moved) != 0).sum() <= 1


def test_series_are_positive():
    values = WORLDS["saturation"].draw(WorldShape(300, 100, (12,)), np.random.default_rng(0))
    assert (values > 0).all()
