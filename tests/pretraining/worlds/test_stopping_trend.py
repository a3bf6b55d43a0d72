import numpy as np

from tsseq2seq.pretraining.worlds import WORLDS, WorldShape


def test_a_slope_foretells_little_of_what_comes():
    values = WORLDS["stopping trend"].draw(WorldShape(1500, 200), np.random.default_rng(0))
    before, after = values[:, 140] - values[:, 100], values[:, 199] - values[:, 159]
    spread = values.std(axis=1)
    moved = np.abs(before) > spread
    assert moved.sum() > 100
    assert np.median(np.abs(after[moved])) < 0.6 * np.median(np.abs(before[moved]))
