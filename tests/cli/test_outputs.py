from __future__ import annotations

import os
import stat
from pathlib import Path

import pandas as pd
import pytest

from tsseq2seq.atomic_files import replacing
from tsseq2seq.cli import outputs
from tsseq2seq.errors import ParameterError

FORECAST = pd.DataFrame(
    {"Month": pd.to_datetime(["1961-01-01", "1961-02-01"]), "Seq2Seq": [1e8 + 1, 1 / 3]},
)


def test_csv_keeps_the_style_of_the_dates(tmp_path):
    outputs.write_table(FORECAST, tmp_path / "f.csv", times=["Month"], style="%Y-%m")
    assert (tmp_path / "f.csv").read_text() == "Month,Seq2Seq\n1961-01,100000001\n1961-02,0.3333333333\n"


@pytest.mark.parametrize("name", ["f.csv", "f.csv.gz", "f.parquet"])
def test_what_is_written_is_read_again(tmp_path, name):
    path = tmp_path / name
    outputs.check_table(path)
    outputs.write_table(FORECAST, path, times=["Month"], style=None)
    again = pd.read_parquet(path) if name == "f.parquet" else pd.read_csv(path, parse_dates=["Month"])
    pd.testing.assert_frame_equal(again, FORECAST, check_dtype=False)
    assert os.listdir(tmp_path) == [name]


def test_a_failure_leaves_the_old_file_and_no_other(tmp_path):
    path = tmp_path / "f.csv"
    path.write_text("old")

    def fail() -> None:
        with replacing(path) as temporary:
            temporary.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["f.csv"]


def test_rights_are_those_of_any_new_file_or_of_the_old_one(tmp_path):
    (tmp_path / "plain").touch()
    for name, mode in (("new", stat.S_IMODE((tmp_path / "plain").stat().st_mode)), ("old", 0o604)):
        path = tmp_path / name
        if name == "old":
            path.touch()
            path.chmod(mode)
        with replacing(path) as temporary:
            temporary.write_text("x")
        assert stat.S_IMODE(path.stat().st_mode) == mode


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real.csv").write_text("old")
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    outputs.write_table(FORECAST, tmp_path / "link.csv", times=["Month"], style=None)
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text().startswith("Month")


def test_checking_leaves_nothing_behind(tmp_path):
    outputs.check_table(tmp_path / "f.csv")
    outputs.check_picture(tmp_path / "f.png")
    outputs.check_folder(tmp_path / "a" / "b")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("check", "name", "said"),
    [
        (outputs.check_table, "f.xlsx", r"must end in .csv, .csv.gz or .parquet"),
        (outputs.check_table, "f", "must end in"),
        (outputs.check_table, "none/f.csv", "there is no folder"),
        (outputs.check_table, "folder.csv", "which is a folder"),
        (outputs.check_table, "pipe.csv", "not a regular file"),
        (outputs.check_picture, "f.csv", "must end in one of .*[.]png"),
        (outputs.check_picture, "f", "must end in one of"),
        (outputs.check_folder, "full", "exists and is not a saved model"),
        (outputs.check_folder, "file", "exists and is not a saved model"),
    ],
)
def test_refusals(tmp_path, check, name, said):
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(ParameterError, match=said):
        check(tmp_path / name)


def test_a_folder_without_the_right_to_write_is_named(tmp_path, monkeypatch):
    def deny(**_: object) -> None:
        raise PermissionError(13, "Permission denied", "/a/temporary/name")

    monkeypatch.setattr(outputs.tempfile, "TemporaryFile", deny)
    with pytest.raises(PermissionError) as caught:
        outputs.check_table(tmp_path / "f.csv")
    assert Path(caught.value.filename) == tmp_path


def test_a_write_protected_file_is_refused(tmp_path, monkeypatch):
    (tmp_path / "f.csv").touch()
    monkeypatch.setattr(outputs.os, "access", lambda *_: False)
    with pytest.raises(PermissionError, match="write-protected"):
        outputs.check_table(tmp_path / "f.csv")


def test_two_results_in_one_file_are_refused(tmp_path):
    data = tmp_path / "data.csv"
    with pytest.raises(ParameterError, match="DATA and --output are the same file"):
        outputs.check_distinct({"DATA": data, "--output": tmp_path / "x" / ".." / "data.csv"})
    outputs.check_distinct({"DATA": None, "--output": data, "--plot": None})
