import numpy as np
import pytest

from tsseq2seq.pretraining.components.links import as_factors, either, noise_share
from tsseq2seq.pretraining.traits import Traits


def test_terms_become_factors():
    terms = np.random.default_rng(0).normal(size=(2, 50))
    factors = as_factors(terms, np.array([[0.1], [0.2]]))
    ratio = np.log(factors[:, 1:] / factors[:, :-1])
    np.testing.assert_allclose(ratio, np.diff(terms, axis=1) * [[0.1], [0.2]], atol=1e-12)


def test_terms_that_would_run_away_are_held():
    factors = as_factors(np.linspace(0, 1e6, 100)[None], np.array([[0.3]]))
    assert factors.max() / factors.min() < np.exp(np.sqrt(12) + 0.1)


def test_noise_averages_out_over_longer_steps():
    day, year = (noise_share(Traits(np.random.default_rng(0), 500, 0.0, step)) for step in (1 / 365, 1.0))
    assert 2 < np.median(day) / np.median(year) < 5
    assert day.max() <= 0.6


def test_no_outlier_is_beyond_bounds():
    terms = np.zeros((1, 10_000))
    terms[0, 5000] = 1e9
    assert as_factors(terms, np.array([[0.3]])).max() <= np.exp(4)


def test_a_share_of_the_series_is_multiplicative():
    terms, unit = 10 * np.random.default_rng(0).normal(size=(5000, 20)), np.ones((5000, 1))
    positive = (either(Traits(np.random.default_rng(1), 5000), terms, unit, 0.3) > 0).all(axis=1)
    assert positive.mean() == pytest.approx(0.3, abs=0.03)
