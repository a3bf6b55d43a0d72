"""Fit on a frame, predict a frame: what a user sees of the forecaster."""

from __future__ import annotations

import copy
import pickle
import time

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.base import clone

from tsseq2seq import InverseSigmoid, Linear, Network, Point, Quantiles, Seq2SeqForecaster, Training, load
from tsseq2seq.errors import (
    DataError,
    FrequencyError,
    ParameterError,
    ParameterTypeError,
    TrainingError,
    TrainingWarning,
)

SMALL = Network(hidden_size=8)
HORIZON = 4


def training(steps: int = 5, **settings) -> Training:
    return Training(**({"max_steps": steps, "progress": False, "precision": "float32"} | settings))


def forecaster(horizon: int = HORIZON, *, steps: int = 5, **settings) -> Seq2SeqForecaster:
    return Seq2SeqForecaster(horizon, **({"network": SMALL, "training": training(steps)} | settings))


def series(length: int = 60, *, level: float = 0.0, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return level + np.sin(2 * np.pi * np.arange(length) / 6) + 0.1 * rng.normal(size=length).cumsum()


def panel(lengths: dict[str, int]) -> pd.DataFrame:
    """Daily series that end on different days."""
    parts = []
    for seed, (name, length) in enumerate(lengths.items()):
        ds = pd.date_range("2024-01-01", periods=length, freq="D") + pd.Timedelta(days=seed)
        parts.append(
            pd.DataFrame({"unique_id": name, "ds": ds, "y": series(length, level=10.0 * seed, seed=seed)})
        )
    return pd.concat(parts, ignore_index=True)


DF = panel({"zebra": 60, "ant": 45, "mouse": 9})


@pytest.fixture(scope="module")
def fitted() -> Seq2SeqForecaster:
    return forecaster(context_length=14).fit(DF)


@pytest.fixture(scope="module")
def quantiles() -> Seq2SeqForecaster:
    output = Quantiles([0.05, 0.1, 0.5, 0.9, 0.95])
    return forecaster(output=output, context_length=14).fit(DF)


def close(one: pd.DataFrame, other: pd.DataFrame, rtol: float = 1e-5) -> None:
    pd.testing.assert_frame_equal(
        one.reset_index(drop=True), other.reset_index(drop=True), rtol=rtol, atol=rtol
    )


class TestFit:
    def test_it_returns_the_estimator_itself(self) -> None:
        model = forecaster()
        assert model.fit(DF) is model

    def test_parameters_stay_as_they_were_given(self) -> None:
        model = forecaster()
        before = model.get_params()
        after = model.fit(DF).get_params()
        assert before.keys() == after.keys()
        assert all(before[name] is after[name] for name in before)

    def test_the_frame_stays_as_it_was(self) -> None:
        df = DF.sample(frac=1, random_state=0)
        before = df.copy(deep=True)
        forecaster().fit(df).predict(df)
        pd.testing.assert_frame_equal(df, before)

    def test_choices_are_found_in_learned_attributes(self) -> None:
        df = panel({"a": 140})
        df["y"] = np.sin(2 * np.pi * np.arange(140) / 7)
        model = Seq2SeqForecaster(7, training=training()).fit(df)
        assert (model.season_length_, model.segment_length_) == (7, 7)
        assert model.context_length_ % 7 == 0
        assert model.network_.hidden_size is not None
        assert model.training_.batch_size is not None
        assert model.frequency_.alias == "D"
        assert model.n_steps_ == 5
        assert model.network.hidden_size is None

    def test_rows_may_stand_in_any_order(self, fitted: Seq2SeqForecaster) -> None:
        shuffled = DF.sample(frac=1, random_state=3)
        order = shuffled["unique_id"].unique().tolist()
        forecast = clone(fitted).fit(DF).predict(shuffled)
        assert forecast["unique_id"].unique().tolist() == order
        keys = ["unique_id", "ds"]
        close(forecast.sort_values(keys), fitted.predict().sort_values(keys))

    def test_a_second_fit_forgets_the_first(self) -> None:
        model = forecaster().fit(panel({"other": 30}))
        close(model.fit(DF).predict(), forecaster().fit(DF).predict(), rtol=0)

    def test_history_has_a_row_for_each_report(self, fitted: Seq2SeqForecaster) -> None:
        history = fitted.history_
        assert history.columns.tolist() == ["step", "loss", "learning_rate", "validation_error", "seconds"]
        assert history["step"].tolist() == [1, 2, 3, 4, 5]
        assert history["validation_error"].isna().all()
        assert history["seconds"].is_monotonic_increasing
        assert np.isfinite(history["loss"]).all()

    def test_training_lowers_the_loss(self) -> None:
        loss = forecaster(steps=30, training=training(30, learning_rate=0.01)).fit(DF).history_["loss"]
        assert loss[-5:].mean() < loss[:5].mean()


class TestRepeating:
    def test_the_same_seed_gives_the_same_model_to_the_bit(self, fitted: Seq2SeqForecaster) -> None:
        torch.manual_seed(123)
        again = clone(fitted).fit(DF)
        pd.testing.assert_frame_equal(again.predict(), fitted.predict(), check_exact=True)
        pd.testing.assert_series_equal(again.history_["loss"], fitted.history_["loss"], check_exact=True)

    def test_another_seed_gives_another_model(self, fitted: Seq2SeqForecaster) -> None:
        other = clone(fitted).set_params(seed=1).fit(DF).predict()
        assert not np.allclose(other["Seq2Seq"], fitted.predict()["Seq2Seq"])

    def test_without_a_seed_it_follows_the_callers_state(self) -> None:
        forecasts = []
        for state in (1, 1, 2):
            torch.manual_seed(state)
            forecasts.append(forecaster(seed=None).fit(DF).predict()["Seq2Seq"])
        assert forecasts[0].equals(forecasts[1])
        assert not forecasts[0].equals(forecasts[2])

    def test_random_states_of_the_caller_are_untouched(self) -> None:
        before = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
        forecaster(training=training(teacher_forcing=0.5), network=Network(hidden_size=8, dropout=0.3)).fit(
            DF
        ).predict()
        assert torch.equal(torch.get_rng_state(), before[0])
        assert np.array_equal(np.random.get_state()[1], before[1])  # noqa: NPY002

    def test_predicting_twice_is_the_same_with_dropout_too(self) -> None:
        model = forecaster(network=Network(hidden_size=8, num_layers=2, dropout=0.5)).fit(DF)
        pd.testing.assert_frame_equal(model.predict(), model.predict(), check_exact=True)

    @pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
    def test_a_fitted_model_can_be_copied(self, fitted: Seq2SeqForecaster, duplicate) -> None:
        pd.testing.assert_frame_equal(duplicate(fitted).predict(), fitted.predict(), check_exact=True)


class TestPredict:
    def test_a_row_for_each_series_and_step_in_order_of_appearance(self, fitted: Seq2SeqForecaster) -> None:
        forecast = fitted.predict()
        assert forecast.columns.tolist() == ["unique_id", "ds", "Seq2Seq"]
        assert forecast["unique_id"].tolist() == np.repeat(["zebra", "ant", "mouse"], HORIZON).tolist()
        for name, part in forecast.groupby("unique_id"):
            last = DF.loc[DF["unique_id"] == name, "ds"].max()
            assert part["ds"].tolist() == pd.date_range(last, periods=HORIZON + 1, freq="D")[1:].tolist()
        assert forecast["ds"].dtype == DF["ds"].dtype
        assert forecast["unique_id"].dtype == DF["unique_id"].dtype
        assert forecast["Seq2Seq"].dtype == np.float64
        assert np.isfinite(forecast["Seq2Seq"]).all()

    def test_the_training_frame_given_again_changes_nothing(self, fitted: Seq2SeqForecaster) -> None:
        pd.testing.assert_frame_equal(fitted.predict(DF), fitted.predict(), check_exact=True)

    def test_newer_rows_move_the_forecast_on(self, fitted: Seq2SeqForecaster) -> None:
        newer = panel({"zebra": 70, "ant": 45, "mouse": 9})
        forecast = fitted.predict(newer)
        zebra = forecast[forecast["unique_id"] == "zebra"]
        assert zebra["ds"].iloc[0] == pd.Timestamp("2024-03-11")
        rest = forecast["unique_id"] != "zebra"
        close(forecast[rest], fitted.predict()[rest.to_numpy()])

    def test_only_the_context_is_read(self, fitted: Seq2SeqForecaster) -> None:
        zebra = DF[DF["unique_id"] == "zebra"]
        close(fitted.predict(zebra.tail(14)), fitted.predict(zebra))

    def test_series_that_training_did_not_see(self, fitted: Seq2SeqForecaster) -> None:
        forecast = fitted.predict(panel({"new": 30, "newer": 20}))
        assert forecast["unique_id"].unique().tolist() == ["new", "newer"]
        assert np.isfinite(forecast["Seq2Seq"]).all()

    @pytest.mark.parametrize("length", [1, 2, 3, 13])
    def test_series_shorter_than_the_context(self, fitted: Seq2SeqForecaster, length: int) -> None:
        df = panel({"short": length, "zebra": 60})
        forecast = fitted.predict(df)
        assert np.isfinite(forecast["Seq2Seq"]).all()
        alone = fitted.predict(df[df["unique_id"] == "short"])
        close(alone, forecast[:HORIZON])

    def test_a_single_observation_is_carried_forward(self, fitted: Seq2SeqForecaster) -> None:
        df = pd.DataFrame({"unique_id": ["x"], "ds": [pd.Timestamp("2024-05-05")], "y": [7.7]})
        forecast = fitted.predict(df)
        assert forecast["Seq2Seq"].tolist() == [7.7] * HORIZON
        assert forecast["ds"].iloc[-1] == pd.Timestamp("2024-05-09")

    def test_a_series_alone_in_a_crowd_and_in_any_order_is_forecast_the_same(
        self, fitted: Seq2SeqForecaster
    ) -> None:
        together = fitted.predict().set_index("unique_id")
        for name in ("zebra", "ant", "mouse"):
            alone = fitted.predict(DF[DF["unique_id"] == name]).set_index("unique_id")
            pd.testing.assert_frame_equal(alone, together.loc[[name]], rtol=1e-5)
        many = panel({f"s{i}": 20 + i % 7 for i in range(300)})  # more than one chunk
        forecast = fitted.predict(many).set_index("unique_id")
        alone = fitted.predict(many[many["unique_id"] == "s299"]).set_index("unique_id")
        pd.testing.assert_frame_equal(alone, forecast.loc[["s299"]], rtol=1e-5)

    def test_a_shorter_horizon_is_a_prefix(self, fitted: Seq2SeqForecaster) -> None:
        full = fitted.predict()
        for horizon in (1, 2, 3):
            prefix = full.groupby("unique_id", sort=False).head(horizon)
            close(fitted.predict(horizon=horizon), prefix, rtol=1e-6)

    def test_a_longer_horizon_goes_on(self, fitted: Seq2SeqForecaster) -> None:
        longer = fitted.predict(horizon=11)
        assert len(longer) == 33
        assert np.isfinite(longer["Seq2Seq"]).all()
        close(longer.groupby("unique_id", sort=False).head(HORIZON), fitted.predict(), rtol=1e-6)

    def test_a_longer_horizon_is_refused_in_parallel(self) -> None:
        model = forecaster(network=Network(hidden_size=8, decoding="parallel")).fit(DF)
        assert len(model.predict(horizon=2)) == 6
        with pytest.raises(
            ParameterError, match="horizon is 5, but the model decodes its 4 steps in parallel"
        ):
            model.predict(horizon=5)

    @pytest.mark.usefixtures("unchecked_types")
    def test_horizons_of_numpy_are_integers_too(self, fitted: Seq2SeqForecaster) -> None:
        assert len(fitted.predict(horizon=np.int64(2))) == 6  # type: ignore[arg-type]

    @pytest.mark.parametrize("horizon", [0, -1, True])
    def test_horizons_that_are_none(self, fitted: Seq2SeqForecaster, horizon: int) -> None:
        with pytest.raises(
            (ParameterError, TypeError), match=r"horizon is .*; it must be an integer, at least 1"
        ):
            fitted.predict(horizon=horizon)

    def test_what_is_set_after_fit_waits_for_the_next_fit(self) -> None:
        model = forecaster(context_length=14).fit(DF)
        before = model.predict()
        model.set_params(
            horizon=9, scaling="none", target_col="z", id_col="i", output=Quantiles(), context_length=3,
            network__hidden_size=5, segment_length=2, network__decoding="parallel",
        )  # fmt: skip
        pd.testing.assert_frame_equal(model.predict(), before, check_exact=True)

    def test_another_grid_is_refused(self, fitted: Seq2SeqForecaster) -> None:
        hourly = DF.assign(ds=pd.date_range("2024-01-01", periods=len(DF), freq="h"))
        with pytest.raises(FrequencyError, match="'zebra'"):
            fitted.predict(hourly)
        with pytest.raises(FrequencyError):
            fitted.predict(DF.assign(ds=np.arange(len(DF))))

    def test_missing_columns_are_refused(self, fitted: Seq2SeqForecaster) -> None:
        with pytest.raises(DataError, match="df has no column 'y'"):
            fitted.predict(DF.drop(columns="y"))


class TestIntervals:
    def test_columns_follow_nixtlas_convention(self, quantiles: Seq2SeqForecaster) -> None:
        assert quantiles.predict().columns.tolist() == [
            "unique_id", "ds", "Seq2Seq",
            "Seq2Seq-lo-90", "Seq2Seq-lo-80", "Seq2Seq-hi-80", "Seq2Seq-hi-90",
        ]  # fmt: skip

    def test_they_never_cross(self, quantiles: Seq2SeqForecaster) -> None:
        for frame in (quantiles.predict(), quantiles.predict(panel({"new": 5, "wild": 50}), horizon=20)):
            names = ["Seq2Seq-lo-90", "Seq2Seq-lo-80", "Seq2Seq", "Seq2Seq-hi-80", "Seq2Seq-hi-90"]
            assert (frame[names].diff(axis=1).iloc[:, 1:] >= 0).all(axis=None)

    def test_levels_are_chosen(self, quantiles: Seq2SeqForecaster) -> None:
        full = quantiles.predict()
        chosen = quantiles.predict(levels=[80])
        assert chosen.columns.tolist() == ["unique_id", "ds", "Seq2Seq", "Seq2Seq-lo-80", "Seq2Seq-hi-80"]
        pd.testing.assert_frame_equal(chosen, full[chosen.columns], check_exact=True)
        assert quantiles.predict(levels=[]).columns.tolist() == ["unique_id", "ds", "Seq2Seq"]

    def test_levels_that_were_not_trained_are_refused(self, quantiles: Seq2SeqForecaster, fitted) -> None:
        with pytest.raises(
            ParameterError, match=r"levels holds 50, but the model was trained for .*Seq2Seq-lo-90"
        ):
            quantiles.predict(levels=[90, 50])
        with pytest.raises(
            ParameterError, match="levels holds 90, but the model was trained for no intervals"
        ):
            fitted.predict(levels=[90])

    def test_utilsforecast_takes_the_frame(self, quantiles: Seq2SeqForecaster) -> None:
        from utilsforecast.evaluation import evaluate
        from utilsforecast.losses import coverage, mae

        forecast = quantiles.predict()
        actual = forecast[["unique_id", "ds"]].assign(y=forecast["Seq2Seq"])
        scores = evaluate(forecast.merge(actual), metrics=[mae, coverage], level=[80, 90], models=["Seq2Seq"])
        values = scores.set_index(["metric", "unique_id"])["Seq2Seq"]
        assert (values["mae"] == 0).all()
        assert (values[["coverage_level80", "coverage_level90"]] == 1).all()


class TestFrames:
    """Kinds of frames: names, types of time stamps, several targets."""

    def test_other_column_names(self, fitted: Seq2SeqForecaster) -> None:
        renamed = DF.rename(columns={"unique_id": "shop", "ds": "day", "y": "sales"})
        model = forecaster(context_length=14, id_col="shop", time_col="day", target_col="sales").fit(renamed)
        expected = fitted.predict().rename(columns={"unique_id": "shop", "ds": "day"})
        pd.testing.assert_frame_equal(model.predict(), expected, check_exact=True)

    def test_without_an_id_column(self) -> None:
        df = DF[DF["unique_id"] == "zebra"].drop(columns="unique_id")
        forecast = forecaster().fit(df).predict()
        assert forecast.columns.tolist() == ["ds", "Seq2Seq"]
        assert len(forecast) == HORIZON

    def test_integer_time_stamps(self) -> None:
        df = pd.DataFrame({"ds": np.arange(100, 220, 2), "y": series()})
        forecast = forecaster().fit(df).predict()
        assert forecast["ds"].tolist() == [220, 222, 224, 226]
        assert pd.api.types.is_integer_dtype(forecast["ds"])

    @pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
    def test_units_are_kept(self, unit: str) -> None:
        df = DF.assign(ds=DF["ds"].dt.as_unit(unit))
        assert forecaster(steps=1).fit(df).predict()["ds"].dtype == f"datetime64[{unit}]"

    def test_time_zones_are_kept_across_the_change_of_clocks(self) -> None:
        hours = pd.date_range("2024-03-29", periods=49, freq="h", tz="Europe/Berlin")
        forecast = forecaster(6, steps=1).fit(pd.DataFrame({"ds": hours, "y": series(49)})).predict()
        expected = pd.date_range("2024-03-31 01:00", periods=6, freq="h", tz="Europe/Berlin")
        assert forecast["ds"].dtype == hours.dtype
        assert forecast["ds"].tolist() == expected.tolist()

    @pytest.mark.parametrize(
        ("alias", "stamps"),
        [
            ("MS", ["2025-01-01", "2025-02-01"]),
            ("ME", ["2025-01-31", "2025-02-28"]),
            ("W-SUN", ["2024-12-22", "2024-12-29"]),
            ("QE", ["2032-03-31", "2032-06-30"]),
            ("15min", ["2024-01-31 11:45", "2024-01-31 12:00"]),
        ],
    )
    def test_stamps_go_on_along_the_grid(self, alias: str, stamps: list[str]) -> None:
        start = {"MS": "2022-01-01", "ME": "2022-01-31", "W-SUN": "2024-01-28", "QE": "2024-03-31"}
        length = {"MS": 36, "ME": 36, "W-SUN": 47, "QE": 32}.get(alias, 48)
        ds = pd.date_range(start.get(alias, "2024-01-30 23:45"), periods=length, freq=alias)
        forecast = forecaster(2, steps=1).fit(pd.DataFrame({"ds": ds, "y": series(length)})).predict()
        assert forecast["ds"].tolist() == [pd.Timestamp(stamp) for stamp in stamps]

    def test_text_dates_come_back_as_dates(self) -> None:
        df = DF.assign(ds=DF["ds"].dt.strftime("%Y-%m-%d"))
        forecast = forecaster(steps=1).fit(df).predict(df)
        assert pd.api.types.is_datetime64_any_dtype(forecast["ds"])

    def test_categories_stay_categories(self) -> None:
        df = DF.assign(unique_id=DF["unique_id"].astype("category"))
        forecast = forecaster(steps=1).fit(df).predict()
        assert forecast["unique_id"].dtype == df["unique_id"].dtype
        assert forecast["unique_id"].unique().tolist() == ["zebra", "ant", "mouse"]

    def test_several_targets(self) -> None:
        df = DF.assign(load=DF["y"] * 100 + 5000, constant=3.0)
        model = forecaster(target_col=["load", "y", "constant"], output=Quantiles([0.1, 0.5, 0.9])).fit(df)
        forecast = model.predict()
        assert forecast.columns.tolist() == [
            "unique_id", "ds",
            "Seq2Seq-load", "Seq2Seq-load-lo-80", "Seq2Seq-load-hi-80",
            "Seq2Seq-y", "Seq2Seq-y-lo-80", "Seq2Seq-y-hi-80",
            "Seq2Seq-constant", "Seq2Seq-constant-lo-80", "Seq2Seq-constant-hi-80",
        ]  # fmt: skip
        assert (forecast["Seq2Seq-constant"] == 3.0).all()
        assert forecast["Seq2Seq-load"].between(4000, 8000).all()

    def test_one_target_in_a_list_is_one_target(self) -> None:
        assert forecaster(target_col=["y"], steps=1).fit(DF).predict().columns.tolist()[-1] == "Seq2Seq"

    def test_gaps_and_missing_values_are_the_same(self) -> None:
        missing = DF["y"].where(np.random.default_rng(0).random(len(DF)) > 0.15)
        missing[[0, 59, 60, 104, 105, 113]] = DF["y"][[0, 59, 60, 104, 105, 113]]  # both ends of each series
        with_nan = DF.assign(y=missing)
        one, other = (forecaster().fit(df) for df in (with_nan, with_nan.dropna()))
        pd.testing.assert_frame_equal(one.predict(), other.predict(), check_exact=True)

    def test_an_index_of_any_kind_is_ignored(self, fitted: Seq2SeqForecaster) -> None:
        pd.testing.assert_frame_equal(fitted.predict(DF.set_index(DF["ds"].to_numpy())), fitted.predict())


class TestTraining:
    """Settings of the training that are seen through the forecaster."""

    def test_validation_reports_and_patience_stops(self) -> None:
        settings = training(
            200,
            learning_rate=1e-9,
            schedule="constant",
            warmup=0,
            validation_size=HORIZON,
            validation_every=2,
            patience=2,
        )
        history = forecaster(training=settings).fit(DF).history_
        errors = history["validation_error"].dropna()
        assert history["step"].iloc[-1] < 200
        assert (np.isfinite(errors)).all()
        assert errors.idxmin() == errors.index[-3], "two validations without improvement, then it stopped"

    def test_a_series_wholly_held_out_is_forecast_all_the_same(self) -> None:
        model = forecaster(training=training(validation_size=9)).fit(DF)  # mouse has nine rows
        assert np.isfinite(model.predict()["Seq2Seq"]).all()

    def test_holding_out_everything_is_refused(self) -> None:
        with pytest.raises(DataError, match="the longest has 60 steps, of which 59 are held out"):
            forecaster(training=training(validation_size=59)).fit(DF)

    def test_max_time_is_about_kept(self) -> None:
        settings = training(max_steps=100_000, max_time=2.0)
        begun = time.monotonic()
        model = forecaster(training=settings).fit(DF)
        assert 0.8 <= time.monotonic() - begun <= 3.0
        assert model.n_steps_ > 5
        assert model.stopped_ == "time"

    def test_max_time_is_an_upper_bound_where_data_are_few(self) -> None:
        """Few windows are soon learnt by heart: what is left of the time is given back."""
        default = forecaster(training=training(max_steps=None)).fit(DF)
        timed = forecaster(training=training(max_steps=None, max_time=600.0)).fit(DF)
        assert timed.n_steps_ == default.n_steps_ == 300
        assert timed.stopped_ == "steps"

    @pytest.mark.parametrize(
        "teacher_forcing", [0.0, 0.5, 1.0, Linear(), InverseSigmoid(2), lambda step: 0.7]
    )
    def test_teacher_forcing_of_any_kind(self, teacher_forcing) -> None:
        model = forecaster(training=training(3, teacher_forcing=teacher_forcing), steps=3).fit(DF)
        assert np.isfinite(model.predict()["Seq2Seq"]).all()

    @pytest.mark.parametrize(
        "output", [Point("mse"), Point("huber"), Point(lambda f, t: (f - t).abs().sqrt())]
    )
    def test_losses(self, output: Point) -> None:
        assert np.isfinite(forecaster(output=output, steps=2).fit(DF).predict()["Seq2Seq"]).all()

    def test_bf16_training_predicts_in_float32(self) -> None:
        model = forecaster(training=training(3, precision="bf16")).fit(DF)
        together = model.predict().set_index("unique_id")
        alone = model.predict(DF[DF["unique_id"] == "ant"]).set_index("unique_id")
        pd.testing.assert_frame_equal(alone, together.loc[["ant"]], rtol=1e-5)

    def test_quantiles_under_teacher_forcing_are_warned_of(self) -> None:
        with pytest.warns(TrainingWarning, match="teacher_forcing"):
            forecaster(output=Quantiles(), training=training(1, teacher_forcing=1.0)).fit(DF)


class TestAFitThatFails:
    """A refused or broken fit leaves the estimator as it was."""

    @pytest.mark.filterwarnings("ignore:the loss was")
    def test_a_fitted_model_still_predicts_as_before(self) -> None:
        model = forecaster(context_length=14).fit(DF)
        before, learned = model.predict(), {k: v for k, v in vars(model).items() if k.endswith("_")}
        model.set_params(horizon=9)
        with pytest.raises(DataError):
            model.fit(DF.assign(y=np.inf))
        with pytest.raises(DataError):
            model.fit(DF.drop(columns="y"))
        with pytest.raises(ParameterError):
            model.set_params(scaling="nonsense").fit(DF)
        model.set_params(
            scaling="window", training=training(20, learning_rate=1e38, optimizer="sgd", warmup=0)
        )
        with pytest.raises(TrainingError, match=r"loss is .* at step"):
            model.fit(DF)
        pd.testing.assert_frame_equal(model.predict(), before, check_exact=True)
        assert all(vars(model)[name] is value for name, value in learned.items())

    def test_an_unfitted_model_stays_unfitted(self) -> None:
        model = forecaster()
        with pytest.raises(DataError):
            model.fit(DF[:0])
        assert not [name for name in vars(model) if name.endswith("_")]


class TestSense:
    """Small problems whose answer is known."""

    def test_sine_and_trend_beat_the_seasonal_naive(self) -> None:
        steps = np.arange(180)
        y = 10 * np.sin(2 * np.pi * steps / 12) + 0.5 * steps
        df = pd.DataFrame({"ds": pd.date_range("2010-01-01", periods=180, freq="MS"), "y": y})
        settings = training(150, learning_rate=0.01)
        model = Seq2SeqForecaster(12, network=Network(hidden_size=16), training=settings).fit(df[:168])
        assert model.season_length_ == 12
        error = np.abs(model.predict()["Seq2Seq"].to_numpy() - y[168:]).mean()
        naive = np.abs(y[156:168] - y[168:]).mean()
        assert error < naive / 3

    def test_a_line_is_continued(self) -> None:
        df = pd.DataFrame({"ds": np.arange(80), "y": 3.0 * np.arange(80) - 50})
        model = forecaster(
            4, training=training(100, learning_rate=0.01), network=Network(hidden_size=16)
        ).fit(df[:76])
        forecast = model.predict()["Seq2Seq"].to_numpy()
        np.testing.assert_allclose(forecast, df["y"][76:], atol=1.5)

    @pytest.mark.parametrize("scaling", ["window", "robust", "series"])
    def test_units_of_the_target_are_of_no_importance(self, scaling: str) -> None:
        one, other = (
            forecaster(scaling=scaling).fit(df).predict()["Seq2Seq"]
            for df in (DF, DF.assign(y=DF["y"] * 1000 + 5000))
        )
        np.testing.assert_allclose(other, one * 1000 + 5000, atol=1e-3 * 1000)

    def test_level_does_not_need_to_have_been_seen(self, fitted: Seq2SeqForecaster) -> None:
        shifted = fitted.predict(DF.assign(y=DF["y"] + 1e8))["Seq2Seq"]
        np.testing.assert_allclose(shifted - 1e8, fitted.predict()["Seq2Seq"], atol=1e-3)

    def test_a_context_without_one_observation_goes_on_from_the_last_known_value(self) -> None:
        """Sixteen missing days, longer than the context, end a series that had risen from 0 to 59."""
        y = np.r_[np.arange(60.0), np.full(16, np.nan)]
        df = pd.DataFrame({"ds": np.arange(76), "y": y})
        model = forecaster(context_length=14).fit(df[:60])
        assert (model.predict(df)["Seq2Seq"] > 40).all()


def test_lags_show_what_lies_before_the_context() -> None:
    """Noise that repeats itself after 20 steps cannot be known from the last 6; with the lag it can."""
    rng = np.random.default_rng(0)
    parts = [
        pd.DataFrame({"unique_id": name, "ds": np.arange(100), "y": np.tile(rng.normal(size=20), 5)})
        for name in "abcdef"
    ]
    df = pd.concat(parts, ignore_index=True)
    known, truth = df[df["ds"] < 96], df.loc[df["ds"] >= 96, "y"].to_numpy()
    mistakes = {}
    for lags in ((), (20,)):
        model = forecaster(
            context_length=6,
            segment_length=1,
            lags=lags,
            network=Network(hidden_size=16),
            training=training(150, learning_rate=0.02),
        ).fit(known)
        mistakes[lags] = np.abs(model.predict()["Seq2Seq"].to_numpy() - truth).mean()
    assert mistakes[20,] < 0.3 * mistakes[()]


def test_lags_come_back_with_a_saved_model(tmp_path) -> None:
    model = forecaster(context_length=6, lags=[3, 12]).fit(DF)
    model.save(tmp_path / "model")
    loaded = load(tmp_path / "model")
    assert loaded.lags == [3, 12]
    assert loaded.lags_ == (3, 12)
    assert loaded.fitted_.shape() == model.fitted_.shape()
    close(loaded.predict(), model.predict())


def test_a_stride_learns_what_begins_at_the_phase_of_the_forecast() -> None:
    """The value read says nothing of when a window begins; only windows of one phase teach what follows."""
    rng = np.random.default_rng(0)
    level, phase = rng.normal(size=80).repeat(4), np.tile([0.0, 3.0, -2.0, 1.0], 80)
    df = pd.DataFrame({"ds": np.arange(320), "y": np.where(phase == 0, level, phase)})
    mistakes = {}
    for stride in (1, 4):
        model = forecaster(
            2,
            context_length=1,
            segment_length=1,
            stride=stride,
            scaling="none",
            network=Network(hidden_size=8, residual=None),
            training=training(150, learning_rate=0.02),
        ).fit(df[:317])  # the last value known is a level
        mistakes[stride] = np.abs(model.predict()["Seq2Seq"].to_numpy() - [3.0, -2.0]).mean()
    assert mistakes[4] < 0.2 * mistakes[1]


def test_a_stride_may_change_where_training_goes_on() -> None:
    model = forecaster(context_length=6).fit(DF)
    model.stride = 2
    model.fit(DF, warm_start=True)
    assert model.fitted_.resolved.stride == 2


@pytest.mark.parametrize("stride", [0, -1, 2.5, "day", None])
def test_a_stride_is_a_number_of_steps(stride, unchecked_types) -> None:
    with pytest.raises((ParameterError, ParameterTypeError), match="stride is"):
        forecaster(stride=stride).fit(DF)
