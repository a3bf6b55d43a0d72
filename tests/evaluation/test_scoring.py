"""The score on what happened next, against MASE by numpy and by utilsforecast, and in a grid search."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import GridSearchCV
from utilsforecast.losses import mase

from tsseq2seq import Network, Normal, Seq2SeqForecaster, Training
from tsseq2seq.errors import DataError, DataWarning, ParameterError

HORIZON = 4
DAYS = pd.date_range("2024-01-01", periods=60, freq="D")


def forecaster(**settings: Any) -> Seq2SeqForecaster:
    defaults = {
        "network": Network(hidden_size=6),
        "training": Training(max_steps=3, progress=False, precision="float32"),
        "freq": "D",
    }
    return Seq2SeqForecaster(HORIZON, **(defaults | settings))


def whole() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    parts = [
        pd.DataFrame(
            {"unique_id": name, "ds": DAYS[start:], "y": rng.normal(size=60 - start).cumsum() + 9}
        ).assign(price=lambda df: rng.normal(size=len(df)))
        for name, start in (("a", 0), ("b", 20))
    ]
    return pd.concat(parts, ignore_index=True)


DF = whole()
HISTORY, LATER = DF[DF["ds"] < DAYS[56]], DF[DF["ds"] >= DAYS[56]]


def test_it_is_minus_utilsforecasts_mase() -> None:
    model = forecaster().fit(HISTORY)
    season = model.season_length_ or 1
    merged = LATER.merge(model.predict())
    scores = mase(merged, models=["Seq2Seq"], seasonality=season, train_df=HISTORY)
    assert model.score(LATER) == pytest.approx(-scores["Seq2Seq"].mean(), rel=1e-6)


def test_rows_are_joined_on_series_and_time_in_any_order_and_with_gaps() -> None:
    model = forecaster().fit(HISTORY)
    forecast = model.predict()
    rows = LATER.drop(index=[LATER.index[1], LATER.index[4]]).sample(frac=1, random_state=0)
    merged = rows.merge(forecast)
    assert len(merged) == len(rows) == 6
    expected = mase(merged, ["Seq2Seq"], model.season_length_ or 1, train_df=HISTORY)["Seq2Seq"].mean()
    assert model.score(rows) == pytest.approx(-expected, rel=1e-6)
    missing = LATER.assign(y=LATER["y"].where(LATER.index.isin(rows.index)))
    assert model.score(missing) == pytest.approx(-expected, rel=1e-6)


def test_more_steps_than_the_horizon_are_forecast_one_after_the_other() -> None:
    early = DF[DF["ds"] < DAYS[50]]
    model = forecaster().fit(early)
    merged = DF[DF["ds"] >= DAYS[50]].merge(model.predict(horizon=10))
    expected = mase(merged, ["Seq2Seq"], model.season_length_ or 1, train_df=early)["Seq2Seq"].mean()
    assert model.score(DF[DF["ds"] >= DAYS[50]]) == pytest.approx(-expected, rel=1e-6)
    parallel = forecaster(network=Network(hidden_size=6, decoding="parallel")).fit(early)
    with pytest.raises(ParameterError, match="horizon is 10, but the model decodes its 4 steps in parallel"):
        parallel.score(DF[DF["ds"] >= DAYS[50]])


@pytest.mark.parametrize("rows", [8, 4, 2], ids=["all", "one series", "half of one"])
def test_future_covariates_are_taken_from_the_same_frame(rows: int) -> None:
    """Those of the rows that are scored; other series need none."""
    model = forecaster(future_covariates=["price"], segment_length=1).fit(HISTORY)
    forecast = model.predict(future=LATER[["unique_id", "ds", "price"]])
    given = LATER[:rows]
    expected = mase(given.merge(forecast), ["Seq2Seq"], model.season_length_ or 1, train_df=HISTORY)
    assert model.score(given) == pytest.approx(-expected["Seq2Seq"].mean(), rel=1e-4)


def test_a_series_that_repeats_itself_has_no_scale_and_is_left_out_with_a_warning() -> None:
    flat = pd.DataFrame({"unique_id": "flat", "ds": DAYS, "y": 1.0, "price": 0.0})
    df = pd.concat([DF, flat])
    model = forecaster().fit(df[df["ds"] < DAYS[56]])
    forecast = model.predict()
    merged = LATER.merge(forecast)
    expected = mase(merged, ["Seq2Seq"], model.season_length_ or 1, train_df=HISTORY)["Seq2Seq"].mean()
    with pytest.warns(DataWarning, match="score: 1 series are left out.*the first is 'flat'"):
        score = model.score(df[df["ds"] >= DAYS[56]])
    assert score == pytest.approx(-expected, rel=1e-6)


def test_of_several_targets_the_mean_counts() -> None:
    df = DF.assign(load=DF["y"] ** 2)
    history, later = df[df["ds"] < DAYS[56]], df[df["ds"] >= DAYS[56]]
    model = forecaster(target_col=["load", "y"]).fit(history)
    forecast, season = model.predict(), model.season_length_ or 1
    merged = later.merge(forecast)
    each = [
        mase(merged, [f"Seq2Seq-{name}"], season, train_df=history, target_col=name)[f"Seq2Seq-{name}"].mean()
        for name in ("load", "y")
    ]
    assert model.score(later) == pytest.approx(-np.mean(each), rel=1e-6)


def test_calibration_does_not_change_it_and_paths_repeat() -> None:
    model = forecaster(output=Normal()).fit(HISTORY)
    score = model.score(LATER)
    assert model.score(LATER) == score
    with pytest.warns(DataWarning, match="calibrate: 2 windows suffice"):
        model.calibrate(DF, step=1)
    assert model.score(LATER) == score


def test_a_grid_search_of_scikit_learn_goes_by_it() -> None:
    df = DF.reset_index(drop=True)
    folds = [
        (
            np.flatnonzero(df["ds"] < cut),
            np.flatnonzero((df["ds"] >= cut) & (df["ds"] < cut + pd.Timedelta(days=4))),
        )
        for cut in (DAYS[52], DAYS[56])
    ]
    search = GridSearchCV(
        forecaster(), {"network__hidden_size": [4, 6], "scaling": ["window", "robust"]}, cv=folds, refit=True
    ).fit(df)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    place = list(search.cv_results_["params"]).index({"network__hidden_size": 6, "scaling": "window"})
    by_hand = forecaster(network=Network(hidden_size=6), scaling="window").fit(df.iloc[folds[0][0]])
    assert search.cv_results_["split0_test_score"][place] == by_hand.score(df.iloc[folds[0][1]])
    assert len(search.predict(df)) == 2 * HORIZON


class TestRefusals:
    @pytest.fixture
    def fitted(self) -> Seq2SeqForecaster:
        return forecaster().fit(HISTORY)

    def test_rows_that_were_trained_on(self, fitted: Seq2SeqForecaster) -> None:
        message = (
            "score: series 'a' has a row at 2024-01-01 00:00:00, but the model was fitted up to "
            "2024-02-25 00:00:00; give it what happened after that"
        )
        with pytest.raises(DataError, match=message):
            fitted.score(DF)
        with pytest.raises(DataError, match="series 'b' has a row at 2024-02-25"):
            fitted.score(DF[(DF["ds"] >= DAYS[56]) | ((DF["ds"] == DAYS[55]) & (DF["unique_id"] == "b"))])

    def test_series_that_were_not(self, fitted: Seq2SeqForecaster) -> None:
        with pytest.raises(DataError, match="score: the model was not fitted on series 'c'"):
            fitted.score(pd.concat([LATER, LATER[:4].assign(unique_id="c")]))

    def test_nothing_known(self, fitted: Seq2SeqForecaster) -> None:
        with pytest.raises(DataError, match="score: no series has both a known value"):
            fitted.score(LATER.assign(y=np.nan))

    def test_off_the_grid(self, fitted: Seq2SeqForecaster) -> None:
        with pytest.raises(DataError, match=r"12:00:00.*grid 'D'"):
            fitted.score(LATER.assign(ds=LATER["ds"] + pd.Timedelta(hours=12)))

    def test_a_future_covariate_that_is_not_there(self) -> None:
        model = forecaster(future_covariates=["price"]).fit(HISTORY)
        with pytest.raises(DataError, match="df has no column 'price'"):
            model.score(LATER.drop(columns="price"))
        with pytest.raises(DataError, match="lacks the row of series 'a' at 2024-02-27"):
            model.score(LATER.drop(index=LATER.index[1]))
