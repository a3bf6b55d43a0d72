"""The front door against utilsforecast, loops and published figures."""

from __future__ import annotations

from pathlib import Path

import narwhals as nw
import numpy as np
import pandas as pd
import pytest
from utilsforecast import losses

from tsseq2seq import SeasonalNaive, datasets
from tsseq2seq import backtest as backtest_of
from tsseq2seq.errors import (
    DataError,
    DataWarning,
    ParameterError,
    ParameterTypeError,
    TsSeq2SeqWarning,
)
from tsseq2seq.evaluation.metrics import METRICS, crps_quantiles, evaluate, weighted_quantile_loss

SEASON = 4


def history(count: int = 3, length: int = 20) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    parts = [
        pd.DataFrame(
            {
                "unique_id": f"s{k}",
                "ds": np.arange(length + k),
                "y": 10 * (k + 1) + rng.normal(size=length + k),
            }
        )
        for k in range(count)
    ]
    return pd.concat(parts, ignore_index=True)


def backtest(cutoffs: int = 2, horizon: int = 5) -> pd.DataFrame:
    """Series of different origin, two models with intervals, one without."""
    rng = np.random.default_rng(2)
    rows = []
    for series, cutoff in np.ndindex(3, cutoffs):
        begin = 20 + series + 2 * cutoff
        for step in range(horizon):
            rows.append((f"s{series}", begin + step, begin - 1, *(10 * (series + 1) + rng.normal(size=4))))
    frame = pd.DataFrame(rows, columns=["unique_id", "ds", "cutoff", "y", "A", "B", "plain"])
    for name in ("A", "B"):
        for level, width in ((80, 1.0), (99.5, 2.5)):
            frame[f"{name}-lo-{level:g}"] = frame[name] - width
            frame[f"{name}-hi-{level:g}"] = frame[name] + width
    return frame


def scores(table: pd.DataFrame, metric: str) -> np.ndarray:
    return table.loc[table["metric"] == metric, ["A", "B", "plain"]].to_numpy()


@pytest.mark.parametrize("by", [None, "unique_id", "cutoff"])
@pytest.mark.parametrize(
    ("metric", "loss", "factor"),
    [
        ("mae", losses.mae, 1),
        ("rmse", losses.rmse, 1),
        ("mape", losses.mape, 100),
        ("smape", losses.smape, 200),
    ],
    ids=["mae", "rmse", "mape", "smape"],
)
def test_point_metrics_are_means_of_utilsforecast(
    metric: str, loss: object, factor: float, by: str | None
) -> None:
    frame = backtest()
    each = factor * loss(frame, ["A", "B", "plain"]).set_index(["unique_id", "cutoff"])  # type: ignore[operator]
    expected = each.mean().to_frame().T if by is None else each.groupby(level=by, sort=False).mean()
    table = evaluate(frame.sample(frac=1, random_state=0), [metric], by=by)
    if by is not None:
        expected = expected.loc[table[by]]
    np.testing.assert_allclose(scores(table, metric), expected.to_numpy())


@pytest.mark.parametrize(
    ("metric", "loss"), [("mase", losses.mase), ("rmsse", losses.rmsse)], ids=["mase", "rmsse"]
)
def test_scaled_metrics_are_means_of_utilsforecast(metric: str, loss: object) -> None:
    frame, train = backtest(cutoffs=1).drop(columns="cutoff"), history()
    expected = loss(frame, ["A", "B", "plain"], SEASON, train)  # type: ignore[operator]
    table = evaluate(frame, [metric], train=train.sample(frac=1, random_state=0), season_length=SEASON)
    np.testing.assert_allclose(scores(table, metric)[0], expected[["A", "B", "plain"]].mean())


def test_the_scale_is_that_of_the_whole_train_for_all_cutoffs() -> None:
    frame, train = backtest(cutoffs=2), history()
    both = scores(evaluate(frame, ["mase"], train=train, season_length=SEASON, by="cutoff"), "mase")
    assert len(both) == 5  # of six one is shared, but not the first
    first = frame[frame["cutoff"] == 19].drop(columns="cutoff")
    alone = losses.mase(first, ["A", "B", "plain"], SEASON, train[train["unique_id"] == "s0"])
    np.testing.assert_allclose(both[0], alone[["A", "B", "plain"]].to_numpy()[0])


def test_gaps_in_train_are_missing_not_skipped() -> None:
    frame, train = backtest(cutoffs=1), history()
    holes = train[train["ds"] % 7 != 3]
    filled = train.assign(y=train["y"].where(train["ds"] % 7 != 3))
    found = evaluate(frame, ["mase"], train=holes, season_length=SEASON)
    pd.testing.assert_frame_equal(found, evaluate(frame, ["mase"], train=filled, season_length=SEASON))
    with pytest.raises(AssertionError):
        pd.testing.assert_frame_equal(found, evaluate(frame, ["mase"], train=train, season_length=SEASON))


def test_steps_count_from_one_within_series_and_cutoff() -> None:
    frame = backtest(cutoffs=3)
    table = evaluate(frame.sample(frac=1, random_state=3), ["mae", "rmse"], by="step")
    assert table["step"].tolist() == [1, 2, 3, 4, 5] * 2
    frame["step"] = frame["ds"] - frame["cutoff"]
    error = frame[["A", "B", "plain"]].sub(frame["y"], axis=0)
    keys = [frame["unique_id"], frame["step"]]
    np.testing.assert_allclose(scores(table, "mae"), error.abs().groupby(keys).mean().groupby("step").mean())
    squares = (error**2).groupby(keys).mean() ** 0.5
    np.testing.assert_allclose(scores(table, "rmse"), squares.groupby("step").mean())


@pytest.mark.parametrize("level", [80, 99.5])
def test_intervals_equal_utilsforecast(level: float) -> None:
    frame = backtest()
    table = evaluate(frame, ["coverage", "interval_score", "pinball"])
    for metric, loss in (("coverage", losses.coverage), ("interval_score", losses.winkler_score)):
        expected = loss(frame, ["A", "B"], level)[["A", "B"]].mean()
        np.testing.assert_allclose(scores(table, f"{metric}-{level:g}")[0], [*expected, np.nan])
    quantile = round((1 - level / 100) / 2, 8)
    columns = {"A": f"A-lo-{level:g}", "B": f"B-lo-{level:g}"}
    expected = losses.quantile_loss(frame, columns, q=quantile)[["A", "B"]].mean()
    np.testing.assert_allclose(scores(table, f"pinball-{quantile:g}")[0], [*expected, np.nan])


def test_names_of_levels_and_quantiles() -> None:
    table = evaluate(backtest(), ["pinball", "coverage"])
    assert table["metric"].tolist() == [
        *(f"pinball-{q}" for q in ("0.0025", "0.1", "0.5", "0.9", "0.9975")),
        "coverage-80",
        "coverage-99.5",
    ]
    assert not table.loc[2, ["A", "B", "plain"]].isna().any()  # the point forecast is the median


def test_quantile_sums_are_pooled_and_crps_is_a_mean() -> None:
    frame = backtest()
    quantiles = [0.0025, 0.1, 0.5, 0.9, 0.9975]
    columns = ["A-lo-99.5", "A-lo-80", "A", "A-hi-80", "A-hi-99.5"]
    table = evaluate(frame, ["weighted_quantile_loss", "crps"])
    values = frame[columns].to_numpy()
    pooled = weighted_quantile_loss(frame["y"], values, quantiles)
    assert scores(table, "weighted_quantile_loss")[0, 0] == pytest.approx(pooled)
    one = weighted_quantile_loss(frame["y"], values[:, [1]], [0.1])
    assert scores(table, "weighted_quantile_loss-0.1")[0, 0] == pytest.approx(one)
    expected = crps_quantiles(frame["y"], values, quantiles).mean()
    assert scores(table, "crps")[0, 0] == pytest.approx(expected)
    assert np.isnan(scores(table, "crps")[0, 2])
    assert np.isnan(scores(table, "weighted_quantile_loss")[0, 2])
    assert np.isfinite(scores(table, "weighted_quantile_loss-0.5")[0, 2])


def test_the_pooled_loss_of_one_series_equals_scaled_crps() -> None:
    frame = backtest(cutoffs=1).query("unique_id == 's1'")
    columns = {"A": ["A-lo-80", "A", "A-hi-80"]}
    expected = losses.scaled_crps(frame, columns, np.array([0.1, 0.5, 0.9]))["A"].item()
    frame = frame[["unique_id", "ds", "y", *columns["A"]]]
    assert evaluate(frame, ["weighted_quantile_loss"])["A"][0] == pytest.approx(expected)


def test_owa_divides_means() -> None:
    frame, train = backtest().rename(columns={"plain": "Naive2"}), history()
    table = evaluate(frame, ["smape", "mase", "owa"], train=train, season_length=SEASON).set_index("metric")
    ratio = table.div(table["Naive2"], axis=0)
    np.testing.assert_allclose(table.loc["owa"], (ratio.loc["smape"] + ratio.loc["mase"]) / 2)
    assert table.loc["owa", "Naive2"] == 1
    only = evaluate(frame, ["owa"], train=train, season_length=SEASON, models=["A"])
    assert only.columns.tolist() == ["metric", "A"]
    assert only["A"][0] == pytest.approx(table.loc["owa", "A"])


def test_rows_without_truth_are_left_out() -> None:
    frame = backtest()
    holes = frame.assign(y=frame["y"].where(frame.index % 3 != 0))
    everything = [name for name in METRICS if name != "owa"]
    arguments = {"train": history(), "season_length": SEASON}
    found = evaluate(holes, everything, **arguments)
    pd.testing.assert_frame_equal(found, evaluate(holes.dropna(), everything, **arguments))
    by_step = evaluate(holes, ["mae"], by="step")
    one = holes[(holes["ds"] - holes["cutoff"]) == 2]
    assert by_step["A"][1] == pytest.approx(
        losses.mae(one.drop(columns="cutoff").dropna(), ["A"])["A"].mean()
    )


def test_rows_without_a_forecast_are_left_out_with_a_warning() -> None:
    frame = backtest()
    frame.loc[[7, 8], [name for name in frame if name.startswith("A")]] = np.nan
    with pytest.warns(DataWarning, match=r"A forecast NaN in 2 of 30 rows, the first of series 's0'"):
        table = evaluate(frame, ["mae", "coverage", "weighted_quantile_loss", "crps"])
    rest = frame.drop(index=[7, 8])
    expected = evaluate(rest, ["mae", "coverage", "weighted_quantile_loss", "crps"])
    np.testing.assert_allclose(table["A"], expected["A"])
    assert table["B"][0] == evaluate(backtest(), ["mae"])["B"][0]


def test_a_series_without_scale_is_left_out_with_a_warning() -> None:
    frame, train = backtest(), history()
    train.loc[train["unique_id"] == "s1", "y"] = 5.0
    with pytest.warns(
        DataWarning, match=r"mase: 1 of 3 series have no scale .* 's1', .* repeats itself exactly"
    ):
        table = evaluate(frame, ["mase"], train=train, season_length=SEASON)
    kept = frame[frame["unique_id"] != "s1"]
    pd.testing.assert_frame_equal(table, evaluate(kept, ["mase"], train=train, season_length=SEASON))
    short = history().groupby("unique_id").head(3)
    with pytest.warns(DataWarning, match="3 of 3 series have no scale .* no two values a season apart"):
        table = evaluate(frame, ["rmsse"], train=short, season_length=SEASON)
    assert table["A"].isna().all()


def test_one_row_of_train_has_no_scale() -> None:
    with pytest.warns(DataWarning, match="no two values a season apart"):
        evaluate(backtest(), ["mase"], train=history().groupby("unique_id").head(1), season_length=1)


def test_zeros_are_left_out_of_mape_with_a_warning() -> None:
    frame = backtest()
    frame.loc[4, "y"] = 0.0
    with pytest.warns(DataWarning, match="mape: y is 0 in 1 of 30 rows, which are left out; .* series 's0'"):
        table = evaluate(frame, ["mape"])
    pd.testing.assert_frame_equal(table, evaluate(frame.drop(index=4), ["mape"]))
    with pytest.warns(DataWarning, match="y is 0 throughout in 3 results, the first 's0', so it is NaN"):
        table = evaluate(frame.assign(y=0.0), ["weighted_quantile_loss"], by="unique_id")
    assert table["A"].isna().all()


def test_one_series_needs_no_column_of_names() -> None:
    frame = backtest(cutoffs=1).query("unique_id == 's0'")
    train = history(count=1)
    named = evaluate(frame, train=train, season_length=SEASON)
    bare = evaluate(
        frame.drop(columns=["unique_id", "cutoff"]),
        train=train.drop(columns="unique_id"),
        season_length=SEASON,
    )
    pd.testing.assert_frame_equal(named, bare)


def test_other_column_names() -> None:
    renamed = {"unique_id": "shop", "ds": "day", "y": "sales"}
    frame, train = backtest(), history()
    found = evaluate(
        frame.rename(columns=renamed),
        train=train.rename(columns=renamed),
        season_length=SEASON,
        by="shop",
        id_col="shop",
        time_col="day",
        target_col="sales",
    )
    expected = evaluate(frame, train=train, season_length=SEASON, by="unique_id")
    pd.testing.assert_frame_equal(found, expected.rename(columns=renamed))
    assert found.columns.tolist() == ["shop", "metric", "A", "B", "plain"]


def test_the_frame_given_stays_as_it_was() -> None:
    frame = backtest()
    evaluate(frame, ["mae", "coverage"])
    pd.testing.assert_frame_equal(frame, backtest())


def as_library(frame: pd.DataFrame, library: str):
    """Return a frame as one of pandas, polars or pyarrow."""
    if library == "pandas":
        return frame
    return nw.from_dict(
        {name: frame[name].tolist() for name in frame.columns}, backend=pytest.importorskip(library)
    ).to_native()


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_what_a_backtest_lacks_for_the_default_metrics_is_left_out_and_said(library) -> None:
    df = as_library(datasets.load("air_passengers"), library)
    forecasts = backtest_of(SeasonalNaive(12, season_length=12), df, windows=2)
    with pytest.warns(TsSeq2SeqWarning, match="mase is left out.*train=.*season_length=") as told:
        table = evaluate(forecasts)
    assert len(told) == 1
    assert type(table) is type(df)
    scores = nw.from_native(table)
    assert scores["metric"].to_list() == ["mae", "rmse", "smape"]
    assert np.isfinite(scores["SeasonalNaive"].to_numpy()).all()


@pytest.mark.parametrize("library", ["polars", "pyarrow"])
@pytest.mark.parametrize("by", [None, "unique_id", "cutoff", "step"])
def test_frames_of_every_library_have_the_same_scores(library, by) -> None:
    frame, train = backtest(), history()
    expected = evaluate(frame, train=train, season_length=SEASON, by=by)
    found = evaluate(
        as_library(frame, library), train=as_library(train, library), season_length=SEASON, by=by
    )
    columns = {name: nw.from_native(found)[name].to_list() for name in nw.from_native(found).columns}
    assert list(columns) == expected.columns.tolist()
    for name, values in columns.items():
        if name in ("A", "B", "plain"):
            np.testing.assert_allclose(values, expected[name])
        else:
            assert values == expected[name].tolist()


def test_train_may_be_wide() -> None:
    train = history()
    wide = train.pivot_table(index="ds", columns="unique_id", values="y")
    found = evaluate(backtest(), ["mase"], train=wide, season_length=SEASON)
    pd.testing.assert_frame_equal(found, evaluate(backtest(), ["mase"], train=train, season_length=SEASON))


REFUSALS = {
    "metric": (lambda: evaluate(backtest(), ["mea"]), ParameterError, "'mea'; there are: mae, rmse, mape"),
    "text": (lambda: evaluate(backtest(), "mae"), ParameterTypeError, "must be a list"),
    "none": (lambda: evaluate(backtest(), []), ParameterError, "metrics is empty"),
    "train": (lambda: evaluate(backtest(), ["mase"], season_length=4), ParameterError, "train is None"),
    "season": (
        lambda: evaluate(backtest(), ["mase"], train=history()),
        ParameterError,
        "season_length is None",
    ),
    "unknown series": (
        lambda: evaluate(backtest(), ["mase"], train=history(2), season_length=4),
        DataError,
        "1 series of forecasts are not in train; the first is 's2'",
    ),
    "nameless train": (
        lambda: evaluate(backtest(), ["mase"], train=history(1).drop(columns="unique_id"), season_length=4),
        DataError,
        "no column 'unique_id'|forecasts has the column 'unique_id', train has not",
    ),
    "owa": (
        lambda: evaluate(backtest(), ["owa"], train=history(), season_length=4),
        ParameterError,
        "no column 'Naive2'",
    ),
    "by": (lambda: evaluate(backtest(), ["mae"], by="week"), ParameterError, "by is 'week'"),
    "no cutoff": (
        lambda: evaluate(backtest(1).drop(columns="cutoff"), ["mae"], by="cutoff"),
        ParameterError,
        "by is 'cutoff'",
    ),
    "two rows": (
        lambda: evaluate(backtest().drop(columns="cutoff"), ["mae"]),
        DataError,
        r"two rows for unique_id 's0', ds 22 .* need the column 'cutoff'",
    ),
    "no truth": (lambda: evaluate(backtest().assign(y=np.nan), ["mae"]), DataError, "'y' .* holds no number"),
    "text truth": (
        lambda: evaluate(backtest().assign(y="a"), ["mae"]),
        DataError,
        "the truth must be numeric",
    ),
    "no y": (lambda: evaluate(backtest().drop(columns="y"), ["mae"]), DataError, "one column 'y'; it has"),
    "no id": (lambda: evaluate(backtest(), ["mae"], id_col="shop"), DataError, "one column 'shop'"),
    "empty cutoff": (
        lambda: evaluate(backtest().assign(cutoff=np.nan), ["mae"]),
        DataError,
        "'cutoff' of forecasts is empty in row 0",
    ),
    "text model": (
        lambda: evaluate(backtest().assign(A="x"), ["mae"]),
        DataError,
        "'A' has the type .* no forecast",
    ),
    "no model": (
        lambda: evaluate(backtest()[["unique_id", "ds", "cutoff", "y"]], ["mae"]),
        DataError,
        "no column of",
    ),
    "interval alone": (
        lambda: evaluate(backtest().drop(columns="A"), ["mae"]),
        DataError,
        "'A-lo-80' bounds an interval of 'A', which is not",
    ),
    "level 100": (
        lambda: evaluate(backtest().assign(**{"A-lo-100": 1.0}), ["mae"]),
        DataError,
        "has the level 100",
    ),
    "level twice": (
        lambda: evaluate(backtest().assign(**{"A-lo-80.0": 1.0}), ["mae"]),
        DataError,
        "'A-lo-80' and 'A-lo-80.0' bound the same",
    ),
    "model": (lambda: evaluate(backtest(), ["mae"], models=["C"]), ParameterError, "models holds 'C'"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refusals(name: str) -> None:
    call, error, match = REFUSALS[name]
    with pytest.raises(error, match=match):
        call()


def test_no_frame_is_refused(unchecked_types: None) -> None:
    with pytest.raises(ParameterTypeError, match="forecasts is a list"):
        evaluate([1.0])  # type: ignore[arg-type]


def test_a_chosen_model_may_stand_beside_other_columns() -> None:
    frame = backtest().assign(holiday="no")
    assert evaluate(frame, ["mae"], models=["B"]).columns.tolist() == ["metric", "B"]


def test_seasonal_naive_on_m4_hourly_has_the_published_errors(data_folder: Path) -> None:
    from tsseq2seq import datasets

    train, test = datasets.load("m4_hourly"), datasets.load("m4_hourly_test")
    last = train.groupby("unique_id", sort=False).tail(24)["y"].to_numpy().reshape(-1, 24)
    test["naive"] = np.tile(last, 2).reshape(-1)
    table = evaluate(test, ["smape", "mase"], train=train, season_length=24)
    np.testing.assert_allclose(table["naive"], [13.912, 1.193], atol=5e-4)
