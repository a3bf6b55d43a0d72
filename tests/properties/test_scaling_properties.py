"""Every scaling can be undone, for any values of any magnitude."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch
from hypothesis import given
from hypothesis import strategies as st

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.panel import make_panel
from tsseq2seq.data.panel.window_index import forecast_windows
from tsseq2seq.data.panel.windows import WindowShape
from tsseq2seq.data.scaling.registry import SCALINGS

# A level, a spread that is not lost beside it, and a shape.
shapes = st.lists(st.floats(-1, 1).map(lambda v: round(v, 6)) | st.just(np.nan), min_size=1, max_size=25)
magnitudes = st.sampled_from([1e-30, 1e-8, 1.0, 1e8, 1e30])


def there_and_back(values: np.ndarray, scaling: str, context_length: int) -> tuple[np.ndarray, np.ndarray]:
    df = pd.DataFrame({"ds": np.arange(len(values)), "y": values})
    panel = make_panel(read_long_frame(df, Columns()), Frequency.parse(1))
    batch = forecast_windows(panel, WindowShape(context_length, 2), moments=True)[0]
    scale, _ = SCALINGS[scaling].fit(batch)
    scaled = scale.transform(batch.context)
    assert scaled.isfinite().all()
    seen = batch.context_mask[0, :, 0]
    given_values = values[-context_length:][: len(seen)]
    back = scale.inverse(scaled)[0, :, 0]
    flat = bool(scale.flat.any())
    expected = given_values[~np.isnan(given_values)]
    return back[seen].numpy(), expected if not flat else np.full(
        int(seen.sum()), expected.mean() if len(expected) else 0.0
    )


@given(
    shapes,
    magnitudes,
    st.sampled_from([0.0, 3.0, -1e6]),
    st.integers(1, 25),
    st.sampled_from(["window", "robust", "series"]),
)
def test_relative_scalings_lose_no_more_than_float32_of_the_change(
    shape: list[float], magnitude: float, level: float, context_length: int, scaling: str
) -> None:
    values = (np.array(shape) + level) * magnitude
    back, expected = there_and_back(values, scaling, context_length)
    change = np.nanmax(np.abs(values - values[~np.isnan(values)][0])) if (~np.isnan(values)).any() else 0.0
    np.testing.assert_array_less(np.abs(back - expected), 1e-5 * change + 1e-12 * np.abs(expected) + 1e-300)


@given(shapes, magnitudes, st.integers(1, 25), st.sampled_from(["none", "mean"]))
def test_no_scaling_and_the_mean_keep_float32_of_the_values(
    shape: list[float], magnitude: float, context_length: int, scaling: str
) -> None:
    values = np.array(shape) * magnitude
    back, expected = there_and_back(values, scaling, context_length)
    largest = np.nanmax(np.abs(values)) if (~np.isnan(values)).any() else 0.0
    np.testing.assert_array_less(np.abs(back - expected), 1e-6 * largest + 1e-300)


@given(shapes, st.sampled_from([1e-8, 1.0, 1e8, 1e30]), st.integers(1, 25))
def test_log1p_keeps_float32_of_the_logarithm(
    shape: list[float], magnitude: float, context_length: int
) -> None:
    values = np.abs(np.array(shape)) * magnitude
    back, expected = there_and_back(values, "log1p", context_length)
    # what float32 loses of the logarithm, which is up to 70, and of the distance from the first value
    change = np.nanmax(np.abs(values - values[~np.isnan(values)][0])) if (~np.isnan(values)).any() else 0.0
    np.testing.assert_array_less(np.abs(back - expected), 2e-5 * (1 + np.abs(expected)) + 1e-6 * change)


@given(st.integers(0, 10**6), st.sampled_from(["window", "robust", "series", "log1p"]))
def test_counting_from_1e8_comes_back_exactly(start: int, scaling: str) -> None:
    values = 1e8 + start + np.arange(30.0)
    back, _ = there_and_back(values, scaling, 30)
    assert np.array_equal(np.round(back, 3), values)


@given(st.lists(st.integers(0, 10**6) | st.just(0), min_size=1, max_size=25), st.integers(1, 25))
def test_zeros_and_whole_numbers_survive_the_mean(counts: list[int], context_length: int) -> None:
    values = np.array(counts, dtype=float)
    back, expected = there_and_back(values, "mean", context_length)
    assert (back[expected == 0] == 0).all()
    np.testing.assert_array_equal(np.round(back), expected)


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=20),
    st.sampled_from(["window", "robust", "series", "mean", "log1p", "none"]),
)
def test_the_order_of_values_is_kept(values: list[float], scaling: str) -> None:
    """Scaling is monotone: what is larger stays at least as large."""
    given_values = np.abs(values) if scaling == "log1p" else np.array(values)
    df = pd.DataFrame({"ds": np.arange(len(values)), "y": given_values})
    panel = make_panel(read_long_frame(df, Columns()), Frequency.parse(1))
    batch = forecast_windows(panel, WindowShape(len(values), 1), moments=True)[0]
    scaled = SCALINGS[scaling].fit(batch)[0].transform(batch.context)[0, :, 0]
    ordered = scaled[torch.from_numpy(np.argsort(given_values, kind="stable"))]
    assert (ordered.diff() >= -1e-6 * scaled.abs().max()).all()
