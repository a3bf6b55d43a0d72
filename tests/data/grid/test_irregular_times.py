"""Time stamps on no grid are refused with the way out, and the way out works."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.errors import FrequencyError


def refusal(times: pd.DatetimeIndex) -> str:
    with pytest.raises(FrequencyError, match="lie on the grid") as caught:
        Frequency.infer(times, np.array([0]), ["a"])
    return str(caught.value)


@given(freq=st.sampled_from(["D", "h", "30min", "15min", "10min", "min"]), seed=st.integers(0, 1000))
def test_jitter_is_rounded(freq: str, seed: int) -> None:
    exact = pd.date_range("2024-01-01", periods=50, freq=freq)
    step = (exact[1] - exact[0]).total_seconds()
    noise = np.random.default_rng(seed).integers(0, max(2, int(0.08 * step)), 50)
    noise[0] = 1
    times = exact + pd.to_timedelta(noise, unit="s")
    if len(np.unique(np.diff(times))) == 1:
        return
    assert f'.dt.round("{freq}")' in refusal(times)
    assert Frequency.infer(times.round(freq), np.array([0]), ["a"]).alias == freq


@pytest.mark.parametrize("freq", ["SMS", "SME"])
@pytest.mark.parametrize("zone", [None, "Europe/Berlin"])
def test_half_months_have_a_frequency(freq: str, zone: str | None) -> None:
    times = pd.date_range("2015-01-01", periods=60, freq=freq, tz=zone)
    assert f"freq='{freq}'" in refusal(times)
    assert Frequency.parse(freq).positions(times, np.array([0]), ["a"]).tolist() == list(range(60))


@pytest.mark.parametrize("pattern", [(4, 4, 5), (4, 5, 4), (5, 4, 4)])
def test_retail_months_are_numbered(pattern: tuple[int, ...]) -> None:
    weeks = np.cumsum(np.resize(pattern, 60))
    message = refusal(pd.Timestamp("2020-01-26") + pd.to_timedelta(7 * weeks, unit="D"))
    assert "4-4-5" in message
    assert "cumcount()" in message


@given(seed=st.integers(0, 1000), longest=st.sampled_from([300, 5000, 100_000]))
def test_events_are_counted_or_numbered(seed: int, longest: int) -> None:
    minutes = np.cumsum(np.random.default_rng(seed).integers(1, longest, 60))
    assume(np.bincount(np.diff(minutes))[1:2].sum() == 0)  # else all lie on a grid of minutes
    message = refusal(pd.Timestamp("2024-01-01") + pd.to_timedelta(minutes, unit="min"))
    assert "resample" in message
    assert "integers" in message
