"""The edges of bins against numpy's quantiles of windows scaled one by one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.panel import Panel, make_panel
from tsseq2seq.data.panel.window_index import training_windows
from tsseq2seq.data.panel.windows import Windows, WindowShape
from tsseq2seq.data.scaling.registry import SCALINGS
from tsseq2seq.forecasting import binning
from tsseq2seq.forecasting.binning import with_edges
from tsseq2seq.nn.outputs import Binned, Normal, Point

SHAPE = WindowShape(8, 3)


def panel_of(*series) -> Panel:
    parts = [
        pd.DataFrame({"unique_id": place, "ds": np.arange(len(values)), "y": np.asarray(values, dtype=float)})
        for place, values in enumerate(series)
    ]
    return make_panel(read_long_frame(pd.concat(parts), Columns()), Frequency.parse(1))


def walk(length: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=length).cumsum()


def scaled_values(windows: Windows, scaling: str) -> np.ndarray:
    values: list[np.ndarray] = []
    for place in range(len(windows)):
        batch = windows[place]
        scale, _ = SCALINGS[scaling].fit(batch)
        if scale.flat.any():
            continue
        for name in ("context", "target"):
            numbers = scale.transform(getattr(batch, name))
            values.append(numbers[getattr(batch, f"{name}_mask")].numpy())
    return np.concatenate(values)


def edges_of(windows: Windows, scaling: str = "window", bins: int = 20) -> np.ndarray:
    output = with_edges(Binned(bins), windows, SCALINGS[scaling])
    assert isinstance(output, Binned)
    return np.array(output.edges)


@pytest.mark.parametrize("scaling", ["window", "robust", "mean", "none"])
def test_they_reach_a_tenth_beyond_the_outer_thousandths(scaling: str) -> None:
    with_gaps = np.where(np.random.default_rng(3).random(80) < 0.2, np.nan, walk(80, 1))
    windows = training_windows(panel_of(walk(120), with_gaps, 1e4 + walk(30, 2), np.full(20, 3.0)), SHAPE)
    edges = edges_of(windows, scaling)
    low, high = np.quantile(scaled_values(windows, scaling), [0.001, 0.999])
    assert len(edges) == 21
    assert edges[0] == pytest.approx(low - 0.1 * (high - low), rel=1e-4)
    assert edges[-1] == pytest.approx(high + 0.1 * (high - low), rel=1e-4)
    np.testing.assert_allclose(np.diff(edges), (edges[-1] - edges[0]) / 20)


def test_nearly_all_values_lie_within() -> None:
    windows = training_windows(panel_of(walk(800)), SHAPE)
    edges, values = edges_of(windows), scaled_values(windows, "window")
    assert ((values > edges[0]) & (values < edges[-1])).mean() >= 0.998


def test_of_many_windows_an_even_choice_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    windows = training_windows(panel_of(walk(2000)), SHAPE)
    exact = edges_of(windows)
    monkeypatch.setattr(binning, "_MOST_WINDOWS", 500)
    np.testing.assert_allclose(edges_of(windows), exact, atol=0.05 * (exact[-1] - exact[0]))


def test_values_after_the_training_data_do_not_matter() -> None:
    one, other = (
        training_windows(panel_of(np.r_[walk(60), np.full(6, tail)]), SHAPE, held_out=6)
        for tail in (0.0, 1e9)
    )
    np.testing.assert_array_equal(edges_of(one), edges_of(other))


@pytest.mark.parametrize("values", [np.full(30, 3.0), np.r_[np.nan, 5.0, 6.0, np.full(27, np.nan)]])
@pytest.mark.parametrize("scaling", ["window", "mean", "none"])
def test_where_nothing_varies_there_are_edges_all_the_same(values: np.ndarray, scaling: str) -> None:
    edges = edges_of(training_windows(panel_of(values), SHAPE), scaling)
    assert np.isfinite(edges).all()
    assert (np.diff(edges) > 0).all()


@pytest.mark.parametrize("output", [Point(), Normal(), Binned(bins=2, edges=(0.0, 1.0, 5.0))], ids=repr)
def test_other_outputs_and_edges_that_were_given_stay(output) -> None:
    assert with_edges(output, training_windows(panel_of(walk(30)), SHAPE), SCALINGS["window"]) is output
