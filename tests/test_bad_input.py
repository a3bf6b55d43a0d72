"""Gates at the ends: whatever is handed in, the answer is a sensible forecast or a message that helps."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

from tsseq2seq import Network, Normal, Point, Quantiles, SeasonalNaive, Seq2SeqForecaster, Training
from tsseq2seq.errors import (
    DataError,
    DataWarning,
    FrequencyError,
    ParameterError,
    ParameterTypeError,
    TrainingWarning,
    TsSeq2SeqError,
)

HORIZON = 3
SCALINGS = ["window", "series", "robust", "log1p"]


def forecaster(horizon=HORIZON, **settings) -> Seq2SeqForecaster:
    training = Training(max_steps=2, progress=False, precision="float32")
    return Seq2SeqForecaster(
        horizon, **({"network": Network(hidden_size=4), "training": training} | settings)
    )


def series(length: int = 40, *, name: str = "a", y=None) -> pd.DataFrame:
    values = 5 + np.sin(np.arange(length)) if y is None else np.asarray(y, dtype=float)
    ds = pd.date_range("2024-01-01", periods=len(values), freq="D")
    return pd.DataFrame({"unique_id": name, "ds": ds, "y": values})


DF = pd.concat([series(), series(30, name="b")], ignore_index=True)


def exponential() -> pd.DataFrame:
    """The same series, that grow by a tenth in a step, give or take a share of what they are."""
    steps = DF.groupby("unique_id").cumcount()
    return DF.assign(y=1.1**steps * np.exp(0.3 * np.random.default_rng(0).normal(size=len(DF))))


@pytest.fixture(scope="module")
def fitted() -> Seq2SeqForecaster:
    return forecaster(context_length=8).fit(DF)


def forecast_of(model: Seq2SeqForecaster, df: pd.DataFrame | None = None, name: str = "a") -> list[float]:
    forecast = model.predict(df)
    return forecast.loc[forecast["unique_id"] == name, "Seq2Seq"].tolist()


class TestValues:
    """Strange numbers in the target."""

    @pytest.mark.parametrize("value", [np.inf, -np.inf])
    @pytest.mark.parametrize("when", ["fit", "predict"])
    def test_infinity_is_refused_with_series_and_stamp(self, fitted, value: float, when: str) -> None:
        df = DF.copy()
        df.loc[45, "y"] = value
        message = rf"column 'y' is {value} at 2024-01-06 00:00:00 of series 'b' \(row 45\).*finite, or NaN"
        with pytest.raises(DataError, match=message):
            forecaster().fit(df) if when == "fit" else fitted.predict(df)

    @pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
    def test_missing_values_are_masked(self, share: float) -> None:
        df = DF.assign(y=DF["y"].where(np.random.default_rng(0).random(len(DF)) >= share))
        assert np.isfinite(forecaster().fit(df).predict()["Seq2Seq"]).all()

    @pytest.mark.parametrize("scaling", SCALINGS)
    @pytest.mark.parametrize("level", [0.0, 3.3, 1e8 + 1, 1e30, 1e-30])
    def test_a_constant_is_forecast_as_exactly_that(self, scaling: str, level: float) -> None:
        df = pd.concat([series(y=np.full(40, level)), series(30, name="b")])
        forecast = forecast_of(forecaster(scaling=scaling).fit(df))
        assert forecast == [level] * HORIZON

    def test_a_constant_has_intervals_of_no_width(self) -> None:
        model = forecaster(output=Quantiles()).fit(series(y=np.full(40, 3.3)))
        with pytest.warns(DataWarning, match="no series varied in training"):
            forecast = model.predict()
        assert (forecast[["Seq2Seq", "Seq2Seq-lo-90", "Seq2Seq-hi-90"]] == 3.3).all(axis=None)

    def test_nothing_but_constants(self) -> None:
        df = pd.concat([series(y=np.full(20, 3.3)), series(y=np.full(20, -1e9), name="b")])
        model = forecaster().fit(df)
        assert forecast_of(model) == [3.3] * HORIZON
        assert forecast_of(model, name="b") == [-1e9] * HORIZON

    def test_a_constant_with_gaps(self) -> None:
        y = np.where(np.arange(40) % 3 == 0, np.nan, 7.25)
        assert (
            forecast_of(forecaster().fit(pd.concat([series(y=y), series(30, name="b")]))) == [7.25] * HORIZON
        )

    def test_a_series_of_nothing_but_missing_values_leaves_the_others_alone(self) -> None:
        """Nothing is known of it, so its forecast is missing too."""
        empty = series(name="empty", y=np.full(30, np.nan))
        model = forecaster(context_length=8).fit(DF)
        with pytest.warns(DataWarning, match="the first is of series 'empty'"):
            forecast = model.predict(pd.concat([empty, DF]))
        assert forecast["unique_id"].unique().tolist() == ["empty", "a", "b"]
        expected = model.predict()["Seq2Seq"]
        np.testing.assert_allclose(forecast["Seq2Seq"][HORIZON:], expected, rtol=1e-6)
        assert forecast["Seq2Seq"][:HORIZON].isna().all()
        with pytest.warns(DataWarning, match="the first is of series 'empty'"):
            trained = forecaster(context_length=8).fit(pd.concat([empty, DF])).predict()
        assert np.isfinite(trained["Seq2Seq"][HORIZON:]).all()

    def test_a_frame_of_nothing_but_missing_values_is_refused(self) -> None:
        with pytest.raises(DataError, match=r"'y'|observ"):
            forecaster().fit(series(y=np.full(20, np.nan)))

    @pytest.mark.parametrize("scaling", ["window", "series", "robust"])
    @pytest.mark.parametrize("size", [1e30, 1e-30])
    def test_magnitude_is_of_no_importance(self, scaling: str, size: float) -> None:
        plain = forecast_of(forecaster(scaling=scaling).fit(DF))
        scaled = forecast_of(forecaster(scaling=scaling).fit(DF.assign(y=DF["y"] * size)))
        np.testing.assert_allclose(np.array(scaled) / size, plain, rtol=1e-4)

    @pytest.mark.parametrize("scaling", ["window", "series", "robust"])
    def test_counting_from_1e8(self, scaling: str) -> None:
        model = forecaster(scaling=scaling).fit(series(y=1e8 + np.arange(40.0)))
        assert all(abs(value - (1e8 + 40)) < 15 for value in forecast_of(model))
        assert len(set(forecast_of(model))) == HORIZON, "single units are kept apart"

    @pytest.mark.parametrize("scaling", ["window", "series", "robust", "log1p", "none"])
    @pytest.mark.parametrize("size", [1e30, 1e-30])
    def test_no_magnitude_gives_infinity(self, scaling: str, size: float) -> None:
        model = forecaster(scaling=scaling).fit(DF.assign(y=DF["y"] * size))
        assert np.isfinite(model.predict()["Seq2Seq"]).all()

    @pytest.mark.parametrize("scaling", ["window", "series", "robust"])
    def test_a_first_change_of_rounding_noise(self, scaling: str) -> None:
        y = np.r_[0.3, 0.1 + 0.2, 0.3, 1000 * np.sin(np.arange(40))]
        forecast = np.array(forecast_of(forecaster(scaling=scaling).fit(series(y=y))))
        assert (np.abs(forecast) < 1e4).all()

    def test_series_of_all_magnitudes_side_by_side(self) -> None:
        wave = 5 + np.sin(np.arange(40))
        sizes = {"a": 1.0, "b": 1e30, "c": 1e-30, "d": 1e8}
        df = pd.concat([series(name=name, y=wave * size) for name, size in sizes.items()])
        for scaling in ("window", "series", "robust"):
            model = forecaster(scaling=scaling).fit(df)
            for name, size in sizes.items():
                expected = np.array(forecast_of(model, series(y=wave)))
                np.testing.assert_allclose(
                    np.array(forecast_of(model, name=name)) / size, expected, rtol=1e-4
                )

    def test_text_is_refused(self) -> None:
        with pytest.raises(
            DataError, match=r"column 'y' has the type .*a target must be numeric. Row 0 holds '5"
        ):
            forecaster().fit(DF.assign(y=DF["y"].astype(str)))

    def test_log1p_names_the_value_it_cannot_take(self) -> None:
        df = DF.copy()
        df.loc[42, "y"] = -3.0
        with pytest.raises(
            DataError, match=r"scaling is 'log1p', but series 'b' is -3 at 2024-01-03.*above -1"
        ):
            forecaster(scaling="log1p").fit(df)

    def test_what_is_held_out_may_forbid_logarithms(self) -> None:
        """They are no matter of learning: a value that has none could not be validated on."""
        growing = exponential()
        training = Training(max_steps=2, progress=False, validation_size=HORIZON)
        assert forecaster(training=training).fit(growing).scaling_ == "log1p"
        growing.loc[39, "y"] = -5.0
        model = forecaster(training=training).fit(growing)
        assert model.scaling_ == "window"
        assert np.isfinite(model.predict()["Seq2Seq"]).all()

    def test_logarithms_that_were_chosen_say_what_to_do_about_a_value_below_them(self) -> None:
        """Changes that grow with the level are seen in fit; what cannot have a logarithm comes later."""
        growing = exponential()
        model = forecaster().fit(growing)
        assert model.scaling_ == "log1p"
        growing.loc[42, "y"] = -3.0
        with pytest.raises(DataError, match=r"series 'b' is -3 at 2024-01-03.*scaling='window'"):
            model.predict(growing)


class TestTime:
    """Strange time stamps."""

    def test_duplicates_are_refused_with_series_and_stamp(self, fitted) -> None:
        doubled = pd.concat([DF, DF[DF["unique_id"] == "b"].iloc[[4]]])
        for use in (forecaster().fit, fitted.predict):
            with pytest.raises(DataError, match=r"(?s)'b'.*2024-01-05"):
                use(doubled)

    def test_unsorted_rows_are_sorted(self, fitted) -> None:
        backwards = DF.iloc[::-1]
        forecast = fitted.predict(backwards)
        assert forecast["unique_id"].unique().tolist() == ["b", "a"]
        np.testing.assert_allclose(forecast_of(fitted, backwards), forecast_of(fitted), rtol=1e-6)

    def test_gaps_are_steps_without_a_value(self) -> None:
        df = DF.drop(index=[5, 6, 20, 50])
        assert forecaster().fit(df).predict()["ds"].iloc[0] == pd.Timestamp("2024-02-10")

    def test_mixed_frequencies_are_refused_with_the_series(self) -> None:
        weekly = series(30, name="weekly").assign(ds=pd.date_range("2024-01-01", periods=30, freq="7D"))
        with pytest.raises(FrequencyError, match=r"'weekly'.*coarser grid.*models of their own"):
            forecaster().fit(pd.concat([DF, weekly]))
        hourly = series(30, name="hourly").assign(ds=pd.date_range("2024-01-01", periods=30, freq="h"))
        with pytest.raises(FrequencyError, match=r"series '(a|b|hourly)'"):
            forecaster().fit(pd.concat([DF, hourly]))

    def test_a_stamp_off_the_grid_is_refused(self, fitted) -> None:
        df = DF.copy()
        df.loc[33, "ds"] += pd.Timedelta(hours=5)
        for use in (forecaster().fit, fitted.predict):
            with pytest.raises(
                FrequencyError, match=r"series 'a': the time stamp 2024-02-03 05:00:00 .* grid 'D'"
            ):
                use(df)

    @pytest.mark.parametrize("freq", ["h", "D"])
    @pytest.mark.parametrize("start", ["2024-03-28", "2024-10-24"])
    def test_daylight_saving_makes_no_gap_and_no_duplicate(self, freq: str, start: str) -> None:
        ds = pd.date_range(start, periods=80, freq=freq, tz="Europe/Berlin")
        model = forecaster().fit(series(80).assign(ds=ds))
        assert bool(model.fitted_.panel.observed.all())
        expected = pd.date_range(ds[-1], periods=HORIZON + 1, freq=freq)[1:]
        assert model.predict()["ds"].tolist() == expected.tolist()

    def test_one_repeated_local_hour_is_told_from_its_twin(self) -> None:
        ds = pd.date_range("2024-10-27 00:00", periods=30, freq="h", tz="Europe/Berlin")
        assert ds.tz_localize(None).has_duplicates
        assert len(forecaster().fit(series(30).assign(ds=ds)).predict()) == HORIZON

    def test_a_missing_stamp_is_refused(self) -> None:
        with pytest.raises(DataError, match="column 'ds' is empty in row 7; every row needs a time stamp"):
            forecaster().fit(DF.assign(ds=DF["ds"].where(DF.index != 7)))

    def test_dates_that_are_not_iso_are_refused(self) -> None:
        with pytest.raises(
            DataError, match=r"column 'ds' is text, and row 12, '13/01/2024'.*pandas.to_datetime"
        ):
            forecaster().fit(
                DF.assign(ds=DF["ds"].dt.strftime("%d/%m/%Y").where(DF.index > 11, DF["ds"].astype(str)))
            )

    def test_an_absurd_gap_is_refused(self) -> None:
        late = series(5, name="a").assign(ds=lambda df: df["ds"] + pd.DateOffset(years=600))
        with pytest.raises(DataError, match=r"series 'a' has 45 rows .*nearly all of it would be missing"):
            forecaster().fit(pd.concat([series(), late]))

    @pytest.mark.parametrize("freq", ["fortnight", -1, 0, ""])
    def test_a_frequency_that_is_none(self, freq) -> None:
        with pytest.raises(ParameterError, match=f"freq is {freq!r}.*Accepted are"):
            forecaster(freq=freq).fit(DF)

    def test_a_frequency_of_the_wrong_kind(self) -> None:
        with pytest.raises(
            FrequencyError, match=r"time stamps of the type datetime64.*'1'; freq must be a step of time"
        ):
            forecaster(freq=1).fit(DF)
        with pytest.raises(
            FrequencyError, match=r"time stamps of the type int64.*'D'; freq must be an? .*integer"
        ):
            forecaster(freq="D").fit(DF.assign(ds=np.arange(70)))


class TestShort:
    """Few observations."""

    def test_a_single_observation_needs_a_frequency(self) -> None:
        with pytest.raises(FrequencyError, match=r"no series has two rows.*pass it, for example freq='D'"):
            forecaster().fit(series(1))

    def test_a_single_observation_cannot_be_trained_on(self) -> None:
        with pytest.raises(DataError, match="no series is long enough to train on: the longest has 1 steps"):
            forecaster(freq="D").fit(series(1))

    def test_a_single_observation_beside_others_is_carried_forward(self) -> None:
        df = pd.concat([series(1, name="one", y=[7.7]), DF])
        assert forecast_of(forecaster().fit(df), name="one") == [7.7] * HORIZON

    @pytest.mark.parametrize("length", [2, 3, 5])
    def test_a_few_observations_are_enough(self, length: int) -> None:
        with pytest.warns(TrainingWarning, match="windows with a whole horizon"):
            forecast = forecast_of(forecaster().fit(series(length)))
        assert np.isfinite(forecast).all()

    @pytest.mark.parametrize("length", [1, 2, 4])
    def test_a_series_shorter_than_one_segment(self, length: int) -> None:
        df = pd.concat([series(length, name="short"), DF])
        model = forecaster(12, segment_length=6, context_length=12).fit(df)
        forecast = forecast_of(model, name="short")
        assert len(forecast) == 12
        assert np.isfinite(forecast).all()
        np.testing.assert_allclose(
            forecast_of(model, df[df["unique_id"] == "short"], "short"), forecast, rtol=1e-5
        )

    def test_all_series_shorter_than_one_segment(self) -> None:
        df = pd.concat([series(3), series(4, name="b")])
        with pytest.warns(TrainingWarning, match="horizon is 12"):
            model = forecaster(12, segment_length=6).fit(df)
        assert np.isfinite(model.predict()["Seq2Seq"]).all()

    def test_a_horizon_longer_than_the_history(self) -> None:
        with pytest.warns(TrainingWarning, match="horizon is 50.*20 steps"):
            model = forecaster(50).fit(series(20))
        assert np.isfinite(model.predict()["Seq2Seq"]).all()

    def test_a_context_longer_than_the_history(self) -> None:
        assert np.isfinite(forecaster(context_length=500).fit(DF).predict()["Seq2Seq"]).all()


class TestFrames:
    """What is not the frame that was meant."""

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            (DF.rename(columns={"y": "Y"}), "df has no column 'y'; it has: 'unique_id', 'ds', 'Y'"),
            (DF.rename(columns={"ds": "date"}), "df has no column 'ds'; it has: 'unique_id', 'date', 'y'"),
            (DF.drop(columns=["ds", "y"]), "df has no column 'ds'"),
            (DF[:0], "df has no rows; at least one observation is needed"),
            (pd.DataFrame(), "df has no column 'ds'"),
            (pd.concat([DF, DF[["y"]]], axis=1), "df has 2 columns named 'y'"),
            (
                DF.assign(unique_id=DF["unique_id"].where(DF.index != 3)),
                "column 'unique_id' is empty in row 3",
            ),
        ],
        ids=["no y", "no ds", "neither", "no rows", "nothing", "twice", "no name"],
    )
    def test_frames_that_lack_something(self, fitted, given: pd.DataFrame, message: str) -> None:
        for use in (forecaster().fit, fitted.predict):
            with pytest.raises(DataError, match=message):
                use(given)

    def test_a_misspelt_column_gets_a_hint(self) -> None:
        with pytest.raises(DataError, match=r"df has no column 'sale'; .*did you mean 'sales'"):
            forecaster(target_col="sale").fit(DF.rename(columns={"y": "sales"}))
        with pytest.raises(DataError, match=r"df has no column 'loads'.*did you mean 'load'"):
            forecaster(target_col=["y", "loads"]).fit(DF.assign(load=1.0))

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            (DF.to_dict("list"), "df is a dict; it must be a pandas DataFrame or Series, a numpy array"),
            ("data.csv", "df is a str; it must be a pandas DataFrame or Series, a numpy array"),
            (None, "df is a NoneType; it must be a pandas DataFrame or Series, a numpy array"),
            (3.5, "df is a float; it must be a pandas DataFrame or Series, a numpy array"),
            (DF.to_numpy(), "df is an array of the type object and holds 'a'; it must hold numbers, and NaN"),
            ([1.0, None, 2.0], "df is an array of the type object and holds None; it must hold numbers"),
            ([[1.0, 2.0], [3.0]], "df is a list whose rows have different lengths"),
            ([np.arange(5), np.arange(4)], "df is a list of arrays; it must be a list of numbers"),
        ],
        ids=["dict", "path", "None", "number", "mixed", "list with None", "ragged", "arrays"],
    )
    def test_what_is_not_a_frame(self, given, message: str) -> None:
        with pytest.raises(ParameterTypeError, match=message):
            forecaster().fit(given)

    @pytest.mark.parametrize("shape", [(0,), (3, 0), (2, 2, 2)], ids=str)
    def test_arrays_of_no_shape(self, shape: tuple[int, ...]) -> None:
        with pytest.raises(DataError, match=r"df (is an array of the shape|has no rows)"):
            forecaster().fit(np.ones(shape))

    def test_a_series_of_numbers_that_are_no_numbers(self) -> None:
        with pytest.raises(DataError, match=r"'y' has the type .*must be numeric"):
            forecaster().fit(pd.Series(["a", "b", "c"], index=pd.date_range("2024", periods=3)))

    @pytest.mark.parametrize(
        "given", [DF[DF["unique_id"] == "a"].set_index("ds")["y"], np.arange(30.0)], ids=type
    )
    def test_what_has_no_columns_cannot_have_covariates(self, given) -> None:
        with pytest.raises(
            DataError, match=r"the model reads \['y', 'price'\]; pass a frame with these columns"
        ):
            forecaster(past_covariates=["price"]).fit(given)

    def test_a_name_column_that_was_asked_for_must_be_there(self) -> None:
        """Otherwise series whose stamps do not overlap would be taken for one, and nobody would know."""
        later = DF[DF["unique_id"] == "b"].assign(ds=lambda df: df["ds"] + pd.Timedelta(days=40))
        df = pd.concat([DF[DF["unique_id"] == "a"], later]).rename(columns={"unique_id": "shop"})
        with pytest.raises(DataError, match=r"df has no column 'shops'.*did you mean 'shop'"):
            forecaster(id_col="shops").fit(df)

    @pytest.mark.parametrize("role", ["id_col", "time_col"])
    def test_a_column_that_the_forecast_would_overwrite_is_refused(self, role: str) -> None:
        df = DF.rename(columns={"unique_id" if role == "id_col" else "ds": "Seq2Seq"})
        with pytest.raises(TsSeq2SeqError, match="Seq2Seq"):
            forecaster(**{role: "Seq2Seq"}).fit(df).predict()

    def test_a_role_may_be_given_once(self) -> None:
        with pytest.raises(ParameterError, match="column 'y' is in target_col and in past_covariates"):
            forecaster(past_covariates=["y"]).fit(DF)
        with pytest.raises(ParameterError, match="column 'y' is twice in target_col"):
            forecaster(target_col=["y", "y"]).fit(DF)
        with pytest.raises(ParameterError, match=r"target_col is \[\]; it must name a column"):
            forecaster(target_col=[]).fit(DF)


@pytest.mark.usefixtures("unchecked_types")
class TestParameters:
    """Arguments of the constructor, checked when fit is called."""

    @pytest.mark.parametrize(
        ("parameters", "kind", "message"),
        [
            (
                {"horizon": 0},
                ParameterError,
                "Seq2SeqForecaster: horizon is 0; it must be an integer, at least 1",
            ),
            ({"horizon": -3}, ParameterError, "horizon is -3"),
            ({"horizon": True}, ParameterTypeError, "horizon is True; it must be an integer, at least 1"),
            ({"horizon": 1.5}, ParameterTypeError, "horizon is 1.5; it must be an integer"),
            ({"horizon": "12"}, ParameterTypeError, "horizon is '12'"),
            ({"horizon": None}, ParameterTypeError, "horizon is None"),
            ({"context_length": 0}, ParameterError, "context_length is 0; it must be an integer, at least 1"),
            ({"lags": [0]}, ParameterError, "lags is 0; it must be an integer, at least 1"),
            ({"lags": [2.0]}, ParameterTypeError, "lags is 2.0"),
            ({"lags": 24}, ParameterTypeError, "lags is 24; it must be a list of whole numbers"),
            ({"lags": [24, 24]}, ParameterError, r"lags is \(24, 24\); each may be given once only"),
            ({"context_length": 2.0}, ParameterTypeError, "context_length is 2.0"),
            ({"segment_length": 0}, ParameterError, "segment_length is 0"),
            ({"segment_length": "auto"}, ParameterTypeError, "segment_length is 'auto'"),
            ({"seed": -1}, ParameterError, "seed is -1; it must be an integer, at least 0"),
            ({"seed": 2**70}, ParameterError, "seed is 1180591620717411303424"),
            ({"seed": 0.5}, ParameterTypeError, "seed is 0.5"),
            (
                {"scaling": "standard"},
                ParameterError,
                "scaling is 'standard'; it must be one of 'window', 'series'",
            ),
            ({"scaling": ""}, ParameterError, "scaling is ''; it must be one of 'window'"),
            ({"scaling": 3}, TsSeq2SeqError, "scaling is 3; it must be one of 'window'"),
            (
                {"output": "quantiles"},
                ParameterTypeError,
                "output is 'quantiles'; it must be a Output|an Output",
            ),
            ({"output": Point}, ParameterTypeError, "output is <class .*Point"),
            ({"network": "lstm"}, ParameterTypeError, "network is 'lstm'; it must be a Network"),
            (
                {"network": {"hidden_size": 3}},
                ParameterTypeError,
                "network is {'hidden_size': 3}; it must be a Network",
            ),
            ({"network": torch.nn.LSTM(1, 1)}, ParameterTypeError, "network is LSTM.*it must be a Network"),
            ({"network": None}, ParameterTypeError, "network is None; it must be a Network"),
            ({"training": Network()}, ParameterTypeError, "training is Network.*it must be a Training"),
            ({"target_col": 3}, TsSeq2SeqError, "target_col is 3"),
            ({"target_col": None}, TsSeq2SeqError, "target_col is None"),
            (
                {"past_covariates": "price"},
                ParameterTypeError,
                r"past_covariates is 'price'; it must be a list",
            ),
            ({"past_covariates": None}, TsSeq2SeqError, "past_covariates is None"),
            ({"freq": 1.5}, ParameterError, "freq is 1.5"),
        ],
        ids=str,
    )
    def test_values_that_cannot_work(self, parameters: dict, kind: type[Exception], message: str) -> None:
        model = forecaster(**{"horizon": 3, **parameters})
        with pytest.raises(kind, match=message):
            model.fit(DF)

    def test_every_refusal_is_ours_and_of_a_builtin_kind(self) -> None:
        for kind, builtin in [
            (ParameterError, ValueError),
            (ParameterTypeError, TypeError),
            (DataError, ValueError),
            (FrequencyError, ValueError),
        ]:
            assert issubclass(kind, TsSeq2SeqError)
            assert issubclass(kind, builtin)

    @pytest.mark.parametrize("horizon", [0, -1, 1.5, True, "3"])
    def test_horizons_of_predict(self, fitted, horizon) -> None:
        with pytest.raises(
            TsSeq2SeqError, match=f"horizon is {horizon!r}; it must be an integer, at least 1"
        ):
            fitted.predict(horizon=horizon)

    @pytest.mark.parametrize("levels", [90, "90", [0], [100], [-5], ["90"], [None]], ids=str)
    def test_levels_of_predict(self, levels) -> None:
        model = forecaster(output=Quantiles([0.05, 0.5, 0.95])).fit(DF)
        with pytest.raises(TsSeq2SeqError, match="levels"):
            model.predict(levels=levels)

    def test_a_device_that_is_not_there(self) -> None:
        with pytest.raises(ParameterError, match="device is 'tpu'"):
            forecaster(training=Training(max_steps=1, device="tpu")).fit(DF)


ABSURD = {
    "horizon": lambda: Seq2SeqForecaster(10**30),
    "long horizon": lambda: Seq2SeqForecaster(10**9),
    "context_length": lambda: Seq2SeqForecaster(3, context_length=10**9),
    "stride": lambda: Seq2SeqForecaster(3, stride=10**30),
    "max_time": lambda: Seq2SeqForecaster(3, training=Training(max_time=float("inf"))),
    "max_steps": lambda: Seq2SeqForecaster(3, training=Training(max_steps=10**30)),
    "hidden_size": lambda: Seq2SeqForecaster(
        3, network=Network(hidden_size=10**7), training=Training(max_steps=1)
    ),
    "batch_size": lambda: Seq2SeqForecaster(3, training=Training(max_steps=1, batch_size=10**30)),
    "baseline": lambda: SeasonalNaive(10**30),
}


@pytest.mark.parametrize("make", ABSURD.values(), ids=ABSURD.keys())
def test_absurd_numbers_are_refused_by_an_error_of_this_library(make):
    df = pd.DataFrame({"ds": pd.date_range("2024", periods=60), "y": np.arange(60.0) % 7})
    with pytest.raises(TsSeq2SeqError):
        make().fit(df)


def test_absurd_numbers_at_prediction_too():
    df = pd.DataFrame({"ds": pd.date_range("2024", periods=60), "y": np.arange(60.0) % 7})
    model = Seq2SeqForecaster(3, output=Normal(), training=Training(max_steps=1, progress=False)).fit(df)
    for arguments in ({"horizon": 10**30}, {"num_samples": 10**12}):
        with pytest.raises(TsSeq2SeqError, match=next(iter(arguments))):
            model.sample(**arguments)


@pytest.mark.parametrize("level", [1e306, -1e308])
def test_values_whose_forecasts_would_not_be_finite_are_refused(level):
    with pytest.raises(DataError, match=r"'y' is .* in row 5"):
        forecaster().fit(series(y=np.where(np.arange(40) == 5, level, 1.0)))


@pytest.mark.parametrize("level", [1e300, 1e-300, 1e30, 1e-30])
def test_covariates_of_any_size_are_standardised(level):
    """The same numbers in another unit give the same forecast, and nothing overflows."""
    values = np.random.default_rng(0).normal(size=len(DF))
    one, other = (forecaster(past_covariates=["x"]).fit(DF.assign(x=values * unit)) for unit in (1.0, level))
    np.testing.assert_allclose(other.predict()["Seq2Seq"], one.predict()["Seq2Seq"], rtol=1e-4)


@pytest.mark.parametrize("value", [1e39, -1e300])
def test_a_covariate_far_from_all_of_training_overflows_nowhere(value):
    model = forecaster(future_covariates=["x"]).fit(DF.assign(x=np.arange(len(DF)) % 2.0))
    assert np.isfinite(model.predict(future=model.future_frame().assign(x=value))["Seq2Seq"]).all()
