import numpy as np
import pytest

from tsseq2seq.pretraining.components.seasons import profile, repeated, season, seasons
from tsseq2seq.pretraining.traits import Traits


@pytest.mark.parametrize("period", [2, 4, 7, 12, 24, 52, 144])
def test_profiles_have_mean_0_and_spread_1(period):
    values = profile(Traits(np.random.default_rng(0), 200), period)
    np.testing.assert_allclose(values.mean(axis=1), 0, atol=1e-9)
    np.testing.assert_allclose(values.std(axis=1), 1, atol=1e-6)


def test_profiles_of_a_panel_resemble_each_other():
    apart, alike = (profile(Traits(np.random.default_rng(1), 100, share), 12) for share in (0.0, 0.9))
    pair = np.triu_indices(100, 1)
    assert abs(np.corrcoef(apart)[pair].mean()) < 0.1
    assert np.corrcoef(alike)[pair].mean() > 0.4


def test_what_is_repeated_is_exactly_periodic():
    over_time = repeated(np.random.default_rng(0).normal(size=(3, 7)), 40, np.array([[0], [3], [6]]))
    assert (over_time[:, 7:] == over_time[:, :-7]).all()


def test_some_seasons_stay_and_the_others_change():
    over_time = season(Traits(np.random.default_rng(0), 400), 12, 120)
    same = np.isclose(over_time[:, 12:], over_time[:, :-12]).all(axis=1)
    assert 0.15 < same.mean() < 0.45


def test_the_period_is_seen_in_the_spectrum():
    over_time = season(Traits(np.random.default_rng(0), 200), 12, 240)
    power = np.abs(np.fft.rfft(over_time - over_time.mean(axis=1, keepdims=True), axis=1)) ** 2
    at_harmonics = power[:, 20::20].sum(axis=1) / power.sum(axis=1)
    assert np.median(at_harmonics) > 0.9


def test_two_seasons_hold_both_periods():
    over_time = seasons(Traits(np.random.default_rng(0), 300), (24, 168), 168 * 4)
    power = np.abs(np.fft.rfft(over_time - over_time.mean(axis=1, keepdims=True), axis=1)) ** 2
    share = power / power.sum(axis=1, keepdims=True)
    daily, weekly = share[:, 28::28].sum(axis=1), share[:, 4::4].sum(axis=1)
    assert np.median(daily) > 0.3
    assert np.median(weekly - daily) > 0.05
    assert np.median(weekly) > 0.8


def test_without_a_period_there_is_no_season():
    assert not seasons(Traits(np.random.default_rng(0), 3), (), 20).any()
