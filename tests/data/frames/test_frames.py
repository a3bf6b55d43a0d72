"""Any frame in, the same kind out: pandas, Series and arrays."""

from __future__ import annotations

import dataclasses
import json
import re
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
from tsseq2seq.errors import DataError, ParameterError, ParameterTypeError

COLUMNS = Columns()
SHOPS = Columns(id="shop", time="day", targets=("sales",))
DAYS = pd.date_range("2024-01-01", periods=3, name="day")


def through_json(kind: FrameKind) -> FrameKind:
    """What a saved model keeps of a kind."""
    return frame_kind_from_parts(json.loads(json.dumps(frame_kind_to_parts(kind))))


def forecast_after(
    data: Any, columns: Columns, *, steps: int = 2, quantities: tuple[str, ...] = ("Seq2Seq",)
) -> tuple[pd.DataFrame, FrameKind]:
    """Build a long forecast, numbers 0, 1, 2 … row by row, that follows the rows of the input."""
    df, kind = read_frame(data, columns)
    frame = read_long_frame(df, columns)
    ends = [*frame.starts[1:], len(frame.times)]
    parts = []
    for name, end in zip(frame.ids, ends, strict=True):
        stamp = frame.times[end - 1]
        step = pd.Timedelta(days=1) if isinstance(frame.times, pd.DatetimeIndex) else 1
        times = pd.Index([stamp + step * (ahead + 1) for ahead in range(steps)], dtype=frame.times.dtype)
        parts.append(pd.DataFrame({str(columns.id): [name] * steps, columns.time: times}))
    forecast = pd.concat(parts, ignore_index=True)
    if frame.has_ids:
        forecast[columns.id] = frame.ids.repeat(steps)
    else:
        forecast = forecast.drop(columns=str(columns.id))
    for position, quantity in enumerate(quantities):
        forecast[quantity] = np.arange(len(forecast), dtype=float) + 100 * position
    return forecast, through_json(kind)


# long


def test_a_long_frame_is_not_copied() -> None:
    df = pd.DataFrame({"unique_id": ["a"], "ds": [1], "y": [1.0]})
    assert read_frame(df, COLUMNS)[0] is df


@pytest.mark.parametrize(
    "names",
    [
        pd.Series(["b", "a"], dtype="string"),
        pd.Series(["b", "a"], dtype="string[python]"),
        pd.Series(["b", "a"], dtype=object),
        pd.Series([2, "a"], dtype=object),
        pd.Series(pd.Categorical(["b", "a"], categories=["a", "unused", "b"])),
        pd.Series(pd.Categorical([2, 1], categories=[2, 1], ordered=True)),
        pd.Series([2, 1], dtype="int32"),
        pd.Series([2, 1], dtype="Int16"),
        pd.Series(["b", "a"]),
    ],
    ids=["string", "string python", "object", "mixed", "category", "ordered", "int32", "Int16", "default"],
)
def test_names_keep_their_type(names: pd.Series) -> None:
    df = pd.DataFrame(
        {"shop": names.iloc[[0, 0, 1, 1]].reset_index(drop=True), "day": [1, 2, 1, 2], "sales": 1.0}
    )
    forecast, kind = forecast_after(df, SHOPS)
    # a saved panel holds names as plain text and integers
    forecast["shop"] = forecast["shop"].tolist()
    given = give_back(forecast, kind, SHOPS)
    assert given["shop"].dtype == names.dtype
    assert given["shop"].tolist() == names.repeat(2).tolist()


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "Europe/Berlin", "UTC"])
def test_datetimes_keep_unit_and_zone(unit: str, zone: str | None) -> None:
    days = pd.date_range("2024-01-01", periods=3, tz=zone).as_unit(unit)
    forecast, kind = forecast_after(pd.DataFrame({"ds": days, "y": 1.0}), COLUMNS)
    assert give_back(forecast, kind, COLUMNS)["ds"].dtype == days.dtype


@pytest.mark.parametrize("dtype", ["int8", "uint16", "int32", "int64", "Int32", "UInt8", "int64[pyarrow]"])
def test_integer_times_keep_their_type(dtype: str) -> None:
    df = pd.DataFrame({"ds": pd.Series([1, 2, 3], dtype=dtype), "y": 1.0})
    forecast, kind = forecast_after(df, COLUMNS)
    given = give_back(forecast, kind, COLUMNS)
    assert given["ds"].dtype == df["ds"].dtype
    assert given["ds"].tolist() == [4, 5]


@pytest.mark.parametrize("dtype", ["int8", "Int8", "uint8", "int8[pyarrow]"])
def test_a_time_beyond_its_type_is_refused(dtype: str) -> None:
    last = 255 if dtype == "uint8" else 127
    df = pd.DataFrame({"ds": pd.Series([last - 1, last], dtype=dtype), "y": 1.0})
    forecast, kind = forecast_after(df, COLUMNS)
    with pytest.raises(DataError, match=rf"the type {re.escape(dtype)} cannot hold {last + 1}"):
        give_back(forecast, kind, COLUMNS)


@pytest.mark.parametrize("freq", ["D", "W-SUN", "M", "Q-DEC", "h"])
def test_periods_come_back_as_periods(freq: str) -> None:
    periods = pd.period_range("2024-01-07", periods=3, freq=freq)
    df = pd.DataFrame({"ds": periods, "y": 1.0})
    _, kind = read_frame(df, COLUMNS)
    forecast = pd.DataFrame({"ds": (periods + 3).to_timestamp(), "Seq2Seq": 0.0})
    given = give_back(forecast, through_json(kind), COLUMNS)
    assert given["ds"].dtype == periods.dtype
    assert given["ds"].tolist() == (periods + 3).tolist()
    pd.testing.assert_frame_equal(give_back(given, kind, COLUMNS), given)


def test_text_comes_back_as_datetimes() -> None:
    df = pd.DataFrame({"ds": ["2024-01-01", "2024-01-02"], "y": 1.0})
    forecast, kind = forecast_after(df, COLUMNS)
    assert (
        give_back(forecast, kind, COLUMNS)["ds"].tolist()
        == pd.to_datetime(["2024-01-03", "2024-01-04"]).tolist()
    )


def test_a_type_that_words_do_not_bring_back_is_left() -> None:
    pa = pytest.importorskip("pyarrow")
    names = pd.Series(["b", "a"], dtype=pd.ArrowDtype(pa.dictionary(pa.int32(), pa.string())))
    _, kind = read_frame(pd.DataFrame({"unique_id": names, "ds": 1, "y": 1.0}), COLUMNS)
    assert kind.id is None


def test_the_forecast_itself_is_left_alone() -> None:
    df = pd.DataFrame({"unique_id": pd.Categorical(["a"]), "ds": pd.Series([1], dtype="int16"), "y": 1.0})
    forecast, kind = forecast_after(df, COLUMNS)
    forecast["unique_id"] = forecast["unique_id"].astype(object)
    before = forecast.copy(deep=True)
    for back in (give_back, give_back_long):
        back(forecast, kind, COLUMNS)
    pd.testing.assert_frame_equal(forecast, before)


def test_a_column_of_time_counts_more_than_the_index() -> None:
    df = pd.DataFrame({"ds": [5, 6, 7], "y": 1.0}, index=DAYS)
    long, kind = read_frame(df, COLUMNS)
    assert long["ds"].tolist() == [5, 6, 7]
    assert kind.form == "long"


def test_a_category_that_is_unknown_is_refused() -> None:
    _, kind = read_frame(pd.DataFrame({"unique_id": pd.Categorical(["a"]), "ds": 1, "y": 1.0}), COLUMNS)
    forecast = pd.DataFrame({"unique_id": ["a", "b"], "ds": 2, "Seq2Seq": 0.0})
    with pytest.raises(DataError, match=r"'b' is none of the categories \['a'\]"):
        give_back(forecast, kind, COLUMNS)


# time in the index


@pytest.mark.parametrize(
    "index",
    [
        DAYS,
        DAYS.rename(None),
        pd.date_range("2024-01-01", periods=3, tz="Europe/Berlin", unit="ms"),
        pd.period_range("2024-01-01", periods=3, freq="D", name="when"),
        pd.Index([4, 5, 6], dtype="int32", name="day"),
        pd.Index([4, 5, 6], name="step"),
        pd.RangeIndex(3),
        pd.Index([7, 8, 9]),
    ],
    ids=["named", "unnamed", "zone", "periods", "integers", "another name", "rows", "unnamed integers"],
)
def test_time_in_the_index(index: pd.Index) -> None:
    df = pd.DataFrame({"sales": [1.0, 2.0, 3.0]}, index=index)
    columns = dataclasses.replace(SHOPS, id=None)
    long, kind = read_frame(df, columns)
    assert long["day"].tolist() == index.tolist()
    assert long["sales"].tolist() == [1.0, 2.0, 3.0]
    forecast, kind = forecast_after(df, columns, quantities=("Seq2Seq", "Seq2Seq-lo-90"))
    given = give_back(forecast, kind, columns)
    expected = index[-1] + np.arange(1, 3) * (index[-1] - index[-2])
    assert given.index.dtype == index.dtype
    assert given.index.name == index.name
    assert given.index.tolist() == list(expected)
    assert given.columns.tolist() == ["Seq2Seq", "Seq2Seq-lo-90"]
    assert getattr(given.index, "freq", None) == getattr(index, "freq", None)


def test_time_in_the_index_and_series_in_a_column() -> None:
    df = pd.DataFrame({"shop": ["b", "b", "a"], "sales": [1.0, 2.0, 3.0]}, index=DAYS[[0, 1, 0]])
    forecast, kind = forecast_after(df, SHOPS)
    given = give_back(forecast, kind, SHOPS)
    assert given.columns.tolist() == ["shop", "Seq2Seq"]
    assert given.index.name == "day"
    assert given["shop"].tolist() == ["b", "b", "a", "a"]
    assert given.index.tolist() == [
        *(DAYS[1] + np.arange(1, 3) * DAYS.freq),
        *(DAYS[0] + np.arange(1, 3) * DAYS.freq),
    ]


@pytest.mark.parametrize(
    ("names", "order"),
    [
        (["shop", "day"], ["shop", "day"]),
        (["day", "shop"], ["day", "shop"]),
        ([None, None], ["shop", "day"]),
        ([None, None], ["day", "shop"]),
        (["store", "date"], ["shop", "day"]),
    ],
    ids=["named", "turned", "unnamed", "unnamed and turned", "other names"],
)
def test_series_and_time_in_the_index(names: list[str | None], order: list[str]) -> None:
    df = pd.DataFrame({"shop": ["b", "b", "a"], "day": DAYS[[0, 1, 0]], "sales": [1.0, 2.0, 3.0]})
    long, kind = read_frame(df.set_index(order).rename_axis(names), SHOPS)
    pd.testing.assert_frame_equal(long[df.columns], df)
    forecast = pd.DataFrame({"shop": ["b", "a"], "day": DAYS[[2, 2]], "Seq2Seq": [1.0, 2.0]})
    given = give_back(forecast, through_json(kind), SHOPS)
    pd.testing.assert_frame_equal(given, forecast.set_index(order).rename_axis(names))


def test_integer_times_in_the_second_unnamed_level() -> None:
    index = pd.MultiIndex.from_tuples([("a", 1), ("a", 2)])
    long, _ = read_frame(pd.DataFrame({"y": [1.0, 2.0]}, index=index), COLUMNS)
    assert long["unique_id"].tolist() == ["a", "a"]
    assert long["ds"].tolist() == [1, 2]


def test_series_in_the_index_and_time_in_a_column() -> None:
    df = pd.DataFrame({"ds": [1, 2], "y": [1.0, 2.0]}, index=pd.Index(["a", "a"], name="unique_id"))
    forecast, kind = forecast_after(df, COLUMNS)
    given = give_back(forecast, kind, COLUMNS)
    assert given.index.tolist() == ["a", "a"]
    assert given.index.name == "unique_id"
    assert given["ds"].tolist() == [3, 4]


def test_an_index_of_rows_is_no_time_beside_other_columns() -> None:
    with pytest.raises(DataError, match=r"df has no column 'ds'; it has: 'date', 'y'"):
        read_frame(pd.DataFrame({"date": DAYS, "y": 1.0}), COLUMNS)
    with pytest.raises(DataError, match=r"df has no column 'ds'; it has: 'unique_id', 'y'"):
        read_frame(pd.DataFrame({"unique_id": ["a", "b"], "y": 1.0}), COLUMNS)


def test_levels_that_cannot_be_told_apart_are_refused() -> None:
    index = pd.MultiIndex.from_tuples([(1, 2)], names=["p", "q"])
    with pytest.raises(
        DataError, match=r"an index whose levels are \['p', 'q'\]; name those.*'unique_id', 'ds'"
    ):
        read_frame(pd.DataFrame({"y": [1.0]}, index=index), COLUMNS)


def test_series_in_one_of_two_levels_and_time_in_a_column_are_refused() -> None:
    index = pd.MultiIndex.from_tuples([("a", 2)], names=["unique_id", "row"])
    with pytest.raises(DataError, match=r"the series 'unique_id' in its index and 'ds' in a column"):
        read_frame(pd.DataFrame({"ds": [1], "y": [1.0]}, index=index), COLUMNS)


@pytest.mark.parametrize("columns", [COLUMNS, Columns(id=None)], ids=["id", "no id"])
def test_levels_of_no_use_are_passed_over(columns: Columns) -> None:
    index = pd.MultiIndex.from_tuples([("p", 2), ("q", 3)])
    df = pd.DataFrame({"unique_id": ["a", "a"], "ds": [1, 2], "y": [1.0, 2.0]}, index=index)
    assert read_frame(df, columns)[0] is df


def test_series_in_the_index_and_in_a_column_are_refused() -> None:
    index = pd.MultiIndex.from_tuples([("a", 2)], names=["unique_id", "ds"])
    with pytest.raises(DataError, match=r"df has 2 columns named 'unique_id'"):
        read_frame(pd.DataFrame({"unique_id": ["b"], "y": [1.0]}, index=index), COLUMNS)


# wide


def wide(values: Any, **labels: Any) -> pd.DataFrame:
    return pd.DataFrame(values, index=DAYS, **labels)


def test_a_wide_frame_is_read_column_by_column() -> None:
    df = wide({"b": [1, 2, 3], "a": [4.5, np.nan, np.nan], "c": [np.nan, 7, np.nan]})
    long, kind = read_frame(df, SHOPS)
    assert long["shop"].tolist() == ["b"] * 3 + ["a"] * 3 + ["c"] * 2
    assert long["day"].tolist() == [*DAYS, *DAYS, *DAYS[1:]]
    # missing at the end: forecast from the frame's last row; missing at the start: not begun
    np.testing.assert_array_equal(long["sales"], [1, 2, 3, 4.5, np.nan, np.nan, 7, np.nan])
    assert kind.form == "wide"


def test_a_wide_series_without_any_value_keeps_its_rows() -> None:
    long, _ = read_frame(wide({"a": [1.0, 2, 3], "b": np.nan}), COLUMNS)
    assert long["unique_id"].tolist() == ["a"] * 3 + ["b"] * 3


def test_columns_labelled_as_series_are_series() -> None:
    df = wide([[1.0, 2.0]] * 3, columns=pd.Index(["y", "x"], name="unique_id"))
    assert read_frame(df, COLUMNS)[0]["unique_id"].tolist() == ["y"] * 3 + ["x"] * 3
    assert read_frame(df.rename_axis(columns=None), COLUMNS)[0].columns.tolist() == ["ds", "y", "x"]


def test_wide_rows_may_stand_in_any_order() -> None:
    df = wide({"a": [np.nan, 2.0, 3.0]})
    pd.testing.assert_frame_equal(read_frame(df.iloc[[2, 0, 1]], COLUMNS)[0], read_frame(df, COLUMNS)[0])


@pytest.mark.parametrize(
    "labels",
    [
        pd.Index(["b", "a"], name="shop"),
        pd.Index([7, 3], dtype="int16"),
        pd.CategoricalIndex(["b", "a"], categories=["a", "b", "c"]),
        pd.Index(["b", 1], dtype=object),
        pd.Index(["b", "a"], dtype="string"),
        pd.RangeIndex(2),
    ],
    ids=["named", "int16", "category", "mixed", "string", "range"],
)
@pytest.mark.parametrize(
    "index",
    [
        DAYS,
        pd.date_range("2024-03-30", periods=3, tz="Europe/Berlin", unit="s"),
        pd.period_range("2024-01", periods=3, freq="D", name="p"),
        pd.Index([1, 2, 3], dtype="int32"),
    ],
    ids=["dates", "zone", "periods", "integers"],
)
def test_a_wide_frame_comes_back_wide(labels: pd.Index, index: pd.Index) -> None:
    df = pd.DataFrame([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], index=index, columns=labels)
    forecast, kind = forecast_after(df, COLUMNS)
    given = give_back(forecast, kind, COLUMNS)
    pd.testing.assert_index_equal(given.columns, labels, exact="equiv")
    assert given.index.dtype == index.dtype
    assert given.index.name == index.name
    assert len(given) == 2
    assert given.to_numpy().tolist() == [[0.0, 2.0], [1.0, 3.0]]
    if index is DAYS:
        assert given.index.freq == "D"


def test_intervals_make_a_second_level() -> None:
    df = wide([[1.0, 2.0]] * 3, columns=pd.Index(["b", "a"], name="shop"))
    forecast, kind = forecast_after(df, SHOPS, quantities=("Seq2Seq", "Seq2Seq-lo-90"))
    given = give_back(forecast, kind, SHOPS)
    assert given.columns.tolist() == [
        ("b", "Seq2Seq"),
        ("b", "Seq2Seq-lo-90"),
        ("a", "Seq2Seq"),
        ("a", "Seq2Seq-lo-90"),
    ]
    assert given.columns.names == ["shop", None]
    assert given["b", "Seq2Seq"].tolist() == [0.0, 1.0]
    assert given["a", "Seq2Seq-lo-90"].tolist() == [102.0, 103.0]


def test_series_and_quantities() -> None:
    columns = Columns(targets=("load", "price"), future=("holiday",), static=("region",))
    labels = pd.MultiIndex.from_product(
        [["b", "a"], ["load", "price", "holiday", "region"]], names=["s", "q"]
    )
    df = pd.DataFrame({label: [1.0, 2.0, 3.0] for label in labels}, index=DAYS)
    df.columns = labels
    df["a", "region"] = "north"
    df["b", "region"] = "south"
    df.loc[DAYS[0], ("a", "load")] = np.nan
    df.loc[DAYS[:2], ("b", ["load", "price"])] = np.nan
    long, kind = read_frame(df[df.columns[::-1]], columns)
    assert long.columns.tolist() == ["unique_id", "ds", "load", "price", "holiday", "region"]
    # a has begun with its first price; b only on the third day
    assert long["unique_id"].tolist() == ["a"] * 3 + ["b"]
    assert long["region"].tolist() == ["north"] * 3 + ["south"]
    assert read_long_frame(long, columns).covariates["holiday"].tolist() == [1.0, 2.0, 3.0, 3.0]
    forecast, kind = forecast_after(df, columns, quantities=("Seq2Seq-load", "Seq2Seq-price"))
    given = give_back(forecast, kind, columns)
    assert given.columns.names == ["s", "q"]
    assert given["a", "Seq2Seq-price"].tolist() == [102.0, 103.0]


def test_one_wide_series_needs_no_id() -> None:
    columns = Columns(id=None)
    forecast, kind = forecast_after(wide({"b": [1.0, 2.0, 3.0]}), columns)
    assert "unique_id" not in forecast
    given = give_back(forecast, kind, columns)
    assert given.to_numpy().tolist() == [[0.0], [1.0]]
    assert given.columns.tolist() == ["b"]


@pytest.mark.parametrize(
    "data", [wide({"b": [1.0, 2, 3], "a": [1.0, 2, 3]}), np.ones((3, 2))], ids=["wide", "array"]
)
def test_several_series_need_an_id(data: Any) -> None:
    with pytest.raises(ParameterError, match=r"id_col is None.*but df has 2; leave id_col"):
        read_frame(data, Columns(id=None))


def test_series_in_a_level_need_an_id() -> None:
    index = pd.MultiIndex.from_tuples([("a", DAYS[0])])
    with pytest.raises(ParameterError, match=r"id_col is None.*a level of df's index holds series"):
        read_frame(pd.DataFrame({"y": [1.0]}, index=index), Columns(id=None))


@pytest.mark.parametrize(
    ("df", "columns", "message"),
    [
        (wide([[1.0, 2.0]] * 3, columns=["a", "a"]), COLUMNS, r"two columns 'a'"),
        (
            wide({"a": 1.0, "shop": "x"}),
            COLUMNS,
            r"column 'shop' of the wide df has the type .*no column 'y'",
        ),
        (wide({"a": 1.0}).set_axis([DAYS[0], pd.NaT, DAYS[1]]), COLUMNS, r"index .*is empty in row 1"),
        (
            wide({"a": 1.0, "b": 2.0}),
            Columns(targets=("load", "price")),
            r"\['load', 'price'\] are needed of each",
        ),
        (wide({"a": 1.0, "b": 2.0}), Columns(future=("price",)), r"\['y', 'price'\] are needed of each"),
        (
            wide({("a", "y"): 1.0, ("b", "z"): 2.0}),
            COLUMNS,
            r"no column \('b', 'y'\); every series needs \['y'\]",
        ),
        (wide({("y", "a"): 1.0}), COLUMNS, r"are \(quantity, series\).*df.swaplevel\(axis=1\)"),
        (wide({("a", "y", "z"): 1.0}), COLUMNS, r"have 3 levels"),
        (wide({("a", "y"): "text"}), COLUMNS, r"column \('a', 'y'\) of the wide df has the type"),
        (
            pd.DataFrame({"ds": [1], "a": 1.0, "b": 2.0}),
            COLUMNS,
            r"no column 'y'.*df.set_index\('ds'\), or df.melt\('ds', var_name='unique_id', value_name='y'\)",
        ),
        (
            pd.DataFrame({"a": [1.0], "b": 2.0}),
            COLUMNS,
            r"no column 'ds', and its index merely numbers the rows; it has: 'a', 'b'",
        ),
        (
            pd.DataFrame({"day": [1], "y": 2.0, "z": "a"}),
            COLUMNS,
            r"df has no column 'ds'; it has: 'day', 'y', 'z'",
        ),
        (pd.DataFrame(), COLUMNS, r"df has no column 'ds'"),
    ],
    ids=[
        "twice",
        "text",
        "NaT",
        "targets",
        "covariates",
        "lacking",
        "turned",
        "levels",
        "text quantity",
        "time in a column",
        "rows",
        "no time",
        "empty",
    ],
)
def test_bad_wide_frames(df: pd.DataFrame, columns: Columns, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_frame(df, columns)


# Series


@pytest.mark.parametrize("name", ["passengers", None, 7])
def test_a_series_comes_back_as_a_series(name: str | int | None) -> None:
    series = pd.Series([1.0, 2.0, 3.0], index=DAYS, name=name)
    forecast, kind = forecast_after(series, COLUMNS)
    assert forecast.columns.tolist() == ["ds", "Seq2Seq"]
    given = give_back(forecast, kind, COLUMNS)
    expected = pd.Series([0.0, 1.0], index=pd.date_range("2024-01-04", periods=2, name="day"))
    pd.testing.assert_series_equal(given, expected.rename("Seq2Seq" if name is None else name))


@pytest.mark.parametrize("columns", [COLUMNS, SHOPS, Columns(id=None)], ids=["default", "renamed", "no id"])
def test_a_series_is_one_series_whatever_the_columns_are_called(columns: Columns) -> None:
    series = pd.Series([1, 2, 3])
    forecast, kind = forecast_after(series, columns, quantities=("Seq2Seq", "Seq2Seq-hi-90"))
    given = give_back(forecast, kind, columns)
    assert given.columns.tolist() == ["Seq2Seq", "Seq2Seq-hi-90"]
    assert given.index.tolist() == [3, 4]
    assert give_back(forecast.drop(columns="Seq2Seq-hi-90"), kind, columns).tolist() == [0.0, 1.0]


def test_a_series_may_hold_several() -> None:
    index = pd.MultiIndex.from_tuples([("b", 1), ("b", 2), ("a", 1)], names=["unique_id", "ds"])
    forecast, kind = forecast_after(pd.Series([1.0, 2.0, 3.0], index=index), COLUMNS)
    given = give_back(forecast, kind, COLUMNS)
    assert given.index.tolist() == [("b", 3), ("b", 4), ("a", 2), ("a", 3)]
    assert given.name == "Seq2Seq"


def test_a_series_without_time_is_refused() -> None:
    with pytest.raises(
        DataError, match=r"the index of the Series df has the type .*; it must hold datetimes"
    ):
        read_frame(pd.Series([1.0], index=["a"]), COLUMNS)


@pytest.mark.parametrize("data", [pd.Series([1.0]), np.ones(3)], ids=["Series", "array"])
def test_what_has_no_columns_cannot_serve_several(data: Any) -> None:
    with pytest.raises(DataError, match=r"the model reads \['y', 'price'\]; pass a frame"):
        read_frame(data, Columns(future=("price",)))


# arrays


@pytest.mark.parametrize("columns", [COLUMNS, SHOPS, Columns(id=None)], ids=["default", "renamed", "no id"])
@pytest.mark.parametrize(
    "data", [[1, 2.5, 3], np.array([1, 2.5, 3], dtype="float32"), (1, 2.5, 3)], ids=["list", "array", "tuple"]
)
def test_numbers_are_one_series(data: Any, columns: Columns) -> None:
    long, _ = read_frame(data, columns)
    assert long[columns.time].tolist() == [0, 1, 2]
    assert long[columns.targets[0]].tolist() == [1, 2.5, 3]
    forecast, kind = forecast_after(data, columns, steps=3)
    np.testing.assert_array_equal(give_back(forecast, kind, columns), [0.0, 1.0, 2.0])
    forecast["Seq2Seq-lo-90"] = 9.0
    assert give_back(forecast, kind, columns).tolist() == [[0.0, 9.0], [1.0, 9.0], [2.0, 9.0]]


def test_columns_of_an_array_are_series() -> None:
    data = np.array([[1.0, np.nan, 7.0], [2.0, 4.0, np.nan]])
    long, _ = read_frame(data, COLUMNS)
    assert long["unique_id"].tolist() == [0, 0, 1, 2, 2]
    np.testing.assert_array_equal(long["y"], [1.0, 2.0, 4.0, 7.0, np.nan])
    forecast, kind = forecast_after(data, COLUMNS, quantities=("Seq2Seq", "Seq2Seq-lo-90"))
    given = give_back(forecast, kind, COLUMNS)
    assert given.shape == (2, 3, 2)
    assert given[:, 1, 0].tolist() == [2.0, 3.0]
    assert given[:, 1, 1].tolist() == [102.0, 103.0]
    point = give_back(forecast.drop(columns="Seq2Seq-lo-90"), kind, COLUMNS)
    assert point.tolist() == [[0.0, 2.0, 4.0], [1.0, 3.0, 5.0]]


@pytest.mark.parametrize("columns", [COLUMNS, Columns(id=None)], ids=["id", "no id"])
def test_an_array_of_one_column_comes_back_with_it(columns: Columns) -> None:
    forecast, kind = forecast_after(np.ones((4, 1)), columns)
    assert give_back(forecast, kind, columns).shape == (2, 1)


def test_masked_numbers_are_missing() -> None:
    long, _ = read_frame(np.ma.masked_equal([1, 0, 3], 0), COLUMNS)
    np.testing.assert_array_equal(long["y"], [1.0, np.nan, 3.0])


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        (np.ones((2, 2, 2)), DataError, r"an array of the shape \(2, 2, 2\); it must be \(T,\)"),
        (np.array(1.0), DataError, r"shape \(\)"),
        (np.ones((3, 0)), DataError, r"shape \(3, 0\)"),
        ([], DataError, r"shape \(0,\)"),
        (["a", "b"], ParameterTypeError, r"holds 'a'; it must hold numbers"),
        ([1.0, None], ParameterTypeError, r"type object and holds None"),
        (np.array([1 + 2j]), ParameterTypeError, r"type complex128 and holds"),
        (np.array([True]), ParameterTypeError, r"type bool"),
        (DAYS.to_numpy(), ParameterTypeError, r"type datetime64"),
        ([[1.0, 2.0], [3.0]], ParameterTypeError, r"rows have different lengths"),
        ([np.ones(3), np.ones(3)], ParameterTypeError, r"is a list of arrays.*numpy.column_stack"),
    ],
    ids=["3-D", "0-D", "no series", "empty", "text", "None", "complex", "bool", "dates", "ragged", "arrays"],
)
def test_bad_arrays(data: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        read_frame(data, COLUMNS)


@pytest.mark.parametrize(
    "data",
    [{"y": [1.0]}, "data.csv", None, 3, (value for value in (1.0, 2.0)), {1.0}, DAYS],
    ids=["dict", "str", "None", "int", "generator", "set", "index"],
)
def test_other_things_are_refused(data: Any) -> None:
    with pytest.raises(
        ParameterTypeError, match=rf"history is a {type(data).__name__}; it must be a pandas DataFrame"
    ):
        read_frame(data, COLUMNS, name="history")
    with pytest.raises(
        ParameterTypeError, match=rf"future is a {type(data).__name__}; it must be a pandas DataFrame"
    ):
        read_future(data, Columns(future=("price",)), FrameKind())


# future covariates, and results that are always long

PRICED = Columns(future=("price",))
FUTURE = pd.DataFrame(
    {"unique_id": ["b", "b", "a", "a"], "ds": DAYS[[0, 1, 0, 1]], "price": [1.0, 2.0, 3.0, 4.0]}
)


@pytest.mark.parametrize(
    ("data", "form"),
    [
        (FUTURE, "long"),
        (FUTURE, "wide"),
        (FUTURE.set_index("ds"), "index"),
        (FUTURE.set_index("unique_id"), "index"),
        (FUTURE.set_index(["unique_id", "ds"]), "index"),
        (FUTURE.set_index(["unique_id", "ds"])["price"], "series"),
        (FUTURE.pivot_table(index="ds", columns="unique_id", values=["price"]).swaplevel(axis=1), "wide"),
        (FUTURE.pivot_table(index="ds", columns="unique_id", values="price"), "wide"),
    ],
    ids=["long", "long for wide", "index", "series in the index", "both", "Series", "quantities", "wide"],
)
def test_future_covariates_of_any_kind(data: Any, form: str) -> None:
    read = read_future(data, PRICED, FrameKind(form=form))
    by = ["unique_id", "ds"]
    pd.testing.assert_frame_equal(
        read[FUTURE.columns].sort_values(by, ignore_index=True), FUTURE.sort_values(by, ignore_index=True)
    )


def test_missing_future_values_stay_rows() -> None:
    df = pd.DataFrame({("a", "price"): [np.nan, 2.0]}, index=DAYS[:2])
    assert len(read_future(df, PRICED, FrameKind(form="wide"))) == 2


def test_future_frames_of_one_series() -> None:
    read = read_future(pd.Series([1.0, 2.0], index=DAYS[:2]), PRICED, FrameKind(form="index"))
    assert read["price"].tolist() == [1.0, 2.0]
    assert "unique_id" not in read


def test_the_frame_to_fill_in_comes_and_goes() -> None:
    columns = Columns(future=("price", "holiday"))
    labels = pd.MultiIndex.from_product([["b", "a"], ["y", "price", "holiday"]])
    _, kind = read_frame(pd.DataFrame(1.0, index=DAYS, columns=labels), columns)
    empty = pd.DataFrame({"unique_id": ["b", "a"], "ds": DAYS[0], "price": np.nan, "holiday": np.nan})
    to_fill = give_back(empty, kind, columns)
    assert to_fill.columns.tolist() == [("b", "price"), ("b", "holiday"), ("a", "price"), ("a", "holiday")]
    pd.testing.assert_frame_equal(read_future(to_fill, columns, kind), empty, check_dtype=False)


def test_future_values_need_names() -> None:
    for data in (np.ones((2, 1)), [1.0, 2.0]):
        with pytest.raises(
            ParameterTypeError, match=r"future is a (ndarray|list), whose columns have no names.*'price'"
        ):
            read_future(data, PRICED, FrameKind())
    with pytest.raises(DataError, match=r"future is a Series named 'cost', but .*\['price'\]"):
        read_future(pd.Series([1.0], name="cost"), PRICED, FrameKind())
    with pytest.raises(DataError, match=r"the wide future has no column \('a', 'price'\)"):
        read_future(pd.DataFrame({("a", "cost"): [1.0]}, index=DAYS[:1]), PRICED, FrameKind(form="wide"))


@pytest.mark.parametrize(
    "data",
    [
        pd.DataFrame({"a": [1.0, 2.0, 3.0]}, index=pd.period_range("2024-01-01", periods=3, freq="D")),
        pd.Series([1.0, 2.0, 3.0], index=pd.period_range("2024-01-01", periods=3, freq="D")),
    ],
    ids=["wide", "Series"],
)
def test_long_results_stay_long(data: Any) -> None:
    _, kind = read_frame(data, COLUMNS)
    day = pd.Timestamp("2024-01-04")
    samples = pd.DataFrame(
        {"unique_id": ["a"], "cutoff": [day], "ds": [day], "sample": [0], "Seq2Seq": [1.0]}
    )
    given = give_back_long(samples, through_json(kind), COLUMNS)
    assert given.columns.tolist() == samples.columns.tolist()
    assert given["ds"].tolist() == given["cutoff"].tolist() == [pd.Period("2024-01-04", "D")]


def test_names_that_json_cannot_hold_become_text() -> None:
    kind = FrameKind(form="series", name=pd.Timestamp("2024-01-01"), level_names=(np.int64(3),))
    kept = through_json(kind)
    assert kept.name == "2024-01-01 00:00:00"
    assert kept.level_names == (3,)
