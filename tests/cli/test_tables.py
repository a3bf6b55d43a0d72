from __future__ import annotations

import gzip

import pandas as pd
import pytest

from tsseq2seq.cli.tables import read_table
from tsseq2seq.errors import DataError, FileFormatError

EXPECTED = {"Month": ["1949-01", "1949-02", "1949-03"], "Passengers": ["112", "", "132"]}
PLAIN = "Month,Passengers\n1949-01,112\n1949-02,\n1949-03,132\n"


def read(tmp_path, content: str | bytes, name: str = "data.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_table(path)


@pytest.mark.parametrize(
    "content",
    [
        PLAIN,
        PLAIN.replace(",", ";"),
        PLAIN.replace(",", "\t"),
        PLAIN.replace(",", "|"),
        PLAIN.replace(",", ", "),
        PLAIN.replace("\n", "\r\n"),
        PLAIN.replace("\n", "\r"),
        PLAIN + "\n\n",
        PLAIN + ",\n,\n",
        PLAIN.removesuffix("\n"),
        "\n" + PLAIN,
        "\ufeff" + PLAIN,
        PLAIN.replace("Month", '"Month"').replace("112", '"112"'),
        "".join(
            f"{'' if i == 0 else i - 1},{line}" for i, line in enumerate(PLAIN.splitlines(keepends=True))
        ),
        gzip.compress(PLAIN.encode()),
    ],
    ids=[
        "comma",
        "semicolon",
        "tab",
        "bar",
        "blanks",
        "crlf",
        "cr",
        "blank_lines",
        "empty_rows",
        "no_last_newline",
        "first_line_blank",
        "bom",
        "quoted",
        "row_numbers",
        "gzip",
    ],
)
def test_dialects(tmp_path, content):
    assert read(tmp_path, content).to_dict("list") == EXPECTED


def test_a_delimiter_inside_quotes_is_none(tmp_path):
    frame = read(tmp_path, 'name;y\n"a,b,c";1\n"d,e,f";2\n')
    assert frame.to_dict("list") == {"name": ["a,b,c", "d,e,f"], "y": ["1", "2"]}


def test_a_header_of_several_lines(tmp_path):
    """The first row of values must not take its place."""
    names = '"Month\n(first day)","Passengers\n\nin thousands"\n'
    table = read(tmp_path, names + PLAIN.split("\n", 1)[1])
    assert table.iloc[:, 0].tolist() == EXPECTED["Month"]
    assert [name.split()[0] for name in table.columns] == ["Month", "Passengers"]


def test_a_header_of_several_lines_below_titles(tmp_path):
    names = 'Airline passengers\n\n"Month\n(first day)","Passengers"\n'
    table = read(tmp_path, names + PLAIN.split("\n", 1)[1])
    assert table.iloc[:, 0].tolist() == EXPECTED["Month"]
    assert table.columns[1] == "Passengers"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ('[{"Month":"1949-01","Passengers":112}]', "JSON"),
        ('{"Month": "1949-01"}\n{"Month": "1949-02"}', "JSON"),
        ("<!DOCTYPE html><table><tr>", "HTML"),
        ('<?xml version="1.0"?>', "XML"),
    ],
)
def test_other_languages_are_named(tmp_path, content, kind):
    with pytest.raises(FileFormatError, match=f"{kind}.*CSV"):
        read(tmp_path, content)


def test_names_in_brackets_are_names(tmp_path):
    table = read(tmp_path, PLAIN.replace("Month", "<DATE>").replace("Passengers", "[kWh]"))
    assert table.columns.tolist() == ["<DATE>", "[kWh]"]


def test_decimal_commas_do_not_hide_the_semicolons(tmp_path):
    assert list(read(tmp_path, "day;y\n2024-01-01;1,5\n2024-01-02;2,5\n")) == ["day", "y"]


def test_one_column(tmp_path):
    assert read(tmp_path, '"Y"\n22262\n21756\n').to_dict("list") == {"Y": ["22262", "21756"]}


def test_cells_stay_as_they_stand(tmp_path):
    frame = read(tmp_path, "id,y\n007,1e3\nNA,null\n")
    assert frame.to_dict("list") == {"id": ["007", "NA"], "y": ["1e3", "null"]}


def test_the_content_decides_not_the_name(tmp_path):
    frame = pd.DataFrame({"ds": pd.to_datetime(["2024-01-01"]), "y": [1.5]})
    frame.to_parquet(tmp_path / "frame.csv")
    pd.testing.assert_frame_equal(read_table(tmp_path / "frame.csv"), frame)
    assert read(tmp_path, PLAIN, "plain.parquet").to_dict("list") == EXPECTED


def test_the_index_of_a_parquet_file_is_a_column(tmp_path):
    frame = pd.DataFrame({"y": [1.5, 2.5]}, index=pd.DatetimeIndex(["2024-01-01", "2024-01-02"], name="day"))
    frame.to_parquet(tmp_path / "frame.parquet")
    assert list(read_table(tmp_path / "frame.parquet")) == ["day", "y"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "is a picture"),
        (b"PK\x03\x04\0\0", "is a zip archive or an Excel file"),
        (bytes(range(256)), "is not a text file"),
        ("Month,y\n1949,1\n".encode("utf-16"), "is in UTF-16"),
        ("Monat,y\n1,1\nM\u00e4rz,1\n".encode("latin-1"), r"not in UTF-8 \(line 3\)"),
        (gzip.compress(PLAIN.encode())[:-12], "damaged or truncated"),
        (b"PAR1 is how it begins", "damaged or not a Parquet file"),
        (b"a,b\n1,2\n1,2,3\n", "not a regular table"),
    ],
    ids=[
        "nothing",
        "blanks",
        "bom",
        "png",
        "xlsx",
        "binary",
        "utf16",
        "latin1",
        "cut_gzip",
        "cut_parquet",
        "ragged",
    ],
)
def test_what_is_no_table(tmp_path, content, said):
    with pytest.raises(FileFormatError, match=said):
        read(tmp_path, content)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("Month,y\n", "has a header but no rows"),
        ("Month,y\n,\n", "has a header but no rows"),
        ("y,Month,y\n1,2,3\n", "2 columns named 'y'"),
        ("1949-01,112\n1949-02,118\n", "has no header: its first line is '1949-01, 112'"),
    ],
)
def test_what_is_no_data(tmp_path, content, said):
    with pytest.raises(DataError, match=said):
        read(tmp_path, content)


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(FileFormatError, match="is a folder"):
        read_table(tmp_path)
