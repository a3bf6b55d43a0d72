"""Metrics of one's own in ``evaluate`` and ``leaderboard``: functions of truth and forecast."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import mean_squared_log_error, median_absolute_error

from tsseq2seq import SeasonalNaive, leaderboard
from tsseq2seq.errors import DataWarning, ParameterError, ParameterTypeError
from tsseq2seq.evaluation.metrics import METRICS, evaluate
from tsseq2seq.evaluation.metrics.own import metric_name

MODELS = ["A", "B"]


def rmsle(y_true: np.ndarray, y_pred: np.ndarray) -> float:
    return float(np.sqrt(np.mean((np.log1p(y_pred) - np.log1p(y_true)) ** 2)))


def mean_error(y_true: np.ndarray, y_pred: np.ndarray) -> float:
    return float(np.abs(y_pred - y_true).mean())


def forecasts(seed: int = 0, series: int = 3, cutoffs: int = 2, horizon: int = 4) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    keys = [
        (f"s{one}", begin + step, begin)
        for one in range(series)
        for begin in range(10, 10 + cutoffs)
        for step in range(1, horizon + 1)
    ]
    frame = pd.DataFrame(keys, columns=["unique_id", "ds", "cutoff"])
    return frame.assign(**{name: draw.uniform(0, 50, len(frame)) for name in ("y", *MODELS)})


@pytest.mark.parametrize("by", [None, "unique_id", "cutoff", "step"])
@given(seed=st.integers(0, 1000), missing=st.floats(0, 0.4))
def test_a_function_that_is_a_metric_has_its_scores(by: str | None, seed: int, missing: float) -> None:
    frame = forecasts(seed)
    hidden = np.random.default_rng(seed).random(len(frame)) < missing
    frame = frame.assign(y=frame["y"].mask(hidden & (np.arange(len(frame)) > 0)))
    table = evaluate(frame.sample(frac=1, random_state=seed), ["mae", mean_error], by=by)
    ours, own = (table.loc[table["metric"] == name, MODELS] for name in ("mae", "mean_error"))
    np.testing.assert_allclose(own.to_numpy(), ours.to_numpy())


def test_scores_are_means_over_forecasts() -> None:
    frame = forecasts()
    table = evaluate(frame, [rmsle, median_absolute_error, mean_squared_log_error]).set_index("metric")
    assert list(table.index) == ["rmsle", "median_absolute_error", "mean_squared_log_error"]
    for function in (rmsle, median_absolute_error, mean_squared_log_error):
        for model in MODELS:
            of_each = [function(part["y"], part[model]) for _, part in frame.groupby(["unique_id", "cutoff"])]
            assert table.loc[function.__name__, model] == pytest.approx(np.mean(of_each))


def test_rows_without_a_forecast_do_not_reach_the_function() -> None:
    frame = forecasts()
    frame.loc[[0, 5], "A"] = np.nan
    with pytest.warns(DataWarning, match="A forecast NaN in 2 of"):
        table = evaluate(frame, ["mae", mean_error])
    np.testing.assert_allclose(table.loc[1, MODELS].astype(float), table.loc[0, MODELS].astype(float))


def test_a_function_may_spoil_what_it_is_given() -> None:
    def spoiling(y_true: np.ndarray, y_pred: np.ndarray) -> float:
        y_true *= 0
        y_pred *= 0
        return 1.0

    frame = forecasts()
    given = frame.copy()
    together = evaluate(frame, [spoiling, "mae", mean_error]).set_index("metric")
    pd.testing.assert_frame_equal(frame, given)
    assert together.loc["mae", "A"] == pytest.approx((frame["y"] - frame["A"]).abs().mean())
    assert together.loc["mean_error", "A"] == pytest.approx(together.loc["mae", "A"])


def test_forecasts_without_a_score_are_left_out_with_a_warning() -> None:
    def relative(y_true: np.ndarray, y_pred: np.ndarray) -> float:
        return float(np.abs(y_pred - y_true).sum() / y_true.sum()) if y_true.sum() else float("nan")

    frame = forecasts()
    frame.loc[frame["unique_id"] == "s1", "y"] = 0.0
    with pytest.warns(DataWarning, match=r"relative is NaN for 4 of 12 .*A's.*'s1'"):
        table = evaluate(frame, [relative])
    others = evaluate(frame[frame["unique_id"] != "s1"], [relative])
    pd.testing.assert_frame_equal(table, others)


def _named(name: str) -> Callable[[np.ndarray, np.ndarray], float]:
    def function(y_true: np.ndarray, y_pred: np.ndarray) -> float:
        return 0.0

    function.__name__ = name
    return function


@pytest.mark.parametrize(
    ("metrics", "named"),
    [
        ([lambda y_true, y_pred: 0.0], "lambda"),
        ([functools.partial(rmsle)], "partial"),
        ([_named("")], "name"),
        ([_named("two words")], "name"),
        ([_named("lambda")], "name"),
        ([*map(_named, METRICS)], "'mae'"),
        (["mae", _named("crps")], "'crps'"),
        ([rmsle, _named("rmsle")], "'rmsle'"),
        (["rmsle"], "'rmsle'"),
        ([3], "3"),
        ([["mae"]], "mae"),
    ],
)
@pytest.mark.parametrize("front", ["evaluate", "leaderboard"])
def test_functions_without_a_name_of_their_own_are_refused(
    front: str, metrics: list[Any], named: str, unchecked_types: None
) -> None:
    with pytest.raises(ParameterError, match=named):
        _score(front, metrics)


def test_a_function_alone_is_no_list(unchecked_types: None) -> None:
    for front in ("evaluate", "leaderboard"):
        with pytest.raises(ParameterTypeError, match="rmsle"):
            _score(front, rmsle)


def _score(front: str, metrics: Any) -> None:
    if front == "evaluate":
        evaluate(forecasts(), metrics)
    else:
        leaderboard(history(), [SeasonalNaive(4, season_length=4)], metrics=metrics)


def test_the_same_function_twice_is_one() -> None:
    assert list(evaluate(forecasts(), [rmsle, rmsle])["metric"]) == ["rmsle"]
    assert metric_name(rmsle) == "rmsle"


@pytest.mark.parametrize("result", [None, "1", np.zeros(4), [1.0], 1j, pd.Series([1.0])], ids=repr)
def test_what_is_no_number_is_refused(result: object) -> None:
    def odd(y_true: np.ndarray, y_pred: np.ndarray) -> object:
        return result

    with pytest.raises(ParameterTypeError, match=r"odd returned .* 's0'"):
        evaluate(forecasts(), [odd])


@pytest.mark.parametrize("result", [1, 0.5, np.float32(0.5), np.int64(3), np.array(0.5), True], ids=repr)
def test_any_single_number_is_a_score(result: Any) -> None:
    def constant(y_true: np.ndarray, y_pred: np.ndarray) -> object:
        return result

    assert evaluate(forecasts(), [constant]).loc[0, "A"] == float(result)


def history() -> pd.DataFrame:
    draw = np.random.default_rng(3)
    parts = [
        pd.DataFrame({"unique_id": f"s{one}", "ds": np.arange(40), "y": draw.uniform(5, 50, 40)})
        for one in range(6)
    ]
    return pd.concat(parts, ignore_index=True)


def test_a_function_ranks_a_leaderboard() -> None:
    models = {
        "four": SeasonalNaive(4, season_length=4),
        "one": SeasonalNaive(4, season_length=1),
        "seven": SeasonalNaive(4, season_length=7),
    }
    board = leaderboard(history(), models, metrics=[rmsle, "mae"], windows=2, season_length=4)
    assert board.metric == "rmsle"
    by_hand = evaluate(board.forecasts, [rmsle], models=list(models)).set_index("metric").loc["rmsle"]
    assert board.scores["model"].tolist() == by_hand.astype(float).sort_values().index.tolist()


@pytest.mark.parametrize("name", ["model", "seconds", "baseline"])
def test_names_of_other_columns_are_refused_by_a_leaderboard(name: str) -> None:
    with pytest.raises(ParameterError, match=name):
        leaderboard(history(), [SeasonalNaive(4, season_length=4)], metrics=[_named(name)])
