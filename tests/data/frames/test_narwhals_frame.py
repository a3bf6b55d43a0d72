"""Frames of polars and pyarrow in, the same library out."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import json
import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.frames import (
    FrameKind,
    frame_kind_from_parts,
    frame_kind_to_parts,
    give_back,
    give_back_long,
    read_frame,
    read_future,
)
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.data.panel.features import FeatureCoder
from tsseq2seq.errors import DataError, ParameterTypeError

pl = pytest.importorskip("polars", reason="polars is not installed")

COLUMNS = Columns()


def there_and_back(df: Any, forecast: pd.DataFrame, columns: Columns = COLUMNS) -> Any:
    _, kind = read_frame(df, columns)
    kept = frame_kind_from_parts(json.loads(json.dumps(frame_kind_to_parts(kind))))
    assert kept == kind
    return give_back(forecast, kept, columns)


@pytest.mark.parametrize(
    "dtype",
    ["String", "Categorical", "Enum", "Int8", "Int32", "UInt16", "Int64"],
)
def test_polars_names_keep_their_type(dtype: str) -> None:
    wanted = pl.Enum(["a", "c", "b"]) if dtype == "Enum" else getattr(pl, dtype)
    names = ["b", "a"] if dtype in ("String", "Categorical", "Enum") else [2, 1]
    df = pl.DataFrame({"shop": pl.Series(names).cast(wanted), "day": [1, 1], "sales": [1.0, None]})
    columns = Columns(id="shop", time="day", targets=("sales",))
    read = read_long_frame(read_frame(df, columns)[0], columns)
    assert read.ids.tolist() == names
    np.testing.assert_array_equal(read.targets[:, 0], [1.0, np.nan])
    forecast = pd.DataFrame({"shop": read.ids, "day": [2, 2], "Seq2Seq": [0.5, np.nan]})
    given = there_and_back(df, forecast, columns)
    assert isinstance(given, pl.DataFrame)
    assert given.schema["shop"] == df.schema["shop"]
    assert given["shop"].to_list() == names
    assert given["Seq2Seq"].to_list() == [0.5, None]
    assert given.columns == ["shop", "day", "Seq2Seq"]


@pytest.mark.parametrize("zone", [None, "Europe/Berlin", "UTC"])
@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_polars_datetimes_keep_unit_and_zone(unit: str, zone: str | None) -> None:
    hours = pd.date_range("2024-03-30 22:00", periods=6, freq="h", tz=zone)
    naive = hours if zone is None else hours.tz_convert(None)
    stamps = pl.Series(naive.to_numpy()).cast(pl.Datetime(unit))
    if zone is not None:
        stamps = stamps.dt.replace_time_zone("UTC").dt.convert_time_zone(zone)
    df = pl.DataFrame({"ds": stamps, "y": [1.0] * 6})
    long, _ = read_frame(df, COLUMNS)
    assert long["ds"].tolist() == hours.tolist()
    given = there_and_back(df, pd.DataFrame({"ds": long["ds"], "Seq2Seq": 0.0}))
    assert given.schema["ds"] == pl.Datetime(unit, zone)
    assert given["ds"].to_list() == df["ds"].to_list()


@pytest.mark.parametrize("dtype", ["Int8", "Int32", "UInt16", "Int64"])
def test_polars_integer_times_keep_their_type(dtype: str) -> None:
    df = pl.DataFrame({"ds": pl.Series([1, 2], dtype=getattr(pl, dtype)), "y": [1, 2]})
    given = there_and_back(df, pd.DataFrame({"ds": [3], "Seq2Seq": [0.0]}))
    assert given.schema["ds"] == getattr(pl, dtype)
    assert given["ds"].to_list() == [3]


def test_polars_dates_stay_dates() -> None:
    df = pl.DataFrame({"ds": [datetime.date(2024, 1, 1), datetime.date(2024, 1, 2)], "y": [1, 2]})
    long, _ = read_frame(df, COLUMNS)
    stamps = read_long_frame(long, COLUMNS).times + pd.Timedelta(days=2)
    given = there_and_back(df, pd.DataFrame({"ds": stamps, "Seq2Seq": 0.0}))
    assert given["ds"].to_list() == [datetime.date(2024, 1, 3), datetime.date(2024, 1, 4)]


def test_polars_text_comes_back_as_datetimes() -> None:
    df = pl.DataFrame({"ds": ["2024-01-01"], "y": [1]})
    stamps = read_long_frame(read_frame(df, COLUMNS)[0], COLUMNS).times
    given = there_and_back(df, pd.DataFrame({"ds": stamps, "Seq2Seq": 0.0}))
    assert given["ds"].to_list() == [datetime.datetime(2024, 1, 1)]


def test_covariates_of_polars_are_understood() -> None:
    df = pl.DataFrame(
        {
            "ds": [1, 2, 3],
            "y": pl.Series([decimal.Decimal("1.5"), None, decimal.Decimal("2.25")]),
            "flag": [True, None, False],
            "whole": pl.Series([1, None, 3], dtype=pl.Int32),
            "number": [1.0, None, float("nan")],
            "money": pl.Series(["1.5", None, "2"]).cast(pl.Decimal(10, 2)),
            "text": ["a", None, "b"],
            "category": pl.Series(["x", None, "z"], dtype=pl.Categorical),
            "enum": pl.Series(["x", None, "z"], dtype=pl.Enum(["z", "x"])),
            "unused": [[1], [2], [3]],
        }
    )
    names = df.columns[2:-1]
    columns = Columns(future=tuple(names))
    long, _ = read_frame(df, columns)
    assert long.columns.tolist() == df.columns[:-1]
    frame = read_long_frame(long, columns)
    np.testing.assert_array_equal(frame.targets[:, 0], [1.5, np.nan, 2.25])
    coder = FeatureCoder.fit(frame.covariates, names)
    assert coder.numeric == ("whole", "number", "money")
    assert coder.means == (2.0, 1.0, 1.75)
    assert dict(zip(coder.categorical, coder.categories, strict=True)) == {
        "flag": ("True", "False"),
        "text": ("a", "b"),
        "category": ("x", "z"),
        "enum": ("x", "z"),
    }
    pd.testing.assert_frame_equal(read_future(df, columns, FrameKind()), long.drop(columns="y"))


def test_dates_of_polars_are_no_covariates() -> None:
    dates = pl.Series(["2024-01-01", None, "2024-01-02"]).str.to_date()
    df = pl.DataFrame({"ds": [1, 2, 3], "y": [1.0, 2.0, 3.0], "date": dates})
    long, _ = read_frame(df, Columns(future=("date",)))
    with pytest.raises(DataError, match="'date'"):
        FeatureCoder.fit(long, ["date"])


def test_booleans_have_the_same_categories_with_and_without_nulls() -> None:
    known = [
        FeatureCoder.fit(
            read_frame(pl.DataFrame({"ds": [1, 2], "y": [1, 2], "f": flags}), Columns(past=("f",)))[0], ["f"]
        ).categories[0][0]
        for flags in ([True, False], [True, None])
    ]
    assert known == ["True", "True"]


def test_samples_and_backtests_stay_in_polars() -> None:
    df = pl.DataFrame({"unique_id": ["a"], "ds": [datetime.date(2024, 1, 1)], "y": [1.0]})
    _, kind = read_frame(df, COLUMNS)
    day = pd.Timestamp("2024-01-02")
    long = pd.DataFrame({"unique_id": ["a"], "cutoff": [day], "ds": [day], "sample": [3], "Seq2Seq": [1.0]})
    given = give_back_long(long, kind, COLUMNS)
    assert given.schema == {
        "unique_id": pl.String,
        "cutoff": pl.Date,
        "ds": pl.Date,
        "sample": pl.Int64,
        "Seq2Seq": pl.Float64,
    }


@pytest.mark.parametrize("zone", [None, "+02:00", "Europe/Berlin"])
@pytest.mark.parametrize("unit", ["s", "ns"])
def test_tables_of_pyarrow(zone: str | None, unit: str) -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    table = pa.table(
        {
            "unique_id": pa.array(["b", "b", "a"]).dictionary_encode(),
            "ds": pa.array([0, 10**9, 0], type=pa.timestamp(unit, tz=zone)),
            "y": pa.array([1, None, 3], type=pa.int32()),
            "kind": pa.array(["x", None, "y"]).dictionary_encode(),
        }
    )
    columns = dataclasses.replace(COLUMNS, past=("kind",))
    long, _ = read_frame(table, columns)
    assert long["unique_id"].tolist() == ["b", "b", "a"]
    assert long["kind"].isna().tolist() == [False, True, False]
    frame = read_long_frame(long, columns)
    given = there_and_back(
        table, pd.DataFrame({"unique_id": frame.ids, "ds": frame.times[[0, 1]], "Seq2Seq": 0.0})
    )
    assert isinstance(given, pa.Table)
    assert given.schema.field("ds").type == table.schema.field("ds").type
    assert pa.types.is_dictionary(given.schema.field("unique_id").type)
    assert given["ds"].to_pylist() == table["ds"].to_pylist()[:2]
    assert given["unique_id"].to_pylist() == ["b", "a"]


def test_frames_of_narwhals_are_unwrapped() -> None:
    nw = pytest.importorskip("narwhals")
    df = pl.DataFrame({"ds": [1], "y": [1.0]})
    assert read_frame(nw.from_native(df), COLUMNS)[1].library == "polars"
    assert (
        read_frame(
            nw.from_native(df.to_dict(as_series=False) and pd.DataFrame({"ds": [1], "y": [1.0]})), COLUMNS
        )[1].library
        == "pandas"
    )


@pytest.mark.parametrize(
    ("df", "error", "message"),
    [
        (
            pl.LazyFrame({"ds": [1], "y": [1.0]}),
            ParameterTypeError,
            r"df is a LazyFrame, which is not in memory; pass df.collect\(\)",
        ),
        (pl.Series([1.0]), ParameterTypeError, r"df is a Series of polars.*df.to_numpy\(\)"),
        (
            pl.DataFrame({"ds": [1], "a": [1.0], "b": [1.0]}),
            DataError,
            r"no column 'y'.*df.unpivot\(index='ds', variable_name='unique_id', value_name='y'\)",
        ),
        (
            pl.DataFrame({"ds": [1], "yy": [1.0]}),
            DataError,
            r"no column 'y'; it has: 'ds', 'yy'",
        ),
        (pl.DataFrame({"a": [1.0], "b": [1.0]}), DataError, r"no column 'ds'; it has: 'a', 'b'"),
    ],
    ids=["lazy", "Series", "wide", "target", "time"],
)
def test_bad_polars(df: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        read_frame(df, COLUMNS)


def test_missing_names_and_times_are_named() -> None:
    df = pl.DataFrame({"unique_id": ["a", None], "ds": [1, 2], "y": [1.0, 2.0]})
    with pytest.raises(DataError, match=r"column 'unique_id' is empty in row 1"):
        read_long_frame(read_frame(df, COLUMNS)[0], COLUMNS)
    df = pl.DataFrame({"ds": [datetime.date(2024, 1, 1), None], "y": [1.0, 2.0]})
    with pytest.raises(DataError, match=r"column 'ds' is empty in row 1"):
        read_long_frame(read_frame(df, COLUMNS)[0], COLUMNS)


def test_polars_is_not_imported_by_us() -> None:
    code = (
        "import sys; from tsseq2seq.data.frames.frames import read_frame; from tsseq2seq.data.frames.columns import Columns;"
        "import numpy; read_frame(numpy.ones(3), Columns()); sys.exit('polars' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_pyarrow_is_not_needed_for_polars() -> None:
    code = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "import polars, datetime; from tsseq2seq.data.frames.frames import give_back, read_frame\n"
        "from tsseq2seq.data.frames.columns import Columns\n"
        "df = polars.DataFrame({'unique_id': ['a'], 'ds': [datetime.date(2024, 1, 1)], 'y': [None]},"
        " schema_overrides={'unique_id': polars.Categorical, 'y': polars.Float64})\n"
        "long, kind = read_frame(df, Columns()); back = give_back(long, kind, Columns())\n"
        "sys.exit(not back.equals(df))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
