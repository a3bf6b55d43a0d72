"""The table of calendar features against the features of each series' own time stamps."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.data.grid.calendar import Calendar, calendar_features
from tsseq2seq.data.grid.calendar_table import calendar_table
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.features import Coders
from tsseq2seq.data.panel.future_frame import extend_panel
from tsseq2seq.data.panel.panel import Panel, make_panel
from tsseq2seq.data.panel.window_index import forecast_windows, training_windows
from tsseq2seq.data.panel.windows import WindowShape
from tsseq2seq.errors import DataError

# Starts that coincide, follow each other, and lie years apart.
STARTS = {"a": "2024-03-29", "b": "2020-02-27", "c": "2024-03-29", "d": "2024-03-30", "e": "2020-02-27"}
LENGTHS = {"a": 60, "b": 5, "c": 9, "d": 70, "e": 33}

GRIDS = {
    "hours": ("h", None),
    "hours over a change of clocks": ("h", "Europe/Berlin"),
    "days over a change of clocks": ("D", "Europe/Berlin"),
    "days": ("D", None),
    "business days": ("B", None),
    "months": ("ME", None),
    "quarters of an hour": ("15min", "America/New_York"),
}
each_grid = pytest.mark.parametrize(("freq", "zone"), GRIDS.values(), ids=GRIDS.keys())


def times_of(freq: str, zone: str | None) -> dict[str, pd.DatetimeIndex]:
    return {
        name: pd.date_range(start, periods=LENGTHS[name], freq=freq, tz=zone)
        for name, start in STARTS.items()
    }


def panel_of(times: dict[str, pd.DatetimeIndex], calendar: Calendar, freq: str) -> Panel:
    parts = [
        pd.DataFrame({"unique_id": name, "ds": ds, "y": np.arange(len(ds)) % 5}) for name, ds in times.items()
    ]
    return make_panel(
        read_long_frame(pd.concat(parts), Columns()), Frequency.parse(freq), Coders(calendar=calendar)
    )


@each_grid
def test_every_step_of_every_series_has_the_features_of_its_time_stamp(freq: str, zone: str | None) -> None:
    times, frequency = times_of(freq, zone), Frequency.parse(freq)
    calendar = Calendar(["hour", "day_of_week", "month", "month_end"])
    starts = pd.DatetimeIndex([ds[0] for ds in times.values()])
    table = calendar_table(calendar, starts, np.array(list(LENGTHS.values())), frequency)
    assert table is not None
    for number, ds in enumerate(times.values()):
        found = table.at(torch.tensor([number]), torch.arange(len(ds))[None])[0]
        np.testing.assert_array_equal(found, calendar_features(ds, calendar, frequency))
    distinct = {ds[0]: max(len(d) for d in times.values() if d[0] == ds[0]) for ds in times.values()}
    assert len(table.rows) == sum(distinct.values()), "series that start together share their rows"


@each_grid
def test_windows_carry_the_features_of_their_time_stamps(freq: str, zone: str | None) -> None:
    times, frequency = times_of(freq, zone), Frequency.parse(freq)
    calendar, shape = Calendar(["hour", "day_of_week", "month"]), WindowShape(7, 5, 3)
    panel = panel_of(times, calendar, freq)
    by_series = [calendar_features(ds, calendar, frequency) for ds in times.values()]
    windows = training_windows(panel, shape)
    index = torch.randperm(len(windows))
    batch = windows.gather(index)
    assert batch.calendar is not None
    series, cutoffs = windows.locate(index)
    for row, (number, cutoff) in enumerate(zip(series.tolist(), cutoffs.tolist(), strict=True)):
        features, read = by_series[number], min(cutoff, 7)
        if windows.clock is not None:  # windows follow the clock at their cutoff
            place = torch.arange(len(features))[None]
            shown = windows.clock.steps(series[row : row + 1], cutoffs[row : row + 1], place)[0]
            features = features[shown.clamp(max=len(features) - 1)]
        front = -read % 3
        found = batch.calendar[row].numpy()
        assert not found[:front].any(), "before the context nothing is known"
        np.testing.assert_array_equal(found[front : front + read], features[cutoff - read : cutoff])
        assert not found[front + read : 9].any()
        known = features[cutoff : cutoff + 5]
        np.testing.assert_array_equal(found[9 : 9 + len(known)], known)
        assert not found[9 + 5 :].any(), "beyond the horizon, a last segment is cropped"


@each_grid
@pytest.mark.parametrize("steps", [1, 4, 30])
def test_the_horizon_has_the_features_of_the_time_stamps_to_come(
    freq: str, zone: str | None, steps: int
) -> None:
    times, frequency = times_of(freq, zone), Frequency.parse(freq)
    calendar, shape = Calendar(["hour", "day_of_week", "month"]), WindowShape(4, steps, 3)
    coders = Coders(calendar=calendar)
    panel = extend_panel(panel_of(times, calendar, freq), coders, Columns(), None, steps)
    batch = forecast_windows(panel, shape).gather(torch.arange(len(times)))
    assert batch.calendar is not None
    for row, (name, ds) in enumerate(times.items()):
        longer = pd.date_range(STARTS[name], periods=len(ds) + steps, freq=freq, tz=zone)
        ahead = calendar_features(longer[len(ds) :], calendar, frequency)
        np.testing.assert_array_equal(batch.calendar[row, 6 : 6 + steps], ahead)
        assert not batch.calendar[row, 6 + steps :].any()


def test_steps_that_are_not_known_never_read_another_start() -> None:
    calendar = Calendar(["day_of_year"])
    starts = pd.DatetimeIndex(["2024-01-01", "2024-07-01", "2024-01-01"])
    table = calendar_table(calendar, starts, np.array([3, 4, 2]), Frequency.parse("D"))
    assert table is not None
    steps = torch.tensor([[-2, 0, 1, 2, 3, 99]]).expand(3, -1)
    found = table.at(torch.arange(3), steps)
    for number, (start, length) in enumerate([("2024-01-01", 3), ("2024-07-01", 4), ("2024-01-01", 3)]):
        days = pd.date_range(start, periods=length)[np.clip([-2, 0, 1, 2, 3, 99], 0, length - 1)]
        np.testing.assert_array_equal(found[number], calendar_features(days, calendar, Frequency.parse("D")))


def test_without_a_calendar_there_is_no_table() -> None:
    assert calendar_table(None, pd.Index([0]), np.array([3]), Frequency.parse(1)) is None


def test_integer_time_has_no_calendar() -> None:
    message = r"calendar is Calendar\(.*\), but time is counted in integers.*calendar=None, or give datetimes"
    with pytest.raises(DataError, match=message):
        calendar_table(Calendar(), pd.Index([0, 5]), np.array([3, 4]), Frequency.parse(1))


def test_a_table_moves_as_a_whole() -> None:
    starts = pd.DatetimeIndex(["2024-01-01", "2024-07-01"])
    table = calendar_table(Calendar(), starts, np.array([3, 4]), Frequency.parse("D"))
    assert table is not None
    moved = table.to(torch.device("meta"))
    assert {tensor.device.type for tensor in vars(moved).values()} == {"meta"}
