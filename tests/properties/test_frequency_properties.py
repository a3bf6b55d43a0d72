"""Laws that positions, advance and infer obey for any grid, start, time zone and pattern of gaps."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.errors import DataError

INFERRED = [
    "s", "min", "15min", "h", "3h", "D", "B", "W-SUN", "W-WED", "MS", "ME", "BME", "M-15", "M-30",
    "QS-JAN", "QE-OCT", "3M-15", "YS-JAN", "YE-DEC",
]  # fmt: skip
ALIASES = [*INFERRED, "45min", "36h", "10D", "2W-FRI", "3B", "2MS", "BQS-FEB", "12M-29", "SMS-15", "WOM-2TUE"]
ZONES = [None, "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]

aliases = st.sampled_from(ALIASES)
zones = st.sampled_from(ZONES)
units = st.sampled_from(["s", "ms", "us", "ns"])
# noon exists once a day in every zone
days = st.dates(pd.Timestamp("1931-01-01").date(), pd.Timestamp("2069-12-31").date())


def grid_point(frequency: Frequency, day: object, zone: str | None, unit: str) -> pd.DatetimeIndex:
    """Return a stamp on the grid at noon, near a day."""
    noon = np.array([f"{day}T12:00"], dtype=f"M8[{unit}]")
    point = frequency.grid.advance(noon, np.array([0]))
    return pd.DatetimeIndex(point).tz_localize(zone)


@st.composite
def panels(draw, alias=aliases, longest=25):
    """Draw a frequency, the stamps of some series on it, and their positions."""
    frequency = Frequency.parse(draw(alias))
    zone, unit = draw(zones), draw(units)
    series, positions = [], []
    # pandas lays exotic offsets out from the earliest stamp of all
    day = draw(days)
    for _ in range(draw(st.integers(1, 4))):
        start = grid_point(frequency, day + pd.Timedelta(days=draw(st.integers(0, 500))), zone, unit)
        gaps = draw(st.lists(st.integers(1, 9), max_size=longest))
        place = np.cumsum([0, *gaps])
        series.append(frequency.advance(start.repeat(len(place)), place))
        positions.append(place)
    return frequency, series, positions


def joined(series: list[pd.Index]) -> tuple[pd.Index, np.ndarray, list[str]]:
    starts = np.cumsum([0, *map(len, series)])[:-1]
    return series[0].append(series[1:]), starts, [f"series {i}" for i in range(len(series))]


@given(panels())
def test_positions_undo_advance(panel):
    frequency, series, positions = panel
    found = frequency.positions(*joined(series))
    assert found.tolist() == np.concatenate(positions).tolist()


@given(panels(), st.randoms(use_true_random=False))
def test_the_order_of_the_series_does_not_matter(panel, random):
    frequency, series, positions = panel
    order = list(range(len(series)))
    random.shuffle(order)
    found = frequency.positions(*joined([series[i] for i in order]))
    assert found.tolist() == np.concatenate([positions[i] for i in order]).tolist()


@given(panels(), st.integers(1, 30))
def test_the_future_continues_the_positions(panel, steps):
    frequency, series, positions = panel
    times = series[0]
    future = frequency.future(times[-1:], steps)
    assert future.dtype == times.dtype
    found = frequency.positions(times.append(future), np.array([0]), ["a"])
    assert found[len(times) :].tolist() == list(range(positions[0][-1] + 1, positions[0][-1] + steps + 1))


@given(panels(), st.integers(0, 20), st.integers(0, 20))
def test_steps_add_up(panel, first, second):
    frequency, series, _ = panel
    start = series[0][:1]
    assert (
        frequency.advance(frequency.advance(start, first), second).tolist()
        == frequency.advance(start, first + second).tolist()
    )


@given(aliases)
def test_a_frequency_is_its_alias(alias):
    frequency = Frequency.parse(alias)
    assert frequency.alias == alias
    assert Frequency.parse(frequency.alias) == frequency


@given(st.sampled_from(INFERRED), days, zones, units, st.data())
def test_infer_finds_the_grid_behind_the_gaps(alias, day, zone, unit, data):
    frequency = Frequency.parse(alias)
    start = grid_point(frequency, day, zone, unit)
    whole = frequency.advance(start.repeat(60), np.arange(60))
    series = []
    for _ in range(data.draw(st.integers(1, 3))):
        missing = data.draw(st.sets(st.integers(0, 59), max_size=15))
        series.append(whole.delete(sorted(missing)))
    assert Frequency.infer(*joined(series)) == frequency


@given(
    st.integers(1, 10**6), st.integers(-(10**12), 10**12), st.lists(st.lists(st.integers(1, 50)), min_size=1)
)
def test_integers(step, start, gaps):
    frequency = Frequency.parse(step)
    positions = [np.cumsum([0, *widths]) for widths in gaps]
    series = [pd.Index(start + number + step * place) for number, place in enumerate(positions)]
    assert frequency.positions(*joined(series)).tolist() == np.concatenate(positions).tolist()


@given(panels(), st.data())
def test_a_stamp_between_two_points_is_refused(panel, data):
    frequency, series, _ = panel
    times = series[0]
    row = data.draw(st.integers(0, len(times) - 1))
    before, after = times[row], frequency.advance(times[row : row + 1], 1)[0]
    stamp = before + (after - before) / 2
    assume(before < stamp < after)
    off_grid = times.insert(row + 1, stamp.as_unit(times.unit))
    assume(off_grid.is_unique and off_grid.is_monotonic_increasing)
    with pytest.raises(DataError, match=r"does not lie on the grid|two rows for one step") as caught:
        frequency.positions(off_grid, np.array([0]), ["a"])
    assert str(stamp) in str(caught.value)
