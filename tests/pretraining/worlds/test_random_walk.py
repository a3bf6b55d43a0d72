import numpy as np

from tsseq2seq.pretraining.worlds import WORLDS, WorldShape


def test_nothing_foretells_its_changes():
    values = WORLDS["random walk"].draw(WorldShape(800, 200, (7,)), np.random.default_rng(0))
    changes = np.diff(
        np.where((values > 0).all(axis=1, keepdims=True), np.log(np.abs(values)), values), axis=1
    )
    changes -= changes.mean(axis=1, keepdims=True)
    for lag in (1, 2, 7):
        correlation = (changes[:, lag:] * changes[:, :-lag]).mean(axis=1) / (changes**2).mean(axis=1)
        assert abs(correlation.mean()) < 0.02


def test_the_last_value_is_the_best_forecast():
    values = WORLDS["random walk"].draw(WorldShape(800, 200, (7,)), np.random.default_rng(0))
    last, ahead = values[:, 150:151], values[:, 160]
    naive = np.abs(ahead - last[:, 0])
    mean = np.abs(ahead - values[:, :151].mean(axis=1))
    assert np.mean(naive < mean) > 0.75
