"""Scenarios as a user sees them: frames in, frames out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError

from tsseq2seq import Binned, Network, Normal, Seq2SeqForecaster, Training, load
from tsseq2seq.errors import DataError, ParameterError, ParameterTypeError

HORIZON = 4


def forecaster(**settings: Any) -> Seq2SeqForecaster:
    defaults = {
        "output": Binned(bins=6),
        "network": Network(hidden_size=6),
        "training": Training(max_steps=5, progress=False, precision="float32"),
        "context_length": 10,
    }
    return Seq2SeqForecaster(HORIZON, **(defaults | settings))


def panel(ids: tuple[str, ...] = ("zebra", "ant"), length: int = 40) -> pd.DataFrame:
    """Series that end on different days."""
    rng = np.random.default_rng(0)
    parts = []
    for late, name in enumerate(ids):
        ds = pd.date_range("2024-01-01", periods=length, freq="D") + pd.Timedelta(days=late)
        parts.append(pd.DataFrame({"unique_id": name, "ds": ds, "y": rng.normal(size=length).cumsum() + 20}))
    return pd.concat(parts, ignore_index=True)


DF = panel()


@pytest.fixture(scope="module")
def fitted() -> Seq2SeqForecaster:
    return forecaster().fit(DF)


def paths(found: pd.DataFrame) -> np.ndarray:
    """(series, scenarios, steps)."""
    count = found["scenario"].nunique()
    return found["Seq2Seq"].to_numpy().reshape(found["unique_id"].nunique(), count, -1)


def test_the_frame(fitted: Seq2SeqForecaster) -> None:
    found = fitted.scenarios(n=3)
    assert list(found.columns) == ["unique_id", "scenario", "ds", "Seq2Seq", "log_probability"]
    assert len(found) == 2 * 3 * HORIZON
    predicted = fitted.predict()
    for name, rows in found.groupby("unique_id", sort=False):
        assert rows["scenario"].tolist() == np.repeat([0, 1, 2], HORIZON).tolist()
        times = predicted.loc[predicted["unique_id"] == name, "ds"].tolist()
        assert rows["ds"].tolist() == times * 3
    assert found["unique_id"].unique().tolist() == predicted["unique_id"].unique().tolist()
    assert fitted.scenarios()["scenario"].max() == 4, "five unless said otherwise"


def test_the_best_come_first(fitted: Seq2SeqForecaster) -> None:
    found = fitted.scenarios(n=8)
    each = found.groupby(["unique_id", "scenario"], sort=False)["log_probability"]
    assert (each.min() == each.max()).all(), "one for a whole scenario"
    for _, scores in each.first().groupby("unique_id"):
        assert scores.is_monotonic_decreasing
        assert (scores < 0).all()
    for one in paths(found):
        assert len(np.unique(one, axis=0)) == 8


def test_diverse_ones_differ(fitted: Seq2SeqForecaster) -> None:
    likeliest, diverse = fitted.scenarios(n=6), fitted.scenarios(n=6, diverse=True)
    for one in paths(diverse):
        assert len(np.unique(one, axis=0)) == 6
    assert not np.array_equal(paths(diverse), paths(likeliest))
    assert np.ptp(paths(diverse), axis=1).mean() > np.ptp(paths(likeliest), axis=1).mean()
    pd.testing.assert_frame_equal(fitted.scenarios(n=6, diverse=True), diverse, check_exact=True)


@pytest.mark.parametrize("horizon", [1, 2, HORIZON, HORIZON + 2])
def test_another_horizon(fitted: Seq2SeqForecaster, horizon: int) -> None:
    found = fitted.scenarios(n=3, horizon=horizon)
    assert len(found) == 2 * 3 * horizon
    assert found.groupby(["unique_id", "scenario"]).size().eq(horizon).all()
    assert found["ds"].nunique() == horizon + 1, "the two series end a day apart"


def test_all_of_a_short_horizon_are_one_whole(fitted: Seq2SeqForecaster) -> None:
    found = fitted.scenarios(n=100, horizon=2)
    each = found.groupby(["unique_id", "scenario"])["log_probability"].first()
    assert each.groupby("unique_id").size().tolist() == [36, 36]
    np.testing.assert_allclose(np.exp(each).groupby("unique_id").sum(), 1.0, rtol=1e-5)


def test_new_series(fitted: Seq2SeqForecaster) -> None:
    new = panel(("yak", "bee", "cow"))
    found = fitted.scenarios(new, n=2)
    assert found["unique_id"].nunique() == 3
    alone = fitted.scenarios(new[new["unique_id"] == "bee"], n=2)
    together = found[found["unique_id"] == "bee"].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, together, rtol=1e-5)


def test_one_series_without_a_name() -> None:
    df = DF[DF["unique_id"] == "ant"].drop(columns="unique_id")
    found = forecaster(id_col=None).fit(df).scenarios(n=2)
    assert list(found.columns) == ["scenario", "ds", "Seq2Seq", "log_probability"]
    assert len(found) == 2 * HORIZON


def test_other_names_of_columns() -> None:
    names = {"unique_id": "shop", "ds": "day", "y": "sales"}
    model = forecaster(id_col="shop", time_col="day", target_col="sales").fit(DF.rename(columns=names))
    assert list(model.scenarios(n=2).columns) == ["shop", "scenario", "day", "Seq2Seq", "log_probability"]


def test_polars_comes_back_as_polars(fitted: Seq2SeqForecaster) -> None:
    polars = pytest.importorskip("polars")
    found = fitted.scenarios(polars.from_pandas(DF), n=2)
    assert isinstance(found, polars.DataFrame)
    np.testing.assert_allclose(found["Seq2Seq"].to_numpy(), fitted.scenarios(DF, n=2)["Seq2Seq"])


def test_known_covariates_count() -> None:
    df = DF.assign(price=np.random.default_rng(1).normal(size=len(DF)))
    model = forecaster(
        future_covariates=["price"],
        training=Training(max_steps=20, learning_rate=0.05, progress=False, precision="float32"),
    ).fit(df)
    times = fitted_times(df)
    one, other = (model.scenarios(future=times.assign(price=price), n=2) for price in (3.0, -3.0))
    assert not np.allclose(one["log_probability"], other["log_probability"])
    with pytest.raises(DataError, match="future"):
        model.scenarios(n=2)


def fitted_times(df: pd.DataFrame) -> pd.DataFrame:
    """The time stamps that follow each series."""
    last = df.groupby("unique_id", sort=False)["ds"].max()
    parts = [
        pd.DataFrame({"unique_id": name, "ds": pd.date_range(end, periods=HORIZON + 1, freq="D")[1:]})
        for name, end in last.items()
    ]
    return pd.concat(parts, ignore_index=True)


def test_a_constant_series_stays_at_its_level() -> None:
    df = pd.concat([DF, DF[DF["unique_id"] == "ant"].assign(unique_id="flat", y=7.0)])
    found = forecaster().fit(df).scenarios(n=3)
    np.testing.assert_allclose(found.loc[found["unique_id"] == "flat", "Seq2Seq"], 7.0)
    assert found["log_probability"].notna().all()


def test_members_are_one() -> None:
    training = Training(max_steps=4, members=2, progress=False, precision="float32")
    found = forecaster(training=training).fit(DF).scenarios(n=36, horizon=2)
    each = found.groupby(["unique_id", "scenario"])["log_probability"].first()
    np.testing.assert_allclose(np.exp(each).groupby("unique_id").sum(), 1.0, rtol=1e-5)


def test_a_loaded_model_gives_the_same(fitted: Seq2SeqForecaster, tmp_path) -> None:
    fitted.save(tmp_path / "model")
    again = load(tmp_path / "model")
    pd.testing.assert_frame_equal(again.scenarios(n=3), fitted.scenarios(n=3), check_exact=True)


class TestRefusals:
    def test_before_fit(self) -> None:
        with pytest.raises(NotFittedError, match="not fitted yet"):
            forecaster().scenarios()

    @pytest.mark.parametrize(
        ("arguments", "error", "message"),
        [
            ({"n": 0}, ParameterError, "scenarios: n is 0; it must be an integer, at least 1"),
            ({"n": 2.5}, ParameterTypeError, "scenarios: n is 2.5"),
            ({"horizon": 0}, ParameterError, "horizon is 0"),
        ],
        ids=["none", "half", "no step"],
    )
    def test_numbers(
        self, fitted: Seq2SeqForecaster, arguments, error, message, unchecked_types: None
    ) -> None:
        with pytest.raises(error, match=message):
            fitted.scenarios(**arguments)

    def test_another_output(self) -> None:
        model = forecaster(output=Normal()).fit(DF)
        with pytest.raises(ParameterError, match=r"the output is Normal; .* fit with output=Binned\(\)"):
            model.scenarios()

    def test_parallel_decoding(self) -> None:
        model = forecaster(network=Network(hidden_size=6, decoding="parallel")).fit(DF)
        with pytest.raises(ParameterError, match="scenarios: decoding is parallel"):
            model.scenarios()

    def test_several_targets(self) -> None:
        model = forecaster(target_col=["y", "z"]).fit(DF.assign(z=DF["y"] + 1))
        with pytest.raises(ParameterError, match="scenarios: the model has 2 targets; one can be searched"):
            model.scenarios()
