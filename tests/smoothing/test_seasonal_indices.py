"""Seasonal indices against their definition, and what noise makes of them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tsseq2seq.smoothing.seasonal_indices import SeasonalIndices, last_known_step


@pytest.mark.parametrize("period", [2, 3, 4, 7, 12])
def test_the_last_known_step_is_that_of_a_search(period: int) -> None:
    for cutoff in range(1, 40):
        for step in range(50):
            wanted = step
            while wanted > cutoff - 1 - period // 2:
                wanted -= period
            at = torch.tensor([[step]]), torch.tensor([[cutoff]])
            assert last_known_step(*at, period).item() == wanted


@pytest.mark.parametrize("factors", [False, True])
@pytest.mark.parametrize("period", [3, 4])
def test_indices_of_all_origins_are_those_of_the_definition(period: int, factors: bool, definitions) -> None:
    rng = np.random.default_rng(period)
    values = 10 + 3 * np.sin(np.arange(40) * 2 * np.pi / period) + rng.normal(size=40)
    observed = rng.random(40) < 0.85
    found = SeasonalIndices.of(
        torch.from_numpy(values)[None],
        torch.from_numpy(observed)[None],
        period,
        multiplicative=factors,
        horizon=7,
    )
    for cutoff in range(1, 41, 3):
        wanted = definitions["Indices"](
            values[:cutoff], observed[:cutoff], period, factors=factors, horizon=7
        )
        steps = torch.arange(cutoff, cutoff + period)[None]
        index = found.at(torch.tensor([0]), steps, torch.tensor([[cutoff]]))[0]
        np.testing.assert_allclose(
            index, [wanted.at(s, cutoff) for s in steps[0].tolist()], rtol=1e-9, atol=1e-9
        )


def swing(values: np.ndarray, period: int = 4) -> float:
    """How far the indices at the end differ between the phases, as a share of the values' deviation."""
    every = torch.ones(values.shape, dtype=torch.bool)
    found = SeasonalIndices.of(torch.from_numpy(values), every, period, multiplicative=False, horizon=4)
    length = values.shape[1]
    steps = torch.arange(length, length + period).expand(len(values), -1)
    index = found.at(torch.arange(len(values)), steps, torch.full((len(values), 1), length))
    return float((index.std(1, correction=0) / torch.from_numpy(values).std(1)).mean())


def test_noise_makes_next_to_no_season_and_a_season_stays() -> None:
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(200, 60))
    assert swing(noise) < 0.1
    assert swing(noise + 5 * np.cos(np.arange(60) * np.pi / 2)) > 0.9


def test_a_series_without_noise_shows_its_season_to_the_last_digit() -> None:
    pattern = np.array([4.0, -1.0, -2.0, -1.0])
    values = torch.from_numpy(np.tile(pattern, 8))[None]
    found = SeasonalIndices.of(
        values, torch.ones_like(values, dtype=torch.bool), 4, multiplicative=False, horizon=4
    )
    index = found.at(torch.tensor([0]), torch.arange(32, 36)[None], torch.tensor([[32]]))
    np.testing.assert_allclose(index[0], pattern, atol=1e-9)


def test_old_seasons_are_forgotten_when_the_pattern_turns() -> None:
    pattern = np.array([4.0, -1.0, -2.0, -1.0])
    values = torch.from_numpy(np.r_[np.tile(pattern, 8), np.tile(-pattern, 8)])[None]
    found = SeasonalIndices.of(
        values, torch.ones_like(values, dtype=torch.bool), 4, multiplicative=False, horizon=4
    )
    index = found.at(torch.tensor([0]), torch.arange(64, 68)[None], torch.tensor([[64]]))
    assert np.corrcoef(index[0], -pattern)[0, 1] > 0.95
