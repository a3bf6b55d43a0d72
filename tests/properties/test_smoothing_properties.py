"""Exponential smoothing: nothing after an origin matters, numbers follow their units, nothing is NaN."""

from __future__ import annotations

import dataclasses
import functools
import warnings

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tsseq2seq import Network, Seq2SeqForecaster, Smoothing, Training
from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.panel import Panel, make_panel
from tsseq2seq.errors import DataWarning
from tsseq2seq.smoothing.base import SmoothingBase
from tsseq2seq.smoothing.panel_table import PanelTable

HORIZON = 4
EXAMPLES = settings(max_examples=20)
PERIODS = st.sampled_from([(), (2,), (3,), (4,), (6, 7), (3, 12)])
NAN = float("nan")

# sixty-fourths, which float32 holds: what is tested is not the panel's rounding
eighths = st.integers(-640, 6400).map(lambda value: value / 64)
positive = st.integers(1, 6400).map(lambda value: value / 64)
gappy = eighths | positive | st.just(NAN)
wild = gappy | st.sampled_from([0.0, 1e-300, -1e-300, 1e-12, 5e8, 1e300, -1e300])
demand = st.lists(positive | st.sampled_from([0.0, 0.0, 0.0, 0.0, NAN]), min_size=1, max_size=40)
known_series = (st.lists(gappy, min_size=1, max_size=40) | demand).map(
    lambda values: [2.0, *values[1:]] if np.isnan(values).all() else values
)
pytestmark = pytest.mark.filterwarnings("ignore:no value of 'y' is known")


def frame(*series: list[float]) -> pd.DataFrame:
    return pd.concat(
        [
            pd.DataFrame(
                {"unique_id": f"s{number}", "ds": np.arange(len(values)), "y": np.array(values, float)}
            )
            for number, values in enumerate(series)
        ]
    )


def panel_of(*series: list[float]) -> Panel:
    rows = read_long_frame(frame(*series), Columns.of(id_col="unique_id", time_col="ds", target_col="y"))
    return make_panel(rows, Frequency.of(1, rows))


@functools.cache
def learned(periods: tuple[int, ...]) -> SmoothingBase:
    rng = np.random.default_rng(0)
    series = [20 + rng.normal(size=60).cumsum() + 3 * np.sin(np.arange(60) * 2) for _ in range(4)]
    return SmoothingBase.learned(panel_of(*series), periods, HORIZON, seed=0)


def forecasts(base: SmoothingBase, panel: Panel, series: int, origin: int) -> np.ndarray:
    at = torch.tensor([series]), torch.tensor([origin])
    return base.forecast_cutoffs(panel, *at, HORIZON, probabilities=[0.1, 0.9])[0, :, 0]


later_numbers = st.sampled_from([NAN, 0.0, 1.0, -3.0, 1e-38, -1e-38, 1e30, -1e30]) | eighths


@EXAMPLES
@given(PERIODS, known_series, st.lists(later_numbers, max_size=30), st.data())
def test_values_from_the_origin_on_change_no_forecast_to_the_bit(periods, past, future, data) -> None:
    """Neither their values nor whether they were observed."""
    base, origin, found = learned(periods), len(past), []
    panel = panel_of([*past, *[1.0] * len(future)])
    other = data.draw(st.lists(later_numbers, min_size=len(future), max_size=len(future)))
    for later in (future, other):
        values, observed = panel.values.clone(), panel.observed.clone()
        observed[origin:, 0] = ~torch.tensor(later).isnan()
        values[origin:, 0] = torch.tensor(later).nan_to_num(0.0)
        changed = dataclasses.replace(panel, values=values, observed=observed)
        at = torch.tensor([0]), torch.tensor([origin])
        table = PanelTable.of(base, changed).at(*at, HORIZON)
        found.append((forecasts(base, changed, 0, origin), table.numpy()))
    for before, after in zip(*found, strict=True):
        np.testing.assert_array_equal(before, after)


@EXAMPLES
@given(PERIODS, known_series, st.lists(gappy, max_size=30))
def test_that_later_values_are_there_changes_no_forecast(periods, past, future) -> None:
    base, origin = learned(periods), len(past)
    alone, longer = panel_of(past), panel_of(past + future)
    wanted, found = (forecasts(base, panel, 0, origin) for panel in (alone, longer))
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-9)
    at = torch.tensor([0]), torch.tensor([origin])
    tables = [PanelTable.of(base, panel).at(*at, HORIZON).numpy()[0, :, 0] for panel in (alone, longer)]
    numbers = [
        table * panel.unit[0, 0].item() + panel.origin[0, 0].item()
        for table, panel in zip(tables, (alone, longer), strict=True)
    ]
    np.testing.assert_allclose(*numbers, rtol=1e-5, atol=1e-5)


@EXAMPLES
@given(
    PERIODS, st.lists(gappy, min_size=1, max_size=40), st.lists(wild, min_size=1, max_size=60), st.booleans()
)
def test_a_series_is_forecast_as_if_it_were_alone(periods, values, neighbour, first) -> None:
    base = learned(periods)
    alone = forecasts(base, panel_of(values), 0, len(values))
    both = panel_of(values, neighbour) if first else panel_of(neighbour, values)
    everything = base.forecast(both, HORIZON, probabilities=[0.1, 0.9])[0 if first else 1, :, 0]
    np.testing.assert_allclose(everything, alone, rtol=1e-9, atol=1e-9)


@EXAMPLES
@given(PERIODS, known_series, st.integers(-200, 200))
def test_forecasts_scale_with_the_values(periods, values, exponent) -> None:
    base, factor = learned(periods), 2.0**exponent
    one, other = (
        forecasts(base, panel_of([scale * value for value in values]), 0, len(values))
        for scale in (1.0, factor)
    )
    np.testing.assert_array_equal(other, factor * one)


@EXAMPLES
@given(PERIODS, st.lists(eighths, min_size=1, max_size=40), st.integers(-500, 500))
def test_forecasts_shift_with_values_below_0(periods, values, shift) -> None:
    """Values below 0 before and after have seasons that are terms, and no lowest forecast."""
    base = learned(periods)
    values = [-1000.0, *values]
    one, other = (
        forecasts(base, panel_of([value + moved for value in values]), 0, len(values)) for moved in (0, shift)
    )
    np.testing.assert_allclose(other, one + shift, rtol=1e-9, atol=1e-7)


@EXAMPLES
@given(PERIODS, st.lists(positive | st.just(NAN), max_size=40).map(lambda values: [5.0, *values]))
def test_positive_series_have_positive_forecasts(periods, values) -> None:
    base, panel = learned(periods), panel_of(values)
    found = forecasts(base, panel, 0, len(values))
    if not np.isnan(found).any():
        assert (found[:, 0] >= 0.1 * np.nanmin(values) * (1 - 1e-9)).all()
        assert (found >= 0).all()
    at = torch.tensor([0]), torch.tensor([len(values)])
    table = PanelTable.of(base, panel).at(*at, HORIZON).double()[0]
    assert (panel.origin + panel.unit * table > 0).all()


@EXAMPLES
@given(PERIODS, st.lists(positive, min_size=1, max_size=40), st.floats(0.1, 99.9))
def test_no_rounding_makes_a_zero_negative(periods, values, first) -> None:
    """The panel holds distances from the first value, in float32."""
    values = [first, *(value if number % 3 else 0.0 for number, value in enumerate(values))]
    found = forecasts(learned(periods), panel_of(values), 0, len(values))
    assert np.isnan(found).all() or (found >= 0).all()


sizes = st.sampled_from([0.0, 1e-300, 1e-30, 1e-7, 1.0, 1e7, 1e30, 1e300])
numbers = st.tuples(sizes, st.floats(-1, 1)).map(lambda parts: parts[0] * parts[1])


@settings(max_examples=20)
@given(
    st.lists(st.lists(numbers | st.just(NAN), min_size=1, max_size=40), min_size=1, max_size=3),
    st.sampled_from([1, 2, 4, 12]),
)
def test_nothing_known_is_forecast_as_nan_or_as_infinite(series, season) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        model = Smoothing(3, season_length=season, freq=1).fit(frame(*series))
        found = model.predict(levels=[80])
    for number, values in enumerate(series):
        bounds = found.loc[found["unique_id"] == f"s{number}", found.columns[2:]].to_numpy()
        known = np.count_nonzero(~np.isnan(values))
        assert not np.isinf(bounds).any()
        # of too few values the naive method forecasts, which has no intervals where it cannot tell its errors
        assert np.isfinite(bounds[:, 0]).all() == (known > 0)
        assert known < 20 or np.isfinite(bounds).all()


@functools.cache
def fitted(residual: str | None) -> Seq2SeqForecaster:
    rng = np.random.default_rng(0)
    series = [np.abs(rng.normal(size=40).cumsum()) + 1 for _ in range(3)]
    model = Seq2SeqForecaster(
        HORIZON,
        context_length=8,
        season_length=4,
        freq=1,
        network=Network(hidden_size=8, residual=residual),
        network_share=1.0 if residual == "smoothing" else 0.4,
        training=Training(max_steps=10, progress=False, precision="float32"),
    )
    return model.fit(frame(*series))


@pytest.mark.parametrize("residual", ["smoothing", "value"])
@EXAMPLES
@given(
    st.lists(positive, min_size=4, max_size=30).map(lambda values: [3.0, 4.0, *values]),
    st.lists(gappy | st.just(5e8), min_size=HORIZON, max_size=9),
    st.lists(gappy | st.just(5e8), min_size=HORIZON, max_size=9),
)
def test_no_forecaster_with_smoothing_sees_later_values(residual, past, one, other) -> None:
    model = fitted(residual)
    truncated = model.predict(frame(past))["Seq2Seq"].to_numpy()
    for future in (one, other):
        panel = model.fitted_.read(frame(past + future))
        windows = model.fitted_.cutoff_windows(panel, windows=100, step=1)
        _, cutoffs = windows.locate(torch.arange(len(windows)))
        found = points(model, windows)[cutoffs.tolist().index(len(past))]
        np.testing.assert_allclose(found, truncated, rtol=1e-5, atol=1e-4)


def points(model: Seq2SeqForecaster, windows) -> np.ndarray:
    from tsseq2seq.forecasting.prediction import quantiles_all

    fitted = model.fitted_
    numbers = quantiles_all(
        fitted.members, windows, [], paths=1, seed=0, bounds=fitted.resolved.bounds, blend=fitted.blend
    )
    return numbers[:, :, 0, 0]


def test_a_blend_has_both_parts() -> None:
    """Or the test above would say nothing of one of them."""
    model = fitted("value")
    past = [3.0, 5.0, 2.0, 7.0, 3.0, 4.0, 6.0, 2.0, 5.0, 3.0]
    windows = model.fitted_.forecast_windows(model.fitted_.read(frame(past)), None, HORIZON)
    mixed = points(model, windows)
    alone = dataclasses.replace(model.fitted_, network_share=1.0)
    network = points(type("Model", (), {"fitted_": alone}), windows)
    assert np.abs(mixed - network).max() > 1e-3
