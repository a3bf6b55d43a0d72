import numpy as np
import pytest

from tsseq2seq.pretraining.traits import Traits


@pytest.mark.parametrize("alike", [0.0, 0.6, 1.0])
def test_a_trait_has_the_same_distribution_however_alike_the_series_are(alike):
    drawn = [Traits(np.random.default_rng(k), 1, alike).uniform(2, 5).item() for k in range(2000)]
    assert np.quantile(drawn, [0.1, 0.5, 0.9]) == pytest.approx([2.3, 3.5, 4.7], abs=0.15)


@pytest.mark.parametrize("alike", [0.0, 0.6, 1.0])
def test_alike_is_the_correlation_of_two_series(alike):
    pairs = np.array([Traits(np.random.default_rng(k), 2, alike).normal().ravel() for k in range(4000)])
    assert np.corrcoef(pairs.T)[0, 1] == pytest.approx(alike, abs=0.05)


def test_kinds_come_by_their_shares():
    kinds = Traits(np.random.default_rng(0), 20_000).choice([1, 0, 3])
    assert np.bincount(kinds.ravel(), minlength=3) / 20_000 == pytest.approx([0.25, 0, 0.75], abs=0.02)


def test_something_comes_as_often_as_it_is_likely():
    assert Traits(np.random.default_rng(0), 20_000).chance(0.3).mean() == pytest.approx(0.3, abs=0.02)


def test_noise_is_independent_between_series_that_are_all_the_same():
    noise = Traits(np.random.default_rng(0), 2, 1.0).white(5000)
    assert abs(np.corrcoef(noise)[0, 1]) < 0.05


def test_levels_wander_as_the_root_of_time_and_in_units_of_noise_even_more():
    day, month, year, hour = (
        Traits(np.random.default_rng(0), 1, 0.0, step) for step in (1 / 365, 1 / 12, 1.0, 1 / 8766)
    )
    assert month.pace == pytest.approx(1)
    assert year.pace / month.pace == pytest.approx(np.sqrt(12))
    assert year.wander > year.pace > month.wander > day.pace > day.wander
    assert hour.pace == day.pace
    assert [traits.within_day for traits in (hour, day, month, year)] == [True, False, False, False]
