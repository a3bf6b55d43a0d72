from __future__ import annotations

import pandas as pd
import pytest

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.errors import DataError, DataWarning


def frame(*names: object) -> pd.DataFrame:
    return pd.DataFrame({"unique_id": names, "ds": range(len(names)), "y": 1.0})


@pytest.mark.parametrize("blank", ["", " ", "\t", "\u00a0"])
def test_a_name_of_blanks_is_refused(blank):
    with pytest.raises(DataError, match="'unique_id'"):
        read_long_frame(frame("a", blank), Columns())


def test_names_that_differ_by_blanks_are_told_once_and_stay():
    with pytest.warns(DataWarning, match="'A' and 'A '") as caught:
        ids = read_long_frame(frame("A", "A ", " A", "B"), Columns()).ids
    assert ids.tolist() == ["A", "A ", " A", "B"]
    assert len(caught) == 1
    assert caught[0].filename == __file__


@pytest.mark.parametrize(
    "names",
    [
        ("K\u00f6ln", "Ko\u0308ln"),
        ("A", "A\u200b"),
        ("A B", "A  B"),
        ("A B", "A\u00a0B"),
        ("Berlin", "BERLIN"),
        ("1", "1.0"),
        (7, "7"),
        (7, 8, "8.0"),
    ],
)
def test_spellings_of_one_name_are_told(names):
    with pytest.warns(DataWarning, match="two series") as caught:
        ids = read_long_frame(frame(*names), Columns()).ids
    assert ids.tolist() == list(names)
    assert len(caught) == 1


@pytest.mark.parametrize(
    "names",
    [("a b", "a"), (1, 2), ("A ", "B"), ("A", 1), ("007", "7"), ("1.5", "1.50"), (("a", 1), ("a", 2))],
)
def test_other_names_need_no_word(names):
    read_long_frame(frame(*names), Columns())


def test_repeated_stamps_name_their_likely_cause():
    hours = pd.date_range("2024-10-26", periods=49, freq="h", tz="Europe/Berlin").tz_localize(None)
    doubled = pd.DataFrame({"ds": hours, "y": 1.0})
    parts = pd.DataFrame({"ds": pd.date_range("2024-01-01", periods=20).repeat(2), "y": 1.0})
    slip = pd.DataFrame({"ds": [*range(20), 3], "y": 1.0})
    for df, said in ((doubled, "tz_localize"), (parts, "add them up"), (slip, "keep one row of each$")):
        with pytest.raises(DataError, match=said):
            Frequency.of(None, read_long_frame(df, Columns()))
