import numpy as np

from tsseq2seq.pretraining.worlds import WorldShape
from tsseq2seq.pretraining.worlds.base import World
from tsseq2seq.pretraining.worlds.mixture import Mixture


class Constant(World):
    name = "constant"

    def __init__(self, value):
        self.value = value

    def draw(self, shape, rng):
        return np.full((shape.series, shape.steps), self.value)


def test_weights_add_up_to_one_whatever_the_scale():
    mixture = Mixture((Constant(1.0), Constant(1e6), Constant(1e-6)))
    values = mixture.draw(WorldShape(50, 10), np.random.default_rng(0))
    np.testing.assert_allclose(values, 1.0)
