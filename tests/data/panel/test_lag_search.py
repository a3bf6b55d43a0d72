"""The autocorrelation is the textbook's, and noise of any sign has no peak that lasts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.signal import lfilter
from statsmodels.tsa.stattools import acf

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.lag_search import _difference_correlation, search_all_lags
from tsseq2seq.data.panel.panel import make_panel
from tsseq2seq.data.panel.panel_sample import PanelSample, take_sample


def sample_of(*series: np.ndarray) -> PanelSample:
    parts = [
        pd.DataFrame({"unique_id": f"s{number}", "ds": np.arange(len(values)), "y": values})
        for number, values in enumerate(series)
    ]
    return take_sample(make_panel(read_long_frame(pd.concat(parts), Columns()), Frequency.parse(1)))


def autocorrelation(*series: np.ndarray) -> np.ndarray:
    return _difference_correlation(sample_of(*series))


def seasonal(period: int, length: int, *, noise: float, trend: float = 0.0, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    profile = rng.normal(size=period)
    return np.resize(profile, length) + trend * np.arange(length) + noise * rng.normal(size=length)


@pytest.mark.parametrize("seed", range(3))
def test_autocorrelation_equals_statsmodels(seed: int) -> None:
    values = seasonal(9, 200, noise=0.5, trend=0.1, seed=seed)
    found = autocorrelation(values)
    expected = acf(np.diff(values), nlags=len(found) - 1, fft=False)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_autocorrelations_of_several_series_are_averaged() -> None:
    series = [seasonal(9, 150, noise=0.5, seed=seed) for seed in range(4)]
    found = autocorrelation(*series)
    expected = np.mean([acf(np.diff(values), nlags=len(found) - 1) for values in series], axis=0)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_differences_that_are_zero_count_as_what_they_are() -> None:
    """Whole numbers repeat; an unchanged value is an observation and not a missing one."""
    values = np.round(seasonal(7, 200, noise=0.6, trend=0.3), 0)
    assert (np.diff(values) == 0).mean() > 0.2
    found = autocorrelation(values)
    np.testing.assert_allclose(found, acf(np.diff(values), nlags=len(found) - 1), atol=1e-5)


@pytest.mark.parametrize("share", [-0.5, 0.0, 0.3, 0.9])
@pytest.mark.parametrize("length", [24, 60, 150, 400])
def test_autoregressions_have_no_season(share: float, length: int) -> None:
    """The changes of noise that alternates are alike after two steps, and less so after four."""
    noise = np.random.default_rng(length).normal(size=(60, length + 100))
    series = lfilter([1], [1, -share], noise, axis=1)[:, 100:]
    found = [bool(search_all_lags(sample_of(values), length)) for values in series]
    assert np.mean(found) <= 0.05


@pytest.mark.parametrize("period", [2, 3, 5])
def test_a_short_period_is_found(period: int) -> None:
    values = np.resize(np.arange(period), 60) + 0.2 * np.random.default_rng(0).normal(size=60)
    assert search_all_lags(sample_of(values), 60) == (period,)


def test_a_line_with_noise_has_no_season() -> None:
    noise = np.random.default_rng(0).normal(size=(100, 150))
    found = [bool(search_all_lags(sample_of(values + 0.1 * np.arange(150)), 150)) for values in noise]
    assert np.mean(found) <= 0.05


def test_a_cycle_that_is_never_quite_as_long_is_found() -> None:
    """As that of sunspots, whose correlation fades."""
    rng = np.random.default_rng(0)
    phase = (2 * np.pi / 11 * (1 + 0.05 * rng.normal(size=309))).cumsum()
    found = search_all_lags(sample_of(np.sin(phase) + 0.1 * rng.normal(size=309)), 309)
    assert found
    assert found[0] in (10, 11, 12)
