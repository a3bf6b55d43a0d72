"""Series to scale, and what lays them in batches."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.batch import Batch
from tsseq2seq.data.panel.panel import Panel, make_panel
from tsseq2seq.data.panel.window_index import forecast_windows
from tsseq2seq.data.panel.windows import WindowShape
from tsseq2seq.data.scaling.registry import SCALINGS
from tsseq2seq.data.scaling.scale import Scale


@pytest.fixture(scope="session")
def series() -> dict[str, np.ndarray]:
    """Values of any magnitude, with gaps and without."""
    rng, sine = np.random.default_rng(0), np.sin(np.arange(24.0))
    with_gaps = np.where(rng.random(60) < 0.2, np.nan, rng.gamma(2.0, 3.0, size=60))
    return {
        "noise": rng.normal(5, 3, size=50),
        "gaps": with_gaps,
        "level": 1e8 + np.arange(40.0),
        "large": (sine + 2) * 1e30,
        "small": (sine + 2) * 1e-30,
        "outlier": np.r_[sine, 1e6, sine],
        "negative": -5 + sine,
    }


def _panel_of(values, ids=None) -> Panel:
    df = pd.DataFrame({"ds": np.arange(len(values)), "y": np.asarray(values, dtype=float)})
    if ids is not None:
        df["unique_id"] = ids
    return make_panel(read_long_frame(df, Columns()), Frequency.parse(1))


def _batch_of(values, context_length: int | None = None, *, moments: bool = True) -> Batch:
    shape = WindowShape(context_length or len(values), 2)
    return forecast_windows(_panel_of(values), shape, moments=moments)[0]


def _scale_of(batch: Batch, scaling: str) -> Scale:
    return SCALINGS[scaling].fit(batch)[0]


def _scaled(batch: Batch, scaling: str) -> np.ndarray:
    numbers = _scale_of(batch, scaling).transform(batch.context)
    return numbers[batch.context_mask].numpy()


@pytest.fixture
def panel_of() -> Callable[..., Panel]:
    """Make the panel of one series, or of several with their names."""
    return _panel_of


@pytest.fixture
def batch_of() -> Callable[..., Batch]:
    """Make the forecast window of one series."""
    return _batch_of


@pytest.fixture
def scale_of() -> Callable[..., Scale]:
    """Fit a scaling, by its name, to a batch."""
    return _scale_of


@pytest.fixture
def scaled() -> Callable[..., np.ndarray]:
    """Return the observed context on the network's scale."""
    return _scaled
