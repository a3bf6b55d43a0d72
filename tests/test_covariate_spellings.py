"""A value of a covariate means the same whoever wrote it, and what means nothing is said."""

from __future__ import annotations

import warnings
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings

from tsseq2seq import Calendar, Network, Seq2SeqEnsemble, Seq2SeqForecaster, Training, load
from tsseq2seq.errors import DataError, DataWarning

HORIZON = 3
ROLES = ["past_covariates", "future_covariates"]
DAYS = pd.date_range("2024-01-01", periods=40, freq="D")
RNG = np.random.default_rng(0)
PROMO = RNG.random(80) > 0.5
DF = pd.DataFrame(
    {
        "unique_id": np.repeat(["a", "b"], 40),
        "ds": [*DAYS, *DAYS],
        "y": RNG.normal(size=80) + 5 * PROMO,
        "promo": PROMO,
        "shop": np.repeat(["1", "2"], 40),
        "price": RNG.random(80).round(2) + 9,
    }
)


def forecaster(**settings: Any) -> Seq2SeqForecaster:
    training = Training(max_steps=2, progress=False, precision="float32")
    return Seq2SeqForecaster(HORIZON, network=Network(hidden_size=4), training=training, **settings)


@pytest.fixture(scope="module")
def promoted() -> Seq2SeqForecaster:
    return forecaster(future_covariates=["promo", "shop"]).fit(DF)


def numbers(forecast: Any) -> list[float]:
    return list(forecast["Seq2Seq"])


TRUE = [True, 1, 1.0, "TRUE", "true", "True ", "1", "1.0", "yes", np.True_]
FALSE = [False, 0, 0.0, "FALSE", "false", " False", "0", "no", np.False_]


@given(values=st.lists(st.booleans(), min_size=6, max_size=6), data=st.data())
@settings(max_examples=20, deadline=None)
def test_a_horizon_is_the_same_however_booleans_are_written(promoted, values: list[bool], data) -> None:
    future = promoted.future_frame().assign(shop="1")
    plain = numbers(promoted.predict(future=future.assign(promo=values)))
    written = [data.draw(st.sampled_from(TRUE if value else FALSE)) for value in values]
    column = pd.Series(written, dtype=object)
    assert numbers(promoted.predict(future=future.assign(promo=column))) == plain


@pytest.mark.parametrize(
    "dtype", ["bool", "boolean", "bool[pyarrow]", "int64", "float64", "Int8", "str", "string"]
)
def test_a_history_is_the_same_whatever_type_its_booleans_have(dtype: str) -> None:
    base = numbers(
        forecaster(past_covariates=["promo"]).fit(DF).predict(DF.assign(promo=DF["promo"].astype(dtype)))
    )
    assert numbers(forecaster(past_covariates=["promo"]).fit(DF).predict()) == base


def test_numbers_that_were_0_and_1_may_be_written_as_booleans() -> None:
    model = forecaster(future_covariates=["promo", "price"]).fit(DF.assign(promo=DF["promo"].astype(float)))
    future = model.future_frame().assign(price=9.5)
    plain = numbers(model.predict(future=future.assign(promo=1.0)))
    for value in (True, "TRUE", "true "):
        assert numbers(model.predict(future=future.assign(promo=value))) == plain
        with pytest.raises(DataError, match="'price'"):
            model.predict(future=future.assign(promo=1.0, price=value))


def test_codes_of_shops_may_be_numbers_or_have_blanks(promoted) -> None:
    future = promoted.future_frame().assign(promo=True)
    plain = numbers(promoted.predict(future=future.assign(shop="2")))
    for value in (2, 2.0, "2 ", " 2", "2.0", Decimal(2)):
        assert numbers(promoted.predict(future=future.assign(shop=value))) == plain


def test_what_training_did_not_see_is_said_once_with_column_value_and_count(promoted) -> None:
    future = promoted.future_frame().assign(promo=True)
    shops = ["1", "3", "3 ", None, "", "1"]
    with pytest.warns(DataWarning, match="'shop' is '3' in 2 rows, 'shop' is blank in 2 rows") as said:
        promoted.predict(future=future.assign(shop=shops))
    assert len(said) == 1


def test_a_long_value_is_cut(promoted) -> None:
    with pytest.warns(DataWarning) as said:
        promoted.predict(future=promoted.future_frame().assign(promo=True, shop="x" * 10_000))
    assert len(str(said[0].message)) < 300


def test_many_values_are_summed_up(promoted) -> None:
    future = promoted.future_frame().assign(promo=True, shop=[f"new {place}" for place in range(6)])
    with pytest.warns(DataWarning, match="and 1 more"):
        promoted.predict(future=future)


def test_blanks_that_training_had_are_not_said() -> None:
    df = DF.assign(feast=np.where(np.arange(80) % 9 == 0, "feast", None))
    model = forecaster(future_covariates=["feast"]).fit(df)
    assert len(model.predict(future=model.future_frame())) == 6


def test_models_without_the_newer_fields_forecast_as_before(promoted, tmp_path: Path) -> None:
    parts, tensors = promoted.fitted_.to_parts()
    for name in ("bounds", "unvaried", "blank"):
        assert name in parts["coders"]["future"]
        del parts["coders"]["future"][name]
    older = type(promoted.fitted_).from_parts(parts, tensors, promoted.fitted_.panel.values.device)
    future = promoted.future_frame().assign(promo=True, shop="1")
    promoted.save(tmp_path / "model")
    loaded = load(tmp_path / "model")
    assert loaded.fitted_.coders == promoted.fitted_.coders
    expected = numbers(promoted.predict(future=future))
    assert numbers(loaded.predict(future=future)) == expected
    loaded.fitted_ = older
    assert numbers(loaded.predict(future=future)) == expected
    assert len(loaded.predict(future=future.assign(shop=None))) == 6, "blanks are not known, nor told of"


class TestValuesThatAreNoCategories:
    @pytest.mark.parametrize(
        "values",
        [
            [Decimal(str(price)) for price in DF["price"]],
            pd.Series([None, *DF["price"][1:]], dtype=object),
            pd.Series([None, *range(79)], dtype=object),
        ],
        ids=["decimals", "floats and None", "integers and None"],
    )
    @pytest.mark.filterwarnings("ignore:covariates are missing")
    def test_numbers_of_object_type_are_numbers(self, values: Any) -> None:
        model = forecaster(past_covariates=["x"]).fit(DF.assign(x=values))
        assert model.fitted_.coders.past.numeric == ("x",)
        as_floats = DF.assign(x=pd.Series(values).astype(float))
        assert numbers(forecaster(past_covariates=["x"]).fit(as_floats).predict()) == numbers(model.predict())

    @pytest.mark.parametrize("role", [*ROLES, "static_covariates"])
    @pytest.mark.parametrize(
        ("values", "remedy"),
        [
            (DF["ds"], ".dt.days"),
            (DF["ds"].dt.date, ".dt.days"),
            (DF["ds"].dt.tz_localize("UTC"), ".dt.days"),
            (DF["ds"] - DF["ds"].min(), "total_seconds"),
            (pd.Series([[1]] * 80), "numbers, text or booleans"),
        ],
        ids=["stamps", "dates", "zoned", "durations", "lists"],
    )
    def test_time_and_what_is_no_value_is_refused(self, role: str, values: pd.Series, remedy: str) -> None:
        values = values if role != "static_covariates" else values.iloc[[0] * 80].reset_index(drop=True)
        with pytest.raises(DataError, match=f"(?s)'x'.*{remedy}"):
            forecaster(**{role: ["x"]}).fit(DF.assign(x=values))

    @pytest.mark.parametrize("role", ROLES)
    def test_text_that_differs_in_most_rows_is_said(self, role: str) -> None:
        model = forecaster(**{role: ["x"]})
        df = DF.assign(x=[f"{number}.5" for number in range(80)])
        with pytest.warns(DataWarning, match="'x' is text with 80 values in 80 rows") as said:
            model.fit(df)
        assert len(said) == 1
        assert any("'x' is text" in remark for remark in model.diagnose(df).remarks)

    def test_a_name_for_each_series_is_not_said(self) -> None:
        forecaster(static_covariates=["shop"]).fit(DF)


class TestCovariatesThatNeverVaried:
    @pytest.mark.parametrize("value", [0.0, 0.1, 7, "open", True, None, 1e300], ids=str)
    @pytest.mark.parametrize("role", [*ROLES, "static_covariates"])
    def test_they_have_no_effect_and_this_is_said_once(self, role: str, value: Any) -> None:
        df = DF.assign(x=pd.Series([value] * 80, dtype=object if value is None else None))
        model = forecaster(**{role: ["x"]}, context_length=8)
        with pytest.warns(DataWarning, match=r"\['x'\] never varied") as said:
            model.fit(df)
        assert len(said) == 1
        forecasts = []
        for other in (value, 1, 100.0, True, None) if not isinstance(value, str) else (value, "shut", None):
            column = pd.Series([other] * 80, dtype=object)
            future = None
            if role == "future_covariates":
                future = model.future_frame().assign(x=pd.Series([other] * 6, dtype=object))
            try:
                forecasts.append(numbers(model.predict(df.assign(x=column), future)))
            except DataError:  # a truth value for a number that was none
                assert other is True
        assert len(forecasts) >= 3
        assert all(forecast == forecasts[0] for forecast in forecasts)

    def test_what_is_said_is_in_the_diagnosis(self) -> None:
        df = DF.assign(lockdown=0.0)
        model = forecaster(future_covariates=["lockdown", "promo"])
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            diagnosis = model.diagnose(df)
        assert sum("lockdown" in remark for remark in diagnosis.remarks) == 1
        assert "lockdown" in str(diagnosis)

    @pytest.mark.filterwarnings("ignore::tsseq2seq.errors.DataWarning")
    def test_of_one_that_was_missing_at_times_only_this_counts(self) -> None:
        df = DF.assign(x=np.where(np.arange(80) % 3 == 0, np.nan, 5.0))
        model = forecaster(future_covariates=["x"]).fit(df)
        future = model.future_frame()
        there = [numbers(model.predict(future=future.assign(x=value))) for value in (5.0, 6.0, 500.0)]
        assert there[0] == there[1] == there[2]
        assert numbers(model.predict(future=future)) != there[0]

    def test_what_varied_in_the_rows_held_out_alone_did_not_vary_in_training(self) -> None:
        training = Training(max_steps=2, progress=False, validation_size=3)
        df = DF.assign(x=(DF["ds"] > DAYS[-3]).astype(float))
        model = Seq2SeqForecaster(HORIZON, training=training, future_covariates=["x"])
        with pytest.warns(DataWarning, match=r"\['x'\] never varied"):
            model.fit(df)


class TestTheFrameToFillIn:
    COLUMNS: ClassVar[dict[str, Any]] = {
        "bool": (PROMO, True),
        "boolean": (pd.array(PROMO, dtype="boolean"), False),
        "arrow": (pd.array(PROMO, dtype="bool[pyarrow]"), True),
        "text": (np.where(PROMO, "x", "y"), "x"),
        "string": (pd.array(np.where(PROMO, "x", "y"), dtype="string"), "y"),
        "object": (pd.Series(np.where(PROMO, "x", "y"), dtype=object), "y"),
        "category": (pd.Categorical(np.where(PROMO, "x", "y"), categories=["y", "x"]), "x"),
        "float": (DF["price"], 9.5),
        "float32": (DF["price"].astype("float32"), 9.5),
        "integer": (np.arange(80) % 7, 3.5),
        "Int64": (pd.array(np.arange(80) % 7, dtype="Int64"), 3.5),
    }

    @pytest.mark.parametrize("name", COLUMNS)
    @pytest.mark.parametrize("form", ["long", "index", "wide"])
    def test_it_is_filled_as_usual(self, name: str, form: str, tmp_path: Path) -> None:
        values, value = self.COLUMNS[name]
        df = DF[["unique_id", "ds", "y"]].assign(x=values)
        given = df.set_index(["unique_id", "ds"]) if form == "index" else df
        if form == "wide":
            given = pd.concat(
                {key: rows.set_index("ds")[["y", "x"]] for key, rows in df.groupby("unique_id")}, axis=1
            )
        model = forecaster(future_covariates=["x"]).fit(given)
        model.save(tmp_path / "model")
        future = model.future_frame()
        pd.testing.assert_frame_equal(load(tmp_path / "model").future_frame(), future)
        assert future["x"].isna().all()
        late = future["ds"].dt.day > 9
        for mask in (late, ~late):
            future.loc[mask, "x"] = value
        expected = numbers(model.predict(df, future))
        assert len(expected) == 6
        if name in ("text", "category", "float", "float32", "boolean", "arrow") and form == "long":
            kinds = {"boolean": "boolean", "arrow": "bool[pyarrow]"}
            assert future["x"].dtype == kinds.get(name, df["x"].dtype)

    def test_categories_stay_categories(self) -> None:
        model = forecaster(future_covariates=["x"]).fit(DF.assign(x=self.COLUMNS["category"][0]))
        assert model.future_frame()["x"].dtype == self.COLUMNS["category"][0].dtype

    def test_polars_keeps_its_types(self, tmp_path: Path) -> None:
        df = pl.from_pandas(DF).with_columns(
            kind=pl.col("shop").cast(pl.Enum(["1", "2"])), many=pl.col("shop").cast(pl.Categorical)
        )
        names = ["promo", "shop", "price", "kind", "many"]
        model = forecaster(future_covariates=names).fit(df)
        future = model.future_frame()
        assert future.schema == df.select("unique_id", "ds", *names).schema
        assert future.select(names).null_count().row(0) == (6,) * 5
        model.save(tmp_path / "model")
        assert load(tmp_path / "model").future_frame().schema == future.schema
        late = pl.col("ds").dt.day() > 9
        filled = future.with_columns(
            promo=late, price=9.5, **{name: pl.when(late).then(pl.lit("1")).otherwise(pl.lit("2")) for name in names if name not in ("promo", "price")}
        )  # fmt: skip
        assert len(model.predict(future=filled)) == 6

    def test_an_ensemble_gives_it_too(self) -> None:
        ensemble = Seq2SeqEnsemble([forecaster(future_covariates=["promo"])] * 2)
        for df in (DF, pl.from_pandas(DF)):
            future = ensemble.fit(df).future_frame()
            assert str(future["promo"].dtype).lower() == "boolean"


class TestCalendarFeaturesThatNeverVaried:
    """June and July have no holiday in Hamburg; 3 October must not be forecast by untrained weights."""

    @pytest.fixture
    def df(self) -> pd.DataFrame:
        days = pd.date_range("2024-06-01", periods=60)
        return pd.DataFrame({"ds": days, "y": 20 + np.sin(np.arange(60.0) * 2 * np.pi / 7)})

    def test_they_have_no_effect_and_this_is_said(self, df: pd.DataFrame) -> None:
        pytest.importorskip("holidays")
        model = forecaster(calendar=Calendar(["day_of_week"], country="DE"))
        with pytest.warns(DataWarning, match="'holiday'.*never varied") as said:
            model.fit(df)
        assert len(said) == 1
        assert any("'holiday'" in remark for remark in model.diagnose(df).remarks)
        # the same days of the week around the holiday, and half a year later without one
        holidays, others = (df.assign(ds=df["ds"] + pd.Timedelta(days)) for days in ("63D", "203D"))
        np.testing.assert_array_equal(model.predict(holidays)["Seq2Seq"], model.predict(others)["Seq2Seq"])

    def test_a_loaded_model_knows_them(self, df: pd.DataFrame, tmp_path: Path) -> None:
        model = forecaster(calendar=["day_of_week", "month"])
        with pytest.warns(DataWarning, match="'month_sin', 'month_cos'"):
            model.fit(df[:28])
        model.save(tmp_path / "model")
        later = df[:35]  # the forecast lies in July
        expected = model.predict(later)
        pd.testing.assert_frame_equal(load(tmp_path / "model").predict(later), expected)
        other_year = later.assign(ds=later["ds"] - pd.Timedelta("91D"))  # in April
        np.testing.assert_array_equal(model.predict(other_year)["Seq2Seq"], expected["Seq2Seq"])

    def test_what_varies_counts(self, df: pd.DataFrame) -> None:
        model = forecaster(calendar=["day_of_week", "month"]).fit(df)
        assert model.fitted_.coders.still == ()
