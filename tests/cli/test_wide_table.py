"""Tables in which a column, or a row, is a series."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsseq2seq.cli.notation import Notation
from tsseq2seq.cli.wide_table import check_not_wide, long_table
from tsseq2seq.errors import DataError


def table(text: str) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False, na_filter=False)


def long(text: str, **named):
    given = {"time": None, "id": None, "targets": (), **named}
    return long_table(table(text), **given, notation=Notation())


def rows(found) -> list[tuple[str, ...]]:
    names = [name for name in (found.id, found.time, found.target) if name is not None]
    return list(found.table[names].itertuples(index=False, name=None))


def test_a_column_a_series():
    found = long("day,note,a,b\n2024-01-01,x,1,\n2024-01-02,y,2,4\n")
    assert (found.id, found.time) == ("unique_id", "day")
    assert rows(found) == [("a", "2024-01-01", "1"), ("a", "2024-01-02", "2"), ("b", "2024-01-02", "4")]
    assert rows(long("day,a,b\n2024-01-01,1,3\n2024-01-02,2,4\n", targets=["b"]))[0][0] == "b"


@pytest.mark.parametrize(
    ("header", "times"),
    [
        ("Page,2015-07-01,2015-07-02,2015-07-03", ["2015-07-01", "2015-07-02", "2015-07-03"]),
        ("Page,Jan 2015,Feb 2015,Mar 2015", ["Jan 2015", "Feb 2015", "Mar 2015"]),
        ("Country,2015,2016,2017", ["2015", "2016", "2017"]),
        ("id,d_1,d_2,d_3", ["1", "2", "3"]),
        ("V1,V2,V3,V4", ["2", "3", "4"]),
    ],
)
def test_a_row_a_series(header, times):
    found = long(f"{header}\nx,1,2,3\ny,4,5,6\n")
    assert rows(found) == [
        (name, time, str(3 * row + step + 1))
        for row, name in enumerate("xy")
        for step, time in enumerate(times)
    ]


def test_the_first_column_of_different_cells_names_the_rows():
    found = long("state,item,2015-07-01,2015-07-02\nCA,a,1,2\nCA,b,3,4\n")
    assert found.id == "item"
    assert found.table["state"].tolist() == ["CA"] * 4
    with pytest.raises(DataError, match=r"'state' hold names twice.*--id-col"):
        long("state,2015-07-01,2015-07-02\nCA,1,2\nCA,3,4\n")


@pytest.mark.parametrize(
    "text",
    [
        "Year,Jan,Feb,Mar,Apr,May,Jun,Jul,Aug,Sep,Oct,Nov,Dec\n"
        + "".join(f"{year},{','.join(str(100 * year + m) for m in range(1, 13))}\n" for year in (2019, 2020)),
        "Month,2019,2020\n" + "".join(f"{m},{201900 + m},{202000 + m}\n" for m in range(1, 13)),
    ],
)
def test_a_calendar_is_one_series(text):
    found = long(text)
    assert found.id is None
    assert [cell.replace("-", "") for cell in found.table["ds"]] == found.table["y"].tolist()
    assert found.table["ds"].is_monotonic_increasing


def test_a_table_whose_header_is_dates_is_named():
    with pytest.raises(DataError, match=r"'2015-07-01' to '2015-07-03'.*--wide"):
        check_not_wide(table("Page,2015-07-01,2015-07-02,2015-07-03\nx,1,2,3\n"))
    check_not_wide(table("day,2015,2016,2017\n2024-01-01,1,2,3\n"))
    check_not_wide(table("day,sales\n2024-01-01,1\n"))


def test_what_is_not_wide_is_refused():
    with pytest.raises(DataError, match="--wide is given"):
        long("a,b\nx,1\ny,1\n")
    with pytest.raises(DataError, match="'2024-01-01' twice"):
        long("day,a,b\n2024-01-01,1,2\n2024-01-01,1,2\n")


@given(st.integers(1, 6), st.integers(2, 12), st.randoms(use_true_random=False))
def test_both_layouts_say_the_same(series, steps, random):
    values = [[random.choice(["", "1", "2.5"]) for _ in range(steps)] for _ in range(series)]
    days = pd.date_range("2024-01-01", periods=steps).strftime("%Y-%m-%d")
    by_row = pd.DataFrame(values, columns=days)
    by_row.insert(0, "name", [f"s{number}" for number in range(series)])
    by_column = pd.DataFrame(np.array(values, dtype=object).T, columns=by_row["name"].tolist())
    by_column.insert(0, "ds", days)
    if any(all(cell == "" for cell in row) for row in values):
        return  # a column without a number is no series
    options = {"time": None, "id": None, "targets": (), "notation": Notation()}
    assert rows(long_table(by_row, **options)) == rows(long_table(by_column, **options))


def test_the_command_reads_both(run):
    Path("columns.csv").write_text(
        "day,north,south\n"
        + "".join(
            f"{day:%Y-%m-%d},{day.day},{day.day % 7}\n" for day in pd.date_range("2024-01-01", periods=60)
        )
    )
    done = run("fit", "columns.csv", "--horizon", 2, "--wide", "--model", "m", "--max-steps", 2)
    assert done.status == 0, done
    assert "120 rows, 2 series" in done.err
    done = run("predict", "--model", "m", "columns.csv", "--wide", "--output", "f.csv")
    assert done.status == 0, done
    assert pd.read_csv("f.csv")["unique_id"].unique().tolist() == ["north", "south"]


def test_the_command_names_the_option(run):
    days = pd.date_range("2015-07-01", periods=40).strftime("%Y-%m-%d")
    Path("pages.csv").write_text(
        f"Page,{','.join(days)}\n" + "".join(f"p{n},{','.join(['5', '6'] * 20)}\n" for n in range(3))
    )
    done = run("forecast", "pages.csv", "--horizon", 2)
    assert done.status == 2
    assert "--wide" in done.err
    assert len(done.err) < 500
    done = run("forecast", "pages.csv", "--horizon", 2, "--wide", "--max-steps", 2)
    assert done.status == 0, done
    assert "3 series; id 'Page'" in done.err


def test_a_count_that_could_be_time_or_names_is_for_the_user_to_decide():
    text = "n,s1,s2,s3\n1,5,6,7\n2,5,6,7\n"
    with pytest.raises(DataError, match=r"'n' could count time.*--time-col or --id-col"):
        long(text)
    assert rows(long(text, time="n"))[0] == ("s1", "1", "5")
    assert rows(long(text, id="n"))[0] == ("1", "1", "5")


def test_columns_that_are_named_must_be_there(run):
    Path("d.csv").write_text("day,a,b\n2024-01-01,1,2\n2024-01-02,1,2\n")
    for option in ("--time-col", "--target-col", "--id-col"):
        done = run("forecast", "d.csv", "--horizon", 1, "--wide", option, "A")
        assert done.status == 2
        assert f"{option} is 'A'" in done.err
