"""Excel workbooks, read as what they hold."""

from __future__ import annotations

import io

import pandas as pd
import pytest

from tsseq2seq.cli import options
from tsseq2seq.cli.excel import is_excel
from tsseq2seq.cli.tables import read_table
from tsseq2seq.errors import DataError, FileFormatError, MissingDependencyError, ParameterError

pytest.importorskip("openpyxl")

FRAME = pd.DataFrame(
    {
        "day": pd.date_range("2024-01-01", periods=4),
        "shop": ["007", "NA", "a", "b"],
        "sales": [1.0, None, 2.5, 3.0],
        "mixed": [1, "x", None, 2.5],
    }
)


def workbook(tmp_path, *, start: int = 0, **sheets: pd.DataFrame):
    path = tmp_path / "data.xlsx"
    with pd.ExcelWriter(path) as writer:
        for name, frame in sheets.items():
            frame.to_excel(writer, sheet_name=name, index=False, startrow=start)
    return path


def test_cells_keep_their_types_and_names_are_text(tmp_path):
    read = read_table(workbook(tmp_path, sheet=FRAME))
    assert read["day"].tolist() == FRAME["day"].tolist()
    assert read["shop"].tolist() == ["007", "NA", "a", "b"]
    pd.testing.assert_series_equal(read["sales"], FRAME["sales"])
    assert read["mixed"].tolist() == ["1", "x", "", "2.5"]


def test_a_sheet_is_chosen(tmp_path):
    path = workbook(tmp_path, one=FRAME, two=FRAME[["day", "sales"]], empty=pd.DataFrame())
    with pytest.raises(DataError, match=r"2 sheets|3 sheets"):
        read_table(path)
    assert list(read_table(path, options.Reading(sheet="two"))) == ["day", "sales"]
    with pytest.raises(ParameterError, match=r"--sheet is 'three'.*'one', 'two'"):
        read_table(path, options.Reading(sheet="three"))


def test_rows_above_the_header(tmp_path, capsys):
    path = workbook(tmp_path, start=2, sheet=FRAME)
    assert list(read_table(path, options.Reading(skip_rows=2))) == list(FRAME)
    assert list(read_table(path)) == list(FRAME)  # empty rows are none


def test_a_title_is_left_out_and_said(tmp_path, capsys):
    path = tmp_path / "data.xlsx"
    titled = pd.DataFrame([["Sales report", None, None, None], list(FRAME), *FRAME.to_numpy().tolist()])
    titled.to_excel(path, header=False, index=False)
    assert list(read_table(path)) == list(FRAME)
    assert "'Sales report'" in capsys.readouterr().err


def test_the_content_decides(tmp_path):
    path = workbook(tmp_path, sheet=FRAME)
    renamed = path.rename(tmp_path / "data.csv")
    assert is_excel(renamed.read_bytes())
    assert len(read_table(renamed)) == 4


def test_what_is_no_workbook(tmp_path):
    path = tmp_path / "data.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old")
    with pytest.raises(FileFormatError, match=r"\.xls"):
        read_table(path)
    path.write_text("a,b\n1,2\n")
    with pytest.raises(ParameterError, match="--sheet is 'x'"):
        read_table(path, options.Reading(sheet="x"))


def test_the_extra_is_named(tmp_path, monkeypatch):
    path = workbook(tmp_path, sheet=FRAME)
    monkeypatch.setitem(__import__("sys").modules, "openpyxl", None)
    with pytest.raises(MissingDependencyError, match=r"tsseq2seq\[excel\]"):
        read_table(path)


def test_is_excel_of_other_archives():
    import zipfile

    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("data.csv", "a,b\n")
    assert not is_excel(stream.getvalue())
