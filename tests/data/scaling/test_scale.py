"""The map of one window: there, back to original values, and what it does where nothing varies."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.panel import make_panel
from tsseq2seq.data.panel.window_index import forecast_windows
from tsseq2seq.data.panel.windows import WindowShape
from tsseq2seq.data.scaling.registry import SCALINGS
from tsseq2seq.data.scaling.scale import Scale

SINE = np.sin(np.arange(24.0))
LINEAR = [name for name, scaling in SCALINGS.items() if scaling.linear]


def test_targets_are_scaled_each_by_its_own_context(batch_of, scale_of, scaled) -> None:
    df = pd.DataFrame({"ds": np.arange(24), "a": SINE, "b": 1e8 + 5 * np.arange(24.0)})
    panel = make_panel(read_long_frame(df, Columns(targets=("a", "b"))), Frequency.parse(1))
    batch = forecast_windows(panel, WindowShape(24, 2), moments=True)[0]
    for scaling in ("window", "robust", "series"):
        numbers = scale_of(batch, scaling).transform(batch.context)[0].numpy()
        for column, name in enumerate("ab"):
            alone = batch_of(df[name].to_numpy())
            np.testing.assert_allclose(numbers[:, column], scaled(alone, scaling), atol=1e-6)


@pytest.mark.parametrize("scaling", ["window", "series", "last", "robust", "log1p"])
@pytest.mark.parametrize("level", [0.0, 3.3, 1e8 + 1, 1e30, 1e-30])
def test_a_flat_context_is_zeros_and_comes_back_as_its_level(
    scaling: str, level: float, batch_of, scale_of
) -> None:
    batch = batch_of(np.full(9, level))
    scale = scale_of(batch, scaling)
    assert scale.flat.all()
    assert not scale.transform(batch.context).any()
    wild = torch.tensor([[[1e9], [-1e9], [float("nan")], [float("inf")]]])
    assert scale.inverse(wild).flatten().tolist() == [level] * 4


@pytest.mark.parametrize("scaling", ["window", "series", "last", "robust", "log1p"])
def test_a_context_without_an_observation_comes_back_as_the_last_value_before(
    scaling: str, batch_of, scale_of
) -> None:
    batch = batch_of(np.r_[5.0, 9.0, 7.0, np.full(6, np.nan)], 4)
    scale = scale_of(batch, scaling)
    assert not scale.transform(batch.context).any()
    assert scale.inverse(torch.ones(1, 2, 1)).flatten().tolist() == pytest.approx([7.0, 7.0], rel=1e-6)


def test_the_origin_is_added_in_float64(batch_of, scale_of) -> None:
    values = 1e8 + np.arange(9.0)
    batch = batch_of(values)
    for scaling in ("window", "series", "robust"):
        scale = scale_of(batch, scaling)
        back = scale.inverse(scale.transform(batch.context)).flatten()
        assert back.dtype == torch.float64
        np.testing.assert_allclose(back - 1e8, np.arange(9), atol=1e-5)


def test_large_numbers_in_panel_units_have_a_finite_spread(batch_of, scale_of) -> None:
    """A first change of rounding noise makes all later numbers huge; their squares must not overflow."""
    values = np.r_[0.3, 0.1 + 0.2, 1000 * SINE]
    batch = batch_of(values)
    for scaling in ("window", "robust", "series"):
        scale = scale_of(batch, scaling)
        assert scale.spread.isfinite().all(), scaling
        np.testing.assert_allclose(
            scale.inverse(scale.transform(batch.context)).flatten(), values, atol=1e-2, err_msg=scaling
        )


@pytest.mark.parametrize("scaling", LINEAR)
def test_the_original_unit_is_what_a_step_of_1_comes_to(scaling: str, series, batch_of, scale_of) -> None:
    scale = scale_of(batch_of(series["noise"]), scaling)
    zero, one = scale.inverse(torch.tensor([[[0.0], [1.0]]])).flatten().tolist()
    assert scale.original_unit.item() == pytest.approx(one - zero, rel=1e-5)


@pytest.mark.parametrize("name", ["noise", "gaps", "level", "large"])
def test_a_size_for_all_divides_the_values_that_were_given(name: str, series, batch_of) -> None:
    values = series[name]
    batch = batch_of(values)
    scale = Scale.from_size(batch, 250.0)
    seen = values[~np.isnan(values)]
    numbers = scale.transform(batch.context)[batch.context_mask]
    np.testing.assert_allclose(numbers, seen / 250, rtol=1e-6, atol=1e-6)
    assert scale.original_unit.item() == pytest.approx(250.0)


def test_a_location_and_a_spread_of_ones_own_are_counted_in_the_panels_numbers(series, batch_of) -> None:
    values = series["noise"]
    batch = batch_of(values)
    location, spread = torch.full((2, 1, 1, 1), 0.5)
    scale = Scale.from_spread(batch, location, spread, level=location)
    numbers = (values - values[0]) / batch.unit.item()
    np.testing.assert_allclose(
        scale.transform(batch.context).flatten(), (numbers - 0.5) / 0.5, rtol=1e-5, atol=1e-5
    )
    flat = Scale.from_spread(batch, location, torch.zeros_like(spread), level=location)
    assert flat.flat.all()
    assert flat.inverse(torch.ones(1, 1, 1)).item() == pytest.approx(values[0] + 0.5 * batch.unit.item())
