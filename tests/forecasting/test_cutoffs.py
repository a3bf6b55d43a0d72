"""Forecasts from many cutoffs: which rows come out, beside which truth; and calibration on unseen windows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tsseq2seq import Network, Normal, Point, Quantiles, Seq2SeqForecaster, Training
from tsseq2seq.errors import DataError, DataWarning, ParameterError

HORIZON = 3
DAYS = pd.date_range("2024-01-01", periods=200, freq="D")


def forecaster(**settings: Any) -> Seq2SeqForecaster:
    defaults = {
        "network": Network(hidden_size=6),
        "training": Training(max_steps=3, progress=False, precision="float32"),
        "context_length": 8,
    }
    return Seq2SeqForecaster(HORIZON, **(defaults | settings))


def panel(lengths: dict[str, int]) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    parts = [
        pd.DataFrame({"unique_id": name, "ds": DAYS[:length], "y": rng.normal(size=length).cumsum()})
        for name, length in lengths.items()
    ]
    return pd.concat(parts, ignore_index=True)


DF = panel({"z": 40, "a": 30})


@pytest.fixture(scope="module")
def fitted() -> Seq2SeqForecaster:
    return forecaster().fit(DF)


class TestPredictCutoffs:
    def test_rows_series_by_series_the_earliest_cutoff_first(self, fitted: Seq2SeqForecaster) -> None:
        frame = fitted.predict_cutoffs(DF, windows=3, step=2)
        assert frame.columns.tolist() == ["unique_id", "ds", "cutoff", "y", "Seq2Seq"]
        assert frame["unique_id"].tolist() == ["z"] * 9 + ["a"] * 9
        last = DAYS[[39 - 3, 29 - 3]]
        expected = [end - pd.Timedelta(days=back) for end in last for back in (4, 2, 0) for _ in range(3)]
        assert frame["cutoff"].tolist() == expected
        assert ((frame["ds"] - frame["cutoff"]).dt.days.to_numpy() == np.tile([1, 2, 3], 6)).all()
        truth = frame.merge(DF, on=["unique_id", "ds"])
        assert (truth["y_x"] == truth["y_y"]).all()

    @pytest.mark.parametrize("step", [None, 1, 7])
    @pytest.mark.parametrize("horizon", [None, 1, 5])
    def test_each_is_the_forecast_of_the_truncated_frame(
        self, fitted: Seq2SeqForecaster, step: int | None, horizon: int | None
    ) -> None:
        frame = fitted.predict_cutoffs(DF, windows=2, step=step, horizon=horizon)
        steps = horizon or HORIZON
        assert len(frame) == 2 * 2 * steps
        for (name, cutoff), rows in frame.groupby(["unique_id", "cutoff"]):
            known = DF[(DF["unique_id"] == name) & (DF["ds"] <= cutoff)]
            forecast = fitted.predict(known, horizon=steps)
            assert rows["ds"].tolist() == forecast["ds"].tolist()
            np.testing.assert_allclose(rows["Seq2Seq"], forecast["Seq2Seq"], rtol=1e-4, atol=1e-5)
        assert frame.groupby("unique_id")["ds"].max().tolist() == [DAYS[29], DAYS[39]]

    def test_cutoffs_left_out_at_the_end(self, fitted: Seq2SeqForecaster) -> None:
        all_of_them = fitted.predict_cutoffs(DF, windows=4, step=2)
        parts = [fitted.predict_cutoffs(DF, windows=2, step=2, skip=skip) for skip in (2, 0)]
        joined = pd.concat(parts).sort_values(["unique_id", "cutoff", "ds"], ascending=[False, True, True])
        pd.testing.assert_frame_equal(joined.reset_index(drop=True), all_of_them, rtol=1e-5, atol=1e-6)

    def test_missing_values_and_gaps(self, fitted: Seq2SeqForecaster) -> None:
        df = DF.assign(y=DF["y"].where(DF.index != 38)).drop(index=39 + 29)
        frame = fitted.predict_cutoffs(df)
        assert np.isfinite(frame["Seq2Seq"]).all()
        assert frame["y"].isna().tolist() == [False, True, False, False, True, False]
        assert frame["ds"].tolist() == [*DAYS[37:40], *DAYS[27:30]]

    def test_truth_keeps_its_digits(self, fitted: Seq2SeqForecaster) -> None:
        df = DF.assign(y=DF["y"] + np.pi * 1e8)
        frame = fitted.predict_cutoffs(df).merge(df, on=["unique_id", "ds"])
        assert (frame["y_x"] == frame["y_y"]).all()

    def test_intervals_and_several_targets(self) -> None:
        df = DF.assign(load=2 * DF["y"])
        model = forecaster(target_col=["load", "y"], output=Normal()).fit(df)
        frame = model.predict_cutoffs(df, windows=2, levels=[50], num_samples=10)
        assert frame.columns.tolist() == [
            "unique_id", "ds", "cutoff", "load", "y",
            "Seq2Seq-load", "Seq2Seq-load-lo-50", "Seq2Seq-load-hi-50",
            "Seq2Seq-y", "Seq2Seq-y-lo-50", "Seq2Seq-y-hi-50",
        ]  # fmt: skip
        assert np.isfinite(frame.iloc[:, 3:]).all(axis=None)

    def test_future_covariates_are_those_of_the_frame(self) -> None:
        df = DF.assign(price=np.arange(len(DF)) % 5.0)
        model = forecaster(future_covariates=["price"], segment_length=1).fit(df)
        frame = model.predict_cutoffs(df)
        known = df[df["ds"] <= df["unique_id"].map({"z": DAYS[36], "a": DAYS[26]})]
        forecast = model.predict(known, df[["unique_id", "ds", "price"]])
        np.testing.assert_allclose(frame["Seq2Seq"], forecast["Seq2Seq"], rtol=1e-4, atol=1e-5)

    def test_series_too_short_are_named_and_the_rest_is_forecast(self, fitted: Seq2SeqForecaster) -> None:
        df = pd.concat([DF, panel({"tiny": 5, "one": 1})])
        message = r"4 of 12 windows of Seq2Seq are left out, because series are too short; the first is 'tiny' with 5"
        with pytest.warns(DataWarning, match=message):
            frame = fitted.predict_cutoffs(df, windows=3, step=1)
        assert frame.groupby("unique_id", sort=False).size().to_dict() == {"z": 9, "a": 9, "tiny": 6}

    def test_no_series_long_enough_is_refused(self, fitted: Seq2SeqForecaster) -> None:
        with pytest.raises(
            DataError, match="no series has a step before a horizon of 3: the longest has 3 steps"
        ):
            fitted.predict_cutoffs(panel({"a": 3, "b": 2}))

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"windows": 0}, "windows is 0; it must be an integer, at least 1"),
            ({"step": 0}, "step is 0; it must be an integer, at least 1"),
            ({"horizon": 0}, "horizon is 0; it must be an integer, at least 1"),
            ({"skip": -1}, "skip is -1; it must be an integer, at least 0"),
            ({"num_samples": 0}, "num_samples is 0; it must be an integer, at least 1"),
            ({"levels": [100]}, "levels is 100; each must be a percentage, from 1 to below 100"),
        ],
        ids=str,
    )
    def test_arguments_that_cannot_work(
        self, fitted: Seq2SeqForecaster, arguments: dict, message: str
    ) -> None:
        with pytest.raises(ParameterError, match=message):
            fitted.predict_cutoffs(DF, **arguments)


class TestCalibrate:
    @pytest.fixture(scope="class")
    @classmethod
    def many(cls) -> pd.DataFrame:
        """Noise about a level: windows are exchangeable."""
        rng = np.random.default_rng(3)
        names = np.repeat([f"s{i}" for i in range(60)], 40)
        return pd.DataFrame({"unique_id": names, "ds": np.tile(DAYS[:40], 60), "y": rng.normal(size=2400)})

    @pytest.mark.parametrize(
        "output", [Point(), Quantiles([0.4, 0.5, 0.6]), Normal()], ids=lambda o: type(o).__name__
    )
    def test_intervals_cover_as_often_as_they_say(self, many: pd.DataFrame, output: Any) -> None:
        """Whatever the output says of itself: fitted on a third, calibrated on a third, tried on a third."""
        place = many["unique_id"].str[1:].astype(int) % 3
        model = forecaster(output=output).fit(many[place == 0]).calibrate(many[place == 1])
        frame = model.predict_cutoffs(many[place == 2], windows=10, levels=[80, 90])
        for level in (80, 90):
            inside = frame["y"].between(frame[f"Seq2Seq-lo-{level}"], frame[f"Seq2Seq-hi-{level}"]).mean()
            assert abs(inside - level / 100) < 0.045

    def test_scores_are_those_of_forecasts_by_hand(self) -> None:
        """A point forecast's misses, in units of the context's spread."""
        model = forecaster().fit(DF)
        other = panel({"new": 20})
        with pytest.warns(DataWarning, match="calibrate: 3 windows suffice for levels of up to 50"):
            model.calibrate(other, step=4)
        frame = model.predict_cutoffs(other, windows=3, step=4, levels=[])
        assert (frame["cutoff"].unique() == DAYS[[8, 12, 16]]).all()
        scores = []
        for cutoff, rows in frame.groupby("cutoff"):
            context = other.loc[other["ds"] <= cutoff, "y"].to_numpy()[-8:]
            scores.append((rows["y"] - rows["Seq2Seq"]).to_numpy() / context.std())
        np.testing.assert_allclose(model.conformal_.scores[..., 0], np.sort(scores, axis=0), rtol=1e-3)

    def test_of_a_series_trained_on_only_what_came_later_counts(self) -> None:
        model = forecaster().fit(DF)
        longer = panel({"z": 40, "a": 30, "new": 20})
        later = pd.concat([longer, pd.DataFrame({"unique_id": "z", "ds": DAYS[40:46], "y": 1.0})])
        for windows, expected in ((None, 4 + (20 - 3 - 8 + 1)), (2, 2 + 2)):
            with pytest.warns(DataWarning, match=f"calibrate: {expected} windows suffice"):
                model.calibrate(later, windows=windows, step=1)
            assert len(model.conformal_.scores) == expected

    def test_nothing_unseen_is_refused(self) -> None:
        model = forecaster().fit(DF)
        message = "calibrate: df has no 3 steps that the model was not trained on; give it rows after"
        for df in (DF, DF[DF["unique_id"] == "a"], panel({"z": 42, "a": 30})):
            with pytest.raises(DataError, match=message):
                model.calibrate(df)
        assert model.conformal_ is None

    def test_too_few_windows_for_a_level_are_counted(self) -> None:
        with pytest.warns(DataWarning, match="calibrate: 10 windows suffice for levels of up to 81"):
            model = forecaster().fit(DF).calibrate(panel({"new": 30}), step=2)
        assert len(model.conformal_.scores) == 10
        assert len(model.predict(levels=[80])) == 6
        with pytest.raises(
            DataError, match=r"level 90 needs at least 19 calibration windows; step 1 .* has 10"
        ):
            model.predict(levels=[90])
        # without levels, the highest that can be had
        assert list(model.predict())[-2:] == ["Seq2Seq-lo-81", "Seq2Seq-hi-81"]

    def test_a_later_fit_forgets_it(self) -> None:
        model = forecaster().fit(DF).calibrate(panel({"new": 60}), step=1)
        assert "Seq2Seq-lo-90" in model.predict()
        assert model.fit(DF).conformal_ is None
        assert model.predict().columns.tolist() == ["unique_id", "ds", "Seq2Seq"]

    def test_horizons(self) -> None:
        model = forecaster(segment_length=1).fit(DF).calibrate(panel({"new": 60}), step=1)
        short, full = model.predict(horizon=2), model.predict()
        rows = full.groupby("unique_id", sort=False).head(2).reset_index(drop=True)
        pd.testing.assert_frame_equal(short, rows, rtol=1e-5)
        with pytest.raises(DataError, match="the forecast has 5 steps, but the calibration only 3"):
            model.predict(horizon=5)

    def test_it_is_saved_and_loaded(self, tmp_path: Any) -> None:
        from tsseq2seq import load

        model = forecaster().fit(DF).calibrate(panel({"new": 60}), step=1)
        model.save(tmp_path / "model")
        pd.testing.assert_frame_equal(load(tmp_path / "model").predict(), model.predict(), check_exact=True)

    def test_a_series_without_a_value_has_no_interval(self) -> None:
        model = forecaster().fit(DF).calibrate(panel({"new": 60}), step=1)
        empty = pd.DataFrame({"unique_id": "empty", "ds": DAYS[:20], "y": np.nan})
        with pytest.warns(DataWarning, match="'empty'"):
            forecast = model.predict(pd.concat([empty, DF]))
        values = forecast.set_index("unique_id").drop(columns="ds")
        assert values.loc["empty"].isna().all(axis=None)
        assert np.isfinite(values.loc[["z", "a"]]).all(axis=None)

    @pytest.mark.parametrize("name", ["windows", "step"])
    def test_arguments_that_cannot_work(self, fitted: Seq2SeqForecaster, name: str) -> None:
        with pytest.raises(
            ParameterError, match=f"calibrate: {name} is 0; it must be an integer, at least 1"
        ):
            fitted.calibrate(DF, **{name: 0})
