"""Baselines read and return frames of the same forms as the networks do."""

from __future__ import annotations

import narwhals as nw
import numpy as np
import pandas as pd
import pytest

from tsseq2seq import SeasonalNaive, Seq2SeqForecaster, Theta, Training, backtest, leaderboard
from tsseq2seq.errors import DataError, DataWarning, ParameterTypeError

STAMPS = pd.date_range("2024-01-01", periods=40)
LONG = pd.concat(
    [
        pd.DataFrame({"unique_id": name, "ds": STAMPS, "y": start + np.arange(40) % 7})
        for name, start in (("b", 10.0), ("a", 20.0))
    ],
    ignore_index=True,
)


def naive(**settings) -> SeasonalNaive:
    return SeasonalNaive(3, season_length=7, jobs=1, **settings)


EXPECTED = naive().fit(LONG).predict()


@pytest.mark.parametrize("library", ["polars", "pyarrow"])
@pytest.mark.parametrize("again", [False, True], ids=["of the fit", "given to predict"])
def test_frames_of_other_libraries(library: str, again: bool) -> None:
    pytest.importorskip(library)
    df = nw.from_dict({name: LONG[name].tolist() for name in LONG}, backend=library).to_native()
    found = naive().fit(df).predict(df if again else None, levels=[80])
    assert type(found) is type(df)
    numbers = nw.from_native(found)["SeasonalNaive"].to_list()
    assert numbers == EXPECTED["SeasonalNaive"].tolist()


def test_a_wide_frame_of_names_of_mixed_types() -> None:
    wide = LONG.pivot_table(index="ds", columns="unique_id", values="y")[["b", "a"]].set_axis(
        ["b", 7], axis=1
    )
    found = naive().fit(wide).predict()
    assert found.columns.tolist() == ["b", 7]
    assert found.T.to_numpy().ravel().tolist() == EXPECTED["SeasonalNaive"].tolist()
    both = naive().fit(wide).predict(levels=[80])
    assert both.columns.tolist()[:3] == [
        ("b", "SeasonalNaive"), ("b", "SeasonalNaive-lo-80"), ("b", "SeasonalNaive-hi-80"),
    ]  # fmt: skip


def test_a_series_and_an_array() -> None:
    values = LONG["y"].iloc[:40].to_numpy()
    expected = EXPECTED["SeasonalNaive"].iloc[:3].tolist()
    found = naive().fit(pd.Series(values, index=STAMPS, name="sales")).predict()
    assert (found.name, found.tolist()) == ("sales", expected)
    assert naive().fit(values).predict().tolist() == expected


@pytest.mark.parametrize("zone", ["Europe/Berlin", "UTC", "+02:00"])
def test_zones_of_polars(zone: str) -> None:
    polars = pytest.importorskip("polars")
    df = LONG.assign(ds=LONG["ds"].dt.tz_localize("UTC").dt.tz_convert(zone))
    expected = naive().fit(df).predict()["ds"]
    for model in (naive(), Seq2SeqForecaster(3, training=Training(max_steps=1, progress=False))):
        found = model.fit(polars.from_pandas(df)).predict()
        assert [pd.Timestamp(stamp) for stamp in found["ds"].to_list()] == expected.tolist()


def test_text_with_offsets_in_polars_is_returned_in_utc_and_said() -> None:
    polars = pytest.importorskip("polars")
    df = LONG.assign(ds=LONG["ds"].dt.tz_localize("+02:00").map(lambda stamp: stamp.isoformat()))
    with pytest.warns(DataWarning, match=r"no time zone UTC\+02:00: the time stamps of 'ds' are in UTC"):
        found = naive().fit(polars.from_pandas(df)).predict()
    wanted = EXPECTED["ds"].dt.tz_localize("+02:00")
    assert [pd.Timestamp(stamp) for stamp in found["ds"].to_list()] == wanted.tolist()


ROLES = {"id_col": "unique_id", "time_col": "ds", "target_col": "y"}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    "call",
    [
        lambda df, **role: naive(**role).fit(df),
        lambda df, **role: Theta(3, **role).fit(df),
        lambda df, **role: Seq2SeqForecaster(3, **role).fit(df),
        lambda df, **role: backtest(naive(**role), df),
        lambda df, **role: leaderboard(df, [naive(**role)]),
    ],
    ids=["naive", "theta", "network", "backtest", "leaderboard"],
)
@pytest.mark.usefixtures("unchecked_types")
def test_a_role_of_an_integer_name_is_refused_with_a_remedy(role: str, call) -> None:
    df = LONG.rename(columns={ROLES[role]: 7})
    with pytest.raises(ParameterTypeError, match=rf"{role} is 7; .*df.columns.map\(str\)"):
        call(df, **{role: 7})


@pytest.mark.parametrize("names", [[0, 1], [2024, "price"]])
def test_other_columns_may_have_any_name(names: list) -> None:
    df = LONG.assign(**{"p": 1.0, "q": 2.0}).rename(columns=dict(zip("pq", names, strict=True)))
    pd.testing.assert_frame_equal(naive().fit(df).predict(), EXPECTED)


@pytest.mark.parametrize(
    ("index", "kinds"),
    [
        ([*STAMPS[:20], *STAMPS[20:].astype(str)], "Timestamp and str"),
        ([*range(20), *map(str, range(20, 40))], "int and str"),
        ([*STAMPS[:20], *STAMPS[20:].tz_localize("UTC")], "Timestamp"),
        ([*STAMPS[:20].date, *STAMPS[20:].to_pydatetime()], "date and datetime"),
    ],
)
def test_an_index_of_mixed_kinds_is_named(index: list, kinds: str) -> None:
    wide = pd.DataFrame({"a": np.arange(40.0), "b": np.arange(40.0)}, index=pd.Index(index, dtype=object))
    for model in (naive(), Seq2SeqForecaster(3)):
        with pytest.raises(DataError, match=f"its index holds {kinds} rather than .*pd.to_datetime"):
            model.fit(wide)
