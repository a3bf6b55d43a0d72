from __future__ import annotations

import datetime

import pandas as pd
import pytest

from tsseq2seq.cli.times import parse_times, write_times
from tsseq2seq.errors import DataError


def dates(*cells):
    times = parse_times(pd.Series(cells, name="day"))
    return None if times is None else [str(stamp) for stamp in times.values]


MARCH = ["2021-03-01 00:00:00", "2021-04-01 00:00:00"]


@pytest.mark.parametrize(
    ("cells", "style"),
    [
        (("2021-03", "2021-04"), "%Y-%m"),
        (("2021-03-01", "2021-04-01"), "%Y-%m-%d"),
        (("2021-3-1", "2021-4-1"), "%Y-%m-%d"),
        (("2021/03/01", "2021/04/01"), "%Y/%m/%d"),
        (("2021-03-01 00:00", "2021-04-01 00:00"), "%Y-%m-%d %H:%M"),
        (("2021-03-01T00:00:00", "2021-04-01T00:00:00"), "%Y-%m-%dT%H:%M:%S"),
        (("2021-03-01 00:00:00.000", "2021-04-01 00:00:00.000"), "%Y-%m-%d %H:%M:%S.%f"),
        (("01.03.2021", "01.04.2021"), "%d.%m.%Y"),
        (("Mar 2021", "Apr 2021"), "%b %Y"),
        (("March 2021", "April 2021"), "%B %Y"),
        (("Mar-2021", "Apr-2021"), "%b-%Y"),
        (("1-Mar-2021", "1-Apr-2021"), "%d-%b-%Y"),
        (("Mar 1, 2021", "Apr 1, 2021"), "%b %d, %Y"),
        (("20210301", "20210401"), "%Y%m%d"),
        (("202103", "202104"), "%Y%m"),
    ],
)
def test_dates_as_people_write_them(cells, style):
    assert dates(*cells) == MARCH
    times = parse_times(pd.Series(cells))
    assert times.style == style
    written = write_times(times.values, style)
    assert pd.to_datetime(written, format=style).equals(times.values)


@pytest.mark.parametrize("cells", [("2021Q1", "2021Q2"), ("2021-Q1", "2021-Q2"), ("2021 q1", "2021 q2")])
def test_quarters_start_on_their_first_day(cells):
    assert dates(*cells) == ["2021-01-01 00:00:00", "2021-04-01 00:00:00"]


@pytest.mark.parametrize(
    ("cells", "first"),
    [
        (("04/30/2021", "05/01/2021"), "2021-04-30 00:00:00"),
        (("4/3/2021", "4/30/2021"), "2021-04-03 00:00:00"),
        (("03/04/2021", "30/04/2021"), "2021-04-03 00:00:00"),
        (("03-04-2021", "30-04-2021"), "2021-04-03 00:00:00"),
        (("03.04.2021", "05.04.2021"), "2021-04-03 00:00:00"),
        (("04/03/2021 15:30", "04/30/2021 15:30"), "2021-04-03 15:30:00"),
        (("4/3/2021 3:30 PM", "4/30/2021 3:30 PM"), "2021-04-03 15:30:00"),
    ],
)
def test_the_whole_column_tells_day_from_month(cells, first):
    assert dates(*cells)[0] == first


def test_dates_that_are_the_same_either_way_need_no_telling():
    assert dates("01/01/2020", "01/01/2021") == ["2020-01-01 00:00:00", "2021-01-01 00:00:00"]


@pytest.mark.parametrize("cells", [("03/04/2020", "04/04/2020"), ("03-04-2020", "03-05-2020")])
def test_day_and_month_that_nothing_tells_apart_are_refused(cells):
    with pytest.raises(DataError, match=r"'day': dates such as '03.04.2020' .* YYYY-MM-DD"):
        dates(*cells)


def test_years_of_two_digits_are_refused():
    with pytest.raises(DataError, match="two digits, such as '1/31/49'"):
        dates("1/31/49", "2/28/49")


@pytest.mark.parametrize(
    "cells",
    [
        ("112", "118"),
        ("1949", "1950"),
        ("1.5", "2.5"),
        ("a", "b"),
        ("", ""),
        (),
        ("12345678", "12345679"),
        ("200011", "200012", "200013"),
        ("210,5", "3"),
    ],
)
def test_other_things_are_no_dates(cells):
    assert dates(*cells) is None


def test_a_typing_error_leaves_the_others_dates():
    times = parse_times(pd.Series([f"2020-01-{day:02}" for day in range(1, 20)] + ["2020-01-32"]))
    assert times.values.isna().tolist() == [False] * 19 + [True]


def test_time_zones():
    assert dates("2021-03-01T00:00:00Z", "2021-03-01T01:00:00Z")[1] == "2021-03-01 01:00:00+00:00"
    mixed = dates("2021-03-28 00:00:00+02:00", "2021-03-28 04:00:00+03:00")
    assert mixed == ["2021-03-27 22:00:00+00:00", "2021-03-28 01:00:00+00:00"]
    written = write_times(pd.Series(pd.to_datetime(["2021-03-01"]).tz_localize("Europe/Athens")), None)
    assert written.tolist() == ["2021-03-01 00:00:00+02:00"]


def test_typed_columns():
    days = [datetime.date(2021, 3, 1), datetime.date(2021, 4, 1)]
    assert dates(*days) == MARCH
    stamps = pd.Series(pd.to_datetime(days))
    assert parse_times(stamps).values is stamps
    assert parse_times(pd.Series([20210301, 20210401])).style == "%Y%m%d"
    assert parse_times(pd.Series([1.5, 2.5])) is None


@pytest.mark.parametrize(
    ("stamp", "style", "written"),
    [
        ("2021-03-02", "%Y-%m", "2021-03-02"),
        ("2021-03-01 06:00", "%Y-%m-%d", "2021-03-01 06:00:00"),
        ("2021-03-01", None, "2021-03-01"),
    ],
)
def test_a_style_that_would_lose_something_is_not_used(stamp, style, written):
    assert write_times(pd.Series(pd.to_datetime([stamp])), style).tolist() == [written]


def test_integers_stay():
    assert write_times(pd.Series([1, 2]), None).tolist() == [1, 2]


GERMAN = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
]
FRENCH = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
]
SPANISH = ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"]


@pytest.mark.parametrize("names", [GERMAN, FRENCH, SPANISH, [name[:3] for name in GERMAN]])
@pytest.mark.parametrize("form", ["{0} {1}", "{0}. {1}", "{0}-{1}", "{1} {0}", "5 {0} {1}", "5. {0} {1}"])
def test_months_in_other_languages(names, form):
    cells = pd.Series([form.format(name, year) for year in (2023, 2024) for name in names])
    times = parse_times(cells)
    assert times.values.dt.month.tolist() == [*range(1, 13)] * 2
    assert times.values.dt.year.tolist() == [2023] * 12 + [2024] * 12


def test_months_in_another_language_by_a_format():
    times = parse_times(pd.Series(["3/Mai/24", "3/Okt/24"]), date_format="%d/%b/%y")
    assert times.values.dt.month.tolist() == [5, 10]


def test_mars_and_other_words_are_no_dates():
    assert parse_times(pd.Series(["mars", "mai", "gen"])) is None


QUARTERS = [(year, quarter) for year in range(2010, 2013) for quarter in range(1, 5)]


@pytest.mark.parametrize("style", ["{}.{}", "{}-{}", "{}/{}", "{}-0{}", "{1}/{0}", "0{1}.{0}"])
def test_months_never_above_the_fourth_may_be_quarters(style):
    """2010.1 to 2010.4 would be January to April, and eight months without a row."""
    cells = pd.Series([style.format(*pair) for pair in QUARTERS], name="day")
    with pytest.raises(DataError, match=r"'day' has .*quarter.*--date-format %") as caught:
        parse_times(cells)
    form = next(word for word in str(caught.value).split() if word.startswith("%"))
    assert parse_times(cells, date_format=form).values.dt.month.tolist() == [q for _, q in QUARTERS]


@pytest.mark.parametrize("months", [[1, 2, 3, 4], [1, 13, 25], [1, 5, 9, 13, 17]])
def test_other_months_are_months(months):
    cells = [f"{2010 + (month - 1) // 12}-{(month - 1) % 12 + 1}" for month in months]
    assert parse_times(pd.Series(cells)).values.dt.month.tolist() == [
        (month - 1) % 12 + 1 for month in months
    ]
