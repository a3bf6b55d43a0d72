"""Probabilities are those of F, combined by Cauchy variables; series that are alike count as fewer."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
import torch
from hypothesis import given
from hypothesis import strategies as st

from tsseq2seq.data.panel.season_contrast import SeasonContrast, season_contrast
from tsseq2seq.data.panel.season_evidence import independent_series, p_value_of_all, p_values


def contrast_of(values: np.ndarray, period: float = 12) -> SeasonContrast:
    return season_contrast(torch.from_numpy(values), torch.full((len(values),), values.shape[1]), period)


@given(st.integers(0, 2**31), st.floats(0, 3))
def test_a_probability_is_that_of_f_distributions(seed: int, size: float) -> None:
    rng = np.random.default_rng(seed)
    contrast = contrast_of(rng.normal(size=(4, 60)) + size * np.resize(rng.normal(size=12), 60))
    for row, found in enumerate(p_values(contrast)):
        each = [
            scipy.stats.f.sf(*(float(part) for part in numbers))
            for numbers in zip(
                (contrast.at_season / contrast.between)[row],
                contrast.freedom_at_season[row],
                contrast.freedom_between[row],
                strict=True,
            )
        ]
        # the mean of variables that are Cauchy each is Cauchy
        mean = np.mean(scipy.stats.cauchy.isf(np.clip(each, 1e-15, None)))
        assert found == pytest.approx(scipy.stats.cauchy.sf(mean), rel=1e-3, abs=1e-12)


def test_of_white_noise_probabilities_are_uniform() -> None:
    for length in (24, 60, 240):
        found = p_values(contrast_of(np.random.default_rng(length).normal(size=(2000, length))))
        for probability in (0.02, 0.1):
            assert (found < probability).mean() == pytest.approx(probability, abs=0.5 * probability)


def test_what_is_not_judged_shows_nothing() -> None:
    contrast = contrast_of(np.random.default_rng(0).normal(size=(3, 23)))
    assert p_values(contrast).tolist() == [1.0] * 3
    assert p_value_of_all(contrast, 1.0) == 1.0


@given(st.integers(0, 2**31))
def test_one_series_is_judged_as_by_itself(seed: int) -> None:
    contrast = contrast_of(np.random.default_rng(seed).normal(size=(1, 70)))
    assert p_value_of_all(contrast, 1.0) == pytest.approx(p_values(contrast)[0])


def test_series_that_are_copies_are_judged_as_one() -> None:
    one = np.random.default_rng(0).normal(size=(1, 70))
    copies = np.repeat(one, 30, axis=0) * np.arange(1, 31)[:, None]
    independent = independent_series(torch.from_numpy(copies), 12)
    assert independent == pytest.approx(1.0)
    assert p_value_of_all(contrast_of(copies), independent) == pytest.approx(p_values(contrast_of(one))[0])


def test_independent_series_lend_each_other_strength() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(30, 36)) + 0.7 * np.resize(rng.normal(size=12), 36)
    independent = independent_series(torch.from_numpy(values), 12)
    assert independent > 8
    assert p_value_of_all(contrast_of(values), independent) < 1e-4 < np.median(p_values(contrast_of(values)))


@pytest.mark.parametrize("common", [1.0, 3.0])
def test_a_common_part_makes_fewer_of_them(common: float) -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(40, 400)) + common * rng.normal(size=400)
    alike = (common**2 / (1 + common**2)) ** 2
    found = independent_series(torch.from_numpy(values), 12)
    assert found == pytest.approx(40 / (1 + 39 * alike), rel=0.1)


def test_a_season_in_common_is_no_reason_to_count_fewer() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(40, 400)) + 5 * np.resize(rng.normal(size=12), 400)
    assert independent_series(torch.from_numpy(values), 12) > 8


@pytest.mark.parametrize("values", [np.zeros((4, 30)), np.ones((1, 30)), np.tile(np.arange(30.0), (3, 1))])
def test_what_does_not_vary_counts_as_one(values: np.ndarray) -> None:
    assert independent_series(torch.from_numpy(values), 12) == 1.0
