"""Backtests against a plain loop: cut the frame, fit, predict, put the truth beside it."""

from __future__ import annotations

import copy
import functools
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, clone
from sklearn.exceptions import NotFittedError

from tsseq2seq import ETS, Network, Normal, Quantiles, SeasonalNaive, Seq2SeqForecaster, Training, backtest
from tsseq2seq.errors import DataError, DataWarning, FrequencyError, ParameterError, ParameterTypeError
from tsseq2seq.training.step import GradientSteps

HORIZON, WINDOWS, STEP = 3, 3, 4
LENGTHS = {"zebra": 40, "ant": 25, "mouse": 31}
# The cutoffs are at 29, 33, 37 of the zebra; 14, 18, 22 of the ant; 20, 24, 28 of the mouse.
GAPS = {
    "zebra": (28, 32, 34),  # before the first cutoff, before the second, inside a horizon
    "ant": (12, 13, 22),  # two at the end of the training part, the first step of a horizon
    "mouse": (5,),
}
STAMPS = {
    "daily": lambda place, length: pd.date_range("2024-01-01", periods=length + place)[place:],
    "monthly": lambda place, length: pd.date_range("2020-01-31", periods=length + place, freq="ME")[place:],
    "zone": lambda place, length: pd.date_range(
        "2024-03-30 10:00", periods=length + 5 * place, freq="h", tz="Europe/Berlin"
    )[5 * place :],
    "integer": lambda place, length: pd.Index(7 * place + np.arange(length)),
    "fives": lambda place, length: pd.Index(1900 + 10 * place + 5 * np.arange(length)),
}


def model(horizon: int = HORIZON, *, steps: int = 2, **settings) -> Seq2SeqForecaster:
    given = {
        "network": Network(hidden_size=4),
        "training": Training(max_steps=steps, progress=False, precision="float32", learning_rate=0.01),
        "context_length": 6,
        "segment_length": 1,
    }
    return Seq2SeqForecaster(horizon, **(given | settings))


def values(length: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return 10.0 * seed + np.sin(np.arange(length)) + 0.1 * rng.normal(size=length).cumsum()


def history(
    stamps: str = "daily",
    *,
    lengths: dict[str, int] = LENGTHS,
    gaps: dict[str, tuple[int, ...]] = GAPS,
    shuffled: bool = True,
) -> pd.DataFrame:
    """Series on a grid; ``place`` is the step of each row, counted from the series' start."""
    parts = []
    for number, (name, length) in enumerate(lengths.items()):
        part = pd.DataFrame(
            {
                "unique_id": name,
                "ds": STAMPS[stamps](number, length),
                "y": values(length, number + 1),
                "z": values(length, number + 11),
                "visits": values(length, number + 21),
                "price": values(length, number + 31),
                "weekday": [["mon", "tue", "wed"][step % 3] for step in range(length)],
                "region": f"region {number % 2}",
                "place": np.arange(length),
            }
        )
        parts.append(part[~part["place"].isin(gaps.get(name, ()))])
    df = pd.concat(parts, ignore_index=True)
    return df.sample(frac=1, random_state=1).set_axis(range(500, 500 + len(df))) if shuffled else df


def ends(df: pd.DataFrame) -> pd.Series:
    """Return the steps of each series, in order of first appearance."""
    return df.groupby("unique_id", sort=False)["place"].max() + 1


def cut(df: pd.DataFrame, cutoffs: pd.Series) -> pd.DataFrame:
    return df[df["place"] < df["unique_id"].map(cutoffs)]


def known(df: pd.DataFrame, stamps: str, cutoffs: pd.Series) -> pd.DataFrame:
    """Return what is known at the cutoffs; each series ends there, with an empty row if it must."""
    rows = cut(df, cutoffs)
    late = [
        pd.DataFrame(
            {
                "unique_id": [name],
                "ds": STAMPS[stamps](list(LENGTHS).index(name), cutoff)[-1:],
                "region": df.loc[df["unique_id"] == name, "region"].iloc[:1].to_numpy(),
            }
        )
        for name, cutoff in cutoffs.items()
        if cutoff >= 1 and cutoff - 1 not in set(rows.loc[rows["unique_id"] == name, "place"])
    ]
    return pd.concat([rows, *late], ignore_index=True)


def ahead(df: pd.DataFrame, stamps: str, cutoffs: pd.Series, horizon: int = HORIZON) -> pd.DataFrame:
    """Return a row for each step of the horizons, empty where the frame has none."""
    grid = pd.concat(
        pd.DataFrame(
            {
                "unique_id": name,
                "ds": STAMPS[stamps](list(LENGTHS).index(name), cutoff + horizon)[-horizon:],
                "cutoff": STAMPS[stamps](list(LENGTHS).index(name), cutoff)[-1],
                "place": cutoff + np.arange(horizon),
            }
        )
        for name, cutoff in cutoffs.items()
        if cutoff >= 1
    )
    return grid.merge(df.drop(columns="ds"), how="left", on=["unique_id", "place"])


def by_hand(
    estimator: Seq2SeqForecaster,
    df: pd.DataFrame,
    stamps: str = "daily",
    *,
    refit: bool | int = False,
    warm_start: bool = False,
    windows: int = WINDOWS,
    step: int = STEP,
) -> pd.DataFrame:
    """The specification as a loop."""
    each = windows if refit is False else int(refit)
    pieces, fitted = [], None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)  # of empty covariates in the rows put in here
        for number in range(windows):
            cutoffs = ends(df) - HORIZON - step * (windows - 1 - number)
            if number % each == 0:
                before = cut(df, cutoffs)
                if fitted is not None and warm_start:
                    fitted.fit(before, warm_start=True)
                else:
                    fitted = clone(estimator).fit(before)
            horizon = ahead(df, stamps, cutoffs)
            future = horizon if estimator.future_covariates else None
            forecast = fitted.predict(known(df, stamps, cutoffs), future=future)
            truth = horizon[["unique_id", "ds", "cutoff", *fitted.fitted_.columns.targets]]
            pieces.append(truth.merge(forecast, on=["unique_id", "ds"], validate="1:1"))
    table = pd.concat(pieces)
    order = {name: place for place, name in enumerate(df["unique_id"].unique())}
    return table.sort_values(
        ["unique_id", "cutoff", "ds"], key=lambda keys: keys.map(order) if keys.name == "unique_id" else keys
    ).reset_index(drop=True)


def same(one: pd.DataFrame, other: pd.DataFrame, *, truth: tuple[str, ...] = ("y",)) -> None:
    pd.testing.assert_frame_equal(one, other, rtol=1e-4, atol=1e-5, check_dtype=True)
    for name in truth:
        pd.testing.assert_series_equal(one[name], other[name], check_exact=True)


class TestAgainstALoop:
    @pytest.mark.parametrize("stamps", list(STAMPS))
    def test_one_fit_before_the_first_cutoff(self, stamps: str) -> None:
        df = history(stamps)
        table = backtest(model(), df, windows=WINDOWS, step=STEP)
        same(table, by_hand(model(), df, stamps))
        assert len(table) == len(LENGTHS) * WINDOWS * HORIZON
        assert table["y"].isna().sum() == 2  # the gaps inside horizons
        assert table["ds"].dtype == table["cutoff"].dtype == df["ds"].dtype

    @pytest.mark.parametrize("refit", [True, 1, 2, 3, 7])
    def test_refit(self, refit: bool | int) -> None:
        df = history("zone")
        same(
            backtest(model(), df, windows=WINDOWS, step=STEP, refit=refit),
            by_hand(model(), df, "zone", refit=refit),
        )

    def test_another_fit_gives_other_forecasts(self) -> None:
        df = history()
        tables = [backtest(model(), df, windows=WINDOWS, step=STEP, refit=refit) for refit in (False, True)]
        first = tables[0].groupby("unique_id")["cutoff"].transform("min") == tables[0]["cutoff"]
        differs = ~np.isclose(tables[0]["Seq2Seq"], tables[1]["Seq2Seq"], rtol=1e-5)
        assert not differs[first].any()
        assert differs[~first].all()

    def test_warm_start(self) -> None:
        df = history("integer")
        settings = {"windows": WINDOWS, "step": STEP, "refit": True}
        warm = backtest(model(), df, warm_start=True, **settings)
        same(warm, by_hand(model(), df, "integer", refit=True, warm_start=True))
        cold = backtest(model(), df, **settings)
        assert not np.allclose(warm["Seq2Seq"], cold["Seq2Seq"], rtol=1e-5)

    def test_several_targets(self) -> None:
        df = history()
        estimator = model(target_col=["z", "y"])
        table = backtest(estimator, df, windows=2, step=STEP)
        same(table, by_hand(estimator, df, windows=2), truth=("y", "z"))
        assert table.columns.tolist() == ["unique_id", "ds", "cutoff", "z", "y", "Seq2Seq-z", "Seq2Seq-y"]

    @pytest.mark.parametrize("refit", [False, True])
    def test_covariates_of_all_roles(self, refit: bool) -> None:
        df = history()
        estimator = model(
            past_covariates=["visits"],
            future_covariates=["price", "weekday"],
            static_covariates=["region"],
        )
        same(
            backtest(estimator, df, windows=2, step=STEP, refit=refit),
            by_hand(estimator, df, windows=2, refit=refit),
        )

    def test_future_covariates_after_the_cutoff_are_known(self) -> None:
        df = history(gaps={})
        estimator = model(future_covariates=["price"])
        table = backtest(estimator, df, windows=2, step=STEP)
        changed = df.assign(price=df["price"].where(df["place"] < df["unique_id"].map(ends(df)) - 1, 99.0))
        other = backtest(estimator, changed, windows=2, step=STEP)
        last = table.groupby("unique_id")["ds"].transform("max") == table["ds"]
        assert (table["Seq2Seq"] != other["Seq2Seq"])[last].all()
        assert (table["Seq2Seq"] == other["Seq2Seq"])[~last].all()

    @pytest.mark.parametrize("output", [Quantiles([0.1, 0.5, 0.9]), Normal()], ids=["quantiles", "normal"])
    def test_intervals(self, output: Quantiles | Normal) -> None:
        df = history(gaps={})
        table = backtest(model(output=output), df, windows=2, levels=[80])
        assert table.columns.tolist()[-3:] == ["Seq2Seq", "Seq2Seq-lo-80", "Seq2Seq-hi-80"]
        assert (table["Seq2Seq-lo-80"] < table["Seq2Seq-hi-80"]).all()

    def test_defaults_are_one_cutoff_and_steps_of_a_horizon(self) -> None:
        df = history(gaps={})
        assert backtest(model(), df).groupby("unique_id", sort=False)["cutoff"].nunique().tolist() == [1] * 3
        same(
            backtest(model(), df, windows=2),
            by_hand(model(), df, windows=2, step=HORIZON).reset_index(drop=True),
        )

    def test_one_series_without_a_name(self) -> None:
        df = history(lengths={"zebra": 40})
        expected = by_hand(model(), df).drop(columns="unique_id")
        for estimator in (model(), model(id_col=None)):
            same(backtest(estimator, df.drop(columns="unique_id"), windows=WINDOWS, step=STEP), expected)

    def test_columns_of_other_names(self) -> None:
        df = history()
        names = {"unique_id": "shop", "ds": "day", "y": "sales"}
        table = backtest(
            model(id_col="shop", time_col="day", target_col="sales"),
            df.rename(columns=names),
            windows=WINDOWS,
            step=STEP,
        )
        same(table, by_hand(model(), df).rename(columns=names), truth=("sales",))

    def test_truth_is_not_rounded(self) -> None:
        df = history(gaps={}).assign(y=lambda df: df["y"] / 3 + 1e8)
        table = backtest(model(), df)
        joined = table.merge(df, on=["unique_id", "ds"], validate="1:1", suffixes=("", "_given"))
        assert joined["y"].dtype == np.float64
        assert (joined["y"] == joined["y_given"]).all()

    @pytest.mark.parametrize("kind", ["category", "int64", "string"])
    def test_names_of_any_type(self, kind: str) -> None:
        codes = {"zebra": 7, "ant": 3, "mouse": 5}
        df = history()
        names = df["unique_id"].map(codes) if kind == "int64" else df["unique_id"]
        for estimator in (model(), SeasonalNaive(HORIZON, season_length=3, jobs=1)):
            table = backtest(estimator, df.assign(unique_id=names.astype(kind)), windows=2)
            assert table["unique_id"].dtype == names.astype(kind).dtype
            assert table["unique_id"].drop_duplicates().tolist() == names.drop_duplicates().tolist()
            assert table["y"].isna().sum() == backtest(estimator, df, windows=2)["y"].isna().sum()

    def test_the_grid_is_that_of_the_whole_frame(self) -> None:
        # before the first cutoff only each second step was recorded
        df = pd.DataFrame({"ds": [0, 2, 4, 6, 8, 10, *range(11, 24)], "y": values(19, 1)})
        for estimator, name in ((model(), "Seq2Seq"), (SeasonalNaive(HORIZON, jobs=1), "SeasonalNaive")):
            table = backtest(estimator, df, windows=4)
            assert table["ds"].tolist() == list(range(12, 24))
            assert table["cutoff"].tolist() == [11] * 3 + [14] * 3 + [17] * 3 + [20] * 3
            assert table[["y", name]].notna().all().all()

    def test_one_row_before_the_first_cutoff_shows_no_grid(self) -> None:
        df = pd.DataFrame({"ds": range(HORIZON + 1), "y": [1.0, 2.0, 4.0, 3.0]})
        table = backtest(SeasonalNaive(HORIZON, season_length=1, jobs=1), df)
        assert table["y"].tolist() == [2.0, 4.0, 3.0]
        assert table["SeasonalNaive"].tolist() == [1.0] * 3


class TestLeakage:
    @pytest.mark.parametrize("refit", [False, True, 2])
    def test_nothing_after_a_cutoff_reaches_its_forecast(self, refit: bool | int) -> None:
        df = history(gaps={})
        estimator = model(past_covariates=["visits"])
        table = backtest(estimator, df, windows=WINDOWS, step=STEP, refit=refit)
        for number in range(WINDOWS):
            cutoffs = ends(df) - HORIZON - STEP * (WINDOWS - 1 - number)
            later = df["place"] >= df["unique_id"].map(cutoffs)
            changed = df.copy()
            changed.loc[later, ["y", "visits"]] = 1e6 + changed.loc[later, ["y", "visits"]] ** 2
            other = backtest(estimator, changed, windows=WINDOWS, step=STEP, refit=refit)
            place = table.groupby("unique_id")["cutoff"].rank(method="dense") - 1
            assert (table["Seq2Seq"] == other["Seq2Seq"])[place <= number].all()
            assert (table["y"] != other["y"])[place == number].all()

    def test_baselines_do_not_look_ahead_either(self) -> None:
        df = history(gaps={}, lengths={"zebra": 40})
        table = backtest(ETS(HORIZON, season_length=1, jobs=1), df, windows=2)
        changed = df.assign(y=df["y"].where(df["place"] < 40 - HORIZON, -1e3))
        other = backtest(ETS(HORIZON, season_length=1, jobs=1), changed, windows=2)
        assert table["ETS"].tolist() == other["ETS"].tolist()


class TestBaselines:
    @pytest.mark.parametrize("stamps", ["daily", "zone", "integer"])
    @pytest.mark.parametrize("refit", [False, True, None])
    def test_they_look_at_each_cutoff_anew(self, stamps: str, refit: bool | None) -> None:
        df = history(stamps)
        estimator = SeasonalNaive(HORIZON, season_length=3, jobs=1)
        table = backtest(estimator, df, windows=WINDOWS, step=STEP, refit=refit, levels=[80])
        pieces = []
        for number in range(WINDOWS):
            cutoffs = ends(df) - HORIZON - STEP * (WINDOWS - 1 - number)
            rows = ahead(df, stamps, cutoffs)[["unique_id", "ds", "cutoff", "y"]]
            forecast = clone(estimator).fit(known(df, stamps, cutoffs)).predict(levels=[80])
            pieces.append(rows.merge(forecast, on=["unique_id", "ds"], validate="1:1"))
        expected = pd.concat(pieces)
        order = df["unique_id"].unique().tolist()
        expected = expected.sort_values(
            ["unique_id", "cutoff", "ds"],
            key=lambda keys: keys.map(order.index) if keys.name == "unique_id" else keys,
        )
        pd.testing.assert_frame_equal(table, expected.reset_index(drop=True))
        assert not hasattr(estimator, "panel_")

    def test_values_by_hand(self) -> None:
        df = pd.DataFrame({"ds": range(8), "y": [1, 5, 2, 6, 3, 7, 4, 8]})
        table = backtest(SeasonalNaive(2, season_length=2, jobs=1), df, windows=2)
        assert table["SeasonalNaive"].tolist() == [2.0, 6.0, 3.0, 7.0]
        assert table["cutoff"].tolist() == [3, 3, 5, 5]
        assert table["y"].tolist() == [3, 7, 4, 8]

    def test_time_as_text(self) -> None:
        df = history()
        text = df.assign(ds=df["ds"].dt.strftime("%Y-%m-%d"))
        for estimator in (SeasonalNaive(HORIZON, season_length=3, jobs=1), model()):
            pd.testing.assert_frame_equal(
                backtest(estimator, text, windows=2), backtest(estimator, df, windows=2), check_dtype=False
            )

    def test_nullable_numbers(self) -> None:
        df = history().assign(y=lambda df: df["y"].round().astype("Int64"))
        table = backtest(SeasonalNaive(HORIZON, season_length=3, jobs=1), df, windows=WINDOWS, step=STEP)
        assert table["y"].dtype == np.float64
        assert table["y"].isna().sum() == 2


class TestRefitNone:
    def test_the_model_is_used_as_it_is(self) -> None:
        df = history()
        fitted = model().fit(cut(df, ends(df) - 11))
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # what is forecast is newer than what it was trained on
            table = backtest(fitted, df, windows=WINDOWS, step=STEP, refit=None)
        pd.testing.assert_frame_equal(table, fitted.predict_cutoffs(df, windows=WINDOWS, step=STEP))
        same(table, backtest(model(), df, windows=WINDOWS, step=STEP))

    def test_overlap_with_the_training_data_is_told(self) -> None:
        df = history(gaps={}, shuffled=False)
        seen = df[(df["unique_id"] != "zebra") | (df["place"] < 29)]
        fitted = model().fit(seen)
        with pytest.warns(
            DataWarning,
            match=r"trained on .* in 2 of 3 series; the first is 'ant', trained on up to 2024-01-26",
        ) as told:
            backtest(fitted, df, windows=WINDOWS, step=STEP, refit=None)
        assert len(told) == 1

    @pytest.mark.parametrize(("rows", "overlaps"), [(29, False), (30, True)])
    def test_one_step_of_overlap_counts(self, rows: int, overlaps: bool) -> None:
        df = history("integer", gaps={}, lengths={"zebra": 40})
        fitted = model().fit(df[df["place"] < rows])
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            backtest(fitted, df, windows=WINDOWS, step=STEP, refit=None)
        assert len(told) == overlaps

    def test_other_series_do_not_overlap(self) -> None:
        df = history(gaps={})
        fitted = model().fit(df.assign(unique_id=df["unique_id"] + " of old"))
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert len(backtest(fitted, df, windows=2, refit=None)) == 18

    def test_cutoffs_that_a_series_is_too_short_for_do_not_overlap(self) -> None:
        df = pd.concat([history(gaps={}), short_series(7)])
        # the series of 7 steps has but the cutoff at 4; of it, 3 steps were seen
        seen = df["place"] < np.where(df["unique_id"] == "short", 3, df["unique_id"].map(ends(df)) - 11)
        fitted = model().fit(df[seen])
        with pytest.warns(DataWarning, match="too short") as told:
            backtest(fitted, df, windows=WINDOWS, step=STEP, refit=None)
        assert len(told) == 1

    def test_the_grid_is_that_of_the_model(self) -> None:
        fitted = model().fit(history(gaps={}, lengths={"zebra": 40}))
        # of newer rows the last days are every second one
        days = pd.date_range("2025-01-01", periods=40, freq="D").delete([35, 37])
        df = pd.DataFrame({"unique_id": "zebra", "ds": days, "y": values(38, 1)})
        table = backtest(fitted, df, windows=2, refit=None)
        assert table["ds"].tolist() == pd.date_range(days[-1], periods=6, freq="-1D")[::-1].tolist()
        assert table["y"].isna().tolist() == [False, True, False, True, False, False]

    def test_a_coarser_grid_is_refused(self) -> None:
        fitted = model().fit(history(gaps={}, lengths={"zebra": 40}))
        days = pd.date_range("2025-01-01", periods=20, freq="2D")
        df = pd.DataFrame({"unique_id": "zebra", "ds": days, "y": values(20, 1)})
        with pytest.raises(FrequencyError, match="'zebra'"):
            backtest(fitted, df, windows=2, refit=None)

    def test_a_model_that_is_not_fitted(self) -> None:
        with pytest.raises(NotFittedError):
            backtest(model(), history(), refit=None)


def short_series(length: int, name: str = "short") -> pd.DataFrame:
    part = pd.DataFrame({"unique_id": name, "ds": STAMPS["daily"](0, length), "y": values(length, 4)})
    return part.assign(place=np.arange(length))


class TestShortSeries:
    @pytest.mark.parametrize("name", ["Seq2Seq", "SeasonalNaive"])
    def test_left_out_windows_are_counted(self, name: str) -> None:
        df = pd.concat([history(gaps={}, shuffled=False), short_series(8), short_series(2, "tiny")])
        estimator = model() if name == "Seq2Seq" else SeasonalNaive(HORIZON, season_length=1, jobs=1)
        # of the short series the cutoffs are at -3, 1 and 5, of the tiny one all are below 1
        with pytest.warns(
            DataWarning, match=r"^4 of 15 windows .* too short; the first is 'short' with 8 steps"
        ) as told:
            table = backtest(estimator, df, windows=WINDOWS, step=STEP)
        assert len(told) == 1
        counts = table.groupby("unique_id", sort=False)["cutoff"].nunique()
        assert counts.to_dict() == {"zebra": 3, "ant": 3, "mouse": 3, "short": 2}
        assert table[name].notna().all()

    @pytest.mark.parametrize("refit", [True, False])
    def test_a_series_that_appears_later_is_forecast_by_a_model_of_others(self, refit: bool) -> None:
        df = pd.concat([history(gaps={}), short_series(5)])
        with pytest.warns(DataWarning, match="2 of 12 windows"):
            table = backtest(model(), df, windows=WINDOWS, step=STEP, refit=refit)
        short = table[table["unique_id"] == "short"]
        assert short["ds"].tolist() == short_series(5)["ds"].tolist()[2:]
        assert short["Seq2Seq"].notna().all()

    @pytest.mark.parametrize("name", ["Seq2Seq", "SeasonalNaive"])
    def test_no_series_is_long_enough(self, name: str) -> None:
        estimator = model() if name == "Seq2Seq" else SeasonalNaive(HORIZON, jobs=1)
        with pytest.raises(
            DataError, match="no series has a step before a horizon of 3: the longest has 3 steps"
        ):
            backtest(estimator, pd.concat([short_series(3), short_series(2, "tiny")]))

    @pytest.mark.parametrize("refit", [False, True])
    @pytest.mark.parametrize("name", ["Seq2Seq", "SeasonalNaive"])
    def test_nothing_to_fit_on_before_the_first_cutoff(self, name: str, refit: bool) -> None:
        estimator = model() if name == "Seq2Seq" else SeasonalNaive(HORIZON, jobs=1)
        with pytest.raises(DataError, match=r"nothing .* fit.* the longest series has 8 steps.* windows"):
            backtest(estimator, short_series(8), windows=3, refit=refit)


class TestWhatIsGiven:
    def test_an_estimator_stays_unfitted(self) -> None:
        estimator = model()
        before = dict(vars(estimator))
        backtest(estimator, history(), windows=2, refit=True, warm_start=True)
        assert vars(estimator) == before

    @pytest.mark.parametrize("refit", [False, True, None])
    def test_a_fitted_one_stays_as_it_was(self, refit: bool | None) -> None:
        df = history(gaps={})
        fitted = model().fit(cut(df, ends(df) - 6))
        before, forecast = dict(vars(fitted)), fitted.predict()
        backtest(fitted, df, windows=2, refit=refit, warm_start=bool(refit))
        assert vars(fitted).keys() == before.keys()
        assert all(vars(fitted)[name] is value for name, value in before.items())
        pd.testing.assert_frame_equal(fitted.predict(), forecast)

    @pytest.mark.parametrize("name", ["Seq2Seq", "SeasonalNaive"])
    def test_the_frame_stays_as_it_was(self, name: str) -> None:
        df = history()
        before = df.copy(deep=True)
        backtest(model() if name == "Seq2Seq" else SeasonalNaive(HORIZON, season_length=3, jobs=1), df)
        pd.testing.assert_frame_equal(df, before)

    @pytest.mark.parametrize("name", ["Seq2Seq", "SeasonalNaive"])
    def test_wide_frames_and_series(self, name: str) -> None:
        estimator = model() if name == "Seq2Seq" else SeasonalNaive(HORIZON, season_length=3, jobs=1)
        wide = pd.DataFrame(
            {"b": values(30, 1), "a": values(30, 2)}, index=pd.date_range("2024", periods=30, name="day")
        )
        long = wide.melt(var_name="unique_id", value_name="y", ignore_index=False).reset_index(names="ds")
        expected = backtest(estimator, long, windows=2)
        pd.testing.assert_frame_equal(backtest(estimator, wide, windows=2), expected)
        alone = long[long["unique_id"] == "b"].drop(columns="unique_id")
        pd.testing.assert_frame_equal(
            backtest(estimator, wide["b"], windows=2), backtest(estimator, alone, windows=2)
        )
        counted = backtest(estimator, wide["b"].to_numpy(), windows=2)
        assert counted.columns.tolist() == ["ds", "cutoff", "y", name]
        pd.testing.assert_frame_equal(
            counted, backtest(estimator, alone.assign(ds=range(30)), windows=2), check_dtype=False
        )

    @pytest.mark.parametrize("name", ["Seq2Seq", "SeasonalNaive"])
    def test_polars(self, name: str) -> None:
        polars = pytest.importorskip("polars")
        estimator = model() if name == "Seq2Seq" else SeasonalNaive(HORIZON, season_length=3, jobs=1)
        df = history("zone")[["unique_id", "ds", "y"]]
        frame = polars.from_pandas(df)
        table = backtest(estimator, frame, windows=2)
        assert isinstance(table, polars.DataFrame)
        assert table.schema["ds"] == table.schema["cutoff"] == frame.schema["ds"]
        expected = backtest(estimator, df, windows=2)
        assert table.columns == expected.columns.tolist()
        assert table["unique_id"].to_list() == expected["unique_id"].tolist()
        assert table["cutoff"].to_list() == expected["cutoff"].tolist()
        np.testing.assert_allclose(table[name].to_numpy(), expected[name], rtol=1e-6)

    def test_a_bar_is_shown_when_asked_for(self, capsys: pytest.CaptureFixture[str]) -> None:
        backtest(model(), history(), windows=2, refit=True, progress=True)
        assert "2/2" in capsys.readouterr().err
        backtest(model(), history(), windows=2, progress=False)
        assert capsys.readouterr().err == ""


class LastValue:
    """A forecaster of somebody else: no base class, fit and predict only."""

    def __init__(self, horizon: int) -> None:
        self.horizon = horizon
        self.id_col = "unique_id"
        self.time_col = "ds"
        self.target_col = "y"
        self.lengths: list[int] = []

    def fit(self, df: pd.DataFrame) -> LastValue:
        self.lengths.append(len(df))
        self.last = df.sort_values("ds").groupby("unique_id", sort=False)[["ds", "y"]].last()
        return self

    def predict(self, df=None, future=None, *, horizon=None, levels=None) -> pd.DataFrame:
        assert df is None
        assert future is None
        rows = [
            {"unique_id": name, "ds": row.ds + pd.Timedelta(days=step), "Last": row.y}
            for name, row in self.last.iterrows()
            for step in range(1, self.horizon + 1)
        ]
        return pd.DataFrame(rows)


class Priced(LastValue, BaseEstimator):
    """One that reads a future covariate and forecasts it."""

    future_covariates = ("price",)

    def __init__(self, horizon: int) -> None:
        super().__init__(horizon)

    def predict(self, df=None, future=None, *, horizon=None, levels=None) -> pd.DataFrame:
        return future[["unique_id", "ds"]].assign(Last=future["price"])


class TestOwnForecasters:
    def test_fit_and_predict_are_enough(self) -> None:
        df = history(gaps={})[["unique_id", "ds", "y", "place"]]
        estimator = LastValue(HORIZON)
        table = backtest(estimator, df, windows=2)
        last = table.merge(
            df.rename(columns={"ds": "cutoff", "y": "known"}), on=["unique_id", "cutoff"], validate="m:1"
        )
        assert len(last) == len(table) == 18
        assert (last["Last"] == last["known"]).all()
        assert estimator.lengths == []

    def test_what_one_leaves_out_stays_as_nan(self) -> None:
        class Forgetful(LastValue):
            def predict(self, df=None, future=None, *, horizon=None, levels=None) -> pd.DataFrame:
                frame = super().predict()
                return frame[frame["unique_id"] != "ant"].sample(frac=1, random_state=0)

        df = history()
        table = backtest(Forgetful(HORIZON), df, windows=2)
        assert table["Last"].isna().tolist() == (table["unique_id"] == "ant").tolist()
        pd.testing.assert_frame_equal(
            table.drop(columns="Last"), backtest(LastValue(HORIZON), df, windows=2).drop(columns="Last")
        )

    def test_future_covariates_are_those_of_the_horizon(self) -> None:
        df = history(gaps={})
        table = backtest(Priced(HORIZON), df, windows=2)
        joined = table.merge(df[["unique_id", "ds", "price"]], on=["unique_id", "ds"], validate="1:1")
        assert (joined["Last"] == joined["price"]).all()


class TestInterrupts:
    @pytest.mark.parametrize("at", [0, 3])
    def test_ctrl_c_is_raised(self, monkeypatch: pytest.MonkeyPatch, at: int) -> None:
        made = GradientSteps.__call__
        steps = iter(range(100))

        @functools.wraps(made)
        def interrupted(*args, **kwargs):
            if next(steps) == at:
                raise KeyboardInterrupt
            return made(*args, **kwargs)

        monkeypatch.setattr(GradientSteps, "__call__", interrupted)
        with pytest.raises(KeyboardInterrupt):
            backtest(model(), history(), windows=2, refit=True)
        # a direct fit returns with what it has
        steps = iter(range(at - 1, 100)) if at else iter(range(1, 100))
        assert copy.copy(model()).fit(history()).n_steps_ == (1 if at else 2)


class TestRefusals:
    @pytest.mark.parametrize(
        ("settings", "message"),
        [
            ({"windows": 0}, "backtest: windows is 0"),
            ({"windows": 1.5}, "backtest: windows is 1.5"),
            ({"step": 0}, "backtest: step is 0"),
            ({"refit": 0}, "backtest: refit is 0"),
            ({"refit": -2}, "backtest: refit is -2"),
            ({"refit": "yes"}, "backtest: refit is 'yes'"),
            ({"warm_start": True}, "warm_start is True, but refit is False"),
            ({"warm_start": True, "refit": None}, "warm_start is True, but refit is None"),
            ({"levels": [100]}, "levels"),
            ({"levels": [80]}, "levels holds 80"),
        ],
        ids=lambda value: None if isinstance(value, str) else "-".join(f"{k}={v}" for k, v in value.items()),
    )
    @pytest.mark.usefixtures("unchecked_types")
    def test_arguments(self, settings: dict, message: str) -> None:
        with pytest.raises((ParameterError, ParameterTypeError), match=message):
            backtest(model(), history(), **settings)

    @pytest.mark.parametrize("estimator", [None, "model", Network(), BaseEstimator()], ids=repr)
    def test_what_is_no_forecaster(self, estimator: object) -> None:
        with pytest.raises(ParameterTypeError, match=r"backtest: estimator is .* must have horizon"):
            backtest(estimator, history())

    @pytest.mark.parametrize("horizon", [0, "a", 2.5])
    @pytest.mark.usefixtures("unchecked_types")
    def test_horizons_that_cannot_be(self, horizon: object) -> None:
        for kind in (Seq2SeqForecaster, SeasonalNaive):
            with pytest.raises((ParameterError, ParameterTypeError), match="horizon is"):
                backtest(kind(horizon), history())

    @pytest.mark.parametrize("name", ["cutoff", "Seq2Seq"])
    def test_columns_named_like_the_results(self, name: str) -> None:
        df = history().rename(columns={"y": name})
        for estimator in (model(target_col=name), SeasonalNaive(HORIZON, target_col=name, jobs=1)):
            with pytest.raises(ParameterError, match=f"target_col is '{name}'"):
                backtest(estimator, df)

    def test_frames_that_cannot_be(self) -> None:
        df = history()
        with pytest.raises(DataError, match="no column 'y'"):
            backtest(model(), df.drop(columns="y"))
        with pytest.raises(DataError, match="no column 'shop'"):
            backtest(model(id_col="shop"), df)
        with pytest.raises(DataError, match=r"twice|duplicate"):
            backtest(model(), pd.concat([df, df]))
        with pytest.raises(DataError, match="static covariate 'price' varies"):
            backtest(model(static_covariates=["price"]), df)
        with pytest.raises(ParameterTypeError, match="df is"):
            backtest(model(), 3)
