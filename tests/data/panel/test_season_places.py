"""Steps lie between the values of a profile where a season is no whole number of steps."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tsseq2seq.data.panel.season_places import season_places

PERIODS = st.one_of(st.integers(1, 400).map(float), st.floats(1, 400))
STEPS = st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=30).map(torch.tensor)


@given(STEPS, st.integers(1, 400))
def test_of_a_whole_number_of_steps_it_is_the_remainder(steps: torch.Tensor, period: int) -> None:
    places = season_places(steps, period)
    assert torch.equal(places.first, steps % period)
    assert not places.share.any()


@given(STEPS, PERIODS, st.integers(0, 2**31))
def test_a_profile_is_read_on_the_lines_between_its_values(
    steps: torch.Tensor, period: float, seed: int
) -> None:
    count = max(1, round(period))
    profile = np.random.default_rng(seed).normal(size=(2, count))
    found = season_places(steps, period).read(torch.from_numpy(profile)).numpy()
    knots = np.arange(count) * period / count
    for row in range(2):
        expected = np.interp(steps.numpy(), knots, profile[row], period=period)
        # a place that lies a rounding before the circle's end may be read as its beginning
        np.testing.assert_allclose(found[row], expected, atol=1e-3)


@given(STEPS, PERIODS, st.integers(0, 2**31))
def test_sums_are_the_transpose_of_reading(steps: torch.Tensor, period: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    places = season_places(steps, period)
    values, profile = (
        torch.from_numpy(rng.normal(size=len(steps))),
        torch.from_numpy(rng.normal(size=places.count)),
    )
    one, other = (places.sums(values) * profile).sum(), (places.read(profile) * values).sum()
    assert one.item() == pytest.approx(other.item(), abs=1e-9)


@given(STEPS, PERIODS)
def test_a_profile_of_equal_values_is_these(steps: torch.Tensor, period: float) -> None:
    places = season_places(steps, period)
    sums, weights = (
        places.sums(torch.full((3, len(steps)), 2.5).double()),
        places.sums(torch.ones(len(steps)).double()),
    )
    assert weights.sum().item() == pytest.approx(len(steps))
    seen = weights > 1e-6
    torch.testing.assert_close((sums / weights)[:, seen], torch.full((3, int(seen.sum())), 2.5).double())


def test_twenty_years_of_weeks_are_not_smeared() -> None:
    """Read by remainders of 52, the profile of the last year is a month late twenty years before."""
    steps = torch.arange(52 * 20)
    truth = torch.cos(2 * torch.pi * steps / 52.1775) + torch.cos(6 * torch.pi * steps / 52.1775)
    errors = []
    for period in (52.1775, 52.0):
        places = season_places(steps, period)
        profile = places.sums(truth) / places.sums(torch.ones(len(steps)))
        errors.append(float((places.read(profile) - truth).abs().max()))
    assert errors[0] < 0.06
    assert errors[1] > 10 * errors[0]
