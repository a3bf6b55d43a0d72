"""Roles misused, rows of the horizon that are not as they must be, and levels that cannot be had."""

from __future__ import annotations

import re
import warnings
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from tsseq2seq import (
    Binned,
    NegativeBinomial,
    Network,
    Normal,
    Point,
    Quantiles,
    Seq2SeqForecaster,
    StudentT,
    Training,
)
from tsseq2seq.errors import DataError, DataWarning, ParameterError, ParameterTypeError, TsSeq2SeqError

HORIZON = 3
DAYS = pd.date_range("2024-01-01", periods=60, freq="D")
OUTPUTS = [Point(), Quantiles(), Normal(), StudentT(), NegativeBinomial(), Binned(bins=9)]


def training(**settings: Any) -> Training:
    return Training(**({"max_steps": 2, "progress": False, "precision": "float32"} | settings))


def forecaster(**settings: Any) -> Seq2SeqForecaster:
    return Seq2SeqForecaster(
        HORIZON, **({"network": Network(hidden_size=4), "training": training()} | settings)
    )


def panel() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    parts = [
        pd.DataFrame(
            {
                "unique_id": name,
                "ds": DAYS[:length],
                "y": rng.poisson(6, size=length).astype(float),
                "price": rng.normal(size=length),
                "kind": rng.choice(["plain", "feast"], size=length),
                "shop": name,
                "size": float(length),
            }
        )
        for name, length in (("a", 40), ("b", 30))
    ]
    return pd.concat(parts, ignore_index=True)


DF = panel()


@pytest.fixture(scope="module")
def priced() -> Seq2SeqForecaster:
    return forecaster(future_covariates=["price", "kind"]).fit(DF)


@pytest.fixture
def future(priced: Seq2SeqForecaster) -> pd.DataFrame:
    return priced.future_frame().assign(price=[0.1, 0.2, 0.3, 0.4, 0.5, 0.6], kind="plain")


class TestRoles:
    @pytest.mark.parametrize(
        ("roles", "message"),
        [
            ({"past_covariates": ["price"], "future_covariates": ["price"]},
             "column 'price' is in past_covariates and in future_covariates; a column has one role"),
            ({"future_covariates": ["shop"], "static_covariates": ["shop"]},
             "column 'shop' is in future_covariates and in static_covariates"),
            ({"past_covariates": ["price", "price"]}, "column 'price' is twice in past_covariates"),
            ({"static_covariates": ["unique_id"]}, "column 'unique_id' is in id_col and in static_covariates"),
            ({"future_covariates": ["ds"]}, "column 'ds' is in time_col and in future_covariates"),
            ({"future_covariates": ["y"]}, "column 'y' is in target_col and in future_covariates"),
        ],
        ids=range(6),
    )  # fmt: skip
    def test_a_column_has_one_role(self, roles: dict, message: str) -> None:
        with pytest.raises(ParameterError, match=message):
            forecaster(**roles).fit(DF)

    @pytest.mark.parametrize("role", ["past_covariates", "future_covariates", "static_covariates"])
    @pytest.mark.usefixtures("unchecked_types")
    def test_roles_are_lists(self, role: str) -> None:
        with pytest.raises(ParameterTypeError, match=f"{role} is 'price'; it must be a list of columns"):
            forecaster(**{role: "price"}).fit(DF)

    @pytest.mark.parametrize("role", ["past_covariates", "future_covariates", "static_covariates"])
    def test_a_covariate_that_is_not_there(self, role: str) -> None:
        with pytest.raises(DataError, match=r"df has no column 'prize'; .*did you mean 'price'"):
            forecaster(**{role: ["prize"]}).fit(DF)

    def test_a_covariate_missing_at_prediction(self, priced: Seq2SeqForecaster, future: pd.DataFrame) -> None:
        with pytest.raises(DataError, match="df has no column 'kind'"):
            priced.predict(DF.drop(columns="kind"), future)

    @pytest.mark.parametrize("column", ["price", "kind"])
    def test_a_static_covariate_that_varies(self, column: str) -> None:
        df = DF.assign(price=1.0, kind="plain")
        df.loc[50, column] = {"price": 2.0, "kind": "feast"}[column]
        message = (
            rf"static covariate '{column}' varies within series 'b': it is .* at 2024-01-11 00:00:00, .* before; "
            "declare it in past_covariates or future_covariates"
        )
        with pytest.warns(DataWarning, match=f"'{column}'.* never varied"):
            model = forecaster(static_covariates=[column]).fit(df.drop(index=50))
        for use in (forecaster(static_covariates=[column]).fit, model.predict, model.diagnose):
            with pytest.raises(DataError, match=message):
                use(df)

    def test_a_static_covariate_that_goes_missing_varies(self) -> None:
        df = DF.assign(size=DF["size"].where(DF.index != 45))
        with pytest.raises(DataError, match="static covariate 'size' varies within series 'b'"):
            forecaster(static_covariates=["size"]).fit(df)

    @pytest.mark.parametrize("value", [np.inf, -np.inf])
    @pytest.mark.parametrize("role", ["past_covariates", "future_covariates"])
    def test_an_infinite_covariate(self, role: str, value: float) -> None:
        with pytest.raises(
            DataError, match=f"covariate 'price' is {value} in row 33; it must be finite, or NaN"
        ):
            forecaster(**{role: ["price"]}).fit(DF.assign(price=DF["price"].where(DF.index != 33, value)))

    def test_a_number_that_becomes_text(self, priced: Seq2SeqForecaster, future: pd.DataFrame) -> None:
        with pytest.raises(
            DataError, match=r"covariate 'price' has the type .*, but was numeric in training"
        ):
            priced.predict(future=future.assign(price="cheap"))
        with pytest.raises(
            DataError, match=r"covariate 'price' has the type .*, but was numeric in training"
        ):
            priced.predict(DF.assign(price="cheap"), future)

    @pytest.mark.parametrize("role", ["past_covariates", "future_covariates", "static_covariates"])
    def test_a_category_never_seen_is_the_unknown_one(self, role: str) -> None:
        """All such are the same to the model, and none is an error."""
        column = "shop" if role == "static_covariates" else "kind"
        model = forecaster(**{role: [column]}, context_length=8).fit(DF)
        ahead = model.future_frame()
        forecasts = []
        for name in ("never", "neither"):
            df = DF.assign(**{column: name})
            given = ahead.assign(kind=name) if role == "future_covariates" else None
            with pytest.warns(DataWarning, match=f"'{column}' is '{name}' in"):
                forecasts.append(model.predict(df, given))
        pd.testing.assert_frame_equal(*forecasts, check_exact=True)
        assert np.isfinite(forecasts[0]["Seq2Seq"]).all()
        known = model.predict(
            DF.assign(**{column: "plain" if column == "kind" else "a"}),
            None if given is None else ahead.assign(kind="plain"),
        )
        assert not known["Seq2Seq"].equals(forecasts[0]["Seq2Seq"])

    @pytest.mark.parametrize("role", ["past_covariates", "future_covariates", "static_covariates"])
    def test_missing_numbers_are_masked_with_one_warning(self, role: str) -> None:
        df = DF.assign(
            price=DF["price"].where(DF.index % 7 != 0), size=np.where(DF["unique_id"] == "a", 1, np.nan)
        )
        column = "size" if role == "static_covariates" else "price"
        count = r"1 of 2" if role == "static_covariates" else "10 of 70"
        with pytest.warns(
            DataWarning, match=f"covariates are missing and were masked: '{column}' in {count} rows"
        ) as said:
            forecaster(**{role: [column]}).fit(df)
        assert len(said) == 1


class TestFuture:
    def test_none_at_all(self, priced: Seq2SeqForecaster) -> None:
        message = (
            r"the model has future covariates \['price', 'kind'\]: pass future=, .*model.future_frame\(\)"
        )
        for use in (priced.predict, priced.exposure_bias, priced.attention):
            if use == priced.exposure_bias:
                assert len(use()) == HORIZON, "windows of the history know their covariates"
                continue
            with pytest.raises(DataError, match=message):
                use()

    @pytest.mark.parametrize(
        ("row", "where"), [(0, "'a' at 2024-02-10"), (2, "'a' at 2024-02-12"), (4, "'b' at 2024-02-01")]
    )
    def test_a_missing_row_is_named(self, priced, future: pd.DataFrame, row: int, where: str) -> None:
        message = rf"future lacks the row of series {where} 00:00:00; 1 of 6 rows of the horizon are missing"
        with pytest.raises(DataError, match=message):
            priced.predict(future=future.drop(index=row))

    def test_a_missing_series_is_named(self, priced, future: pd.DataFrame) -> None:
        with pytest.raises(
            DataError, match=r"future lacks the row of series 'b' at 2024-01-31 .*; 3 of 6 rows"
        ):
            priced.predict(future=future[:3])

    def test_rows_of_the_history_are_not_those_of_the_horizon(self, priced) -> None:
        with pytest.raises(DataError, match="future lacks the row of series 'a' at 2024-02-10"):
            priced.predict(future=DF[["unique_id", "ds", "price", "kind"]])

    def test_a_longer_horizon_needs_more_rows(self, priced, future: pd.DataFrame) -> None:
        with pytest.raises(
            DataError, match=r"future lacks the row of series 'a' at 2024-02-13 .*; 2 of 8 rows"
        ):
            priced.predict(future=future, horizon=4)
        assert len(priced.predict(future=future, horizon=2)) == 4

    def test_a_missing_number_is_masked_with_one_warning(self, priced, future: pd.DataFrame) -> None:
        with pytest.warns(DataWarning, match="masked: 'price' in 1 of 6 rows") as said:
            masked = priced.predict(future=future.assign(price=future["price"].where(future.index != 1)))
        assert len(said) == 1
        assert np.isfinite(masked["Seq2Seq"]).all()
        plain = priced.predict(future=future)
        np.testing.assert_allclose(masked["Seq2Seq"][3:], plain["Seq2Seq"][3:], rtol=1e-6)
        assert not np.allclose(masked["Seq2Seq"][:3], plain["Seq2Seq"][:3], rtol=1e-9)

    def test_a_missing_category_is_the_unknown_one(self, priced, future: pd.DataFrame) -> None:
        with pytest.warns(DataWarning, match="'kind' is blank in 6 rows") as said:
            missing = priced.predict(future=future.assign(kind=None))
        assert len(said) == 1
        with pytest.warns(DataWarning, match="'kind' is 'never' in 6 rows") as said:
            never = priced.predict(future=future.assign(kind="never"))
        assert len(said) == 1
        pd.testing.assert_frame_equal(missing, never, check_exact=True)

    def test_two_rows_for_one_step(self, priced, future: pd.DataFrame) -> None:
        with pytest.raises(DataError, match="future has two rows for series 'b' at 2024-02-01"):
            priced.predict(future=pd.concat([future, future[4:5]]))

    def test_other_series_and_other_days_are_not_used(self, priced, future: pd.DataFrame) -> None:
        more = pd.concat([
            future.assign(unique_id="other"), future.assign(unique_id="other"),
            future.assign(ds=future["ds"] + pd.Timedelta(days=30)), future[::-1],
        ])  # fmt: skip
        pd.testing.assert_frame_equal(
            priced.predict(future=more), priced.predict(future=future), check_exact=True
        )

    @pytest.mark.parametrize("column", ["price", "kind", "ds", "unique_id"])
    def test_a_missing_column(self, priced, future: pd.DataFrame, column: str) -> None:
        for given in (future.drop(columns=column), pl.from_pandas(future.drop(columns=column))):
            with pytest.raises(DataError, match=f"future has no column '{column}'"):
                priced.predict(future=given)

    @pytest.mark.parametrize("write", [str, lambda name: f"{name} ", lambda name: f"{name}.0"])
    def test_names_of_another_type_are_said_to_be_that(self, write) -> None:
        df = DF.assign(unique_id=DF["unique_id"].map({"a": 1, "b": 2}))
        model = forecaster(future_covariates=["price"]).fit(df)
        future = model.future_frame().assign(price=0.5)
        with pytest.raises(DataError, match=r"text where the history has a number: .*'unique_id'"):
            model.predict(future=future.assign(unique_id=future["unique_id"].map(write)))
        model.fit(df.assign(unique_id=df["unique_id"].astype(str)))
        with pytest.raises(DataError, match=r"a number where the history has text: .*'unique_id'"):
            model.predict(future=future)
        with pytest.raises(DataError, match="write the names as in the history"):
            model.predict(future=future.assign(unique_id=future["unique_id"].astype(str) + " "))

    def test_the_dates_that_are_there_are_said(self, priced, future: pd.DataFrame) -> None:
        later = future.assign(ds=future["ds"] + pd.Timedelta(days=9))
        with pytest.raises(DataError, match=r"rows of that series from 2024-02-19 .* to 2024-02-21"):
            priced.predict(future=later)

    @pytest.mark.parametrize(
        "given", ["future.csv", 3, {"price": [1.0]}, [1.0, 2.0], np.ones((6, 2))], ids=type
    )
    def test_what_is_not_a_frame(self, priced, given: Any) -> None:
        with pytest.raises(ParameterTypeError, match=f"future is a {type(given).__name__}"):
            priced.predict(future=given)

    def test_another_type_of_time(self, priced, future: pd.DataFrame) -> None:
        message = "column 'ds' of future has the type int64; the history's is datetime64"
        with pytest.raises(DataError, match=message):
            priced.predict(future=future.assign(ds=np.arange(6)))

    def test_another_time_zone(self, priced, future: pd.DataFrame) -> None:
        with pytest.raises(DataError, match=r"future|zone"):
            priced.predict(future=future.assign(ds=future["ds"].dt.tz_localize("UTC")))
        with pytest.raises(
            DataError, match=r"column 'ds' of future has the time zone UTC.*tz_localize\(None\)"
        ):
            priced.predict(future=future.assign(ds=future["ds"].dt.tz_localize("UTC")))

    def test_the_same_moments_in_another_zone_are_the_same(self) -> None:
        df = DF.assign(ds=DF["ds"].dt.tz_localize("Europe/Berlin"))
        model = forecaster(future_covariates=["price"]).fit(df)
        future = model.future_frame().assign(price=0.5)
        in_utc = future.assign(ds=future["ds"].dt.tz_convert("UTC"))
        pd.testing.assert_frame_equal(
            model.predict(future=in_utc), model.predict(future=future), check_exact=True
        )
        with pytest.raises(DataError, match=r"no time zone.*tz_localize\('Europe/Berlin'\)"):
            model.predict(future=future.assign(ds=future["ds"].dt.tz_localize(None)))

    def test_a_stamp_that_is_missing(self, priced, future: pd.DataFrame) -> None:
        with pytest.raises(DataError, match="column 'ds' is empty in row 2; every row needs a time stamp"):
            priced.predict(future=future.assign(ds=future["ds"].where(future.index != 2)))

    def test_for_a_model_that_has_no_future_covariates(self) -> None:
        """Whoever passes them believes that they are used."""
        model = forecaster(output=Normal(), network=Network(hidden_size=4, attention="dot")).fit(DF)
        message = "future is given, but the model has no future covariates"
        for use in (model.predict, model.sample, model.attention):
            with pytest.raises(ParameterError, match=message):
                use(future=DF)

    def test_the_frame_to_fill_in(self, priced) -> None:
        frame = priced.future_frame(horizon=2)
        assert frame.columns.tolist() == ["unique_id", "ds", "price", "kind"]
        assert frame["unique_id"].tolist() == ["a", "a", "b", "b"]
        assert frame["ds"].tolist() == [*DAYS[40:42], *DAYS[30:32]]
        assert frame[["price", "kind"]].isna().all(axis=None)
        later = priced.future_frame(DF[DF["unique_id"] == "b"])
        assert later["unique_id"].tolist() == ["b"] * 3


class TestLevels:
    @pytest.fixture(scope="class")
    @classmethod
    def fitted(cls) -> dict[str, Seq2SeqForecaster]:
        outputs = {"normal": Normal(), "quantiles": Quantiles([0.05, 0.1, 0.5, 0.9, 0.95]), "point": Point()}
        return {name: forecaster(output=output).fit(DF) for name, output in outputs.items()}

    @pytest.mark.parametrize("level", [100, 0, -80, 100.5, 1e9, float("nan"), float("inf")], ids=str)
    @pytest.mark.parametrize("output", ["normal", "quantiles", "point"])
    def test_levels_lie_between_0_and_100(self, fitted, output: str, level: float) -> None:
        with pytest.raises(
            ParameterError,
            match=f"levels is {re.escape(repr(level))}; each must be a percentage, from 1 to below 100",
        ):
            fitted[output].predict(levels=[50, level])

    @pytest.mark.parametrize("levels", ["80", 80, {80}, ["80"], [None], [[80]], [True]], ids=str)
    @pytest.mark.usefixtures("unchecked_types")
    def test_levels_are_a_list_of_numbers(self, fitted, levels: Any) -> None:
        with pytest.raises(
            ParameterTypeError,
            match=r"levels is .*; (it|each) must be a (list of percentages|percentage)",
        ):
            fitted["normal"].predict(levels=levels)

    def test_levels_that_were_not_trained(self, fitted) -> None:
        message = r"levels holds 50, but the model was trained for Seq2Seq-lo-90, Seq2Seq-lo-80, .*Quantiles\(\[...\]\)"
        with pytest.raises(ParameterError, match=message):
            fitted["quantiles"].predict(levels=[80, 50])
        with pytest.raises(
            ParameterError, match="levels holds 80, but the model was trained for no intervals"
        ):
            fitted["point"].predict(levels=[80])

    def test_any_level_of_a_distribution_in_any_order(self, fitted) -> None:
        forecast = fitted["normal"].predict(levels=[99.5, 1, 80.0])
        assert forecast.columns[3:].tolist() == [
            f"Seq2Seq-{side}-{level}" for level in ("99.5", "1", "80") for side in ("lo", "hi")
        ]

    @pytest.mark.parametrize("number", [0, -1])
    @pytest.mark.parametrize("method", ["predict", "sample"])
    def test_numbers_of_paths_that_are_none(self, fitted, method: str, number: int) -> None:
        with pytest.raises(
            ParameterError, match=f"num_samples is {number}; it must be an integer, at least 1"
        ):
            getattr(fitted["normal"], method)(num_samples=number)

    @pytest.mark.usefixtures("unchecked_types")
    def test_paths_are_counted_in_whole_numbers(self, fitted) -> None:
        with pytest.raises(ParameterTypeError, match=r"num_samples is 2\.5; it must be an integer"):
            fitted["normal"].predict(num_samples=2.5)

    def test_one_path_is_enough(self, fitted) -> None:
        forecast = fitted["normal"].predict(num_samples=1)
        assert (forecast["Seq2Seq-lo-90"] == forecast["Seq2Seq-hi-90"]).all()


@pytest.mark.parametrize("output", OUTPUTS, ids=lambda output: type(output).__name__)
class TestLittleIsKnown:
    """Whatever the output, nothing is dropped and nothing is made up."""

    def test_a_series_of_nothing_but_missing_values(self, output: Any) -> None:
        empty = pd.DataFrame({"unique_id": "empty", "ds": DAYS[:30], "y": np.nan})
        df = pd.concat([DF[:40], empty, DF[40:]])[["unique_id", "ds", "y"]]
        model = forecaster(output=output).fit(df)
        with pytest.warns(DataWarning, match="the first is of series 'empty'"):
            forecast = model.predict().drop(columns="ds").set_index("unique_id")
        assert forecast.index.unique().tolist() == ["a", "empty", "b"]
        assert forecast.loc["empty"].isna().all(axis=None)
        assert np.isfinite(forecast.loc[["a", "b"]]).all(axis=None)
        assert np.isfinite(model.exposure_bias()).all(axis=None)
        with pytest.warns(DataWarning, match="before 2 of 6 forecasts"):
            cutoffs = model.predict_cutoffs(df, windows=2)
        assert cutoffs.loc[cutoffs["unique_id"] == "empty", "Seq2Seq"].isna().all()

    def test_a_series_shorter_than_a_window(self, output: Any) -> None:
        model = forecaster(output=output, context_length=10).fit(DF)
        short = pd.DataFrame({"unique_id": ["x"] * 4, "ds": DAYS[:4], "y": [3.0, 5.0, 4.0, 6.0]})
        forecast = model.predict(short)
        assert np.isfinite(forecast["Seq2Seq"]).all()
        assert forecast["ds"].tolist() == DAYS[4:7].tolist()

    def test_a_single_observation(self, output: Any) -> None:
        model = forecaster(output=output).fit(DF)
        one = pd.DataFrame({"unique_id": ["x"], "ds": DAYS[:1], "y": [7.0]})
        forecast = model.predict(one)
        assert np.isfinite(forecast.drop(columns=["unique_id", "ds"])).all(axis=None)
        if type(output) in (Normal, StudentT, Binned):  # as wide as the series of training vary
            assert (forecast["Seq2Seq-lo-90"] < 7.0).all()
            assert (forecast["Seq2Seq-hi-90"] > 7.0).all()
        if model.scaling_ in ("window", "log1p"):
            assert (forecast["Seq2Seq"] == 7.0).all()

    def test_gaps_in_time_are_masked_steps(self, output: Any) -> None:
        holes = [3, 4, 5, 20, 50, 51]
        given = DF.drop(index=holes)
        masked = DF.assign(y=DF["y"].where(~DF.index.isin(holes)))
        one, other = (forecaster(output=output).fit(df).predict() for df in (given, masked))
        pd.testing.assert_frame_equal(one, other, check_exact=True)

    def test_duplicated_time_stamps(self, output: Any) -> None:
        with pytest.raises(DataError, match=r"(?s)'b'.*2024-01-11"):
            forecaster(output=output).fit(pd.concat([DF, DF[50:51]]))


class TestGoingOn:
    @pytest.fixture
    def model(self) -> Seq2SeqForecaster:
        return forecaster(context_length=8, segment_length=1).fit(DF)

    def test_before_fit(self) -> None:
        with pytest.raises(ValueError, match="not fitted yet"):
            forecaster().fit(DF, warm_start=True)

    def test_the_optimisers_state_without_going_on(self, model) -> None:
        with pytest.raises(ParameterError, match="optimizer_state is True without warm_start"):
            model.fit(DF, optimizer_state=True)

    def test_the_optimisers_state_that_was_not_saved(self, model, tmp_path) -> None:
        from tsseq2seq import load

        model.save(tmp_path / "model")
        with pytest.raises(
            ParameterError, match="saved without the optimiser's state; save it with optimizer_state"
        ):
            load(tmp_path / "model").fit(DF, warm_start=True, optimizer_state=True)

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"horizon": 4}, "warm_start: horizon is 4, but the model was fitted with 3"),
            ({"context_length": 9}, "warm_start: context_length is 9, but the model was fitted with 8"),
            ({"segment_length": 3}, "warm_start: segment_length is 3, but the model was fitted with 1"),
            ({"scaling": "robust"}, "warm_start: scaling is 'robust', but the model was fitted with 'log1p'"),
            ({"output": Normal()}, r"warm_start: output is Normal\(\)"),
            ({"calendar": "auto"}, r"warm_start: calendar is Calendar"),
            ({"network__hidden_size": 5}, "warm_start: network is Network"),
            ({"network__residual": None}, "warm_start: network is Network"),
            ({"training__members": 2}, "warm_start: training has members=2, but the model has 1"),
            ({"past_covariates": ["price"]}, r"warm_start: the model was fitted with past \[\], and now they are \['price'\]"),
            ({"target_col": "price"}, r"warm_start: the model was fitted with targets \['y'\]"),
        ],
        ids=str,
    )  # fmt: skip
    def test_what_shapes_the_networks_stays(self, model, changes: dict, message: str) -> None:
        before = model.predict()
        with pytest.raises(ParameterError, match=message):
            model.set_params(**changes).fit(DF, warm_start=True)
        pd.testing.assert_frame_equal(model.predict(), before, check_exact=True)

    def test_another_step_of_time(self, model) -> None:
        weekly = DF.assign(ds=DF["ds"].min() + (DF["ds"] - DF["ds"].min()) * 7)
        with pytest.raises(DataError, match="fitted on steps of 'D', and df has steps of 'W-MON'"):
            model.fit(weekly, warm_start=True)

    def test_another_optimiser_cannot_take_the_state(self, model) -> None:
        model.set_params(training__optimizer="sgd")
        with pytest.raises(ParameterError, match=r"optimi[sz]er"):
            model.fit(DF, warm_start=True, optimizer_state=True)
        assert model.fit(DF, warm_start=True).n_steps_ == 2


def test_nothing_is_said_where_nothing_is_wrong() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for output in OUTPUTS:
            model = forecaster(
                output=output, future_covariates=["price", "kind"], static_covariates=["shop"]
            ).fit(DF)
            model.predict(future=model.future_frame().assign(price=1.0, kind="plain"))


def test_every_refusal_here_is_ours() -> None:
    assert issubclass(DataError, TsSeq2SeqError)
    assert issubclass(ParameterTypeError, TypeError)
