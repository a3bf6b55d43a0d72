"""Frequencies against pandas' own date ranges and plain loops over dates."""

from __future__ import annotations

import datetime
import warnings

import numpy as np
import pandas as pd
import pytest

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.grid.series_times import SeriesTimes
from tsseq2seq.errors import DataError, FrequencyError, ParameterError

ONE = np.array([0])

ALIASES = [
    "h", "30min", "15min", "10min", "5min", "min", "s", "250ms", "2h", "36h", "D", "2D", "7D",
    "W-SUN", "W-MON", "2W-WED", "B", "2B", "MS", "ME", "2MS", "BMS", "BME", "QS-JAN", "QS-FEB", "QS-MAR",
    "QE-DEC", "QE-OCT", "QE-NOV", "BQS-JAN", "BQE-DEC", "2QS-JAN", "YS-JAN", "YS-JUN", "YE-DEC", "YE-FEB",
    "BYS-JAN", "BYE-JUN", "SMS-15", "2SMS-15", "SME-15", "WOM-3FRI", "bh",
]  # fmt: skip

INFERRED = [
    "h", "30min", "15min", "min", "s", "250ms", "36h", "D", "2D", "W-SUN", "W-THU", "B", "MS", "ME", "BMS",
    "BME", "QS-JAN", "QS-FEB", "QE-DEC", "BQE-DEC", "YS-JAN", "YE-DEC", "YE-FEB", "BYE-JUN",
]  # fmt: skip


def infer(*series: pd.Index | np.ndarray) -> Frequency:
    return Frequency.infer(*panel(*series))


def panel(*series: pd.Index | np.ndarray) -> tuple[pd.Index, np.ndarray, list[str]]:
    indexes = [pd.Index(times) for times in series]
    starts = np.cumsum([0, *map(len, indexes)])[:-1]
    return indexes[0].append(indexes[1:]), starts, list("abcdefgh"[: len(series)])


def without(times: pd.DatetimeIndex, rows: list[int]) -> pd.DatetimeIndex:
    return times.delete(rows)


def monthly_on(day: int, start: datetime.date, count: int, step: int = 1) -> pd.DatetimeIndex:
    dates = []
    for number in range(start.month - 1, start.month - 1 + count * step, step):
        year, month = start.year + number // 12, number % 12 + 1
        length = (datetime.date(year + month // 12, month % 12 + 1, 1) - datetime.timedelta(days=1)).day
        dates.append(datetime.date(year, month, min(day, length)))
    return pd.DatetimeIndex(dates)


class TestParse:
    @pytest.mark.parametrize("alias", ALIASES)
    def test_an_alias_is_read_and_printed(self, alias):
        frequency = Frequency.parse(alias)
        assert frequency.alias == alias
        assert Frequency.parse(frequency.alias) == frequency

    @pytest.mark.parametrize("alias", ALIASES)
    def test_an_offset_is_read_as_its_alias(self, alias):
        assert Frequency.parse(pd.tseries.frequencies.to_offset(alias)) == Frequency.parse(alias)

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("H", "h"), ("2H", "2h"), ("T", "min"), ("15T", "15min"), ("S", "s"), ("L", "ms"), ("M", "ME"),
            ("3M", "3ME"), ("Q", "QE-DEC"), ("Q-NOV", "QE-NOV"), ("A", "YE-DEC"), ("Y", "YE-DEC"),
            ("AS", "YS-JAN"), ("A-JUN", "YE-JUN"), ("AS-APR", "YS-APR"), ("BM", "BME"), ("BQ", "BQE-DEC"),
            ("SM", "SME-15"), ("BH", "bh"), ("1H30T", "90min"), ("d", "D"), ("W", "W-SUN"), ("1h", "h"),
            (" h ", "h"), ("24h", "D"), ("60min", "h"), ("1.5h", "90min"), ("QE-MAR", "QE-DEC"),
            ("M-1", "MS"), ("M-31", "ME"), ("1M-15", "M-15"),
        ],
    )  # fmt: skip
    def test_other_spellings(self, old, new):
        assert Frequency.parse(old).alias == new

    @pytest.mark.parametrize(
        ("freq", "alias", "kind"),
        [
            (1, "1", "integer"),
            (np.int32(5), "5", "integer"),
            ("7", "7", "integer"),
            (pd.Timedelta("90min"), "90min", "fixed"),
            (pd.Timedelta("1D"), "D", "fixed"),
            (datetime.timedelta(hours=1), "h", "fixed"),
            (np.timedelta64(30, "m"), "30min", "fixed"),
            (pd.DateOffset(days=2), "2D", "fixed"),
            (pd.DateOffset(weeks=1), "7D", "fixed"),
            (pd.DateOffset(hours=3), "3h", "fixed"),
            (pd.offsets.Week(), "7D", "fixed"),
            (pd.DateOffset(months=1, day=15), "M-15", "calendar"),
            (2 * pd.DateOffset(months=1, day=15), "2M-15", "calendar"),
            (pd.DateOffset(years=1, day=10), "12M-10", "calendar"),
            (pd.offsets.MonthBegin(), "MS", "calendar"),
        ],
    )
    def test_other_types(self, freq, alias, kind):
        frequency = Frequency.parse(freq)
        assert (frequency.alias, frequency.kind) == (alias, kind)

    @pytest.mark.parametrize(
        "freq",
        [
            "", "hourly", "M-0", "M-32", "-1h", "0h", 0, -1, "0", "0M-15", True, "-D", "1.5", "M-", "H-",
            pd.Timedelta(0), pd.Timedelta("-1h"), pd.NaT, np.timedelta64("NaT"), pd.DateOffset(months=1),
            pd.DateOffset(months=1, days=1), pd.DateOffset(day=3), pd.DateOffset(months=1, day=40),
            pd.offsets.CustomBusinessDay(holidays=["2024-01-01"]), pd.offsets.BusinessHour(start="08:00"),
            pd.offsets.BDay(offset=datetime.timedelta(hours=2)), pd.offsets.MonthBegin(normalize=True),
        ],
        ids=repr,
    )  # fmt: skip
    def test_what_is_no_step_is_refused_with_examples(self, freq, unchecked_types):
        with pytest.raises(ParameterError, match=r"freq is .* Accepted are .*'h'.*'W-SUN'.*positive integer"):
            Frequency.parse(freq)

    @pytest.mark.parametrize("freq", [None, 1.5, [1], object()])
    def test_wrong_types_are_refused(self, freq, unchecked_types):
        with pytest.raises(ParameterError, match=f"its type is {type(freq).__name__}"):
            Frequency.parse(freq)


class TestOf:
    @pytest.mark.parametrize("freq", ["2h", pd.Timedelta("1h"), pd.offsets.MonthEnd(), 3])
    def test_what_is_given_is_parsed_whatever_the_rows_show(self, freq):
        rows = SeriesTimes(*panel(pd.date_range("2024-01-01", periods=3)))
        assert Frequency.of(freq, rows) == Frequency.parse(freq)

    def test_a_frequency_is_returned(self):
        frequency = Frequency.parse("W-SUN")
        assert Frequency.of(frequency, SeriesTimes(*panel(np.arange(3)))) is frequency

    @pytest.mark.parametrize(
        "times", [np.array([1, 4, 10]), pd.date_range("2024-01-31", periods=4, freq="ME")]
    )
    def test_otherwise_it_is_inferred(self, times):
        assert Frequency.of(None, SeriesTimes(*panel(times, times))) == infer(times, times)

    def test_of_a_long_frame(self):
        df = pd.DataFrame({"unique_id": ["b", "a", "b", "a"], "ds": [3, 1, 1, 5], "y": 0.0})
        frame = read_long_frame(df, Columns())
        assert Frequency.of(None, frame).alias == "2"

    def test_rows_that_show_none_are_refused(self):
        with pytest.raises(FrequencyError):
            Frequency.of(None, SeriesTimes(*panel(np.array([1]))))


class TestPositionsAndAdvance:
    @pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
    @pytest.mark.parametrize("alias", ALIASES)
    def test_pandas_date_range(self, alias, unit):
        if alias == "250ms" and unit == "s":
            pytest.skip("whole seconds cannot hold it")
        times = pd.date_range("1968-12-29 10:00", periods=40, freq=alias).as_unit(unit)
        kept = np.array([0, 1, 2, 5, 6, 7, 20, 21, 39])
        frequency = Frequency.parse(alias)
        assert frequency.positions(times[kept], ONE, ["a"]).tolist() == kept.tolist()
        advanced = frequency.advance(times[[0] * 40], np.arange(40))
        assert advanced.dtype == times.dtype
        assert advanced.tolist() == times.tolist()
        assert frequency.future(times[[4, 9]], 3).tolist() == times[[5, 6, 7, 10, 11, 12]].tolist()

    @pytest.mark.parametrize("day", [2, 15, 28, 29, 30, 31])
    @pytest.mark.parametrize("step", [1, 2, 3, 12])
    def test_a_day_of_the_month_against_a_loop(self, day, step):
        times = monthly_on(day, datetime.date(1899, 1, 1), 60, step)
        frequency = Frequency.parse(f"{step}M-{day}")
        assert frequency.positions(times, ONE, ["a"]).tolist() == list(range(60))
        assert frequency.future(times[:1], 59).tolist() == times[1:].tolist()

    def test_the_day_survives_a_short_month(self):
        february = pd.DatetimeIndex(["2023-02-28"])
        expected = ["2023-03-30", "2023-04-30"]
        assert Frequency.parse("M-30").future(february, 2).strftime("%Y-%m-%d").tolist() == expected

    def test_the_time_of_day_is_that_of_each_series(self):
        times, starts, ids = panel(
            pd.DatetimeIndex(["2024-01-31 18:00", "2024-02-29 18:00"]),
            pd.DatetimeIndex(["2024-01-31 06:00", "2024-04-30 06:00"]),
        )
        assert Frequency.parse("ME").positions(times, starts, ids).tolist() == [0, 1, 0, 3]

    def test_integers(self):
        times, starts, ids = panel(np.array([-10, 0, 5]), np.array([3, 18]))
        assert Frequency.parse(5).positions(times, starts, ids).tolist() == [0, 2, 3, 0, 3]

    @pytest.mark.parametrize("dtype", ["int8", "int32", "int64", "uint16", "Int64"])
    def test_integers_keep_their_type(self, dtype):
        future = Frequency.parse(1).future(pd.Index([1, 7], dtype=dtype), 2)
        assert future.dtype == dtype
        assert future.tolist() == [2, 3, 8, 9]

    def test_a_closing_offset_is_allowed(self):
        times, starts, ids = panel(np.array([1, 2]), np.array([4, 7]))
        closed = np.append(starts, len(times))
        assert Frequency.parse(1).positions(times, closed, ids).tolist() == [0, 1, 0, 3]
        assert Frequency.infer(times, closed, ids).alias == "1"

    def test_no_rows(self):
        for alias in ["h", "D", "MS", "B", "SMS", "W-SUN"]:
            times = pd.DatetimeIndex([])
            assert len(Frequency.parse(alias).positions(times, np.array([], dtype=np.int64), [])) == 0
            assert len(Frequency.parse(alias).future(times, 3)) == 0

    def test_no_steps(self):
        assert len(Frequency.parse("D").future(pd.DatetimeIndex(["2024-01-01"]), 0)) == 0

    def test_series_and_arrays_are_taken_too(self):
        times = pd.Series(pd.date_range("2024-01-01", periods=3, tz="Asia/Tokyo"))
        assert Frequency.parse("D").positions(times, ONE, ["a"]).tolist() == [0, 1, 2]
        naive = times.dt.tz_localize(None).to_numpy()
        assert Frequency.parse("D").positions(naive, ONE, ["a"]).tolist() == [0, 1, 2]

    def test_quarters_may_start_in_any_month_where_the_rule_names_none(self):
        times, starts, ids = panel(
            pd.DatetimeIndex(["2024-01-01", "2024-04-01"]), pd.DatetimeIndex(["2024-02-01", "2024-08-01"])
        )
        assert Frequency.parse("3MS").positions(times, starts, ids).tolist() == [0, 1, 0, 2]
        with pytest.raises(FrequencyError, match="series 'b': the time stamp 2024-02-01"):
            Frequency.parse("QS").positions(times, starts, ids)

    def test_negative_positions_are_refused(self):
        with pytest.raises(ParameterError, match="the least is -2"):
            Frequency.parse("D").advance(pd.DatetimeIndex(["2024-01-01"]), np.array([-2]))

    def test_advance_refuses_a_start_off_the_grid(self):
        with pytest.raises(FrequencyError, match="2024-01-02 00:00:00 does not lie on the grid 'MS'"):
            Frequency.parse("MS").future(pd.DatetimeIndex(["2024-01-02"]), 1)

    @pytest.mark.parametrize(
        ("freq", "last"),
        [
            ("ME", pd.DatetimeIndex(["2262-03-31"]).as_unit("ns")),
            ("D", pd.DatetimeIndex(["2262-04-11"]).as_unit("ns")),
            (1, pd.Index([127], dtype="int8")),
            (1, pd.Index([2**63 - 1])),
        ],
    )
    def test_the_end_of_a_type_is_an_error(self, freq, last):
        with pytest.raises(DataError, match="cannot hold"):
            Frequency.parse(freq).future(last, 1)

    def test_whole_seconds_cannot_hold_milliseconds(self):
        times = pd.date_range("2024-01-01", periods=2, freq="s").as_unit("s")
        with pytest.raises(FrequencyError, match=r"'250ms'.*finer unit"):
            Frequency.parse("250ms").positions(times, ONE, ["a"])


class TestTimeZones:
    @pytest.mark.parametrize(
        "zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"]
    )
    @pytest.mark.parametrize("alias", ["h", "30min", "D", "W-SUN", "MS", "B", "YE-DEC"])
    def test_pandas_date_range(self, zone, alias):
        begin = "1999-03-01" if alias == "YE-DEC" else "2023-10-20"
        times = pd.date_range(begin, periods=200, freq=alias, tz=zone)
        frequency = Frequency.parse(alias)
        assert frequency.positions(times, ONE, ["a"]).tolist() == list(range(200))
        future = frequency.future(times[:1], 199)
        assert future.dtype == times.dtype
        assert future.tolist() == times[1:].tolist()
        assert infer(times) == frequency

    def test_the_hour_that_occurs_twice(self):
        utc = pd.date_range("2023-10-28 22:00", periods=6, freq="h", tz="UTC")
        local = utc.tz_convert("Europe/Berlin")
        assert Frequency.parse("h").positions(local, ONE, ["a"]).tolist() == [0, 1, 2, 3, 4, 5]
        with pytest.raises(DataError, match="2023-10-29 02:00:00 twice"):
            Frequency.parse("h").positions(local.tz_localize(None), ONE, ["a"])

    def test_two_stamps_of_one_day_on_the_wall(self):
        utc = pd.DatetimeIndex(["2023-10-29 00:30", "2023-10-29 01:30"], tz="UTC")
        times = utc.tz_convert("Europe/Berlin")
        with pytest.raises(DataError, match=r"'a' has two rows for one step.*02:30:00\+02:00 and .*\+01:00"):
            Frequency.parse("D").positions(times, ONE, ["a"])

    def test_midnights_that_the_clocks_skip(self):
        naive = pd.date_range("2017-10-12", periods=8, freq="D")
        times = naive.tz_localize("America/Sao_Paulo", nonexistent="shift_forward")
        assert times[3].hour == 1
        assert infer(times).alias == "D"
        assert Frequency.parse("D").positions(times, ONE, ["a"]).tolist() == list(range(8))
        assert Frequency.parse("D").future(times[:1], 7).tolist() == times[1:].tolist()

    def test_one_pair_of_days_across_the_change(self):
        times = pd.DatetimeIndex(["2023-03-25", "2023-03-26", "2023-03-27"], tz="Europe/Berlin")
        assert infer(times).alias == "D"
        assert infer(times[1:]).alias == "D"


class TestInfer:
    @pytest.mark.parametrize("alias", INFERRED)
    def test_whole_ranges(self, alias):
        times = pd.date_range("2019-12-29", periods=30, freq=alias)
        assert infer(times) == Frequency.parse(alias)

    @pytest.mark.parametrize("alias", INFERRED)
    def test_it_agrees_with_pandas(self, alias):
        times = pd.date_range("2019-12-29", periods=30, freq=alias)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pandas 3.1 announces another type of result
            expected = pd.infer_freq(times)
        assert infer(times) == Frequency.parse(expected)

    @pytest.mark.parametrize("alias", INFERRED)
    def test_gaps(self, alias):
        times = pd.date_range("1999-12-26", periods=60, freq=alias)
        gaps = [3, 4, 5, 11, 20, 21, 22, 23, 24, 25, 40, 44, 50]
        assert infer(without(times, gaps), without(times, [1, 7, 8])) == Frequency.parse(alias)

    def test_monthly_with_thirteen_missing(self):
        times = pd.date_range("1990-01-01", periods=120, freq="MS")
        assert infer(without(times, list(range(30, 43)))).alias == "MS"

    def test_weekly_with_four_missing(self):
        times = pd.date_range("2020-01-05", periods=60, freq="W-SUN")
        assert infer(without(times, [5, 17, 18, 40])).alias == "W-SUN"

    def test_weekly_on_different_days(self):
        monday = pd.date_range("2024-01-01", periods=5, freq="7D")
        assert infer(monday, monday + pd.Timedelta("1D")).alias == "7D"

    def test_business_days_without_holidays(self):
        times = pd.date_range("2023-12-01", "2024-03-01", freq="B")
        holidays = pd.DatetimeIndex(["2023-12-25", "2023-12-26", "2024-01-01", "2024-02-19"])
        assert infer(times.difference(holidays)).alias == "B"

    def test_five_days_in_one_week_are_daily(self):
        assert infer(pd.date_range("2024-01-01", periods=5, freq="D")).alias == "D"

    def test_days_that_include_a_weekend_day_are_daily(self):
        times = pd.date_range("2024-01-01", "2024-02-01", freq="B")
        assert infer(times.union(pd.DatetimeIndex(["2024-01-13"]))).alias == "D"

    @pytest.mark.parametrize(
        ("day", "alias"), [(15, "M-15"), (28, "M-28"), (29, "M-29"), (30, "M-30"), (31, "ME")]
    )
    def test_the_same_day_each_month(self, day, alias):
        times = monthly_on(day, datetime.date(2023, 1, 1), 30)
        assert infer(without(times, [7, 8, 20])).alias == alias

    def test_quarters_and_years_on_a_day(self):
        assert infer(monthly_on(15, datetime.date(2020, 2, 1), 20, step=3)).alias == "3M-15"
        assert infer(monthly_on(4, datetime.date(1980, 7, 1), 20, step=12)).alias == "12M-4"

    def test_years_that_start_in_different_months(self):
        january = pd.date_range("2000-01-01", periods=9, freq="YS-JAN")
        april = pd.date_range("2000-04-01", periods=9, freq="YS-APR")
        may = pd.date_range("2000-05-01", periods=9, freq="YS-MAY")
        assert infer(january, april).alias == "4QS-JAN"
        assert infer(january, april, may).alias == "12MS"

    def test_four_weeks_are_no_month(self):
        assert infer(pd.date_range("2021-01-04", periods=14, freq="28D")).alias == "4W-MON"
        assert infer(pd.date_range("2021-01-04", periods=3, freq="28D")).alias == "4W-MON"

    def test_thirty_days_are_no_month(self):
        assert infer(pd.date_range("2021-01-01", periods=14, freq="30D")).alias == "30D"

    @pytest.mark.parametrize(
        ("times", "alias"),
        [([1, 2, 3, 7], "1"), ([2000, 2005, 2020], "5"), ([-4, -2, 0, 10], "2"), ([10**8, 10**8 + 1], "1")],
    )
    def test_integers(self, times, alias):
        assert infer(np.array(times)).alias == alias

    def test_two_rows_of_one_series_are_enough(self):
        one = pd.DatetimeIndex(["2024-03-01"])
        assert infer(one, pd.DatetimeIndex(["2024-01-01", "2024-02-01"]), one).alias == "MS"

    @pytest.mark.parametrize("times", [pd.DatetimeIndex(["2024-01-01"]), np.array([3])])
    def test_single_rows_say_nothing(self, times):
        with pytest.raises(FrequencyError, match=r"no series has two rows.*freq='D'"):
            infer(times, times)

    def test_a_hole_in_the_middle_of_the_years(self):
        assert infer(pd.DatetimeIndex(["2000-06-30", "2001-06-30", "2011-06-30"])).alias == "YE-JUN"


class TestRefusals:
    def test_off_grid(self):
        times = pd.date_range("2024-01-01", periods=9, freq="h")
        bad = times[:5].append(pd.DatetimeIndex(["2024-01-01 04:30"])).append(times[5:])
        with pytest.raises(FrequencyError) as caught:
            infer(times, bad)
        message = str(caught.value)
        assert message.startswith(
            "series 'b': the time stamp 2024-01-01 04:30:00 does not lie on the grid 'h'"
        )
        assert "2024-01-01 04:00:00, 2024-01-01 05:00:00" in message
        assert "pass it as freq" in message

    def test_a_month_off_by_a_day(self):
        times = pd.date_range("2020-01-01", periods=24, freq="MS")
        bad = without(times, [9]).insert(9, pd.Timestamp("2020-10-02"))
        with pytest.raises(
            FrequencyError, match=r"'a': the time stamp 2020-10-02 00:00:00 .* grid 'MS'.*2020-10-01"
        ):
            infer(bad)

    def test_a_first_row_off_the_anchor(self):
        with pytest.raises(
            FrequencyError, match=r"'a': the time stamp 2024-01-01 .* 'W-SUN'.*2023-12-31.*2024-01-07"
        ):
            Frequency.parse("W").positions(pd.date_range("2024-01-01", periods=3, freq="7D"), ONE, ["a"])

    def test_a_weekend_is_no_business_day(self):
        with pytest.raises(FrequencyError, match="2024-01-06"):
            Frequency.parse("B").positions(pd.date_range("2024-01-01", periods=8), ONE, ["a"])

    @pytest.mark.parametrize("order", [(0, 1), (1, 0)])
    @pytest.mark.parametrize(
        ("fine", "coarse", "steps"),
        [
            ("h", "D", 4),
            ("D", "W-MON", 4),
            ("MS", "QS-JAN", 8),
            ("D", "MS", 4),
            ("30min", "h", 13),
            ("h", "W-MON", 4),
        ],
    )
    def test_mixed_frequencies(self, fine, coarse, steps, order):
        series = [
            pd.date_range("2024-01-01", periods=200, freq=fine),
            pd.date_range("2024-01-01", periods=steps, freq=coarse),
        ]
        name = "ab"[order.index(1)]
        with pytest.raises(
            FrequencyError, match=f"series '{name}' is regular on a coarser grid.*pass freq='{fine}'"
        ):
            infer(*[series[number] for number in order])
        times, starts, ids = panel(*[series[number] for number in order])
        assert Frequency.parse(fine).positions(times, starts, ids).max() >= 199

    def test_more_daily_rows_than_hourly_ones(self):
        daily = pd.date_range("2024-01-01", periods=50, freq="D")
        with pytest.raises(FrequencyError, match="series 'b': the time stamp 2024-01-01 01:00:00"):
            infer(daily, pd.date_range("2024-01-01", periods=20, freq="h"), daily)

    def test_mixed_integers(self):
        with pytest.raises(FrequencyError, match=r"series 'b' .* starts 0, 10, 20.*pass freq='1'"):
            infer(np.arange(50), np.arange(0, 50, 10))

    def test_a_few_regular_gaps_are_gaps(self):
        assert infer(np.arange(50), np.array([0, 2, 4, 6])).alias == "1"
        assert infer(np.arange(50), np.array([0, 20, 40])).alias == "1"

    def test_duplicates(self):
        times, starts, ids = panel(np.array([1, 2]), np.array([1, 2, 2, 3]))
        for call in (Frequency.parse(1).positions, Frequency.infer):
            with pytest.raises(DataError, match="series 'b' has the time stamp 2 twice"):
                call(times, starts, ids)

    def test_duplicates_are_named_before_the_grid(self):
        times = pd.DatetimeIndex(["2024-01-01", "2024-01-01", "2024-01-01 00:30"])
        with pytest.raises(DataError, match="2024-01-01 00:00:00 twice") as caught:
            Frequency.parse("h").positions(times, ONE, ["a"])
        assert not isinstance(caught.value, FrequencyError)

    def test_unsorted(self):
        with pytest.raises(DataError, match="series 'x' has 1 after 2; its rows must be sorted"):
            Frequency.parse(1).positions(np.array([2, 1]), ONE, ["x"])

    def test_missing_stamps(self):
        times = pd.DatetimeIndex(["2024-01-01", None])
        for call in (Frequency.parse("D").positions, Frequency.infer):
            with pytest.raises(DataError, match="row 1 is missing"):
                call(times, ONE, ["a"])

    @pytest.mark.parametrize("times", [np.array([1.0, 2.0]), np.array(["a", "b"]), np.array([True, False])])
    def test_other_types(self, times):
        with pytest.raises(DataError, match="must be datetimes or integers"):
            Frequency.parse("D").positions(times, ONE, ["a"])

    def test_integers_and_datetimes_do_not_mix(self):
        with pytest.raises(FrequencyError, match="int64 do not fit 'D'; freq must be an integer"):
            Frequency.parse("D").positions(np.array([1, 2]), ONE, ["a"])
        with pytest.raises(FrequencyError, match="do not fit '1'; freq must be a step of time"):
            Frequency.parse(1).positions(pd.date_range("2024", periods=2), ONE, ["a"])

    def test_names_of_numpy_are_shown_plainly(self):
        with pytest.raises(DataError, match="series 7 has"):
            Frequency.parse(1).positions(np.array([2, 2]), ONE, np.array([7]))


@pytest.mark.parametrize(
    ("freq", "seasons"),
    [
        ("h", (24, 168)), ("30min", (48, 336)), ("15min", (96, 672)), ("10min", (144, 1008)),
        ("5min", (288, 2016)), ("min", (60, 1440)), ("s", (60, 3600)), ("2h", (12, 84)), ("6h", (4, 28)),
        ("7h", (24,)), ("36h", ()),
        ("D", (7, 365)), ("2D", ()), ("B", (5,)), ("W", (52,)), ("7D", (52,)), ("2W", (26,)), ("MS", (12,)),
        ("ME", (12,)), ("M-15", (12,)), ("2MS", (6,)), ("QE", (4,)), ("BQS", (4,)), ("YS", ()), ("12M-3", ()),
        ("5MS", ()), (1, ()), (24, ()), ("SMS", ()), ("2B", ()),
    ],
)  # fmt: skip
def test_season_candidates(freq, seasons):
    assert Frequency.parse(freq).season_candidates() == seasons


@pytest.mark.parametrize(
    ("freq", "seasons"),
    [
        ("h", (24, 168)), ("D", (7, 365.2425)), ("W", (52.1775,)), ("7D", (52.1775,)), ("2W", (26.08875,)),
        ("MS", (12,)), ("B", (5,)), ("YS", ()), (1, ()), ("30min", (48, 336)), ("73D", (5.0033219,)),
    ],
)  # fmt: skip
def test_a_year_of_days_or_weeks_is_no_whole_number(freq, seasons):
    frequency = Frequency.parse(freq)
    assert frequency.exact_seasons() == pytest.approx(seasons)
    assert tuple(map(round, frequency.exact_seasons())) == frequency.season_candidates()


def test_frequencies_compare_and_hash_by_value():
    assert {Frequency.parse("H"), Frequency.parse("60min"), Frequency.parse("h")} == {Frequency.parse("h")}
    assert Frequency.parse("MS") != Frequency.parse("ME")
