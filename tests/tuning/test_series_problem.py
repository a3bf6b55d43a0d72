"""The search over a forecaster's settings, against a backtest of the same model."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.base import clone

import tsseq2seq.forecaster as forecasters
import tsseq2seq.forecasting.fitted as fitted_series
from tsseq2seq import Network, Normal, backtest
from tsseq2seq.errors import DataError, DataWarning
from tsseq2seq.evaluation.metrics import evaluate

HORIZON = 3


def before_the_first_cutoff(df: pd.DataFrame, steps: int) -> pd.DataFrame:
    return df[df.groupby("unique_id").cumcount(ascending=False) >= steps]


def by_hand(model, df: pd.DataFrame, metric: str, windows: int = 3, step: int = HORIZON) -> float:
    """Train and score without the search."""
    train = before_the_first_cutoff(df, HORIZON + (windows - 1) * step)
    season = clone(model).fit(train).season_length_ or 1
    forecasts = backtest(model, df, windows=windows, step=step)
    found = evaluate(forecasts, [metric], train=train, season_length=season)
    return float(found.iloc[0, 1])


@pytest.mark.parametrize(
    ("settings", "metric", "windows", "step"),
    [
        ({}, "mase", None, None),
        ({"network": Network(hidden_size=4, dropout=0.3), "training": {"max_steps": 7}}, "rmse", 2, 1),
        ({"output": Normal(), "network": Network(hidden_size=4, dropout=0.3)}, "crps", None, None),
        ({"training": {"ema": 0.9, "max_steps": 5}, "future_covariates": ["price"]}, "smape", 2, 4),
        (
            {"training": {"validation_size": 3, "max_steps": 4}, "past_covariates": ["price"]},
            "mae",
            None,
            None,
        ),
        ({"training": {"members": 2}, "scaling": "log1p"}, "rmsse", None, None),
    ],
    ids=["plain", "dropout", "normal", "average", "validation", "members"],
)
def test_the_score_is_that_of_a_backtest(make, daily, search, settings, metric, windows, step) -> None:
    """Looking on must change nothing: neither the weights nor the random numbers."""
    model = make(**settings)
    found = search(
        model, daily, space=lambda trial: {"network__hidden_size": 6}, trials=2, metric=metric, windows=windows,
        step=step, pruner="none", refit=False,
    )  # fmt: skip
    expected = [
        by_hand(
            clone(model).set_params(network__hidden_size=size), daily, metric, windows or 3, step or HORIZON
        )
        for size in (4, 6)
    ]
    assert found.trials[metric].tolist() == pytest.approx(expected, rel=1e-6)


def test_several_targets_are_averaged(make, daily, search) -> None:
    model = make(target_col=["y", "price"])
    found = search(model, daily, space={"network__hidden_size": [4]}, trials=1, metric="mae", refit=False)
    forecasts = backtest(model, daily, windows=3)
    errors = [
        (forecasts[target] - forecasts[next(c for c in forecasts if c.startswith("Seq2Seq") and target in c)])
        .abs().groupby(forecasts["unique_id"]).mean().mean()
        for target in ("y", "price")
    ]  # fmt: skip
    assert found.trials["mae"][0] == pytest.approx(np.mean(errors), rel=1e-6)


def changed_after_the_first_cutoff(df: pd.DataFrame) -> pd.DataFrame:
    early = before_the_first_cutoff(df, 9)
    late = df.drop(early.index)
    return pd.concat([early, late.assign(y=late["y"] * -50 + 1e4)]).sort_index()


def test_what_is_held_out_is_never_seen(make, daily) -> None:
    model = make(training={"validation_size": 3, "max_steps": 4}, scaling="series", context_length=None)
    weights, resolved, spaces = [], [], []
    for df in (daily, changed_after_the_first_cutoff(daily)):
        problem = model.tuning_problem(df, windows=3)
        resolved.append(problem.resolved_settings())
        spaces.append(problem.default_space())
        outcome = problem.run(clone(model), ["mae"], lambda value, percent: None)
        weights.append(outcome.fitted.members[0].state_dict())
    assert resolved[0] == resolved[1]
    assert spaces[0] == spaces[1]
    assert weights[0].keys() == weights[1].keys()
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])


def test_data_are_read_and_laid_once(make, daily, search, monkeypatch) -> None:
    counts = {"read": 0, "grid": 0}

    def counted(module, name, key):
        original = getattr(module, name)

        def call(*arguments, **options):
            counts[key] += 1
            return original(*arguments, **options)

        monkeypatch.setattr(module, name, call)

    counted(forecasters, "read_long_frame", "read")
    counted(fitted_series, "make_panel", "grid")
    laid = []
    for trials in (2, 6):
        counts.update(read=0, grid=0)
        search(
            make(), daily, space={"network__hidden_size": [4, 6]}, trials=trials, refit=False, pruner="none"
        )
        laid.append(dict(counts))
    assert laid[0]["read"] == laid[1]["read"] == 1
    assert laid[0]["grid"] == laid[1]["grid"]


def test_the_history_is_laid_once(make, daily, monkeypatch) -> None:
    problem = make().tuning_problem(daily)
    problem.resolved_settings()
    problem.run(make(), ["mae"], None)
    monkeypatch.setattr(fitted_series, "make_panel", lambda *_: pytest.fail("laid again"))
    problem.run(make(), ["mae"], None)


def test_looks_are_at_the_last_cutoff_alone(make, daily) -> None:
    seen: list[tuple[float, int]] = []
    model = make(training={"max_steps": 10})
    outcome = model.tuning_problem(daily, windows=2).run(model, ["mae"], lambda *look: seen.append(look))
    assert [percent for _, percent in seen] == list(range(10, 101, 10))
    forecasts = backtest(model, daily, windows=2)
    last = forecasts.groupby("unique_id").tail(HORIZON)
    assert seen[-1][0] == pytest.approx(float(evaluate(last, ["mae"]).iloc[0, 1]), rel=1e-6)
    assert outcome.scores["mae"] != seen[-1][0]


def test_the_last_look_is_at_the_weights_that_count(make, daily, monkeypatch) -> None:
    from tsseq2seq.forecasting.objective import SeriesObjective

    errors = iter([1.0, *[2.0] * 20])
    monkeypatch.setattr(SeriesObjective, "validate", lambda self: next(errors))
    seen = []
    model = make(
        training={"max_steps": 10, "validation_size": 3, "validation_every": 1, "learning_rate": 0.1}
    )
    outcome = model.tuning_problem(daily, windows=1).run(model, ["mae"], lambda *look: seen.append(look))
    assert seen[-1][0] == pytest.approx(outcome.scores["mae"], rel=1e-6)


def test_size_and_steps(make, daily) -> None:
    model = make(training={"members": 2, "max_steps": 3})
    outcome = model.tuning_problem(daily).run(model, ["mae"], None)
    fitted = clone(model).fit(before_the_first_cutoff(daily, 9))
    assert outcome.size == sum(w.numel() for member in fitted.fitted_.members for w in member.parameters())
    assert outcome.steps == 6
    assert outcome.seconds > 0


def test_short_histories_have_fewer_windows(make, daily) -> None:
    assert make().tuning_problem(daily).identity["windows"] == 3
    assert make().tuning_problem(daily.groupby("unique_id").head(14)).identity["windows"] < 3


def test_too_many_windows(make, daily) -> None:
    with pytest.raises(DataError, match="tune: 40 cutoffs of 3 steps are held out, and no series is longer"):
        make().tuning_problem(daily, windows=40)


def test_a_series_too_short_for_all_cutoffs_is_not_validated_on(make, daily) -> None:
    """Only series that something was learned from are scored."""
    short = pd.DataFrame({"unique_id": "c", "ds": pd.date_range("2024", periods=5), "y": 7.0, "price": 0.0})
    df = pd.concat([daily, short], ignore_index=True)
    model = make()
    outcome = model.tuning_problem(df, windows=3).run(model, ["mae"], None)
    with pytest.warns(DataWarning):
        forecasts = backtest(model, df, windows=3)
    kept = forecasts[forecasts["unique_id"] != "c"]
    assert outcome.scores["mae"] == pytest.approx(float(evaluate(kept, ["mae"]).iloc[0, 1]), rel=1e-4)


def test_rows_in_another_order_are_the_same_data(make, daily) -> None:
    shuffled = daily.sample(frac=1, random_state=0)
    identities = [make().tuning_problem(df).identity for df in (daily, shuffled)]
    assert identities[0] == identities[1]
