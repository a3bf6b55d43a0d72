"""The panel: what goes in comes out again, whatever its magnitude; gaps are masked, duplicates refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.panel import Panel, make_panel
from tsseq2seq.errors import DataError, FrequencyError

SINE = np.sin(np.arange(50.0))


def panel_of(df: pd.DataFrame, freq=None, targets: tuple[str, ...] = ("y",)) -> Panel:
    frame = read_long_frame(df, Columns(targets=targets))
    return make_panel(frame, Frequency.of(freq, frame))


def one_series(values, **columns) -> Panel:
    return panel_of(pd.DataFrame({"ds": np.arange(len(values)), "y": values, **columns}), freq=1)


MAGNITUDES = {
    "1e8 + i": 1e8 + np.arange(50.0),
    "-1e8 - i": -1e8 - np.arange(50.0),
    "1e30": (SINE + 2) * 1e30,
    "1e-30": (SINE + 2) * 1e-30,
    "1e15 + i": 1e15 + np.arange(50.0),
    "around zero": SINE,
    "level shift": np.where(np.arange(50) < 25, 0.0, 1e6) + SINE,
    "tiny, then large": np.r_[1e-30, 2e-30, SINE * 1e30],
    "noise, then large": np.r_[0.3, 0.1 + 0.2, 1000 * SINE],
}


@pytest.mark.parametrize("values", MAGNITUDES.values(), ids=MAGNITUDES.keys())
def test_values_come_back(values: np.ndarray) -> None:
    panel = one_series(values)
    change = np.abs(values - values[0])  # float32 holds the distance from the first value
    np.testing.assert_array_less(np.abs(panel.original(0)[:, 0] - values), 1e-6 * change + 1e-300)
    assert panel.values.isfinite().all()


@pytest.mark.parametrize("level", [0.0, 3.3, -1e8, 1e30, 1e-30, 5e-324, 1e300])
def test_a_constant_comes_back_exactly(level: float) -> None:
    panel = one_series(np.full(7, level))
    assert panel.original(0).ravel().tolist() == [level] * 7
    assert not panel.values.any()


def test_counting_from_1e8_is_exact() -> None:
    values = 1e8 + np.arange(1000.0)
    np.testing.assert_array_equal(one_series(values).original(0)[:, 0], values)


@pytest.mark.parametrize("magnitude", [1e-30, 1e-3, 1.0, 1e8, 1e30])
def test_the_scale_is_a_power_of_two_near_the_first_change(magnitude: float) -> None:
    values = np.r_[5 * magnitude, 5 * magnitude, 6.3 * magnitude, 1.0 * magnitude]
    panel = one_series(values)
    fraction, _ = np.frexp(panel.unit.item())
    assert fraction == 0.5
    assert 0.5 <= panel.unit.item() / (1.3 * magnitude) <= 2
    assert panel.origin.item() == values[0]


def test_every_series_and_target_has_its_own_units() -> None:
    df = pd.DataFrame(
        {
            "unique_id": np.repeat(["a", "b"], 20),
            "ds": np.tile(np.arange(20), 2),
            "y": np.r_[1e8 + np.arange(20), SINE[:20] * 1e-30],
            "z": np.r_[np.full(20, 4.0), SINE[:20] * 1e30],
        }
    )
    panel = panel_of(df, targets=("y", "z"))
    for number, name in enumerate(["a", "b"]):
        given_values = df.loc[df["unique_id"] == name, ["y", "z"]].to_numpy()
        np.testing.assert_allclose(panel.original(number), given_values, rtol=2e-7, atol=0)


def test_gaps_become_steps_that_are_not_observed() -> None:
    days = pd.date_range("2024-01-01", periods=12, freq="D")
    full = pd.Series(np.arange(12.0) ** 2, index=days)
    kept = full.drop(days[[3, 4, 8]])
    panel = panel_of(pd.DataFrame({"ds": kept.index, "y": kept.to_numpy()}))
    expected = full.where(full.index.isin(kept.index))
    np.testing.assert_array_equal(panel.original(0)[:, 0], expected)
    assert panel.observed[:, 0].tolist() == expected.notna().tolist()
    assert panel.lengths.tolist() == [12]
    assert not panel.values[~panel.observed].any()


def test_a_missing_value_and_a_missing_row_are_the_same() -> None:
    times = pd.date_range("2024-01-01", periods=10, freq="h")
    values = np.r_[1.0, 2.0, np.nan, 4.0, 3.0, np.nan, np.nan, 5.0, 9.0, 7.0]
    whole = pd.DataFrame({"ds": times, "y": values})
    one, other = panel_of(whole), panel_of(whole.dropna())
    for name in ("values", "observed", "offsets", "origin", "unit"):
        assert torch.equal(getattr(one, name), getattr(other, name)), name


def test_series_may_begin_with_missing_values() -> None:
    panel = one_series(np.r_[np.nan, np.nan, 7.0, 8.0])
    assert panel.origin.item() == 7.0
    np.testing.assert_array_equal(panel.original(0)[:, 0], [np.nan, np.nan, 7.0, 8.0])


def test_a_series_of_nothing_but_missing_values() -> None:
    panel = one_series(np.full(4, np.nan))
    assert np.isnan(panel.original(0)).all()
    assert (panel.origin.item(), panel.unit.item()) == (0.0, 1.0)


def test_several_series_lie_one_after_the_other() -> None:
    df = pd.DataFrame(
        {"unique_id": ["b", "b", "a", "c", "c", "c"], "ds": [4, 5, 9, 1, 2, 4], "y": [1.0, 2, 3, 4, 5, 6]}
    )
    panel = panel_of(df)
    assert panel.ids.tolist() == ["b", "a", "c"]
    assert panel.offsets.tolist() == [0, 2, 3, 7]
    assert panel.starts.tolist() == [4, 9, 1]
    assert panel.ends().tolist() == [5, 9, 4]
    assert panel.series_number("c") == 2
    assert panel.time(2, 3) == 4
    expected = pd.DataFrame({"when": [1, 2, 3, 4], "y": [4.0, 5.0, np.nan, 6.0]})
    pd.testing.assert_frame_equal(panel.frame(2, "when"), expected)


def test_an_unknown_series_is_refused_by_name() -> None:
    with pytest.raises(DataError, match="no series 'x'; the first of 1 are 0"):
        one_series([1.0, 2.0]).series_number("x")


def test_duplicates_are_refused_with_series_and_stamp() -> None:
    df = pd.DataFrame({"unique_id": ["a"] * 2 + ["b"] * 3, "ds": [1, 2, 1, 2, 2], "y": np.arange(5.0)})
    with pytest.raises(DataError, match=r"'b'.*2"):
        panel_of(df)


def test_duplicates_are_refused_however_the_rows_are_ordered() -> None:
    df = pd.DataFrame({"ds": [2, 1, 3, 2], "y": np.arange(4.0)})
    with pytest.raises(DataError, match="2"):
        panel_of(df)


def test_a_stamp_off_the_grid_is_refused() -> None:
    times = pd.to_datetime(["2024-01-01 00:00", "2024-01-02 00:00", "2024-01-03 05:00"])
    df = pd.DataFrame({"ds": times, "y": [1.0, 2.0, 3.0]})
    with pytest.raises(FrequencyError, match="2024-01-03 05:00"):
        panel_of(df, freq="D")


def test_an_absurd_gap_is_refused_before_memory_is_filled() -> None:
    times = pd.to_datetime(["1970-01-01 00:00:00", "1970-01-01 00:00:01", "2024-01-01 00:00:00"])
    with pytest.raises(DataError, match=r"1704067201 steps of the grid.*time stamps.*coarser freq"):
        panel_of(pd.DataFrame({"ds": times, "y": [1.0, 2.0, 3.0]}), freq="s")


def test_a_panel_moves_between_devices_whole() -> None:
    panel = one_series([1.0, 2.0]).to(torch.device("meta"))
    assert {panel.values.device.type, panel.unit.device.type, panel.offsets.device.type} == {"meta"}


moderate = st.floats(-1e12, 1e12, allow_subnormal=False) | st.just(float("nan"))


@given(
    st.lists(moderate, min_size=2, max_size=20),
    st.lists(moderate, min_size=1, max_size=20),
    st.integers(2, 20),
)
def test_what_comes_later_changes_no_earlier_number(
    values: list[float], others: list[float], cut: int
) -> None:
    """Appending rows leaves the numbers of a prefix, whose units are settled, as they were."""
    past = values[:cut]
    seen = [value for value in past if value == value]
    if len(set(seen)) < 2:
        return  # the unit is open until something changes
    changes = [abs(value - seen[0]) for value in seen if value != seen[0]]
    if changes[0] < 1e-15:
        return  # an absurd ratio to what follows is capped, or float32 would overflow
    one, other = one_series(past), one_series(past + others)
    assert torch.equal(one.values, other.values[: len(past)])
    assert torch.equal(one.origin, other.origin)
    assert torch.equal(one.unit, other.unit)


@given(st.lists(st.floats(-1e30, 1e30) | st.just(float("nan")), min_size=1, max_size=30))
def test_any_values_come_back_within_float32_of_their_distance_from_the_first(values: list[float]) -> None:
    given_values = np.array(values)
    back = one_series(given_values).original(0)[:, 0]
    np.testing.assert_array_equal(np.isnan(back), np.isnan(given_values))
    seen = given_values[~np.isnan(given_values)]
    if len(seen) == 0:
        return
    tolerance = 1e-6 * np.abs(seen - seen[0]) + 1e-30 * np.abs(seen - seen[0]).max()
    assert (np.abs(back[~np.isnan(back)] - seen) <= tolerance).all()
