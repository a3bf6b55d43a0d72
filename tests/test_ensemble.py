"""An ensemble of unlike forecasters: medians by numpy over the single ones, and all that they can do."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from tsseq2seq import (
    ETS,
    Network,
    Normal,
    Point,
    Quantiles,
    SeasonalNaive,
    Seq2SeqEnsemble,
    Seq2SeqForecaster,
    StudentT,
    Training,
    backtest,
    evaluate,
    leaderboard,
    load,
)
from tsseq2seq.errors import ParameterError, ParameterTypeError
from tsseq2seq.forecasting.model import SeriesModel

HORIZON = 4
TRAINING = Training(max_steps=4, progress=False, precision="float32")


def forecaster(**settings: Any) -> Seq2SeqForecaster:
    defaults = {
        "network": Network(hidden_size=6),
        "training": TRAINING,
        "context_length": 10,
        "segment_length": 1,
    }
    return Seq2SeqForecaster(HORIZON, **(defaults | settings))


def unlike(**settings: Any) -> list[Seq2SeqForecaster]:
    """Three that differ in cell, decoding, context, scaling, segment and seed."""
    return [
        forecaster(**settings),
        forecaster(
            network=Network(cell="gru", hidden_size=5, decoding="parallel"), context_length=16, **settings
        ),
        forecaster(scaling="robust", segment_length=2, seed=3, **settings),
    ]


def frame(seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    parts = [
        pd.DataFrame({"unique_id": name, "ds": np.arange(length), "y": rng.normal(size=length).cumsum() + 20})
        for name, length in {"b": 50, "a": 40}.items()
    ]
    return pd.concat(parts, ignore_index=True)


DF = frame()
OUTPUTS = [Point(), Quantiles([0.1, 0.5, 0.9])]


@pytest.fixture(scope="module", params=OUTPUTS, ids=lambda output: type(output).__name__)
def fitted(request: pytest.FixtureRequest) -> Seq2SeqEnsemble:
    return Seq2SeqEnsemble(unlike(output=request.param)).fit(DF)


def columns_of(forecast: pd.DataFrame) -> list[str]:
    return [name for name in forecast if name.startswith("Seq2Seq")]


class TestForecasts:
    def test_are_the_median_of_the_single_ones(self, fitted: Seq2SeqEnsemble) -> None:
        singles = [model.fit(DF).predict() for model in unlike(output=fitted.forecasters[0].output)]
        columns = columns_of(singles[0])
        together = fitted.predict()
        expected = np.median([single[columns] for single in singles], axis=0)
        np.testing.assert_allclose(together[columns], expected, rtol=1e-6)
        assert np.ptp([single[columns] for single in singles], axis=0).min() > 0, "they differ"
        pd.testing.assert_frame_equal(together.drop(columns=columns), singles[0].drop(columns=columns))

    def test_of_cutoffs_too(self, fitted: Seq2SeqEnsemble) -> None:
        options = {"windows": 3, "step": 2, "skip": 1}
        singles = [model.predict_cutoffs(DF, **options) for model in fitted.forecasters_]
        columns = columns_of(singles[0])
        together = fitted.predict_cutoffs(DF, **options)
        expected = np.median([single[columns] for single in singles], axis=0)
        np.testing.assert_allclose(together[columns], expected, rtol=1e-12)
        pd.testing.assert_frame_equal(together.drop(columns=columns), singles[1].drop(columns=columns))

    def test_of_two_lie_halfway(self) -> None:
        two = Seq2SeqEnsemble(unlike()[:2]).fit(DF)
        halfway = sum(model.predict()["Seq2Seq"] for model in two.forecasters_) / 2
        np.testing.assert_allclose(two.predict()["Seq2Seq"], halfway)

    def test_of_one_are_its_own(self) -> None:
        one = Seq2SeqEnsemble(unlike()[:1]).fit(DF)
        pd.testing.assert_frame_equal(one.predict(), forecaster().fit(DF).predict(), check_exact=True)

    def test_of_newer_rows_and_other_series(self, fitted: Seq2SeqEnsemble) -> None:
        other = frame(1).replace({"a": "c"})
        singles = [model.predict(other)["Seq2Seq"] for model in fitted.forecasters_]
        together = fitted.predict(other)
        np.testing.assert_allclose(together["Seq2Seq"], np.median(singles, axis=0))
        assert together["unique_id"].unique().tolist() == ["b", "c"]

    def test_are_of_the_kind_that_came_in(self) -> None:
        polars = pytest.importorskip("polars")
        expected = Seq2SeqEnsemble(unlike()).fit(DF).predict()
        lazy = Seq2SeqEnsemble(unlike()).fit(polars.from_pandas(DF))
        assert isinstance(lazy.predict(), polars.DataFrame)
        np.testing.assert_allclose(lazy.predict()["Seq2Seq"].to_numpy(), expected["Seq2Seq"])
        assert isinstance(lazy.predict(DF), pd.DataFrame)
        assert isinstance(lazy.predict_cutoffs(polars.from_pandas(DF)), polars.DataFrame)
        single = DF[DF["unique_id"] == "b"].set_index("ds")["y"]
        series = Seq2SeqEnsemble(unlike()).fit(single).predict()
        assert isinstance(series, pd.Series)
        assert series.index.tolist() == [50, 51, 52, 53]
        array = Seq2SeqEnsemble(unlike()).fit(single.to_numpy()).predict()
        np.testing.assert_allclose(array, series)
        wide = DF.pivot_table(index="ds", columns="unique_id", values="y")
        assert Seq2SeqEnsemble(unlike()).fit(wide).predict().columns.tolist() == ["a", "b"]

    def test_see_the_future_covariates(self) -> None:
        df = DF.assign(price=np.tile([0.0, 1.0, 5.0], 30))
        ensemble = Seq2SeqEnsemble(unlike(future_covariates=["price"])).fit(df)
        future = ensemble.future_frame()
        assert len(future) == 2 * HORIZON
        dear, cheap = (ensemble.predict(future=future.assign(price=price))["Seq2Seq"] for price in (5.0, 0.0))
        assert (dear - cheap).abs().min() > 0
        singles = [
            model.predict(future=future.assign(price=5.0))["Seq2Seq"] for model in ensemble.forecasters_
        ]
        np.testing.assert_allclose(dear, np.median(singles, axis=0))

    def test_may_be_longer_than_trained_unless_one_decodes_in_parallel(self) -> None:
        free = Seq2SeqEnsemble([forecaster(), forecaster(seed=1)]).fit(DF)
        assert len(free.predict(horizon=7)) == 14
        with pytest.raises(
            ParameterError, match="horizon is 7, but the model decodes its 4 steps in parallel"
        ):
            Seq2SeqEnsemble(unlike()).fit(DF).predict(horizon=7)


class TestSamples:
    def test_come_from_each_in_turn(self) -> None:
        ensemble = Seq2SeqEnsemble(unlike(output=Normal())).fit(DF)
        drawn = ensemble.sample(num_samples=7)
        assert drawn["sample"].tolist() == np.tile(np.repeat(np.arange(7), HORIZON), 2).tolist()
        assert drawn["unique_id"].tolist() == ["b"] * 28 + ["a"] * 28
        expected = [
            model.sample(num_samples=n) for model, n in zip(ensemble.forecasters_, (3, 2, 2), strict=True)
        ]
        for name in ("a", "b"):
            single = [part[part["unique_id"] == name]["Seq2Seq"] for part in expected]
            own = drawn[drawn["unique_id"] == name]["Seq2Seq"]
            np.testing.assert_allclose(own, np.concatenate(single))
        assert len(ensemble.sample(num_samples=1)) == 2 * HORIZON

    def test_levels_are_medians_of_each_ones(self) -> None:
        ensemble = Seq2SeqEnsemble(unlike(output=StudentT())).fit(DF)
        together = ensemble.predict(levels=[80], num_samples=50)
        singles = [model.predict(levels=[80], num_samples=50) for model in ensemble.forecasters_]
        columns = ["Seq2Seq", "Seq2Seq-lo-80", "Seq2Seq-hi-80"]
        np.testing.assert_allclose(together[columns], np.median([s[columns] for s in singles], axis=0))
        assert (together["Seq2Seq-lo-80"] < together["Seq2Seq-hi-80"]).all()

    def test_a_point_has_none_and_quantiles_have_paths_through_them(self, fitted: Seq2SeqEnsemble) -> None:
        if isinstance(fitted.forecasters[0].output, Point):
            with pytest.raises(ParameterError, match="is no distribution"):
                fitted.sample()
            return
        assert fitted.sample(num_samples=6)["sample"].nunique() == 6


class TestTraining:
    def test_leaves_the_given_ones_alone(self, fitted: Seq2SeqEnsemble) -> None:
        assert all(not hasattr(model, "fitted_") for model in fitted.forecasters)
        assert [type(model) for model in fitted.forecasters_] == [Seq2SeqForecaster] * 3
        assert fitted.history_["forecaster"].tolist() == [0] * 4 + [1] * 4 + [2] * 4
        assert (fitted.n_steps_, fitted.stopped_) == (4, "steps")

    def test_the_series_are_held_once(self, fitted: Seq2SeqEnsemble) -> None:
        assert len({id(model.fitted_.panel) for model in fitted.forecasters_}) == 1

    def test_series_that_differ_are_held_apart(self) -> None:
        held_out = Training(max_steps=4, progress=False, precision="float32", validation_size=3)
        dated = DF.assign(ds=pd.Timestamp("2024") + pd.to_timedelta(DF["ds"], unit="D"))
        models = [forecaster(), forecaster(training=held_out), forecaster(calendar="auto")]
        ensemble = Seq2SeqEnsemble(models).fit(dated)
        assert len({id(model.fitted_.panel) for model in ensemble.forecasters_}) == 3

    def test_max_time_is_for_all_of_them(self) -> None:
        timed = Training(max_time=50, progress=False)
        ensemble = Seq2SeqEnsemble(unlike(training=timed), max_time=1.5)
        begun = time.monotonic()
        ensemble.fit(DF)
        assert time.monotonic() - begun < 3
        assert [model.training for model in ensemble.forecasters_] == [timed] * 3
        for model in ensemble.forecasters_:
            assert 0.2 < model.training_.max_time < 0.9

    def test_jobs_change_nothing_but_the_time(self) -> None:
        alone, together = Seq2SeqEnsemble(unlike()).fit(DF), Seq2SeqEnsemble(unlike(), jobs=2).fit(DF)
        np.testing.assert_allclose(together.predict()["Seq2Seq"], alone.predict()["Seq2Seq"], rtol=1e-4)
        assert len({id(model.fitted_.panel) for model in together.forecasters_}) == 1

    def test_a_warm_start_goes_on_with_each(self) -> None:
        ensemble = Seq2SeqEnsemble(unlike()).fit(DF)
        before = ensemble.forecasters_
        ensemble.fit(DF, warm_start=True)
        singles = [model.fit(DF).fit(DF, warm_start=True).predict()["Seq2Seq"] for model in unlike()]
        np.testing.assert_allclose(ensemble.predict()["Seq2Seq"], np.median(singles, axis=0), rtol=1e-6)
        assert all(new is not old for new, old in zip(ensemble.forecasters_, before, strict=True))

    def test_an_interrupt_leaves_those_that_were_begun(self, monkeypatch: pytest.MonkeyPatch) -> None:
        calls = 0
        loss = SeriesModel.losses

        def interrupted(self: SeriesModel, *args: Any, **options: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == 7:
                raise KeyboardInterrupt
            return loss(self, *args, **options)

        monkeypatch.setattr(SeriesModel, "losses", interrupted)
        ensemble = Seq2SeqEnsemble(unlike()).fit(DF)
        assert (len(ensemble.forecasters_), ensemble.stopped_) == (2, "interrupt")
        assert len(ensemble.predict()) == 2 * HORIZON

    def test_what_is_refused_leaves_it_as_it_was(self) -> None:
        ensemble = Seq2SeqEnsemble(unlike()).fit(DF)
        before = ensemble.predict()
        with pytest.raises(ValueError, match="missing in all"):
            ensemble.fit(DF.assign(y=np.nan))
        pd.testing.assert_frame_equal(ensemble.predict(), before)


class TestContract:
    def test_it_is_cloned_with_its_forecasters(self, fitted: Seq2SeqEnsemble) -> None:
        copy = clone(fitted)
        assert not hasattr(copy, "forecasters_")
        assert copy.forecasters[0] is not fitted.forecasters[0]
        assert [model.get_params() for model in copy.forecasters] == [
            model.get_params() for model in fitted.forecasters
        ]
        assert fitted.get_params().keys() == {"forecasters", "max_time", "jobs"}
        with pytest.raises(NotFittedError, match="Seq2SeqEnsemble is not fitted"):
            copy.predict()

    def test_it_is_saved_and_loaded(self, fitted: Seq2SeqEnsemble, tmp_path: Path) -> None:
        fitted.save(tmp_path / "ensemble")
        again = load(tmp_path / "ensemble")
        assert isinstance(again, Seq2SeqEnsemble)
        pd.testing.assert_frame_equal(again.predict(), fitted.predict(), check_exact=True)
        pd.testing.assert_frame_equal(again.history_, fitted.history_)
        for one, other in zip(again.forecasters, fitted.forecasters, strict=True):
            for name in ("horizon", "network", "training", "output", "scaling", "context_length", "seed"):
                assert getattr(one, name) == getattr(other, name)
        names = json.loads((tmp_path / "ensemble" / "model.json").read_text())["tensors"]
        assert [name for name in names if "panel.values" in name] == ["0.panel.values"]
        pd.testing.assert_frame_equal(again.fit(DF, warm_start=True).predict(), again.predict())

    def test_series_that_differ_are_saved_apart(self, tmp_path: Path) -> None:
        held_out = Training(max_steps=4, progress=False, precision="float32", validation_size=3)
        ensemble = Seq2SeqEnsemble([forecaster(), forecaster(training=held_out)]).fit(DF)
        ensemble.save(tmp_path / "ensemble")
        pd.testing.assert_frame_equal(
            load(tmp_path / "ensemble").predict(), ensemble.predict(), check_exact=True
        )

    def test_its_score_is_that_of_the_median(self, fitted: Seq2SeqEnsemble) -> None:
        later = pd.concat(
            [
                pd.DataFrame({"unique_id": i, "ds": np.arange(n, n + 3), "y": [21.0, 20.0, 18.0]})
                for i, n in (("a", 40), ("b", 50))
            ]
        )
        joined = later.merge(fitted.predict(), on=["unique_id", "ds"])
        expected = evaluate(joined, ["mase"], train=DF, season_length=1)["Seq2Seq"].iloc[0]
        assert fitted.score(later) == pytest.approx(-expected, rel=1e-6)

    def test_backtests_and_boards_take_it(self) -> None:
        ensemble = Seq2SeqEnsemble(unlike())
        past = backtest(ensemble, DF, windows=2, refit=True, warm_start=True)
        assert len(past) == 2 * 2 * HORIZON
        board = leaderboard(
            DF, {"three": ensemble, "one": forecaster(), "naive": SeasonalNaive(HORIZON)}, windows=2
        )
        assert sorted(board.scores["model"]) == ["naive", "one", "three"]
        singles = [backtest(model, DF, windows=2)["Seq2Seq"] for model in unlike()]
        np.testing.assert_allclose(
            backtest(ensemble, DF, windows=2)["Seq2Seq"], np.median(singles, axis=0), rtol=1e-6
        )

    def test_a_backtest_of_it_as_fitted_warns_of_what_it_has_seen(self, fitted: Seq2SeqEnsemble) -> None:
        with pytest.warns(UserWarning, match="trained on part of what it forecasts"):
            backtest(fitted, DF, refit=None)

    def test_it_is_drawn(self, fitted: Seq2SeqEnsemble) -> None:
        pytest.importorskip("matplotlib")
        axes = fitted.plot(fitted.predict(), series="a")
        drawn = [line.get_ydata()[-HORIZON:] for line in axes.get_lines()]
        expected = fitted.predict().query("unique_id == 'a'")["Seq2Seq"]
        assert any(len(line) == HORIZON and np.allclose(line, expected) for line in drawn)


class TestRefusals:
    @pytest.mark.parametrize(
        ("forecasters", "kind", "message"),
        [
            ([], ParameterTypeError, r"forecasters is \[\]; it must be a list of Seq2SeqForecaster"),
            (forecaster(), ParameterTypeError, "it must be a list of Seq2SeqForecaster"),
            ([forecaster(), ETS(4)], ParameterTypeError, r"forecasters\[1\] is a ETS; it must be a Seq2SeqForecaster"),
            (
                [forecaster(), Seq2SeqForecaster(5)],
                ParameterError,
                r"forecasters\[1\] has horizon=5, but the first has 4; it must be the same for all",
            ),
            ([forecaster(), forecaster(target_col="z")], ParameterError, "has target_col='z', but the first has 'y'"),
            (
                [forecaster(), forecaster(output=Quantiles([0.1, 0.5, 0.9]))],
                ParameterError,
                r"forecasters\[1\] has the output Quantiles.*, but the first has Point.*, whose intervals are others",
            ),
        ],
    )  # fmt: skip
    def test_forecasters_that_do_not_fit_together(self, forecasters: Any, kind: type, message: str) -> None:
        with pytest.raises(kind, match=message):
            Seq2SeqEnsemble(unlike()).set_params(forecasters=forecasters).fit(DF)

    def test_a_backtest_of_none(self) -> None:
        with pytest.raises(ParameterTypeError, match=r"forecasters is \[\]; it must be a list"):
            backtest(Seq2SeqEnsemble([]), DF)

    @pytest.mark.parametrize(("name", "value"), [("jobs", 0), ("max_time", 0), ("jobs", "two")])
    def test_numbers_out_of_range(self, name: str, value: Any) -> None:
        with pytest.raises(ValueError if value == 0 else TypeError, match=f"Seq2SeqEnsemble: {name} is"):
            Seq2SeqEnsemble(unlike()).set_params(**{name: value}).fit(DF)
