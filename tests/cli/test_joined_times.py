"""Time stamps whose parts stand in several columns."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
import pytest

from tsseq2seq.cli.joined_times import join_times
from tsseq2seq.cli.notation import Notation


def join(text: str, time: str | None = None, taken: tuple[str, ...] = ()):
    table = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False, na_filter=False)
    joined, name = join_times(table, time, taken, Notation())
    return (None if name == time else joined[name].astype(str).tolist()), list(joined)


@pytest.mark.parametrize(
    ("text", "stamps"),
    [
        ("date,time,y\n2024-01-01,00:00,1\n2024-01-01,13:30,2\n", ["2024-01-01 00:00:00", "2024-01-01 13:30:00"]),
        ("Datum,Zeit,y\n01.02.2024,23:00:00,1\n01.02.2024,24:00:00,2\n", ["2024-02-01 23:00:00", "2024-02-02 00:00:00"]),
        ("d,c,y\n2024-01-01,12:15 AM,1\n2024-01-01,1:15 PM,2\n", ["2024-01-01 00:15:00", "2024-01-01 13:15:00"]),
        ("date,hour,y\n2024-01-01,0,1\n2024-01-01,23,2\n", ["2024-01-01 00:00:00", "2024-01-01 23:00:00"]),
        ("date,Hour,y\n2024-01-01,1,1\n2024-01-01,24,2\n", ["2024-01-01 00:00:00", "2024-01-01 23:00:00"]),
        ("year,month,y\n2019,12,1\n2020,1,2\n", ["2019-12-01", "2020-01-01"]),
        ("Jahr,Monat,y\n2019,12,1\n2020,1,2\n", ["2019-12-01", "2020-01-01"]),
        ("year,month,y\n2019,Dec,1\n2020,Jan,2\n", ["2019-12-01", "2020-01-01"]),
        ("date,time,y\n2024-01-01,0000,1\n2024-01-01,1330,2\n", ["2024-01-01 00:00:00", "2024-01-01 13:30:00"]),
        ("date,HHMM,y\n2024-01-01,0,1\n2024-01-01,30,2\n2024-01-01,900,3\n",
         ["2024-01-01 00:00:00", "2024-01-01 00:30:00", "2024-01-01 09:00:00"]),
        ("Jahr,Monat,y\n2019,Dezember,1\n2020,März,2\n", ["2019-12-01", "2020-03-01"]),
        ("year,month,day,y\n2019,12,31,1\n2020,1,1,2\n", ["2019-12-31", "2020-01-01"]),
        ("year,quarter,y\n2019,4,1\n2020,1,2\n", ["2019-10-01", "2020-01-01"]),
        ("year,week,y\n2020,53,1\n2021,1,2\n", ["2020-12-28", "2021-01-04"]),
    ],
)  # fmt: skip
def test_parts_become_one_stamp(text, stamps, capsys):
    found, columns = join(text)
    assert found == stamps
    assert columns[1:] == ["y"]
    assert "are read together" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("date,opens,y\n2024-01-01,08:00,1\n2024-01-02,09:00,2\n", {}),  # a time of each day
        ("date,time,y\n2024-01-01,00:00,1\n2024-01-01,01:00,2\n", {"taken": ("time",)}),
        ("year,month,day,y\n2019,2,30,1\n2019,3,1,2\n", {}),
        ("year,month,date,y\n2019,2,2019-02-01,1\n2019,3,2019-03-01,2\n", {}),
        ("ds,year,month,y\n1,2019,2,1\n2,2019,3,2\n", {}),
    ],
)
def test_other_columns_stay(text, given):
    assert join(text, **given)[0] is None


def test_the_user_may_name_the_parts():
    text = "a,b,c,y\n2024-01-01,00:00,2024-02-01,1\n2024-01-01,01:00,2024-02-01,2\n"
    assert join(text)[0] is None
    assert join(text, "a,b")[0] == ["2024-01-01 00:00:00", "2024-01-01 01:00:00"]
    assert join(text, "c")[0] == ["2024-02-01 00:00:00", "2024-02-01 01:00:00"]


def test_a_saved_model_finds_them_again(run):
    lines = [f"{s:%Y-%m-%d},{s:%H:%M},{s.hour}\n" for s in pd.date_range("2024-01-01", periods=96, freq="h")]
    Path("load.csv").write_text("date,time,load\n" + "".join(lines))
    assert run("fit", "load.csv", "--horizon", 2, "--model", "m", "--max-steps", 2).status == 0
    done = run("predict", "--model", "m", "load.csv")
    assert done.status == 0, done
    assert "2024-01-05 00:00:00" in done.out
