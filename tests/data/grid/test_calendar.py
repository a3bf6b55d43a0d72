"""Calendar features against plain loops over dates, known holidays, and what a cycle must satisfy."""

from __future__ import annotations

import calendar as stdlib_calendar
import datetime
import math
import sys
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone

from tsseq2seq.data.grid.calendar import (
    CALENDAR_FEATURES,
    Calendar,
    calendar_features,
    calendar_names,
    parse_calendar,
)
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.errors import (
    DataError,
    DataWarning,
    MissingDependencyError,
    ParameterError,
    ParameterTypeError,
)
from tsseq2seq.settings import Settings

CYCLES = [
    "second", "minute", "hour", "day_of_week", "day_of_month", "day_of_year", "week_of_year", "month", "quarter"
]  # fmt: skip
FLAGS = ["weekend", "month_start", "month_end", "quarter_start", "quarter_end", "year_start", "year_end"]

SUB_DAILY = ["hour", "day_of_week", "weekend", "day_of_year"]
DAILY = ["day_of_week", "day_of_month", "day_of_year"]

AUTOMATIC = {
    "250ms": ["second", "minute", *SUB_DAILY], "s": ["second", "minute", *SUB_DAILY],
    "90s": ["second", "minute", *SUB_DAILY], "min": ["minute", *SUB_DAILY], "15min": ["minute", *SUB_DAILY],
    "90min": ["minute", *SUB_DAILY], "h": SUB_DAILY, "4h": SUB_DAILY, "12h": SUB_DAILY, "36h": SUB_DAILY,
    "D": DAILY, "2D": DAILY, "10D": DAILY, "B": DAILY, "2B": DAILY, "7D": ["week_of_year"],
    "5B": ["week_of_year"], "W-SUN": ["week_of_year"], "W-WED": ["week_of_year"], "2W": ["week_of_year"],
    "MS": ["month"], "ME": ["month"], "M-15": ["month"], "BMS": ["month"], "2MS": ["month"], "4MS": ["month"],
    "WOM-3FRI": ["month"], "3MS": ["quarter"], "QS-FEB": ["quarter"], "QE-DEC": ["quarter"],
    "BQE-DEC": ["quarter"], "2QS": ["quarter"], "YS": [], "YE-JUN": [], "12MS": [], "2YE": [],
    "SMS-15": ["day_of_month", "day_of_year"], "bh": ["hour", "day_of_week", "day_of_year"],
}  # fmt: skip


def place_in_cycle(name: str, stamp: datetime.datetime) -> float:
    """Where a stamp lies in a cycle, from the standard library alone."""
    start_of_year = datetime.date(stamp.year, 1, 1)
    iso = stamp.isocalendar()
    match name:
        case "second":
            return (stamp.second + stamp.microsecond / 1e6) / 60
        case "minute":
            return (stamp.minute + stamp.second / 60 + stamp.microsecond / 6e7) / 60
        case "hour":
            return (stamp.hour + (stamp.minute + (stamp.second + stamp.microsecond / 1e6) / 60) / 60) / 24
        case "day_of_week":
            return stamp.weekday() / 7
        case "day_of_month":
            return (stamp.day - 1) / stdlib_calendar.monthrange(stamp.year, stamp.month)[1]
        case "day_of_year":
            days = 366 if stdlib_calendar.isleap(stamp.year) else 365
            return (stamp.date() - start_of_year).days / days
        case "week_of_year":
            return (iso.week - 1) / datetime.date(iso.year, 12, 28).isocalendar().week
        case "month":
            return (stamp.month - 1) / 12
        case _:
            return (stamp.month - 1) // 3 / 4


def flag(name: str, stamp: datetime.datetime) -> bool:
    tomorrow, yesterday = (stamp.date() + datetime.timedelta(days=shift) for shift in (1, -1))
    starts = {"month": range(1, 13), "quarter": (1, 4, 7, 10), "year": (1,)}
    if name == "weekend":
        return stamp.strftime("%a") in ("Sat", "Sun")
    period, _, end = name.partition("_")
    if end == "start":
        return stamp.month != yesterday.month and stamp.month in starts[period]
    return stamp.month != tomorrow.month and tomorrow.month in starts[period]


def features(times, names, freq="h", country=None) -> np.ndarray:
    return calendar_features(pd.DatetimeIndex(times), Calendar(names, country), Frequency.parse(freq))


class TestFeatures:
    @given(
        st.lists(
            st.datetimes(datetime.datetime(1900, 1, 1), datetime.datetime(2199, 12, 31)),
            min_size=1,
            max_size=20,
        )
    )
    def test_all_against_the_standard_library(self, stamps):
        table = features(stamps, CYCLES + FLAGS, freq="s")
        assert table.dtype == np.float32
        for row, stamp in zip(table, stamps, strict=True):
            expected = []
            for name in CYCLES:
                angle = 2 * math.pi * place_in_cycle(name, stamp)
                expected += [math.sin(angle), math.cos(angle)]
            expected += [float(flag(name, stamp)) for name in FLAGS]
            np.testing.assert_allclose(row, expected, atol=1e-6)

    def test_every_day_of_a_century(self):
        days = pd.date_range("1950-01-01", "2050-12-31")
        table = features(days, [*CYCLES[3:], *FLAGS], freq="D")
        for column, name in enumerate(CYCLES[3:]):
            angles = 2 * np.pi * np.array([place_in_cycle(name, day) for day in days])
            np.testing.assert_allclose(table[:, 2 * column], np.sin(angles), atol=1e-6)
            np.testing.assert_allclose(table[:, 2 * column + 1], np.cos(angles), atol=1e-6)
        for column, name in enumerate(FLAGS, start=2 * len(CYCLES[3:])):
            np.testing.assert_array_equal(table[:, column], [flag(name, day) for day in days], err_msg=name)

    @pytest.mark.parametrize("alias", ["h", "D", "B", "W-WED", "MS", "BMS", "QS-FEB", "YE-DEC"])
    def test_flags_against_the_attributes_of_pandas(self, alias):
        times = pd.date_range("2019-11-01", periods=500, freq=alias, unit="s")
        plain = pd.DatetimeIndex(times.to_numpy())  # without a frequency, which changes their meaning
        table = features(times, FLAGS[1:], freq=alias)
        for column, name in enumerate(FLAGS[1:]):
            np.testing.assert_array_equal(table[:, column], getattr(plain, f"is_{name}"), err_msg=name)

    @pytest.mark.parametrize(
        ("name", "step", "cycle"),
        [("second", "s", 60), ("minute", "min", 60), ("hour", "h", 24), ("hour", "15min", 96), ("day_of_week", "D", 7),
         ("month", "MS", 12), ("quarter", "QS-JAN", 4)],
    )  # fmt: skip
    def test_a_cycle_takes_equal_steps_and_closes(self, name, step, cycle):
        times = pd.date_range("2024-01-01", periods=2 * cycle + 1, freq=step)
        pairs = features(times, [name], freq=step).astype(float)
        leaps = np.linalg.norm(np.diff(pairs, axis=0), axis=1)
        np.testing.assert_allclose(leaps, 2 * math.sin(math.pi / cycle), atol=1e-6)
        np.testing.assert_allclose(pairs[:cycle], pairs[cycle : 2 * cycle], atol=1e-6)
        assert len(np.unique(pairs[:cycle].round(5), axis=0)) == cycle, "no two places of a cycle look alike"

    @pytest.mark.parametrize("year", [2023, 2024, 2100])
    @pytest.mark.parametrize("name", ["day_of_year", "day_of_month"])
    def test_the_last_day_is_near_the_first(self, name, year):
        last, first = features([f"{year}-12-31", f"{year + 1}-01-01"], [name], freq="D")
        assert np.linalg.norm(last - first) == pytest.approx(
            2 * math.sin(math.pi / {"day_of_year": 365 + (year == 2024), "day_of_month": 31}[name]), abs=1e-6
        )

    @pytest.mark.parametrize(
        ("last", "weeks"), [("2020-12-31", 53), ("2021-12-31", 52), ("2026-12-31", 53), ("2024-12-29", 52)]
    )
    def test_a_year_has_52_weeks_or_53(self, last, weeks):
        before, after = features(
            [last, pd.Timestamp(last) + pd.Timedelta(days=7)], ["week_of_year"], freq="W"
        )
        np.testing.assert_allclose(
            before, [-math.sin(2 * math.pi / weeks), math.cos(2 * math.pi / weeks)], atol=1e-6
        )
        np.testing.assert_allclose(after, [0, 1], atol=1e-6)

    def test_a_leap_day_shifts_the_rest_of_its_year_only(self):
        assert features(["2024-07-02"], ["day_of_year"])[0] == pytest.approx([0, -1], abs=1e-6)  # 183 of 366
        march = features(["2023-03-01", "2024-02-29", "2024-03-01"], ["day_of_year"]).astype(float)
        days = np.arctan2(march[:, 0], march[:, 1]) / (2 * math.pi) * [365, 366, 366]
        np.testing.assert_allclose(days, [59, 59, 60], atol=1e-3)

    def test_a_row_depends_on_its_own_stamp_only(self):
        times = pd.date_range("2020-02-20", periods=300, freq="7h")
        table = features(times, list(CALENDAR_FEATURES), country="DE")
        shuffled = np.random.default_rng(0).permutation(300)
        np.testing.assert_array_equal(
            features(times[shuffled], list(CALENDAR_FEATURES), country="DE"), table[shuffled]
        )
        for row in range(0, 300, 50):
            alone = features(times[row : row + 1], list(CALENDAR_FEATURES), country="DE")
            np.testing.assert_array_equal(alone, table[row : row + 1])

    @pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
    def test_the_unit_of_the_stamps_does_not_matter(self, unit):
        times = pd.date_range("1965-03-01", periods=50, freq="31h")
        expected = features(times, CYCLES + FLAGS)
        np.testing.assert_array_equal(features(times.as_unit(unit), CYCLES + FLAGS), expected)

    @pytest.mark.parametrize("freq", ["h", "MS", "YS"])
    def test_no_stamps(self, freq):
        frequency = Frequency.parse(freq)
        table = calendar_features(pd.DatetimeIndex([]), Calendar(), frequency)
        assert table.shape == (0, len(calendar_names(Calendar(), frequency)))

    def test_a_missing_stamp_is_refused(self):
        with pytest.raises(DataError, match="time stamp in row 1 is missing"):
            features(["2024-01-01", None], ["hour"])

    @pytest.mark.parametrize("alias", AUTOMATIC)
    def test_all_values_lie_within_one_and_names_fit_columns(self, alias):
        times = pd.date_range(
            "2019-12-31",
            periods=2000 if "M" not in alias and "Y" not in alias else 60,
            freq=alias.replace("M-15", "MS"),
            unit="us",  # centuries of quarters are beyond what nanoseconds can say
        )
        frequency = Frequency.parse(alias)
        table = calendar_features(times, Calendar(), frequency)
        assert table.shape == (len(times), len(calendar_names(Calendar(), frequency)))
        assert (np.abs(table) <= 1).all()


class TestWallTime:
    def test_the_clock_on_the_wall_decides(self):
        berlin = pd.DatetimeIndex(["2024-07-01 23:00"]).tz_localize("UTC").tz_convert("Europe/Berlin")
        np.testing.assert_array_equal(
            features(berlin, [*CYCLES, *FLAGS]), features(["2024-07-02 01:00"], [*CYCLES, *FLAGS])
        )

    def test_the_night_in_which_an_hour_is_skipped(self):
        times = pd.date_range("2024-03-31", periods=4, freq="h", tz="Europe/Berlin")
        angles = 2 * np.pi * np.array([0, 1, 3, 4]) / 24
        np.testing.assert_allclose(
            features(times, ["hour"]), np.c_[np.sin(angles), np.cos(angles)], atol=1e-6
        )

    def test_the_night_in_which_an_hour_comes_twice(self):
        times = pd.date_range("2024-10-27", periods=5, freq="h", tz="Europe/Berlin")
        angles = 2 * np.pi * np.array([0, 1, 2, 2, 3]) / 24
        np.testing.assert_allclose(
            features(times, ["hour"]), np.c_[np.sin(angles), np.cos(angles)], atol=1e-6
        )

    def test_daily_midnights_stay_whole_days(self):
        times = pd.date_range("2024-03-25", periods=14, tz="Europe/Berlin")
        naive = pd.date_range("2024-03-25", periods=14)
        np.testing.assert_array_equal(features(times, CYCLES, "D"), features(naive, CYCLES, "D"))

    def test_holidays_are_local_days(self):
        times = pd.DatetimeIndex(["2024-12-31 22:30", "2024-12-31 23:30"]).tz_localize("UTC")
        table = features(times.tz_convert("Europe/Berlin"), ["holiday"], country="DE")
        np.testing.assert_array_equal(table, [[0, 1, 0], [1, 0, 0]])


class TestNames:
    @pytest.mark.parametrize("alias", AUTOMATIC)
    def test_the_frequency_decides(self, alias):
        expected = []
        for name in AUTOMATIC[alias]:
            expected += [f"{name}_sin", f"{name}_cos"] if name in CYCLES else [name]
        assert calendar_names(Calendar(), Frequency.parse(alias)) == tuple(expected)

    @pytest.mark.parametrize("alias", [alias for alias, names in AUTOMATIC.items() if names])
    def test_what_the_frequency_chooses_varies_on_its_grid(self, alias):
        """Laid out by pandas over three years, or by the second over nine days."""
        start = pd.Timestamp("2021-01-01")
        end = start + (pd.Timedelta(days=9) if alias in ("250ms", "s") else pd.Timedelta(days=1200))
        grid = (
            pd.date_range(start, end, freq="MS") + pd.Timedelta(days=14)
            if alias == "M-15"
            else pd.date_range(start, end, freq=alias)
        )
        names = AUTOMATIC[alias]
        for name in names:
            if not (name == "day_of_year" and alias in ("250ms", "s")):
                table = features(grid, [name], freq=alias)
                assert np.ptp(table, axis=0).max() > 0.5, name

    def test_names_given_keep_their_order(self):
        names = calendar_names(Calendar(["weekend", "month", "holiday", "hour"], "DE"), Frequency.parse("h"))
        assert names == (
            "weekend", "month_sin", "month_cos", "holiday", "day_before_holiday", "day_after_holiday",
            "hour_sin", "hour_cos",
        )  # fmt: skip

    def test_a_country_adds_its_holidays_at_the_end(self):
        frequency = Frequency.parse("D")
        automatic = calendar_names(Calendar(), frequency)
        assert calendar_names(Calendar(country="DE"), frequency) == (
            *automatic, "holiday", "day_before_holiday", "day_after_holiday"
        )  # fmt: skip

    @pytest.mark.parametrize(
        "function", [calendar_names, lambda *args: calendar_features(pd.DatetimeIndex([]), *args)]
    )
    def test_integer_time_has_no_calendar(self, function):
        with pytest.raises(ParameterError, match="freq is 1: integer time has no calendar"):
            function(Calendar(), Frequency.parse(1))

    @pytest.mark.usefixtures("unchecked_types")
    def test_integer_stamps_have_none_either(self):
        with pytest.raises(ParameterError, match="type int64 have no calendar"):
            calendar_features(pd.Index([1, 2]), Calendar(), Frequency.parse("D"))

    @pytest.mark.parametrize("alias", ["2D", "2B", "W-SUN", "MS", "YE-DEC", "WOM-3FRI"])
    def test_holidays_need_steps_of_a_day_or_less(self, alias):
        with pytest.raises(ParameterError, match=f"country is 'DE', but .* steps of '{alias}' are longer"):
            calendar_names(Calendar(country="DE"), Frequency.parse(alias))

    @pytest.mark.parametrize("alias", ["D", "B", "h", "15min", "bh"])
    def test_holidays_at_a_day_or_less(self, alias):
        assert calendar_names(Calendar(country="DE"), Frequency.parse(alias))[-3:] == (
            "holiday", "day_before_holiday", "day_after_holiday"
        )  # fmt: skip


def marked(country: str, year: int, column: int = 0) -> list[str]:
    days = pd.date_range(f"{year}-01-01", f"{year}-12-31")
    table = features(days, ["holiday"], freq="D", country=country)
    return days[table[:, column] == 1].strftime("%m-%d").tolist()


class TestHolidays:
    """The dates are those of the laws, not what the package says."""

    def test_germany(self):
        assert marked("DE", 2024) == [
            "01-01",
            "03-29",
            "04-01",
            "05-01",
            "05-09",
            "05-20",
            "10-03",
            "12-25",
            "12-26",
        ]

    def test_bavaria_has_more(self):
        more = set(marked("DE-BY", 2024)) - set(marked("DE", 2024))
        # Assumption, 15 August, is kept in Catholic towns only, and is left to the package
        assert more - {"08-15"} == {"01-06", "05-30", "11-01"}

    def test_the_united_states(self):
        assert marked("US", 2024) == [
            "01-01", "01-15", "02-19", "05-27", "06-19", "07-04", "09-02", "10-14", "11-11", "11-28", "12-25"
        ]  # fmt: skip

    def test_the_days_before_and_after(self):
        around = features(pd.date_range("2024-12-23", periods=10), ["holiday"], freq="D", country="DE")
        np.testing.assert_array_equal(around[:, 0], [0, 0, 1, 1, 0, 0, 0, 0, 0, 1])
        np.testing.assert_array_equal(around[:, 1], [0, 1, 1, 0, 0, 0, 0, 0, 1, 0])
        np.testing.assert_array_equal(around[:, 2], [0, 0, 0, 1, 1, 0, 0, 0, 0, 0])

    def test_neighbours_across_the_year(self):
        assert features(["2024-12-31"], ["holiday"], country="US")[0].tolist() == [0, 1, 0]
        assert features(["2025-01-02"], ["holiday"], country="US")[0].tolist() == [0, 0, 1]

    def test_every_hour_of_the_day(self):
        times = pd.date_range("2024-07-03", periods=72, freq="h")
        np.testing.assert_array_equal(
            features(times, ["holiday"], country="US")[:, 0], [0] * 24 + [1] * 24 + [0] * 24
        )

    @pytest.mark.parametrize(
        ("year", "text"), [(1980, "1 other years, from 1980 to 1980"), (2150, "from 2150 to 2150")]
    )
    def test_years_that_nobody_knows_are_named(self, year, text):
        with pytest.warns(DataWarning, match=rf"knows the years 199\d to 2100; .*{text}") as caught:
            table = features([f"{year}-12-25", "2024-12-25"], ["holiday"], freq="D", country="DE")
        np.testing.assert_array_equal(table[:, 0], [0, 1])
        assert len(caught) == 1

    def test_the_last_known_year_asks_for_no_more(self):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert features(["2035-06-01"], ["holiday"], freq="D", country="IN").tolist() == [[0, 0, 0]]

    def test_without_the_package(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "holidays", None)
        with pytest.raises(MissingDependencyError, match=r"pip install 'tsseq2seq\[holidays\]'"):
            Calendar(country="DE")
        assert calendar_names(Calendar(), Frequency.parse("MS")) == ("month_sin", "month_cos")


class TestSettings:
    @pytest.mark.parametrize(
        "calendar", [Calendar(), Calendar(["hour"]), Calendar(country="DE-BY"), Calendar([], "US")]
    )
    def test_they_speak_the_protocol(self, calendar):
        assert Calendar(**calendar.get_params()) == calendar
        assert Settings.registry["tsseq2seq.Calendar"] is Calendar
        assert clone(calendar, safe=False) == calendar

    @pytest.mark.parametrize("calendar", [Calendar(), Calendar(["hour"])])
    def test_the_caller_s_list_is_kept(self, calendar):
        names = ["hour", "month"]
        assert Calendar(names).features is names
        assert parse_calendar(calendar) is calendar

    def test_reading(self):
        assert parse_calendar(None) is None
        assert parse_calendar("auto") == Calendar()
        assert parse_calendar(["hour"]) == Calendar(["hour"])
        assert parse_calendar(("hour", "month")) == Calendar(("hour", "month"))

    @pytest.mark.parametrize(
        ("value", "error", "match"),
        [
            ("always", ParameterError, "calendar is 'always'; it must be 'auto', None, a list"),
            ("hour", ParameterError, r"for this feature alone pass \['hour'\]"),
            (True, ParameterTypeError, "calendar is True; it must be 'auto'"),
            ({"hour"}, ParameterTypeError, "calendar is {'hour'}; it must be"),
            (["hours"], ParameterError, r"features has 'hours' \(did you mean 'hour'\?\), which is none of second, minute"),
            (["zzz"], ParameterError, "features has 'zzz', which is none of .*, year_end, holiday$"),
            ([], ParameterError, "features is empty and country is None"),
            (["hour", "month", "hour"], ParameterError, "features names 'hour' twice"),
            (["holiday"], ParameterError, "has 'holiday', but country is None"),
        ],
        ids=["text", "name", "bool", "set", "near", "far", "empty", "twice", "holiday"],
    )  # fmt: skip
    def test_what_is_refused(self, value, error, match):
        with pytest.raises(error, match=match):
            parse_calendar(value)

    @pytest.mark.usefixtures("unchecked_types")
    @pytest.mark.parametrize(
        ("arguments", "match"),
        [
            ({"features": "hour"}, "features is 'hour'; it must be a list of names"),
            ({"features": ["hour", 3]}, r"features is \['hour', 3\]; it must be a list of names"),
            ({"country": 49}, "country is 49; it must be text such as 'DE'"),
        ],
        ids=["text", "number", "country"],
    )
    def test_wrong_types(self, arguments, match):
        with pytest.raises(ParameterTypeError, match=match):
            Calendar(**arguments)

    @pytest.mark.parametrize(
        ("country", "match"),
        [
            ("de", r"knows no country 'de' \(near it: 'DE' \(Germany\)\)"),
            ("Germny", r"knows no country 'Germny' \(near it: 'DE' \(Germany\)"),
            ("United States", r"near it: 'US' \(United States\)"),
            ("X9", "knows no country 'X9'; codes are those of ISO 3166"),
            ("", "knows no country ''"),
            ("DE-by", r"DE has no subdivision 'by' \(near it: BY\); it has: BB, BE"),
            ("DE-", "DE has no subdivision ''; it has: BB"),
            ("VA-X", "VA has no subdivision 'X'; it has: none"),
        ],
    )
    def test_unknown_countries(self, country, match):
        with pytest.raises(ParameterError, match=match):
            Calendar(country=country)
