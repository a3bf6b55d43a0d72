import numpy as np
import pytest

from tsseq2seq.pretraining.traits import Traits
from tsseq2seq.pretraining.units import in_units

RNG = np.random.default_rng(0)
NO_COUNTS = np.zeros(2000, dtype=bool)


def test_positive_series_keep_their_proportions():
    values = np.exp(RNG.normal(size=(2000, 40)))
    told = in_units(values, NO_COUNTS, Traits(np.random.default_rng(1), 2000))
    ratio = told / values
    kept = np.ptp(ratio, axis=1) < 1e-9 * ratio.max(axis=1)
    assert kept.mean() > 0.6  # the others are whole numbers or cut off
    assert (told >= 0).all()


def test_most_others_are_lifted_above_zero():
    told = in_units(RNG.normal(size=(2000, 40)), NO_COUNTS, Traits(np.random.default_rng(1), 2000))
    assert (told >= 0).all(axis=1).mean() == pytest.approx(0.75, abs=0.12)


def test_scales_span_many_orders_of_magnitude_within_bounds():
    values = np.exp(RNG.normal(size=(2000, 40)))
    highest = in_units(values, NO_COUNTS, Traits(np.random.default_rng(1), 2000)).max(axis=1)
    assert highest.min() < 1e-2
    assert 1e5 < highest.max() < 1.01e6


def test_a_third_are_whole_numbers_and_never_flattened():
    told = in_units(RNG.normal(size=(2000, 40)), NO_COUNTS, Traits(np.random.default_rng(1), 2000))
    whole = (told == np.round(told)).all(axis=1)
    assert 0.15 < whole.mean() < 0.4
    assert (np.ptp(told, axis=1) > 0).all()


def test_most_counts_stay_as_they_are():
    counts = RNG.poisson(1.0, size=(2000, 40)).astype(float)
    told = in_units(counts, ~NO_COUNTS, Traits(np.random.default_rng(1), 2000))
    assert 0.7 < (told == counts).all(axis=1).mean() < 0.95
