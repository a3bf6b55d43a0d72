"""The contrast equals that of a loop over series, blocks and harmonics, and knows no level, size or line."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tsseq2seq.data.panel.season_contrast import SeasonContrast, season_contrast


def contrast_of(values: np.ndarray, period: float, shorter: tuple[float, ...] = ()) -> SeasonContrast:
    values = np.atleast_2d(values)
    lengths = torch.full((len(values),), values.shape[1])
    return season_contrast(torch.from_numpy(values), lengths, period, shorter)


def _periodogram(block: np.ndarray) -> np.ndarray:
    """By regression on each pair of waves, from ordinate 1 on."""
    steps = np.arange(len(block))
    left = block - np.polyval(np.polyfit(steps, block, 1), steps)
    energies = []
    for ordinate in range(1, len(block) // 2 + 1):
        angle = 2 * np.pi * ordinate * steps / len(block)
        energies.append((left @ np.cos(angle)) ** 2 + (left @ np.sin(angle)) ** 2)
    return np.array(energies)


def _blocks(values: np.ndarray, period: float) -> tuple[list[np.ndarray], int]:
    count = int(len(values) // period)
    number = max(1, count // 8) if count >= 16 else 1
    length = round(count // number * period)
    return [
        values[len(values) - (k + 1) * length : len(values) - k * length] for k in range(number)
    ], count // number


def _by_loops(values: np.ndarray, period: int) -> tuple[list[float], list[float], float]:
    """Return the ratios for 1, 2, 4, …, all harmonics, their freedom between, and that at all harmonics."""
    blocks, periods = _blocks(values, period)
    length = len(blocks[0])
    ordinates = np.arange(1, length // 2 + 1)
    between = [j for j in ordinates if j % periods and (periods <= 3 or j > 1)]
    harmonics = [j for j in ordinates if j % periods == 0]
    spectrum = 0
    for block in blocks:
        energy = _periodogram(block)
        spectrum = spectrum + energy / np.exp(np.mean([np.log(energy[j - 1]) for j in between])) / len(blocks)
    angle = 2 * np.pi * ordinates / length
    terms = np.stack([np.log(2 * np.sin(angle / 2)), np.cos(angle), 0.5 * np.cos(2 * angle)], 1)
    seen = terms[[j - 1 for j in between]]
    terms, seen = terms - seen.mean(0), seen - seen.mean(0)
    logs = np.log([spectrum[j - 1] for j in between])
    hat = np.linalg.inv(seen.T @ seen + np.eye(3) * np.pi**2 / 6) @ seen.T
    white = spectrum / np.exp(logs.mean() + terms @ hat @ logs)
    left = 1 - np.trace(seen @ hat) / len(between)
    freedom = {j: 1 if 2 * j == length else 2 for j in ordinates}
    ratios, of_rest = [], []
    numbers = [2**k for k in range(10) if 2**k < len(harmonics)] + [len(harmonics)]
    for number in numbers:
        first = harmonics[:number]
        near = [j for j in between if any(abs(j - one) <= 3 for one in first)]
        above, below = (
            sum(freedom[j] * white[j - 1] for j in part) / sum(freedom[j] for j in part)
            for part in (first, near)
        )
        ratios.append(above / below * left)
        of_rest.append(len(blocks) * left * sum(freedom[j] for j in near))
    return ratios, of_rest, len(blocks) * sum(freedom[j] for j in harmonics)


@pytest.mark.parametrize(("period", "length"), [(12, 24), (12, 41), (12, 250), (7, 35), (24, 100), (9, 400)])
def test_it_equals_loops(period: int, length: int) -> None:
    rng = np.random.default_rng(length)
    values = rng.normal(size=(3, length)).cumsum(1) + np.resize(rng.normal(size=period), length)
    found = contrast_of(values, period)
    assert bool(found.judged.all())
    for row in range(3):
        ratios, of_rest, of_season = _by_loops(values[row], period)
        np.testing.assert_allclose((found.at_season / found.between)[row], ratios, rtol=1e-6)
        np.testing.assert_allclose(found.freedom_between[row], of_rest, rtol=1e-6)
        assert found.freedom_at_season[row, -1].item() == of_season


@settings(deadline=None)
@given(
    st.sampled_from([4.0, 7.0, 12.0, 52.1775]),
    st.floats(2, 20),
    st.floats(-100, 100),
    st.floats(1e-6, 1e6),
    st.floats(-10, 10),
)
def test_level_size_and_line_do_not_matter(
    period: float, periods: float, level: float, size: float, slope: float
) -> None:
    length = int(np.ceil(period * periods)) // round(period) * round(period) + 1
    values = np.random.default_rng(length).normal(size=length)
    changed = size * (values + level + slope * np.arange(length))
    one, other = contrast_of(values, period), contrast_of(changed, period)
    torch.testing.assert_close(
        other.at_season / other.between, one.at_season / one.between, rtol=1e-4, atol=0
    )
    torch.testing.assert_close(other.share, one.share, rtol=1e-4, atol=1e-6)
    assert torch.equal(one.judged, other.judged)


@given(st.integers(2, 9), st.integers(2, 30))
def test_whole_periods_are_read_from_the_end(periods: int, extra: int) -> None:
    values = np.random.default_rng(extra).normal(size=7 * periods)
    longer = np.concatenate([1e3 * np.arange(extra % 7), values])
    one, other = contrast_of(values, 7), contrast_of(longer, 7)
    torch.testing.assert_close(one.at_season, other.at_season)


def test_series_of_different_lengths_are_judged_each_by_itself() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(6, 300))
    lengths = torch.tensor([300, 30, 23, 100, 24, 200])
    found = season_contrast(torch.from_numpy(values), lengths, 12)
    for row, length in enumerate(lengths.tolist()):
        alone = contrast_of(values[row, -length:], 12)
        assert bool(found.judged[row]) == bool(alone.judged) == (length >= 24)
        torch.testing.assert_close(found.at_season[row], alone.at_season[0])
        torch.testing.assert_close(found.share[row], alone.share[0])


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_the_share_is_the_seasons_of_the_variance(share: float) -> None:
    rng = np.random.default_rng(1)
    profile = rng.normal(size=12)
    profile = (profile - profile.mean()) / profile.std()
    values = share**0.5 * np.resize(profile, 4800) + (1 - share) ** 0.5 * rng.normal(size=4800)
    assert contrast_of(values, 12).share.item() == pytest.approx(share, abs=0.05)


@pytest.mark.parametrize(
    "values",
    [np.full(60, 3.3), np.arange(60.0), 1e6 + 0.1 * np.arange(60.0), np.zeros(60)],
    ids=["constant", "line", "high line", "zeros"],
)
def test_what_varies_along_a_line_only_is_not_judged(values: np.ndarray) -> None:
    assert not contrast_of(values, 12).judged.any()
    assert not contrast_of(values.astype(np.float32), 12).judged.any()


def test_a_season_without_noise_is_beyond_all_numbers_and_finite() -> None:
    found = contrast_of(np.resize([0.0, 1.0, 5.0, 2.0], 40), 4)
    ratio = (found.at_season / found.between)[0]
    assert bool(ratio.isfinite().all())
    # the line that is taken away has a little of the profile's slope
    assert ratio[-1] > 1e3


def test_a_block_that_does_not_vary_does_not_count() -> None:
    values = np.concatenate([np.zeros(96), np.random.default_rng(0).normal(size=96)])
    half = contrast_of(values, 12)
    assert (
        half.freedom_at_season[0, -1].item() == contrast_of(values[96:], 12).freedom_at_season[0, -1].item()
    )
    torch.testing.assert_close(half.at_season, contrast_of(values[96:], 12).at_season)
