"""Whatever kind holds the data, the long frame is the same, and what goes back is what came."""

from __future__ import annotations

import json
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.frames import frame_kind_from_parts, frame_kind_to_parts, give_back, read_frame
from tsseq2seq.data.frames.long_frame import read_long_frame

COLUMNS = Columns()
KINDS = ["long", "index", "levels", "wide", "quantities", "series", "array", "polars", "pyarrow"]


@st.composite
def panels(
    draw: st.DrawFn, *, zones: tuple[str | None, ...] = (None, "Europe/Berlin"), names: Any = None
) -> pd.DataFrame:
    """A long frame whose series all end on one day, some beginning later, with NaN here and there."""
    steps = draw(st.integers(2, 6))
    names = names or st.lists(
        st.text("abcxyz é7", min_size=1, max_size=4).filter(str.strip),
        min_size=1,
        max_size=4,
        unique_by=str.strip,
    )
    ids = draw(names)
    times = pd.date_range(
        "2024-03-29", periods=steps, freq=draw(st.sampled_from(["D", "h", "MS"])),
        tz=draw(st.sampled_from(zones)), unit=draw(st.sampled_from(["s", "us", "ns"])),
    )  # fmt: skip
    parts = []
    for name in ids:
        begin = draw(st.integers(0, steps - 1))
        numbers = st.one_of(st.just(float("nan")), st.floats(-1e9, 1e9))
        values = draw(st.lists(numbers, min_size=steps - begin, max_size=steps - begin))
        values[0] = draw(st.floats(-1e9, 1e9))
        parts.append(pd.DataFrame({"unique_id": name, "ds": times[begin:], "y": values}))
    parts[0] = pd.DataFrame({"unique_id": ids[0], "ds": times, "y": np.arange(steps, dtype=float)})
    return pd.concat(parts, ignore_index=True)


def as_kind(df: pd.DataFrame, kind: str) -> Any:
    """Turn a long frame into another kind by pandas' own means."""
    wide = df.pivot_table(index="ds", columns="unique_id", values="y", sort=False, dropna=False)
    wide = wide[df["unique_id"].unique()].sort_index()
    if kind == "index":
        return df.set_index("ds")
    if kind == "levels":
        return df.set_index(["unique_id", "ds"])
    if kind == "series":
        return df.set_index(["unique_id", "ds"])["y"]
    if kind == "wide":
        return wide
    if kind == "quantities":
        return pd.concat({name: wide[[name]].set_axis(["y"], axis=1) for name in wide}, axis=1)
    if kind == "array":
        return wide.to_numpy()
    if kind == "polars":
        stamps = df["ds"].dt.as_unit("us") if df["ds"].dt.unit == "s" else df["ds"]
        return pytest.importorskip("polars").from_pandas(df.assign(ds=stamps))
    if kind == "pyarrow":
        return pytest.importorskip("pyarrow").Table.from_pandas(df, preserve_index=False)
    return df


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "array"])
@settings(max_examples=15)
@given(df=panels())
def test_every_kind_holds_the_same_series(kind: str, df: pd.DataFrame) -> None:
    expected = read_long_frame(df, COLUMNS)
    frame = read_long_frame(read_frame(as_kind(df, kind), COLUMNS)[0], COLUMNS)
    assert frame.ids.tolist() == expected.ids.tolist()
    assert frame.starts.tolist() == expected.starts.tolist()
    assert frame.times.tolist() == expected.times.tolist()
    np.testing.assert_array_equal(frame.targets, expected.targets)


@settings(max_examples=15)
@given(df=panels())
def test_an_array_holds_the_same_values(df: pd.DataFrame) -> None:
    expected = read_long_frame(df, COLUMNS)
    frame = read_long_frame(read_frame(as_kind(df, "array"), COLUMNS)[0], COLUMNS)
    assert frame.ids.tolist() == list(range(len(expected.ids)))
    assert frame.starts.tolist() == expected.starts.tolist()
    np.testing.assert_array_equal(frame.targets, expected.targets)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=15)
@given(
    df=panels(),
    quantities=st.lists(st.sampled_from(["Seq2Seq-lo-90", "Seq2Seq-hi-90", "Seq2Seq-lo-50"]), unique=True),
)
def test_names_times_and_values_come_back(kind: str, df: pd.DataFrame, quantities: list[str]) -> None:
    data = as_kind(df, kind)
    _, found = read_frame(data, COLUMNS)
    found = frame_kind_from_parts(json.loads(json.dumps(frame_kind_to_parts(found))))
    horizon = df["ds"][: int((df["unique_id"] == df["unique_id"].iloc[0]).sum())]
    ids = df["unique_id"].unique()
    forecast = pd.DataFrame(
        {"unique_id": ids.repeat(len(horizon)), "ds": pd.concat([horizon] * len(ids), ignore_index=True)}
    )
    for place, name in enumerate(["Seq2Seq", *quantities]):
        forecast[name] = np.arange(len(forecast)) + 1000.0 * place
    back = give_back(forecast, found, COLUMNS)
    expected = forecast[["Seq2Seq", *quantities]].to_numpy().reshape(len(ids), len(horizon), -1)
    if kind == "array":
        np.testing.assert_array_equal(back.reshape(len(horizon), len(ids), -1), expected.swapaxes(0, 1))
        return
    if kind in ("wide", "quantities"):
        assert back.index.tolist() == horizon.tolist()
        assert back.index.dtype == data.index.dtype
        assert back.columns.get_level_values(0).unique().tolist() == list(ids)
        np.testing.assert_array_equal(
            back.to_numpy().reshape(len(horizon), len(ids), -1), expected.swapaxes(0, 1)
        )
        return
    assert type(back) is (type(data) if kind != "series" or not quantities else pd.DataFrame)
    if kind in ("long", "index", "levels", "series"):
        assert getattr(back.index, "names", None) == data.index.names
        long = (back if kind == "long" else back.reset_index()).rename(columns={"y": "Seq2Seq"})
        pd.testing.assert_frame_equal(long[forecast.columns], forecast)
        return
    names = back.columns if kind == "polars" else back.column_names
    assert list(names) == forecast.columns.tolist()
    for name in names:
        values = back[name].to_list() if kind == "polars" else back[name].to_pylist()
        assert values == [v.to_pydatetime() if name == "ds" else v for v in forecast[name].tolist()]
