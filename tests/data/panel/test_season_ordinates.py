"""A season's ordinates are at its frequencies, and a smooth spectrum is that of a regression."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import Ridge

from tsseq2seq.data.panel.season_ordinates import SeasonOrdinates


@given(st.one_of(st.integers(2, 60).map(float), st.floats(2, 60)), st.integers(2, 15))
def test_harmonics_are_multiples_of_the_seasons_frequency(period: float, periods: int) -> None:
    ordinates = SeasonOrdinates.of(period, periods)
    assert ordinates.length == round(period * periods)
    assert ordinates.harmonics.tolist() == [periods * k for k in range(1, int(period / 2) + 1)]
    assert not set(ordinates.harmonics.tolist()) & set(ordinates.between.tolist())
    # ordinate j has the frequency j / length
    frequencies = ordinates.harmonics.double() / ordinates.length
    exact = torch.arange(1, int(period / 2) + 1).double() / period
    assert torch.allclose(frequencies, exact, rtol=0.51 / ordinates.length)
    assert ordinates.first_harmonics()[-1] == int(period / 2)


def test_harmonics_of_a_shorter_season_belong_to_neither() -> None:
    ordinates = SeasonOrdinates.of(168, 4, (24,))
    both = {*ordinates.harmonics.tolist(), *ordinates.between.tolist()}
    assert not {28 * k for k in range(1, 13)} & both
    assert {4, 24, 32} <= set(ordinates.harmonics.tolist())


def test_beside_a_season_that_does_not_divide_it_only_low_frequencies_are_looked_at() -> None:
    """A line of a week lies nowhere on the grid of a year, and its foot would spread among the harmonics."""
    ordinates = SeasonOrdinates.of(365.2425, 3, (7,))
    assert int(ordinates.harmonics.max()) / ordinates.length <= 1 / 14 + 1e-3
    assert len(ordinates.harmonics) == 26
    assert ordinates.last < 0.075 * ordinates.length


@pytest.mark.parametrize(("period", "periods"), [(12, 2), (24, 5), (52.1775, 3)])
def test_the_smooth_spectrum_is_a_ridge_regression(period: float, periods: int) -> None:
    ordinates = SeasonOrdinates.of(period, periods)
    logs = np.random.default_rng(0).normal(size=(2, len(ordinates.between)))
    found, parameters = ordinates.smooth_spectrum(torch.from_numpy(logs))
    angle = 2 * np.pi * np.arange(1, ordinates.length // 2 + 1) / ordinates.length
    # a penalty of 1 for each coefficient in units of how far it is expected from 0
    terms = np.stack([np.log(2 * np.sin(angle / 2)), np.cos(angle), np.cos(2 * angle)], 1) * [1, 1, 0.5]
    seen = terms[ordinates.between.numpy() - 1]
    for row in range(2):
        regression = Ridge(alpha=np.pi**2 / 6).fit(seen, logs[row])
        np.testing.assert_allclose(found[row], np.exp(regression.predict(terms)))
    assert 0 < parameters < 3


def test_few_ordinates_show_no_slope() -> None:
    ordinates = SeasonOrdinates.of(4, 2)
    found, parameters = ordinates.smooth_spectrum(torch.tensor([[0.0, 2.0]]))
    assert torch.allclose(found, torch.full((1, 4), 1.0).exp())
    assert parameters == 0
