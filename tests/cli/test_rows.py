"""Files as they come: titles, separators, encodings, no time stamps."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tsseq2seq.cli import options
from tsseq2seq.cli.rows import read_rows
from tsseq2seq.cli.tables import read_table
from tsseq2seq.errors import FileFormatError, ParameterError

PLAIN = "day,sales\n2024-01-01,1\n2024-01-02,2\n2024-01-03,3\n"
EXPECTED = {"day": ["2024-01-01", "2024-01-02", "2024-01-03"], "sales": ["1", "2", "3"]}


def read(tmp_path, content: str | bytes, **reading):
    path = tmp_path / "data.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_table(path, options.Reading(**reading)).to_dict("list")


@pytest.mark.parametrize(
    "content",
    [
        "Sales report 2024\n\n" + PLAIN,
        "Sales report 2024\nof our shops\n\n" + PLAIN,
        "Sales report 2024,\n" + PLAIN,
        "# made by a program; with; marks\n" + PLAIN,
    ],
)
def test_titles_are_left_out_and_said(tmp_path, content, capsys):
    assert read(tmp_path, content) == EXPECTED
    assert capsys.readouterr().err.startswith("note: the first ")


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.replace("\n", ",\n"),
        PLAIN.replace("\n", ",\n").replace("sales,", "sales"),
        PLAIN.replace("\n", ",,\n"),
        "sep=,\n" + PLAIN,
        "sep=;\n" + PLAIN.replace(",", ";"),
        '"sep=;"\r\n' + PLAIN.replace(",", ";"),
        "SEP=|\n" + PLAIN.replace(",", "|"),
        "\ufeffsep=;\n" + PLAIN.replace(",", ";"),
    ],
)
def test_delimiters_at_the_ends_of_lines_and_in_the_first(tmp_path, content, capsys):
    assert read(tmp_path, content) == EXPECTED
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_rows_are_skipped_when_asked(tmp_path, rows):
    above = "".join(f"a,b,{n}\n" for n in range(rows))
    assert read(tmp_path, above + PLAIN, skip_rows=rows) == EXPECTED
    with pytest.raises(FileFormatError, match="is empty behind --skip-rows 99"):
        read(tmp_path, PLAIN, skip_rows=99)


def test_a_ragged_table_names_the_way_out(tmp_path):
    with pytest.raises(FileFormatError, match="--skip-rows"):
        read(tmp_path, "a,b\n1,2\n1,2,3\n")


@pytest.mark.parametrize(("mark", "name"), [("~", "~"), ("\t", "tab"), (";", ";"), (":", ":")])
def test_the_separator_may_be_said(tmp_path, mark, name):
    assert read(tmp_path, PLAIN.replace(",", mark), sep=name) == EXPECTED


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "utf-16", "utf-16-le", "utf-8-sig"])
def test_the_encoding_may_be_said(tmp_path, encoding):
    content = "Tag,Ort\n2024-01-01,K\u00f6ln\n".encode(encoding)
    assert read(tmp_path, content, encoding=encoding) == {"Tag": ["2024-01-01"], "Ort": ["K\u00f6ln"]}


@pytest.mark.parametrize(
    ("content", "said"), [("Ort\nK\u00f6ln\n".encode("cp1252"), "--encoding"), ("a\n1\n".encode("utf-16"), "--encoding utf-16")]
)  # fmt: skip
def test_the_encoding_is_the_remedy(tmp_path, content, said):
    with pytest.raises(FileFormatError, match=said):
        read(tmp_path, content)


@pytest.mark.parametrize(
    ("reading", "error", "said"),
    [
        ({"sep": "ab"}, ParameterError, "--sep is 'ab'"),
        ({"encoding": "klingon"}, ParameterError, "--encoding is 'klingon'"),
        ({"encoding": "ascii"}, FileFormatError, "--encoding ascii"),
        ({"sheet": "x"}, ParameterError, "--sheet is 'x'"),
    ],
)
def test_options_that_do_not_fit(tmp_path, reading, error, said):
    with pytest.raises(error, match=said):
        read(tmp_path, PLAIN + "2024-01-04,\u00e9\n", **reading)


def test_rows_in_order_need_no_time(tmp_path, capsys):
    path = tmp_path / "data.csv"
    path.write_text("shop,y\na,1\na,2\nb ,3\nb,4\n")
    rows = read_rows(path, options.Reading(no_time=True), id="shop")
    assert (rows.time, rows.table["row"].tolist()) == ("row", [1, 2, 1, 2])
    assert read_rows(path, options.Reading(no_time=True)).table["row"].tolist() == [1, 2, 3, 4]
    assert "--id-col" in capsys.readouterr().err
    with pytest.raises(ParameterError, match="--time-col shop"):
        read_rows(path, options.Reading(no_time=True), time="shop")


def test_the_option_is_named_and_works(run):
    Path("wine.csv").write_text("Y\n" + "".join(f"{n % 12 + 20}\n" for n in range(60)))
    done = run("fit", "wine.csv", "--horizon", 2, "--model", "m")
    assert done.status == 2
    assert "--no-time" in done.err
    assert run("fit", "wine.csv", "--horizon", 2, "--model", "m", "--no-time", "--max-steps", 2).status == 0
    done = run("predict", "--model", "m", "wine.csv", "--no-time", "--output", "f.csv")
    assert done.status == 0, done
    assert pd.read_csv("f.csv")["row"].tolist() == [61, 62]


@pytest.mark.parametrize("command", ["forecast", "backtest", "leaderboard", "diagnose"])
def test_every_command_refuses_doubtful_thousands(run, command):
    days = pd.date_range("2024-01-01", periods=60)
    Path("d.csv").write_text("Datum;y\n" + "".join(f"{d:%d.%m.%Y};{n * 31:,}\n".replace(",", ".") for n, d in enumerate(days)))  # fmt: skip
    done = run(command, "d.csv", "--horizon", 2)
    assert done.status == 2
    assert "--thousands" in done.err


def test_future_values_are_read_in_the_same_notation(run):
    days = pd.date_range("2024-01-01", periods=63)
    lines = [f"{d:%d.%m.%Y};{n % 7},5;{n % 3},25\n" for n, d in enumerate(days)]
    Path("d.csv").write_text("Datum;y;price\n" + "".join(lines[:60]))
    Path("f.csv").write_text("Datum;price\n" + "".join(f"{line.split(';')[0]};0,5\n" for line in lines[60:]))
    options = (
        "--horizon",
        3,
        "--target-col",
        "y",
        "--future-col",
        "price",
        "--future",
        "f.csv",
        "--max-steps",
        2,
    )
    assert run("forecast", "d.csv", *options, "--decimal", ",").status == 0


def test_a_cell_that_is_no_number_is_shown(run):
    Path("d.csv").write_text("day,price\n" + "".join(f"2024-01-{d:02},{d} EUR\n" for d in range(1, 30)))
    done = run("forecast", "d.csv", "--horizon", 2)
    assert "'price' begins with '1 EUR'" in done.err
    Path("d.csv").write_text("day,price\n" + "".join(f"{d}. Januar,{d}\n" for d in range(1, 30)))
    assert "'day' begins with '1. Januar'" in run("forecast", "d.csv", "--horizon", 2).err


def test_integer_weeks_can_be_numbers(run):
    lines = "".join(f"{202001 + n},{n % 4}\n" for n in range(40))
    Path("d.csv").write_text("t,y\n" + lines)
    done = run("diagnose", "d.csv", "--horizon", 2)
    assert done.status == 2
    assert "--date-format %G%V" in done.err
    assert "W-MON" in run("diagnose", "d.csv", "--horizon", 2, "--date-format", "%G%V").out
    assert run("diagnose", "d.csv", "--horizon", 2, "--freq", 1).status == 0


def test_a_date_in_another_format_than_said(run):
    Path("d.csv").write_text(PLAIN)
    done = run("diagnose", "d.csv", "--horizon", 1, "--date-format", "%d.%m.%Y", "--time-col", "day")
    assert done.status == 2
    assert "--date-format is '%d.%m.%Y'" in done.err


@pytest.mark.parametrize("header", ["0,1", ",0", "day,"])
def test_names_that_are_numbers_or_blank(tmp_path, header):
    found = read(tmp_path, PLAIN.replace("day,sales", header))
    assert list(found.values()) == list(EXPECTED.values())
