"""Reading a long frame: any order, any reasonable type, and refusals that name the row."""

from __future__ import annotations

import datetime
import decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from tsseq2seq.data import blocks
from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import LongFrame, read_long_frame
from tsseq2seq.errors import DataError, ParameterTypeError

COLUMNS = Columns()


def read(ds, y=None, unique_id=None, columns: Columns = COLUMNS) -> LongFrame:
    data = {"ds": ds, "y": np.arange(len(ds), dtype=float) if y is None else y}
    if unique_id is not None:
        data["unique_id"] = unique_id
    return read_long_frame(pd.DataFrame(data), columns)


def shuffled_panel(seed: int) -> pd.DataFrame:
    """Four series of different lengths, rows in random order, a gap here and there."""
    rng = np.random.default_rng(seed)
    parts = []
    for name in ["z", "a", "m", "b"]:
        steps = np.sort(rng.choice(50, size=rng.integers(1, 30), replace=False))
        parts.append(pd.DataFrame({"unique_id": name, "ds": steps, "y": rng.normal(size=len(steps))}))
    return pd.concat(parts).sample(frac=1, random_state=seed)


@pytest.mark.parametrize(
    ("values", "lowest"),
    [
        ([3.0, 0.0, 5.0], 0.0),
        ([np.nan, 7.5, np.nan], 7.5),
        ([1.0, -2.5, np.nan], -2.5),
        ([1e30, 1e-30, 2.0], 1e-30),
    ],
)
def test_the_lowest_is_that_of_the_frame_to_the_bit(values: list[float], lowest: float) -> None:
    assert read([1, 2, 3], values).lowest == lowest


def test_nothing_observed_has_no_lowest() -> None:
    assert np.isnan(read([1, 2], [np.nan, np.nan]).lowest)


@pytest.mark.parametrize("seed", range(5))
def test_rows_are_sorted_by_first_appearance_and_time(seed: int) -> None:
    df = shuffled_panel(seed)
    frame = read_long_frame(df, COLUMNS)
    assert frame.ids.tolist() == df["unique_id"].unique().tolist()
    ends = [*frame.starts[1:], len(df)]
    for name, start, end in zip(frame.ids, frame.starts, ends, strict=True):
        expected = df[df["unique_id"] == name].sort_values("ds")
        assert frame.times[start:end].tolist() == expected["ds"].tolist()
        np.testing.assert_array_equal(frame.targets[start:end, 0], expected["y"])


def test_the_frame_itself_is_left_alone() -> None:
    df = shuffled_panel(0)
    before = df.copy(deep=True)
    read_long_frame(df, COLUMNS)
    pd.testing.assert_frame_equal(df, before)


def test_a_frame_without_the_id_column_is_one_series() -> None:
    frame = read([3, 1, 2], [30.0, 10.0, 20.0])
    assert not frame.has_ids
    assert len(frame.ids) == 1
    assert frame.starts.tolist() == [0]
    assert frame.targets.ravel().tolist() == [10.0, 20.0, 30.0]


def test_rows_of_two_series_may_alternate() -> None:
    frame = read([1, 1, 2, 2], [1.0, 10.0, 2.0, 20.0], ["b", "a", "b", "a"])
    assert frame.ids.tolist() == ["b", "a"]
    assert frame.starts.tolist() == [0, 2]
    assert frame.targets.ravel().tolist() == [1.0, 2.0, 10.0, 20.0]


def test_column_names_are_parameters() -> None:
    columns = Columns(id="shop", time="day", targets=("sales", "visits"))
    df = pd.DataFrame({"visits": [2, 4], "day": [1, 2], "shop": ["a", "a"], "sales": [1.0, np.nan]})
    frame = read_long_frame(df, columns)
    np.testing.assert_array_equal(frame.targets, [[1.0, 2.0], [np.nan, 4.0]])


def test_the_rows_index_is_of_no_importance() -> None:
    df = pd.DataFrame({"ds": [2, 1], "y": [2.0, 1.0]}, index=[7, 7])
    assert read_long_frame(df, COLUMNS).targets.ravel().tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    "dtype",
    [
        "int8",
        "uint16",
        "Int64",
        "float16",
        "float32",
        "Float64",
        "int64[pyarrow]",
        "double[pyarrow]",
        "bool",
        "boolean",
    ],
)
def test_any_numeric_type_becomes_float64(dtype: str) -> None:
    frame = read([1, 2], pd.Series([1, 0], dtype=dtype))
    assert frame.targets.dtype == np.float64
    assert frame.targets.ravel().tolist() == [1.0, 0.0]


@pytest.mark.parametrize("dtype", ["Int64", "Float64", "int64[pyarrow]", "double[pyarrow]", "boolean"])
def test_missing_values_of_nullable_types_become_nan(dtype: str) -> None:
    frame = read([1, 2], pd.Series([1, None], dtype=dtype))
    np.testing.assert_array_equal(frame.targets.ravel(), [1.0, np.nan])


def test_large_integers_are_exact() -> None:
    assert read([1, 2], pd.Series([2**53 - 1, None], dtype="Int64")).targets[0, 0] == 2**53 - 1


DAYS = pd.to_datetime(["2024-03-30", "2024-03-31"])


@pytest.mark.parametrize(
    "ds",
    [
        pd.Series(DAYS),
        pd.Series(DAYS.as_unit("s")),
        pd.Series(DAYS).astype(pd.ArrowDtype(pa.timestamp("ms"))),
        pd.Series(pd.PeriodIndex(DAYS, freq="D")),
        pd.Series(["2024-03-30", "2024-03-31"], dtype=object),
        pd.Series(["2024-03-30", "2024-03-31"], dtype="string"),
        pd.Series(["20240330", "2024-03-31 00:00:00"]),
        pd.Series([datetime.date(2024, 3, 30), datetime.date(2024, 3, 31)], dtype=object),
        pd.Series([datetime.datetime(2024, 3, 30), pd.Timestamp("2024-03-31")], dtype=object),
    ],
    ids=["datetime", "seconds", "pyarrow", "period", "object", "string", "basic", "date", "mixed objects"],
)
def test_dates_in_many_forms(ds: pd.Series) -> None:
    frame = read(ds)
    assert isinstance(frame.times, pd.DatetimeIndex)
    assert frame.times.tolist() == DAYS.tolist()


def test_periods_begin_where_they_begin() -> None:
    frame = read(pd.Series(pd.period_range("2024-01", periods=2, freq="M")))
    assert frame.times.tolist() == [pd.Timestamp("2024-01-01"), pd.Timestamp("2024-02-01")]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_unit_and_time_zone_are_kept(unit: str) -> None:
    times = DAYS.as_unit(unit).tz_localize("Europe/Berlin")
    assert read(times).times.dtype == times.dtype


def test_utc_text_keeps_its_zone() -> None:
    times = read(["2024-03-30T00:00:00Z", "2024-03-31T12:00:00Z"]).times
    assert str(times.tz) == "UTC"


@pytest.mark.parametrize("dtype", ["int8", "uint32", "Int64", "int64[pyarrow]"])
def test_integer_times(dtype: str) -> None:
    frame = read(pd.Series([3, 1], dtype=dtype))
    assert frame.times.tolist() == [1, 3]
    assert frame.times.dtype == np.int64


@pytest.mark.parametrize(
    "ids",
    [
        pd.Series(["b", "a", "b"]),
        pd.Series(["b", "a", "b"], dtype="string"),
        pd.Series(["b", "a", "b"], dtype=pd.ArrowDtype(pa.string())),
        pd.Series(pd.Categorical(["b", "a", "b"], categories=["a", "b", "unused"])),
        pd.Series([2, 1, 2]),
        pd.Series([2, 1, 2], dtype="Int64"),
        pd.Series([("x", 2), ("x", 1), ("x", 2)]),
    ],
    ids=["str", "string", "pyarrow", "category", "int", "Int64", "tuples"],
)
def test_names_of_any_type_stay_in_order_of_first_appearance(ids: pd.Series) -> None:
    frame = read([1, 1, 2], [1.0, 10.0, 2.0], ids)
    assert frame.ids.tolist() == [ids[0], ids[1]]
    assert frame.targets.ravel().tolist() == [1.0, 2.0, 10.0]


REFUSED_TIMES = {
    "floats": ([1.0, 2.0], "column 'ds' has the type float64.*datetimes, integers or ISO 8601 text.*1.0"),
    "booleans": ([True, False], "column 'ds' has the type bool"),
    "durations": (pd.to_timedelta([1, 2], unit="D"), "column 'ds' has the type timedelta64"),
    "text": (["2024-01-01", "first of May"], "column 'ds' is text, and row 1, 'first of May', is not an ISO"),
    "day first": (["2024-01-01", "13/01/2024"], "row 1, '13/01/2024'.*pandas.to_datetime"),
    "NaT": (pd.to_datetime(["2024-01-01", None]), "column 'ds' is empty in row 1; every row needs a time"),
    "NA": (pd.Series([None, 1], dtype="Int64"), "column 'ds' is empty in row 0"),
    "offsets that change": (
        ["2024-03-30T00:00+01:00", "2024-03-31T12:00+02:00"],
        "column 'ds'.*row|column 'ds'",
    ),
    "aware and naive": (["2024-03-30", "2024-03-31T12:00Z"], "column 'ds'"),
    "numbers among text": (pd.Series(["2024-01-01", 20240102], dtype=object), "column 'ds'"),
    "numbers as objects": (pd.Series([2000, 2001], dtype=object), "column 'ds'"),
    "beyond int64": (pd.Series([1, 2**63 + 5], dtype="uint64"), "column 'ds'"),
}


@pytest.mark.parametrize(("ds", "message"), REFUSED_TIMES.values(), ids=REFUSED_TIMES.keys())
def test_times_that_are_none_are_refused(ds, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read(ds)


REFUSED_TARGETS = {
    "text": (["1", "two"], "column 'y' has the type .*; a target must be numeric. Row 0 holds '1'"),
    "text among numbers": (pd.Series([1.0, "two"], dtype=object), "column 'y'.*Row 1 holds 'two'"),
    "booleans of object type": (pd.Series([True, None], dtype=object), "column 'y' has the type object"),
    "complex": (np.array([1j, 2]), "column 'y' has the type complex128"),
    "category": (pd.Categorical([1, 2]), "column 'y' has the type category"),
    "durations": (pd.to_timedelta([1, 2], unit="D"), "column 'y' has the type timedelta64"),
    "inf": ([1.0, np.inf], r"column 'y' is inf at 2 of series 'a' \(row 1\); values must be finite, or NaN"),
    "-inf": ([-np.inf, np.inf], r"column 'y' is -inf at 1 of series 'a' \(row 0\)"),
    "nullable inf": (pd.Series([1.0, np.inf], dtype="Float64"), "column 'y' is inf at 2"),
}


@pytest.mark.parametrize(("y", "message"), REFUSED_TARGETS.values(), ids=REFUSED_TARGETS.keys())
def test_targets_that_are_no_numbers_are_refused(y, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read([1, 2], y, ["a", "a"])


NUMBERS_OF_OBJECT_TYPE = {
    "decimals": [decimal.Decimal("1.5"), None],
    "integers": [2, None],
    "both": [decimal.Decimal("1.5"), 2.0],
    "nullable": [1, pd.NA],
}


@pytest.mark.parametrize("y", NUMBERS_OF_OBJECT_TYPE.values(), ids=NUMBERS_OF_OBJECT_TYPE.keys())
def test_targets_of_object_type_that_are_numbers_are_read(y) -> None:
    expected = [np.nan if value is None or value is pd.NA else float(value) for value in y]
    frame = read([1, 2], pd.Series(y, dtype=object), ["a", "a"])
    np.testing.assert_array_equal(frame.targets[:, 0], expected)


def test_the_row_of_an_infinite_value_is_the_users_row_not_the_sorted_one() -> None:
    with pytest.raises(DataError, match=r"inf at 5 of series 'b' \(row 0\)"):
        read([5, 1, 1], [np.inf, 1.0, 2.0], ["b", "b", "a"])


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
def test_a_row_without_a_name_is_refused(missing) -> None:
    with pytest.raises(
        DataError, match="column 'unique_id' is empty in row 1; every row needs a series name"
    ):
        read([1, 2], unique_id=["a", missing])


def test_names_that_cannot_be_names_are_refused() -> None:
    with pytest.raises(DataError, match="column 'unique_id'"):
        read([1, 2], unique_id=[["a"], ["b"]])


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["ds", "Y"], "df has no column 'y'; it has: 'ds', 'Y'"),
        (["date", "y"], "df has no column 'ds'; it has: 'date', 'y'"),
        (["ds", "yy"], "df has no column 'y'.*did you mean 'yy'"),
        (["ds", "y", "y"], "df has 2 columns named 'y'; column names must be unique"),
        (["ds", "y", "ds"], "df has 2 columns named 'ds'"),
        (["unique_id", "ds", "y", "unique_id"], "df has 2 columns named 'unique_id'"),
        ([0, 1], "df has no column 'ds'; it has: 0, 1"),
    ],
)
def test_missing_and_doubled_columns_are_named(names: list, message: str) -> None:
    df = pd.DataFrame([[1] * len(names)] * 2, columns=names)
    with pytest.raises(DataError, match=message):
        read_long_frame(df, COLUMNS)


def test_a_hint_for_a_misspelt_target() -> None:
    df = pd.DataFrame({"ds": [1], "sales_total": [1.0]})
    with pytest.raises(DataError, match="did you mean 'sales_total'"):
        read_long_frame(df, Columns(targets=("sale_total",)))


def test_a_frame_with_hundreds_of_columns_is_not_listed_in_full() -> None:
    df = pd.DataFrame(np.zeros((2, 300)), columns=[f"c{i}" for i in range(300)])
    with pytest.raises(DataError) as caught:
        read_long_frame(df, COLUMNS)
    assert len(str(caught.value)) < 400


def test_no_rows() -> None:
    with pytest.raises(DataError, match="df has no rows; at least one observation is needed"):
        read([], [])


@pytest.mark.usefixtures("unchecked_types")
@pytest.mark.parametrize(
    ("df", "shown"),
    [({"ds": [1], "y": [1.0]}, "dict"), (pd.Series([1.0]), "Series"), (None, "NoneType"), ([1.0], "list")],
)
def test_what_is_not_a_frame_is_refused(df, shown: str) -> None:
    with pytest.raises(ParameterTypeError, match=f"df is a {shown}; it must be a pandas DataFrame"):
        read_long_frame(df, COLUMNS)


@pytest.mark.parametrize("dtype", ["str", "object", "string", "category", "int64", "Int64", "float64"])
@pytest.mark.parametrize("size", [1, 3, 100])
def test_names_in_any_order_have_the_codes_of_pandas(dtype: str, size: int, monkeypatch) -> None:
    """Whether equal names stand together or not, and wherever a block ends."""
    monkeypatch.setattr(blocks, "ROWS", size)
    rng = np.random.default_rng(0)
    for numbers in (
        [7],
        [3, 3, 3],
        [1, 1, 2, 2, 1],
        np.repeat(rng.permutation(9), 4),
        rng.integers(5, size=40),
    ):
        names = pd.Series(numbers) if "t64" in dtype else pd.Series([f"name {n}" for n in numbers])
        df = pd.DataFrame({"unique_id": names.astype(dtype), "ds": np.arange(len(names)), "y": 1.0})
        codes, ids = pd.factorize(df["unique_id"])
        frame = read_long_frame(df, Columns())
        assert frame.ids.tolist() == list(ids)
        order = np.argsort(codes, kind="stable")
        assert frame.times.tolist() == order.tolist()
        assert frame.starts.tolist() == np.unique(codes[order], return_index=True)[1].tolist()
