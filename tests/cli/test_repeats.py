"""Time stamps that repeat: the message says what they may mean, and what tells the rows apart."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsseq2seq.cli.columns import find_columns
from tsseq2seq.cli.repeats import check_clock_change, check_repeats
from tsseq2seq.cli.typed import typed
from tsseq2seq.data.grid.clock_change import doubled_hour
from tsseq2seq.errors import DataError


def check(text: str, **named) -> None:
    table = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False, na_filter=False)
    columns, _ = find_columns(table, targets=["y"], **named)
    check_repeats(table, typed(table, columns)[0], columns)


def test_the_columns_that_tell_rows_apart_are_listed():
    text = "shop,item,day,y\na,x,2024-01-01,1\na,z,2024-01-01,2\nb,x,2024-01-01,1\nb,x,2024-01-02,1\n"
    with pytest.raises(
        DataError, match=r"2024-01-01 .*twice of series 'a'.*'item' tells the rows apart.*--id-col"
    ):
        check(text, id="shop")


def test_adding_up_is_said_only_of_parts():
    parts = "day,y\n2024-01-01,1\n2024-01-01,2\n2024-01-02,1\n2024-01-02,5\n"
    with pytest.raises(DataError, match="add them up"):
        check(parts)
    slip = "day,y\n" + "".join(f"2024-01-{day:02},1\n" for day in (*range(1, 20), 19))
    with pytest.raises(DataError, match="keep one row") as caught:
        check(slip)
    assert "add them up" not in str(caught.value)


@pytest.mark.parametrize("freq", ["h", "30min", "15min"])
@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Sydney"])
@given(year=st.integers(2008, 2024))
def test_the_hour_that_a_clock_change_doubles_is_known(freq, zone, year):
    stamps = pd.date_range(f"{year}-01-01", f"{year}-12-31", freq=freq, tz=zone).tz_localize(None)
    first = stamps[stamps.duplicated()].min()
    assert doubled_hour(stamps) == first
    with pytest.raises(DataError, match=f"{first} twice.*UTC") as caught:
        check_clock_change(pd.Series(stamps, name="t"))
    assert "add" not in str(caught.value)


@pytest.mark.parametrize("again", ["2024-03-05 02:00", "2024-10-27 14:00", "2024-12-29 02:00"])
def test_other_hours_are_not(again):
    stamps = pd.date_range("2024-01-01", "2024-12-31", freq="h")
    assert doubled_hour(stamps.append(pd.DatetimeIndex([again]))) is None


def test_a_column_of_numbers_is_not_taken_for_series_in_the_doubled_hour(run):
    stamps = pd.date_range("2024-10-26", periods=49, freq="h", tz="Europe/Berlin").tz_localize(None)
    Path("load.csv").write_text(
        "time,y,humidity,zone\n" + "".join(f"{s},{n}.5,{n % 9},{'CET' if n > 26 else 'CEST'}\n" for n, s in enumerate(stamps))
    )  # fmt: skip
    done = run("forecast", "load.csv", "--horizon", 2, "--target-col", "y")
    assert done.status == 2
    assert "UTC" in done.err


def test_names_are_text_and_bare(run):
    lines = [f"{name},{day:%Y-%m-%d},{day.day}\n" for name in ("007", "NA ", " 010") for day in pd.date_range("2024-01-01", periods=40)]  # fmt: skip
    lines[70] = lines[70].replace("NA ", "NA")
    Path("shops.csv").write_text("shop,day,y\n" + "".join(lines))
    done = run("forecast", "shops.csv", "--horizon", 2, "--max-steps", 2, "--output", "f.csv")
    assert done.status == 0, done
    found = pd.read_csv("f.csv", dtype=str, keep_default_na=False)["shop"].unique().tolist()
    assert found == ["007", "NA", "010"]
    assert "'NA ', are one series" in done.err


def test_blank_names_are_refused(run):
    Path("shops.csv").write_text("shop,day,y\na,2024-01-01,1\n  ,2024-01-01,1\na,2024-01-02,1\n")
    done = run("forecast", "shops.csv", "--horizon", 2, "--id-col", "shop")
    assert done.status == 2
    assert "'shop' is blank in row 2" in done.err
