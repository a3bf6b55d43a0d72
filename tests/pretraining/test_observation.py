import numpy as np

from tsseq2seq.pretraining.observation import draw_known, fewest_known


def test_series_end_together_and_are_not_too_short():
    lengths = []
    for seed in range(40):
        known = draw_known(60, 50, 12, False, np.random.default_rng(seed))
        assert known[:, -1].all()
        assert (np.diff(known.astype(int), axis=1) >= 0).all()  # no gap once a series has begun
        lengths.append(known.sum(axis=1))
    assert min(map(np.min, lengths)) == 12
    assert 0.3 < np.mean([len(set(of_panel)) == 1 for of_panel in lengths]) < 0.7


def test_missing_values_leave_enough():
    shares = []
    for seed in range(40):
        known = draw_known(60, 50, 12, True, np.random.default_rng(seed))
        begin = known.argmax(axis=1)
        assert (known.sum(axis=1) >= 6).all()
        assert (known.sum(axis=1) >= fewest_known(50 - begin)).all()
        shares.append(known.sum() / (50 - begin).sum())
    assert 0.8 < np.mean(shares) < 0.99
