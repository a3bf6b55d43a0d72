"""What all baselines share: the contract, the frames, the warnings, the workers."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from tsseq2seq import datasets
from tsseq2seq.errors import DataError, DataWarning, MissingDependencyError, ParameterError
from tsseq2seq.evaluation.baselines import (
    ETS,
    SARIMAX,
    Baseline,
    Naive2,
    SeasonalNaive,
    Theta,
    local_forecasts,
)

METHODS = [SeasonalNaive, Naive2, ETS, Theta, SARIMAX]
FITTED = [ETS, Theta, SARIMAX]


def panel(length: int = 36) -> pd.DataFrame:
    """Two monthly series, b first, whose rows are shuffled."""
    rng = np.random.default_rng(0)
    months = np.arange(length)
    parts = [
        pd.DataFrame(
            {
                "unique_id": name,
                "ds": pd.date_range(start, periods=length, freq="MS"),
                "y": level + months % 4 + 0.2 * rng.normal(size=length),
            }
        )
        for name, start, level in (("b", "2020-01-01", 50.0), ("a", "2021-03-01", 9.0))
    ]
    df = pd.concat(parts, ignore_index=True)
    return pd.concat([df.iloc[:1], df.iloc[1:].sample(frac=1, random_state=0)])


@pytest.mark.parametrize("method", METHODS)
def test_the_frame_that_comes_out(method: type[Baseline]) -> None:
    name = method.__name__
    model = method(3, season_length=4, jobs=1).fit(panel())
    forecast = model.predict(levels=[80, 99.5])
    bounds = [f"{name}-{side}-{level}" for level in ("80", "99.5") for side in ("lo", "hi")]
    assert forecast.columns.tolist() == ["unique_id", "ds", name, *bounds]
    assert forecast["unique_id"].tolist() == ["b"] * 3 + ["a"] * 3
    assert forecast["ds"].dt.strftime("%y-%m").tolist() == [
        "23-01",
        "23-02",
        "23-03",
        "24-03",
        "24-04",
        "24-05",
    ]
    order = [f"{name}-lo-99.5", f"{name}-lo-80", name, f"{name}-hi-80", f"{name}-hi-99.5"]
    assert (np.diff(forecast[order].to_numpy(), axis=1) > 0).all()
    # a profile of 0, 1, 2, 3 goes on
    expected = [50.0, 51.0, 52.0, 9.0, 10.0, 11.0]
    np.testing.assert_allclose(forecast[name], expected, atol=0.7)


@pytest.mark.parametrize("method", METHODS)
def test_intervals_change_no_point_and_prediction_repeats_itself(method: type[Baseline]) -> None:
    model = method(5, season_length=4, jobs=1).fit(panel())
    name = method.__name__
    first = model.predict(levels=[90])
    pd.testing.assert_frame_equal(first, model.predict(levels=[90]))
    pd.testing.assert_frame_equal(first[["unique_id", "ds", name]], model.predict())
    shorter = model.predict(horizon=2)[name].to_numpy().reshape(2, 2)
    np.testing.assert_allclose(shorter, model.predict()[name].to_numpy().reshape(2, 5)[:, :2])


def falling(level: float = 0.0) -> pd.DataFrame:
    """Demand that falls to nothing, by half a unit a month, on a level."""
    noise = np.random.default_rng(0).normal(size=60)
    demand = np.clip(25.0 - 0.5 * np.arange(60) + 4 * noise, 0.0, None)
    return pd.DataFrame({"ds": pd.date_range("2020-01-01", periods=60, freq="MS"), "y": demand + level})


@pytest.mark.parametrize("method", METHODS)
def test_demand_is_never_below_zero(method: type[Baseline]) -> None:
    name = method.__name__
    model = method(12, season_length=4, jobs=1).fit(falling())
    columns = [name, f"{name}-lo-99", f"{name}-hi-99"]
    for forecast in (model.predict(levels=[99]), model.predict(falling(), levels=[99])):
        assert forecast[columns].to_numpy().min() == 0.0
    # what was below 0 before may be so again
    lower = model.predict(falling(-50.0), levels=[99])
    assert lower[columns].to_numpy().min() < -20.0
    assert method(12, season_length=4, jobs=1).fit(falling(-50.0)).predict()[name].min() < -20.0


@pytest.mark.parametrize("method", METHODS)
def test_parameters_follow_scikit_learn(method: type[Baseline]) -> None:
    model = method(3, season_length=4, id_col="shop", jobs=1)
    copy = clone(model)
    assert copy is not model
    assert copy.get_params() == model.get_params()
    assert set(model.get_params()) == {
        "horizon", "season_length", "id_col", "time_col", "target_col", "freq", "jobs"
    }  # fmt: skip
    assert model.set_params(horizon=2).horizon == 2
    fitted = model.fit(panel().rename(columns={"unique_id": "shop"}))
    assert fitted is model
    pd.testing.assert_frame_equal(pickle.loads(pickle.dumps(fitted)).predict(), fitted.predict())


@pytest.mark.parametrize("method", METHODS)
def test_a_series_alone_and_among_others_is_forecast_alike(method: type[Baseline]) -> None:
    df = panel()
    model = method(3, season_length=4, jobs=1).fit(df)
    together = model.predict(levels=[80])
    alone = model.predict(df[df["unique_id"] == "a"], levels=[80])
    expected = together[together["unique_id"] == "a"].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, expected)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("scale", [1e-20, 1e12])
def test_units_are_of_no_importance(method: type[Baseline], scale: float) -> None:
    df = panel()
    name = method.__name__
    one = method(3, season_length=4, jobs=1).fit(df).predict(levels=[80])
    other = method(3, season_length=4, jobs=1).fit(df.assign(y=df["y"] * scale)).predict(levels=[80])
    columns = [name, f"{name}-lo-80"]
    np.testing.assert_allclose(other[columns] / scale, one[columns], rtol=1e-3)


@pytest.mark.parametrize("method", METHODS)
def test_other_names_and_a_single_series(method: type[Baseline]) -> None:
    df = pd.DataFrame({"day": range(20), "sales": np.arange(20) % 2 + 0.1 * np.sin(np.arange(20.0))})
    model = method(2, season_length=2, id_col=None, time_col="day", target_col="sales", jobs=1).fit(df)
    forecast = model.predict()
    assert forecast.columns.tolist() == ["day", method.__name__]
    assert forecast["day"].tolist() == [20, 21]


def test_the_season_is_found() -> None:
    assert SeasonalNaive(3).fit(datasets.load("air_passengers")).season_length_ == 12
    noise = pd.DataFrame({"ds": range(50), "y": np.random.default_rng(0).normal(size=50)})
    assert SeasonalNaive(3).fit(noise).season_length_ == 1
    assert SeasonalNaive(3, season_length=7).fit(noise).season_length_ == 7


def test_prediction_from_other_rows_keeps_grid_and_season() -> None:
    df = datasets.load("air_passengers")
    model = SeasonalNaive(2).fit(df)
    newer = model.predict(df.iloc[:40])
    assert newer["ds"].tolist() == df["ds"].iloc[40:42].tolist()
    assert newer["SeasonalNaive"].tolist() == df["y"].iloc[28:30].tolist()


@pytest.mark.parametrize("method", METHODS)
def test_hard_series_stop_nobody_and_are_named(method: type[Baseline]) -> None:
    easy = panel()
    hard = {
        "one value": [3.0],
        "two values": [1.0, 2.0],
        "constant": [5.0] * 30,
        "zero": [0.0] * 30,
        "missing": [np.nan] * 30,
        "repeats": [1.0, 2.0, 3.0, 4.0] * 8,
    }
    parts = [
        pd.DataFrame(
            {"unique_id": name, "ds": pd.date_range("2020-01-01", periods=len(y), freq="MS"), "y": y}
        )
        for name, y in hard.items()
    ]
    model = method(3, season_length=4, jobs=1).fit(pd.concat([easy, *parts]))
    with pytest.warns(DataWarning) as caught:
        forecast = model.predict(levels=[80])
    texts = [str(warning.message) for warning in caught]
    assert any("1 of 8 series have no observed value" in text and "'missing'" in text for text in texts)
    if method is not Naive2:  # which M4 defines for every series
        assert any(
            "series were forecast by the naive method instead" in text and "'one value'" in text
            for text in texts
        )
    assert len(texts) == (1 if method is Naive2 else 2)
    values = forecast.set_index("unique_id")[method.__name__]
    expected = model.predict(easy)[method.__name__].to_numpy()
    np.testing.assert_allclose(values[["b", "a"]].to_numpy(), expected)
    assert values["one value"].tolist() == [3.0] * 3
    assert values["two values"].tolist() == [2.0] * 3
    np.testing.assert_allclose(values["constant"], 5.0)
    np.testing.assert_allclose(values["zero"], 0.0, atol=1e-12)
    assert values["missing"].isna().all()
    np.testing.assert_allclose(values["repeats"], [1.0, 2.0, 3.0], rtol=1e-3)


@pytest.mark.parametrize("method", [Naive2, ETS, Theta])
def test_missing_values_are_filled_with_one_warning(method: type[Baseline]) -> None:
    df = panel().sort_values(["unique_id", "ds"], kind="stable")
    df = pd.concat([df[df["unique_id"] == "b"], df[df["unique_id"] == "a"]], ignore_index=True)
    holes = df.copy()
    holes.loc[[0, 1, 20, 21, 71], "y"] = np.nan  # the first two are before the start
    holes = holes.drop(index=50)
    model = method(3, season_length=4, jobs=1).fit(holes)
    text = "4 missing values in 2 of 2 series were filled .* the first is 2021-09-01 00:00:00 of series 'b'"
    with pytest.warns(DataWarning, match=text) as caught:
        forecast = model.predict()
    assert len(caught) == 1
    np.testing.assert_allclose(forecast[method.__name__], model.predict(df)[method.__name__], rtol=0.05)


@pytest.mark.parametrize("method", [SeasonalNaive, SARIMAX])
def test_methods_that_do_without_filling_do_not_warn(method: type[Baseline]) -> None:
    df = panel()
    holes = df.assign(y=df["y"].where(np.arange(len(df)) % 9 != 4))
    forecast = method(3, season_length=4, jobs=1).fit(holes).predict()
    np.testing.assert_allclose(forecast[method.__name__], [50.0, 51.0, 52.0, 9.0, 10.0, 11.0], atol=0.7)


def test_workers_give_what_one_process_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_forecasts, "_SECONDS_ALONE", 0.0)
    parts = [panel().assign(unique_id=lambda d, k=k: d["unique_id"] + str(k)) for k in range(3)]
    df = pd.concat([*parts, parts[0].assign(unique_id="c", y=1.0).drop_duplicates(["unique_id", "ds"])])
    with pytest.warns(DataWarning, match="1 of 7 series .* 'c': it is constant"):
        alone = Theta(3, season_length=4, jobs=1).fit(df).predict(levels=[80])
    with pytest.warns(DataWarning, match="1 of 7 series .* 'c': it is constant"):
        divided = Theta(3, season_length=4, jobs=2).fit(df).predict(levels=[80])
    pd.testing.assert_frame_equal(alone, divided)


def test_an_error_of_the_method_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(values: np.ndarray, horizon: int, season: int, levels: tuple[float, ...]) -> np.ndarray:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr(SeasonalNaive, "forecast_series", staticmethod(broken))
    with pytest.warns(DataWarning, match="2 of 2 series .* the first is 'b': ZeroDivisionError: by nothing"):
        SeasonalNaive(2, season_length=4, jobs=1).fit(panel()).predict()


def test_covariates_are_not_read() -> None:
    model = SeasonalNaive(2, season_length=4).fit(panel().assign(price=1.0))
    pd.testing.assert_frame_equal(model.predict(future=pd.DataFrame({"price": [1.0]})), model.predict())


REFUSALS = {
    "horizon": ({"horizon": 0}, ParameterError, "SeasonalNaive: horizon is 0"),
    "season": ({"season_length": 0}, ParameterError, "season_length is 0"),
    "jobs": ({"jobs": 0}, ParameterError, "jobs is 0; it must be a number of processes"),
    "less jobs": ({"jobs": -2}, ParameterError, "jobs is -2"),
    "targets": ({"target_col": ["y", "z"]}, ParameterError, "target_col is .* one column"),
    "name": ({"id_col": "SeasonalNaive"}, ParameterError, "id_col is 'SeasonalNaive'; names that begin so"),
    "column": ({"target_col": "sales"}, DataError, "no column 'sales'"),
    "freq": ({"freq": "fortnight"}, ParameterError, "fortnight"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refusals_of_fit(name: str, unchecked_types: None) -> None:
    changed, error, match = REFUSALS[name]
    model = SeasonalNaive(**{"horizon": 3, **changed})  # type: ignore[arg-type]
    with pytest.raises(error, match=match):
        model.fit(panel())
    assert not hasattr(model, "panel_")


def test_refusals_of_predict() -> None:
    with pytest.raises(NotFittedError, match="this ETS is not fitted yet"):
        ETS(3).predict()
    model = SeasonalNaive(3, season_length=4).fit(panel())
    with pytest.raises(ParameterError, match="levels is 100"):
        model.predict(levels=[100])
    with pytest.raises(ParameterError, match="horizon is 0"):
        model.predict(horizon=0)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "statsmodels", None)
    with pytest.raises(MissingDependencyError, match=r"ETS needs .* 'tsseq2seq\[baselines\]'"):
        ETS(3).fit(panel())
    assert len(Naive2(3, season_length=4).fit(panel()).predict()) == 6
