"""The same numbers whatever frame they come in, and the forecast in the kind that came."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tsseq2seq import Network, Normal, Quantiles, Seq2SeqForecaster, Training, load

HORIZON = 4


def forecaster(**settings: Any) -> Seq2SeqForecaster:
    defaults = {
        "network": Network(hidden_size=6),
        "training": Training(max_steps=3, progress=False, precision="float32"),
        "context_length": 10,
    }
    return Seq2SeqForecaster(HORIZON, **(defaults | settings))


def panel(tz: str | None = None) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    days = pd.date_range("2024-01-01", periods=40, freq="D", tz=tz)
    parts = [
        pd.DataFrame({"unique_id": name, "ds": days, "y": rng.normal(size=40).cumsum()})
        for name in ("z", "a")
    ]
    return pd.concat(parts, ignore_index=True)


DF = panel()


@pytest.fixture(scope="module", params=["points", "intervals"])
def output(request: pytest.FixtureRequest) -> dict[str, Any]:
    return {} if request.param == "points" else {"output": Quantiles([0.1, 0.5, 0.9])}


@pytest.fixture(scope="module")
def expected(output: dict[str, Any]) -> pd.DataFrame:
    """The forecast of the long frame."""
    return forecaster(**output).fit(DF).predict()


def values(frame: pd.DataFrame) -> np.ndarray:
    return frame[[name for name in frame if str(name).startswith("Seq2Seq")]].to_numpy()


@pytest.mark.parametrize("again", [False, True], ids=["as fitted", "given again"])
class TestKinds:
    def test_wide(self, output: dict, expected: pd.DataFrame, again: bool) -> None:
        wide = DF.pivot(index="ds", columns="unique_id", values="y")[["z", "a"]]  # noqa: PD010
        model = forecaster(**output).fit(wide)
        forecast = model.predict(wide if again else None)
        assert isinstance(forecast.index, pd.DatetimeIndex)
        assert forecast.index.tolist() == expected["ds"][:HORIZON].tolist()
        assert forecast.columns.get_level_values(0).unique().tolist() == ["z", "a"]
        for name in ("z", "a"):
            own = expected[expected["unique_id"] == name]
            np.testing.assert_array_equal(np.asarray(forecast[name]).reshape(HORIZON, -1), values(own))

    @pytest.mark.parametrize("names", [["unique_id", "ds"], ["ds", "unique_id"]], ids=str)
    def test_indexed(self, output: dict, expected: pd.DataFrame, again: bool, names: list[str]) -> None:
        given = DF.set_index(names)
        model = forecaster(**output).fit(given)
        forecast = model.predict(given if again else None)
        assert forecast.index.names == names
        pd.testing.assert_frame_equal(forecast.reset_index()[expected.columns], expected, check_exact=True)

    def test_polars(self, output: dict, expected: pd.DataFrame, again: bool) -> None:
        polars = pytest.importorskip("polars")
        given = polars.from_pandas(DF)
        model = forecaster(**output).fit(given)
        forecast = model.predict(given if again else None)
        assert isinstance(forecast, polars.DataFrame)
        assert forecast.schema["ds"] == given.schema["ds"]
        assert forecast.schema["unique_id"] == given.schema["unique_id"]
        assert forecast["unique_id"].to_list() == expected["unique_id"].tolist()
        assert forecast["ds"].to_list() == expected["ds"].tolist()
        np.testing.assert_array_equal(values(forecast.to_pandas()), values(expected))

    def test_series_and_array(self, output: dict, again: bool) -> None:
        one = DF[DF["unique_id"] == "a"]
        expected = forecaster(**output).fit(one.drop(columns="unique_id")).predict()
        series = one.set_index("ds")["y"].rename("sales")
        forecast = forecaster(**output).fit(series).predict(series if again else None)
        assert isinstance(forecast, pd.DataFrame if output else pd.Series)
        assert forecast.index.tolist() == expected["ds"].tolist()
        np.testing.assert_array_equal(np.asarray(forecast).reshape(HORIZON, -1), values(expected))
        if not output:
            assert forecast.name == "sales"
        array = one["y"].to_numpy()
        for given in (array, array.tolist()):
            forecast = forecaster(**output, segment_length=1).fit(given).predict(given if again else None)
            assert isinstance(forecast, np.ndarray)
            assert forecast.shape == ((HORIZON, 3) if output else (HORIZON,))
        counted = one.drop(columns="unique_id").assign(ds=np.arange(40))
        same = forecaster(**output, segment_length=1).fit(counted).predict()
        np.testing.assert_array_equal(forecast.reshape(HORIZON, -1), values(same))

    def test_arrays_of_several_series(self, output: dict, again: bool) -> None:
        array = np.column_stack([DF["y"][:40], DF["y"][40:]])
        forecast = forecaster(**output, segment_length=1).fit(array).predict(array if again else None)
        assert forecast.shape == ((HORIZON, 2, 3) if output else (HORIZON, 2))
        counted = DF.assign(ds=np.tile(np.arange(40), 2))
        same = forecaster(**output, segment_length=1).fit(counted).predict()
        np.testing.assert_array_equal(
            np.moveaxis(forecast.reshape(HORIZON, 2, -1), 0, 1).reshape(2 * HORIZON, -1), values(same)
        )


@pytest.mark.parametrize("kind", ["long", "indexed", "wide", "series", "polars"])
def test_time_zones_are_kept(kind: str) -> None:
    df = panel("Europe/Berlin")
    if kind == "indexed":
        stamps = forecaster().fit(df.set_index(["unique_id", "ds"])).predict().index.get_level_values("ds")
    elif kind == "wide":
        stamps = forecaster().fit(df.pivot(index="ds", columns="unique_id", values="y")).predict().index  # noqa: PD010
    elif kind == "series":
        stamps = forecaster().fit(df[:40].set_index("ds")["y"]).predict().index
    elif kind == "polars":
        given = pytest.importorskip("polars").from_pandas(df)
        forecast = forecaster().fit(given).predict()
        assert forecast.schema["ds"] == given.schema["ds"]
        assert forecast.schema["ds"].time_zone == "Europe/Berlin"
        stamps = pd.DatetimeIndex(forecast.to_pandas()["ds"])
    else:
        stamps = pd.DatetimeIndex(forecaster().fit(df).predict()["ds"])
    assert str(stamps.tz) == "Europe/Berlin"
    assert stamps[0] == pd.Timestamp("2024-02-10", tz="Europe/Berlin")


def test_a_model_forecasts_the_kind_it_is_given() -> None:
    polars = pytest.importorskip("polars")
    model = forecaster().fit(DF)
    wide = DF.pivot(index="ds", columns="unique_id", values="y")[["z", "a"]]  # noqa: PD010
    long = model.predict()
    assert np.array_equal(model.predict(wide).to_numpy().T.ravel(), long["Seq2Seq"])
    assert model.predict(polars.from_pandas(DF))["Seq2Seq"].to_list() == long["Seq2Seq"].tolist()
    assert isinstance(model.predict(), pd.DataFrame)


@pytest.mark.parametrize("kind", ["wide", "indexed", "series", "array", "polars"])
def test_the_kind_is_saved(kind: str, tmp_path: Path) -> None:
    given: Any = DF[:40]["y"].to_numpy()
    if kind == "wide":
        given = DF.pivot(index="ds", columns="unique_id", values="y")  # noqa: PD010
    elif kind == "indexed":
        given = DF.set_index(["unique_id", "ds"])
    elif kind == "series":
        given = DF[:40].set_index("ds")["y"]
    elif kind == "polars":
        given = pytest.importorskip("polars").from_pandas(DF)
    model = forecaster().fit(given)
    model.save(tmp_path / "model")
    before, after = model.predict(), load(tmp_path / "model").predict()
    assert type(before) is type(after)
    if kind == "array":
        np.testing.assert_array_equal(before, after)
    elif kind == "polars":
        assert before.equals(after)
        assert before.schema == after.schema
    elif kind == "series":
        pd.testing.assert_series_equal(before, after, check_exact=True)
    else:
        pd.testing.assert_frame_equal(before, after, check_exact=True)


@pytest.mark.parametrize("kind", ["wide", "indexed", "series", "array", "polars"])
def test_long_results_are_long_whatever_came(kind: str) -> None:
    """Cutoffs and samples have more than one row for a time stamp."""
    given: Any = DF[:40]["y"].to_numpy()
    if kind == "wide":
        given = DF.pivot(index="ds", columns="unique_id", values="y")  # noqa: PD010
    elif kind == "indexed":
        given = DF.set_index(["unique_id", "ds"])
    elif kind == "series":
        given = DF[:40].set_index("ds")["y"]
    elif kind == "polars":
        given = pytest.importorskip("polars").from_pandas(DF)
    model = forecaster(output=Normal()).fit(given)
    named = [] if kind in ("series", "array") else ["unique_id"]
    series = 2 if named else 1
    cutoffs, paths = model.predict_cutoffs(given, windows=2), model.sample(num_samples=3)
    assert list(cutoffs.columns)[: 3 + len(named)] == [*named, "ds", "cutoff", "y"]
    assert list(paths.columns) == [*named, "sample", "ds", "Seq2Seq"]
    assert (len(cutoffs), len(paths)) == (series * 2 * HORIZON, series * 3 * HORIZON)
    if kind == "polars":
        assert cutoffs.schema["cutoff"] == cutoffs.schema["ds"] == given.schema["ds"]
