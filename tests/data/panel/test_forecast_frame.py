"""Forecasts as a long frame: whose rows, which stamps, which columns."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.forecast_frame import forecast_frame, interval_columns
from tsseq2seq.data.panel.panel import make_panel
from tsseq2seq.errors import ParameterError

COLUMNS = Columns(id="shop", time="day")


def frame_after(df: pd.DataFrame, values: dict[str, np.ndarray], freq: str | int = "D") -> pd.DataFrame:
    columns = COLUMNS if "shop" in df else dataclasses.replace(COLUMNS, id=None)
    return forecast_frame(make_panel(read_long_frame(df, columns), Frequency.parse(freq)), columns, values)


def test_rows_follow_each_series_in_its_order() -> None:
    df = pd.DataFrame(
        {"shop": ["b", "b", "a"], "day": pd.to_datetime(["2024-02-28", "2024-03-01", "2024-12-30"]), "y": 1.0}
    )
    forecast = frame_after(df, {"Seq2Seq": np.array([[1.0, 2.0], [3.0, 4.0]])})
    assert forecast.columns.tolist() == ["shop", "day", "Seq2Seq"]
    assert forecast["shop"].tolist() == ["b", "b", "a", "a"]
    assert forecast["day"].dt.strftime("%m-%d").tolist() == ["03-02", "03-03", "12-31", "01-01"]
    assert forecast["Seq2Seq"].tolist() == [1.0, 2.0, 3.0, 4.0]
    assert forecast.index.tolist() == [0, 1, 2, 3]


def test_without_names_there_is_no_column_of_names() -> None:
    df = pd.DataFrame({"day": [1, 2], "y": [1.0, 2.0]})
    forecast = frame_after(df, {"Seq2Seq": np.zeros((1, 3))}, freq=1)
    assert forecast.columns.tolist() == ["day", "Seq2Seq"]
    assert forecast["day"].tolist() == [3, 4, 5]


def test_columns_stand_in_the_order_given() -> None:
    df = pd.DataFrame({"day": [1, 2], "y": [1.0, 2.0]})
    values = {name: np.full((1, 2), float(number)) for number, name in enumerate(["Seq2Seq", "z", "a"])}
    assert frame_after(df, values, freq=1).columns.tolist() == ["day", "Seq2Seq", "z", "a"]


@pytest.mark.parametrize(
    "names",
    [
        pd.Series(["b", "a"], dtype="string"),
        pd.Series(pd.Categorical(["b", "a"], categories=["a", "b"])),
        pd.Series([2, 1], dtype="int32"),
        pd.Series(["b", "a"]),
    ],
    ids=["string", "category", "int32", "default"],
)
def test_names_keep_their_type(names: pd.Series) -> None:
    df = pd.DataFrame({"shop": names.repeat(2), "day": [1, 2, 1, 2], "y": 1.0})
    forecast = frame_after(df, {"Seq2Seq": np.zeros((2, 1))}, freq=1)
    assert forecast["shop"].dtype == names.dtype
    assert forecast["shop"].tolist() == names.tolist()


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "Europe/Berlin"])
def test_time_stamps_keep_their_type(unit: str, zone: str | None) -> None:
    times = pd.date_range("2024-03-29", periods=2, freq="D", tz=zone).as_unit(unit)
    forecast = frame_after(pd.DataFrame({"day": times, "y": [1.0, 2.0]}), {"Seq2Seq": np.zeros((1, 3))})
    assert forecast["day"].dtype == times.dtype
    # midnights stay midnights when the clocks change on the 31st
    assert forecast["day"].dt.strftime("%d %H").tolist() == ["31 00", "01 00", "02 00"]


def test_levels_become_columns() -> None:
    columns = interval_columns("Seq2Seq", [0.005, 0.1, 0.25, 0.5, 0.75, 0.9, 0.995], None)
    assert columns == {
        "Seq2Seq-lo-99": 0.005,
        "Seq2Seq-lo-80": 0.1,
        "Seq2Seq-lo-50": 0.25,
        "Seq2Seq-hi-50": 0.75,
        "Seq2Seq-hi-80": 0.9,
        "Seq2Seq-hi-99": 0.995,
    }


@pytest.mark.parametrize("level", [1, 5, 10, 33.3, 50, 68.27, 80, 90, 95, 97.5, 99, 99.9])
def test_rounding_makes_no_strange_names(level: float) -> None:
    pair = [(1 - level / 100) / 2, (1 + level / 100) / 2]
    assert list(interval_columns("M", pair, None)) == [f"M-lo-{level:g}", f"M-hi-{level:g}"]
    assert list(interval_columns("M", pair, [level])) == [f"M-lo-{level:g}", f"M-hi-{level:g}"]


def test_a_level_may_be_chosen() -> None:
    probabilities = [0.05, 0.1, 0.5, 0.9, 0.95]
    assert interval_columns("M", probabilities, [80]) == {"M-lo-80": 0.1, "M-hi-80": 0.9}
    assert interval_columns("M", probabilities, []) == {}
    assert list(interval_columns("M", probabilities, [90.0, 80])) == [
        "M-lo-90",
        "M-hi-90",
        "M-lo-80",
        "M-hi-80",
    ]


@pytest.mark.parametrize(
    ("probabilities", "have"),
    [([], "no intervals"), ([0.1, 0.5, 0.9], "M-lo-80, M-hi-80"), ([0.05, 0.5], "M-lo-90")],
)
def test_a_level_that_is_not_there_is_refused(probabilities: list[float], have: str) -> None:
    with pytest.raises(
        ParameterError, match=rf"levels holds 90, but the model was trained for {have};.*Quantiles"
    ):
        interval_columns("M", probabilities, [90])
