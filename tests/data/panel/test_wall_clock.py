"""Windows follow the clock on the wall: against a lookup of wall times by pandas."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

from tsseq2seq import Network, SeasonalNaive, Seq2SeqForecaster, Training
from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.panel import Panel, make_panel
from tsseq2seq.data.panel.wall_clock import wall_clock
from tsseq2seq.data.panel.window_index import cutoff_windows
from tsseq2seq.data.panel.windows import Windows, WindowShape

CHANGES = {"autumn": "2024-10-27", "spring": "2024-03-31"}
ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]


def panel_of(times: pd.DatetimeIndex, values: np.ndarray, freq: str = "h") -> Panel:
    return make_panel(
        read_long_frame(pd.DataFrame({"ds": times, "y": values}), Columns()), Frequency.parse(freq)
    )


def by_hour(times: pd.DatetimeIndex) -> np.ndarray:
    return times.hour.to_numpy() * 4.0 + times.minute.to_numpy() / 15


@pytest.mark.parametrize("day", CHANGES.values(), ids=CHANGES.keys())
@pytest.mark.parametrize("freq", ["1h", "30min", "15min"])
def test_a_window_across_the_change_shows_the_same_clock(day: str, freq: str) -> None:
    """All of a window is a day's pattern, but for the hours around the change itself."""
    times = pd.date_range(pd.Timestamp(day) - pd.Timedelta("9D"), periods=1600, freq=freq, tz="Europe/Berlin")
    values = by_hour(times)
    panel = panel_of(times, values, freq)
    day_steps = int(pd.Timedelta("1D") / pd.Timedelta(freq))
    shape = WindowShape(2 * day_steps, day_steps)
    windows = Windows(
        panel,
        shape,
        first_cutoff=torch.tensor([2 * day_steps]),
        last_cutoff=torch.tensor([1600 - day_steps - 4]),
    )
    hour = day_steps // 24
    for index in range(0, len(windows), 7):
        batch = windows.gather(torch.tensor([index]))
        cutoff = int(windows.locate(torch.tensor([index]))[1])
        found = torch.cat([batch.context, batch.target], 1)[0, :, 0] * panel.unit[0] + panel.origin[0]
        last = values[cutoff - 1]
        steps = np.arange(-2 * day_steps, day_steps) + 1
        expected = (last + steps * (96 / day_steps)) % 96
        # of the hours around a change, one is skipped or comes twice
        assert (np.abs(found.numpy() - expected) > 1e-3).sum() <= 2 * hour
        mask = torch.cat([batch.context_mask, batch.target_mask], 1)
        assert bool(mask.all())


@pytest.mark.parametrize("day", CHANGES.values(), ids=CHANGES.keys())
@pytest.mark.parametrize("zone", ZONES)
def test_forecasts_are_put_where_the_clock_shows_their_hour(day: str, zone: str) -> None:
    start = pd.Timestamp(day) - pd.Timedelta("20D")
    times = pd.date_range(start, periods=24 * 60, freq="30min", tz=zone)
    panel = panel_of(times, by_hour(times), "30min")
    shape = WindowShape(96, 96)
    for last in range(48 * 10, 48 * 26, 37):
        windows = cutoff_windows(panel, shape, windows=1, step=1, skip=len(times) - 96 - last)
        cutoff = int(windows.locate(torch.tensor([0]))[1])
        # a forecast by the clock before the cutoff
        wall = times[cutoff - 1].tz_localize(None) + pd.Timedelta("30min") * np.arange(1, 97)
        forecast = torch.from_numpy(by_hour(pd.DatetimeIndex(wall)))[None]
        found = windows.in_time(forecast, torch.tensor([0]), steps=1)[0].numpy()
        np.testing.assert_array_equal(found, by_hour(times[cutoff : cutoff + 96]))


def test_the_future_is_never_seen() -> None:
    times = pd.date_range("2024-03-20", periods=600, freq="h", tz="Europe/Berlin")
    panel = panel_of(times, np.arange(600.0))
    windows = cutoff_windows(panel, WindowShape(72, 24, lags=(24, 168)), windows=400, step=1)
    for index in range(len(windows)):
        batch, cutoff = windows[index], int(windows.locate(torch.tensor([index]))[1])
        number = panel.unit[0] * batch.context[0, :, 0] + panel.origin[0]
        assert float(number.max()) < cutoff
        assert batch.lagged is not None
        lagged = (panel.unit[0] * batch.lagged[..., 0] + panel.origin[0])[batch.lagged_mask[..., 0]]
        assert float(lagged.max()) < cutoff


@pytest.mark.parametrize(
    ("times", "freq"),
    [
        (pd.date_range("2024-10-20", periods=500, freq="h"), "h"),
        (pd.date_range("2024-10-20", periods=500, freq="h", tz="UTC"), "h"),
        (pd.date_range("2024-01-01", periods=500, freq="h", tz="Europe/Berlin"), "h"),
        (pd.date_range("2024-01-01", periods=500, freq="D", tz="Europe/Berlin"), "D"),
    ],
    ids=["no zone", "UTC", "no change", "days"],
)
def test_without_a_change_nothing_changes(times: pd.DatetimeIndex, freq: str) -> None:
    assert wall_clock(panel_of(times, np.arange(500.0), freq), 24) is None


@pytest.mark.parametrize("day", CHANGES.values(), ids=CHANGES.keys())
@pytest.mark.parametrize("calendar", [None, "auto"])
@pytest.mark.parametrize("before", [30, 20, -20])
def test_a_peak_stays_at_its_hour(day: str, calendar: str | None, before: int) -> None:
    """The change lies in the horizon, or in the context."""
    end = pd.Timestamp(day, tz="Europe/Berlin") - pd.Timedelta(hours=before)
    times = pd.date_range(end=end, periods=24 * 20, freq="h")
    df = pd.DataFrame({"ds": times, "y": np.where(times.hour == 8, 100.0, 10.0)})
    model = Seq2SeqForecaster(
        48, calendar=calendar, training=Training(max_steps=60), network=Network(hidden_size=8)
    )
    forecast = model.fit(df).predict()
    peaks = forecast.loc[forecast["Seq2Seq"] > 60, "ds"]
    assert len(peaks) == 2
    assert (peaks.dt.hour == 8).all()


@pytest.mark.parametrize("day", CHANGES.values(), ids=CHANGES.keys())
@pytest.mark.parametrize("before", [30, -20])
def test_baselines_follow_it_too(day: str, before: int) -> None:
    end = pd.Timestamp(day, tz="Europe/Berlin") - pd.Timedelta(hours=before)
    times = pd.date_range(end=end, periods=24 * 20, freq="h")
    df = pd.DataFrame({"ds": times, "y": np.where(times.hour == 8, 100.0, 10.0)})
    forecast = SeasonalNaive(48, season_length=24, jobs=1).fit(df).predict()
    peaks = forecast.loc[forecast["SeasonalNaive"] > 60, "ds"]
    assert (peaks.dt.hour == 8).all()
    assert len(peaks) == 2
