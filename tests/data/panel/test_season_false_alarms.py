"""Noise passes for a season in one case of twenty at the most, of whatever kind, length and frequency.

The seeds are fixed. Of 1,200 series of which 3 % pass, more than 5 % do once in ten thousand times.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.signal import lfilter

from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.data.panel.season_contrast import season_contrast
from tsseq2seq.data.panel.season_evidence import p_values
from tsseq2seq.data.panel.seasonality import FALSE_ALARMS, seasonal_periods

PERIODS = (2, 2.6, 3, 5, 10, 20)

AUTOREGRESSIONS = {
    "AR 0.3": ([0.3], []),
    "AR 0.6": ([0.6], []),
    "AR 0.9": ([0.9], []),
    "AR -0.5": ([-0.5], []),
    "ARMA": ([0.7], [0.4]),
    "MA": ([], [0.8]),
    "two roots": ([0.5, 0.2], []),
}
KINDS = [
    *AUTOREGRESSIONS,
    "white",
    "walk",
    "drift",
    "walk and noise",
    "line",
    "growth",
    "heavy tails",
    "counts",
]


def noise_of(kind: str, series: int, length: int, rng: np.random.Generator) -> np.ndarray:
    steps = np.arange(length) / length
    white = rng.normal(size=(series, length + 100))
    if kind in AUTOREGRESSIONS:
        ar, ma = AUTOREGRESSIONS[kind]
        return lfilter([1, *ma], [1, *(-share for share in ar)], white, axis=1)[:, 100:]
    white = white[:, 100:]
    return {
        "white": lambda: white,
        "walk": lambda: white.cumsum(1),
        "drift": lambda: (white + 1).cumsum(1),
        "walk and noise": lambda: white.cumsum(1) + 3 * rng.normal(size=white.shape),
        "line": lambda: white + 10 * steps,
        "growth": lambda: np.exp(3 * steps + 0.1 * white),
        "heavy tails": lambda: rng.standard_t(3, size=white.shape),
        "counts": lambda: rng.poisson(0.7, size=white.shape).astype(float),
    }[kind]()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("period", [3, 4, 7, 12, 24, 52.1775, 168])
def test_of_single_series(kind: str, period: float) -> None:
    rng = np.random.default_rng(len(kind))
    found = []
    for periods in PERIODS:
        length = int(np.ceil(periods * period))
        values = torch.from_numpy(noise_of(kind, 200 if length < 1000 else 50, length, rng))
        contrast = season_contrast(values, torch.full((len(values),), length), period)
        found.append((p_values(contrast) <= FALSE_ALARMS).mean())
    assert np.mean(found) <= 0.05
    # of one length alone, with what 50 or 200 series may be wrong
    assert max(found) <= 0.1


def panel_of(values: np.ndarray, freq: str) -> Panel:
    count, length = values.shape
    return Panel(
        values=torch.from_numpy(values.astype(np.float32)).reshape(-1, 1),
        observed=torch.ones(count * length, 1, dtype=torch.bool),
        offsets=torch.arange(count + 1) * length,
        origin=torch.zeros(count, 1, dtype=torch.double),
        unit=torch.ones(count, 1, dtype=torch.double),
        ids=pd.RangeIndex(count),
        starts=pd.DatetimeIndex(["2020-01-05"] * count),
        frequency=Frequency.parse(freq),
        targets=("y",),
    )


@pytest.mark.parametrize("kind", ["white", "walk", "AR 0.6", "AR -0.5"])
@pytest.mark.parametrize("freq", ["MS", "QS", "W", "D", "h", "30min"])
@pytest.mark.parametrize("common", [0.0, 1.0, 5.0])
def test_of_panels_whose_series_have_much_or_nothing_in_common(kind: str, freq: str, common: float) -> None:
    rng = np.random.default_rng(len(freq) + len(kind))
    proposed = Frequency.parse(freq).exact_seasons()
    found = []
    for trial in range(60):
        length = int(np.ceil(PERIODS[trial % 6] * proposed[0]))
        values = noise_of(kind, 12, length, rng) + common * noise_of(kind, 1, length, rng)
        found.append(bool(seasonal_periods(panel_of(values, freq), proposed)))
    # three of 60 are 5 %; where 2 % pass, more than five are seen once in a thousand times
    assert sum(found) <= 5
