"""Rolling-origin splits: row by row, and in scikit-learn's searches."""

from __future__ import annotations

import itertools
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, ParameterSampler, RandomizedSearchCV, cross_val_score

from tsseq2seq import Network, RollingOriginSplit, Seq2SeqForecaster, Training, backtest
from tsseq2seq.errors import DataError, DataWarning, FrequencyError, ParameterError, ParameterTypeError

HORIZON = 3


def model(**settings) -> Seq2SeqForecaster:
    given = {
        "network": Network(hidden_size=4),
        "training": Training(max_steps=2, progress=False, precision="float32"),
        "context_length": 6,
        "segment_length": 1,
    }
    return Seq2SeqForecaster(HORIZON, **(given | settings))


def history(lengths: dict[str, int] | None = None) -> pd.DataFrame:
    """Daily series of different lengths in mixed order, with an index that repeats itself."""
    parts = []
    for seed, (name, length) in enumerate((lengths or {"b": 30, "a": 22}).items()):
        rng = np.random.default_rng(seed)
        part = pd.DataFrame({"unique_id": name, "ds": pd.date_range("2024", periods=length)})
        parts.append(
            part.assign(y=np.sin(np.arange(length)) + 0.1 * rng.normal(size=length), step=range(length))
        )
    df = pd.concat(parts, ignore_index=True).sample(frac=1, random_state=0)
    return df.set_axis(np.arange(len(df)) % 5)


@pytest.mark.parametrize("windows", [1, 3])
@pytest.mark.parametrize("step", [None, 1, 5])
def test_rows_of_each_split(windows: int, step: int | None) -> None:
    df = history()
    last = {"b": 30, "a": 22}
    splits = list(RollingOriginSplit(HORIZON, windows, step).split(df))
    assert len(splits) == windows
    for number, (train, test) in enumerate(splits):
        back = HORIZON + (windows - 1 - number) * (step or HORIZON)
        wanted_train, wanted_test = [], []
        for row, (name, at) in enumerate(zip(df["unique_id"], df["step"], strict=True)):
            if at < last[name] - back:
                wanted_train.append(row)
            elif at < last[name] - back + HORIZON:
                wanted_test.append(row)
        assert train.tolist() == wanted_train
        assert test.tolist() == wanted_test
        assert len(test) == 2 * HORIZON


def test_gaps_count_as_steps() -> None:
    df = pd.DataFrame({"ds": [0, 1, 2, 3, 6, 7, 8]})
    ((train, test),) = RollingOriginSplit(4, 1).split(df)
    assert (train.tolist(), test.tolist()) == ([0, 1, 2, 3], [4, 5, 6])


def test_columns_of_other_names_and_a_frequency() -> None:
    df = pd.DataFrame({"shop": ["a", "a", "a", "b", "b", "b"], "day": [0, 4, 8] * 2})
    ((train, test),) = RollingOriginSplit(4, 1, id_col="shop", time_col="day", freq=2).split(df)
    # on a grid of two there are five steps, the last of which are a horizon
    assert (train.tolist(), test.tolist()) == ([0, 3], [1, 2, 4, 5])
    ((train, test),) = RollingOriginSplit(1, 1, id_col=None, time_col="day").split(df[:3])
    assert (train.tolist(), test.tolist()) == ([0, 1], [2])


def test_splits_are_those_of_a_backtest() -> None:
    df = history()
    table = backtest(model(), df, windows=3, step=2)
    rows = [test for _, test in RollingOriginSplit(HORIZON, 3, 2).split(df)]
    for cutoff, test in enumerate(rows):
        place = table.groupby("unique_id")["cutoff"].rank(method="dense") - 1
        ours = set(map(tuple, df.iloc[test][["unique_id", "ds"]].to_numpy()))
        assert set(map(tuple, table.loc[place == cutoff, ["unique_id", "ds"]].to_numpy())) == ours


def test_series_too_short_for_some_splits() -> None:
    df = history({"b": 30, "short": 8, "tiny": 2})
    with pytest.warns(DataWarning, match="4 of 9 windows are left out"):
        splits = list(RollingOriginSplit(HORIZON, 3).split(df))
    ids = df["unique_id"].to_numpy()
    assert [sorted(set(ids[test])) for _, test in splits] == [["b"], ["b", "short"], ["b", "short"]]
    assert all(len(train) and len(test) for train, test in splits)


@pytest.mark.parametrize("windows", [1, 4])
def test_the_number_of_splits(windows: int) -> None:
    split = RollingOriginSplit(HORIZON, windows)
    assert split.get_n_splits() == split.get_n_splits(history(), None, None) == windows
    assert len(list(split.split(history()))) == windows


def manual_score(estimator: Seq2SeqForecaster, df: pd.DataFrame, windows: int) -> float:
    """Return the mean of −MASE over the splits, cut by counting from the end of each series."""
    scores = []
    back = df.groupby("unique_id")["step"].transform("max") - df["step"]
    for number in range(windows):
        cut = HORIZON * (windows - number)
        fitted = clone(estimator).fit(df[back >= cut])
        scores.append(fitted.score(df[(back < cut) & (back >= cut - HORIZON)]))
    return float(np.mean(scores))


class TestSearches:
    def test_a_grid_search_picks_what_a_loop_picks(self) -> None:
        df = history().reset_index(drop=True)
        grid = {"network__hidden_size": [2, 5], "training__learning_rate": [1e-4, 0.05]}
        search = GridSearchCV(
            model(), grid, cv=RollingOriginSplit(HORIZON, 2), error_score="raise", refit=True
        ).fit(df)
        expected = {
            (size, rate): manual_score(
                model().set_params(network__hidden_size=size, training__learning_rate=rate), df, 2
            )
            for size, rate in itertools.product(*grid.values())
        }
        found = {
            (params["network__hidden_size"], params["training__learning_rate"]): score
            for params, score in zip(
                search.cv_results_["params"], search.cv_results_["mean_test_score"], strict=True
            )
        }
        assert found == pytest.approx(expected, rel=1e-6)
        best = max(expected, key=lambda key: expected[key])
        assert tuple(search.best_params_[name] for name in grid) == best
        assert search.best_estimator_.network.hidden_size == best[0]
        assert search.predict(df)["Seq2Seq"].notna().all()

    def test_a_random_search_picks_what_a_loop_picks(self) -> None:
        df = history().reset_index(drop=True)
        space = {"network__hidden_size": [2, 3, 4, 5], "training__learning_rate": [1e-4, 1e-3, 0.05]}
        search = RandomizedSearchCV(
            model(),
            space,
            n_iter=3,
            random_state=1,
            cv=RollingOriginSplit(HORIZON, 1),
            error_score="raise",
            refit=False,
        ).fit(df)
        tried = list(ParameterSampler(space, 3, random_state=1))
        assert search.cv_results_["params"] == tried
        expected = [manual_score(model().set_params(**params), df, 1) for params in tried]
        np.testing.assert_allclose(search.cv_results_["mean_test_score"], expected, rtol=1e-6)
        assert search.best_params_ == tried[int(np.argmax(expected))]

    def test_an_index_of_any_kind(self) -> None:
        df = history()
        expected = cross_val_score(
            model(), df.reset_index(drop=True), cv=RollingOriginSplit(HORIZON, 2), error_score="raise"
        )
        scores = cross_val_score(model(), df, cv=RollingOriginSplit(HORIZON, 2), error_score="raise")
        np.testing.assert_array_equal(scores, expected)
        assert (scores < 0).all()

    def test_future_covariates_are_taken_from_the_rows_tested(self) -> None:
        df = history().assign(price=lambda df: df["step"] % 3)
        scores = cross_val_score(
            model(future_covariates=["price"]), df, cv=RollingOriginSplit(HORIZON, 2), error_score="raise"
        )
        assert np.isfinite(scores).all()


class TestRefusals:
    @pytest.mark.parametrize(
        ("settings", "message"),
        [
            ({"horizon": 0}, "RollingOriginSplit: horizon is 0"),
            ({"horizon": 2.5}, "RollingOriginSplit: horizon is 2.5"),
            ({"windows": 0}, "RollingOriginSplit: windows is 0"),
            ({"step": 0}, "RollingOriginSplit: step is 0"),
            ({"step": "day"}, "RollingOriginSplit: step is 'day'"),
        ],
        ids=["horizon", "fraction", "windows", "step", "text"],
    )
    @pytest.mark.usefixtures("unchecked_types")
    def test_numbers(self, settings: dict, message: str) -> None:
        with pytest.raises((ParameterError, ParameterTypeError), match=message):
            RollingOriginSplit(**({"horizon": HORIZON} | settings))

    @pytest.mark.parametrize("given", [np.zeros((9, 2)), pd.Series(range(9)), [1, 2], None], ids=type)
    @pytest.mark.usefixtures("unchecked_types")
    def test_what_is_no_frame(self, given: object) -> None:
        with pytest.raises(ParameterTypeError, match=r"X is a .*; it must be a long pandas DataFrame"):
            next(RollingOriginSplit(HORIZON).split(given))

    def test_columns(self) -> None:
        df = history()
        with pytest.raises(DataError, match="no column 'day'"):
            next(RollingOriginSplit(HORIZON, time_col="day").split(df))
        with pytest.raises(DataError, match="no column 'shop'"):
            next(RollingOriginSplit(HORIZON, id_col="shop").split(df[df["unique_id"] == "b"]))

    def test_rows_off_the_grid(self) -> None:
        with pytest.raises(FrequencyError):
            next(RollingOriginSplit(1, freq=2).split(pd.DataFrame({"ds": [0, 2, 3, 4]})))

    def test_series_that_are_too_short(self) -> None:
        with pytest.raises(DataError, match="no series has a step before a horizon of 3"):
            next(RollingOriginSplit(HORIZON).split(history({"a": 3})))
        with pytest.raises(DataError, match="nothing to fit on before the first of 3 windows"):
            next(RollingOriginSplit(HORIZON, 3).split(history({"a": 8})))
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            next(RollingOriginSplit(HORIZON, 2).split(history({"a": 8})))
