"""Backtests as drawn: read back from the artists and held against the frames."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.dates import date2num
from matplotlib.figure import Figure

from tsseq2seq import SeasonalNaive, Seq2SeqForecaster, Training, backtest, for_target
from tsseq2seq.errors import DataError, ParameterError, ParameterTypeError
from tsseq2seq.plotting import plot_attention, plot_backtest, plot_forecast, plot_scenarios, plot_training

mpl.use("Agg")

SHORT = Training(max_steps=2, progress=False)


def history(count: int = 2, length: int = 60) -> pd.DataFrame:
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "unique_id": f"$s_{k}$",  # no formula
                    "ds": pd.date_range("2024-01-01", periods=length),
                    "y": 10.0 * k + np.arange(length) % 7,
                }
            )
            for k in range(count)
        ],
        ignore_index=True,
    )


def drawn(forecasts, *args, **options) -> Figure:
    return plot_backtest(
        forecasts, *args, name="SeasonalNaive", figure=Figure(layout="constrained"), **options
    )


def forecasts_of(df: pd.DataFrame, windows: int = 3, **options) -> pd.DataFrame:
    return backtest(SeasonalNaive(7, season_length=7, jobs=1), df, windows=windows, **options)


def test_each_cutoff_has_its_forecast_and_the_truth_is_drawn_once() -> None:
    df = history(1)
    forecasts = forecasts_of(df, levels=[80, 95])
    (ax,) = drawn(forecasts, df).axes
    (actual,) = [line for line in ax.lines if line.get_label() == "Actual"]
    assert actual.get_ydata().tolist() == df["y"].iloc[-(21 + 36) :].tolist()
    lines = [line for line in ax.lines if line.get_label() == "Forecasts from 3 cutoffs"]
    for line, (cutoff, rows) in zip(lines, forecasts.groupby("cutoff"), strict=True):
        assert line.get_ydata()[1:].tolist() == rows["SeasonalNaive"].tolist()
        assert ax.convert_xunits(line.get_xdata())[0] == date2num(cutoff)
        assert line.get_ydata()[0] == df.set_index("ds")["y"][cutoff]
    marks = [line for line in ax.lines if line.get_linestyle() == "--"]
    assert [ax.convert_xunits(line.get_xdata())[0] for line in marks] == [
        date2num(cutoff) for cutoff in forecasts["cutoff"].unique()
    ]
    assert len(ax.collections) == 3  # the widest interval of each cutoff


def test_without_a_history_only_the_backtest_is_drawn() -> None:
    forecasts = forecasts_of(history(1))
    (ax,) = drawn(forecasts).axes
    (actual,) = [line for line in ax.lines if line.get_label() == "Actual"]
    assert actual.get_ydata().tolist() == forecasts["y"].tolist()


@pytest.mark.parametrize(("count", "note"), [(6, ""), (8, "the first 6 of 8 series")])
def test_what_is_left_out_is_said(count: int, note: str) -> None:
    figure = drawn(forecasts_of(history(count), windows=1), title="All shops")
    assert [ax.get_title(loc="left") for ax in figure.axes] == [f"$s_{k}$" for k in range(6)]
    assert ("" if figure._supxlabel is None else figure._supxlabel.get_text()) == note
    assert figure.legends[0].get_title().get_text() == "All shops"
    figure.canvas.draw()  # names are no formulas


def test_one_series_of_many_and_integer_time() -> None:
    df = history(3).assign(ds=lambda frame: frame.groupby("unique_id").cumcount())
    figure = drawn(forecasts_of(df), df, series="$s_1$")
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["$s_1$"]
    assert figure._supxlabel is None
    with pytest.raises(DataError, match="no rows of series 'nowhere'"):
        drawn(forecasts_of(df), series="nowhere")


def test_several_targets_one_by_one() -> None:
    df = history(1).rename(columns={"y": "load"}).assign(price=1.0 + np.arange(60) % 5)
    model = Seq2SeqForecaster(7, target_col=["load", "price"], training=SHORT)
    forecasts = for_target(backtest(model, df), "price")
    (ax,) = plot_backtest(forecasts, df, target_col="price", figure=Figure()).axes
    assert set(ax.lines[0].get_ydata()) == set(df["price"])


@pytest.mark.parametrize("library", ["polars", "pyarrow"])
def test_frames_of_other_libraries(library: str) -> None:
    module = pytest.importorskip(library)
    forecasts = forecasts_of(history(2))
    convert = module.from_pandas if library == "polars" else module.Table.from_pandas
    native = convert(forecasts)
    expected, found = (
        [list(line.get_ydata()) for ax in drawn(frame).axes for line in ax.lines]
        for frame in (forecasts, native)
    )
    assert found == expected


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda frame: frame.drop(columns="cutoff"), DataError, "forecasts has no column 'cutoff'"),
        (lambda frame: frame.drop(columns="y"), DataError, "forecasts has no column 'y'"),
        (lambda frame: frame[:0], DataError, "forecasts has no rows"),
        (lambda frame: {"ds": [1]}, ParameterTypeError, "forecasts is a dict"),
    ],
)
def test_refusals(change, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        drawn(change(forecasts_of(history(1))))


# --- titles, and what a plot leaves out ---


def title(ax) -> str:
    return ax.get_title(loc="left")


@pytest.fixture(scope="module")
def fitted() -> Seq2SeqForecaster:
    df = history(3).rename(columns={"y": "load"}).assign(price=1.0)
    df["price"] += np.arange(len(df)) % 5
    return Seq2SeqForecaster(7, target_col=["load", "price"], training=SHORT).fit(df)


def test_the_first_of_several_series_is_said(fitted: Seq2SeqForecaster) -> None:
    forecast = fitted.predict()
    ax = Figure().subplots()
    assert title(fitted.plot(forecast, target="load", ax=ax)) == "$s_0$ (the first of 3 series)"
    named = fitted.plot(forecast, target="load", series="$s_1$", ax=Figure().subplots())
    assert title(named) == "$s_1$"
    assert title(fitted.plot(forecast, target="load", title="Load", ax=Figure().subplots())) == "Load"


def test_of_several_targets_one_is_named(fitted: Seq2SeqForecaster) -> None:
    forecast = fitted.predict()
    for target in ("load", "price"):
        ax = fitted.plot(forecast, target=target, series="$s_1$", ax=Figure().subplots())
        (line,) = [line for line in ax.lines if line.get_label() == "Forecast"]
        wanted = forecast.loc[forecast["unique_id"] == "$s_1$", f"Seq2Seq-{target}"]
        assert line.get_ydata()[1:].tolist() == wanted.tolist()
    for target in (None, "wind"):
        with pytest.raises(ParameterError, match=rf"target is {target!r}; .*'load', 'price'"):
            fitted.plot(forecast, target=target)


def test_scenarios_and_attention_say_it_too() -> None:
    df = history(2, 10)
    paths = pd.DataFrame(
        {"unique_id": ["$s_0$", "$s_1$"], "scenario": 0, "ds": df["ds"].iloc[-1], "Seq2Seq": 1.0}
    )
    weights = pd.DataFrame({"unique_id": ["$s_0$", "$s_1$"], "step": 1, "lag": 1, "weight": 1.0})
    for plot in (
        lambda **options: plot_scenarios(df, paths, ax=Figure().subplots(), **options),
        lambda **options: plot_attention(weights, ax=Figure().subplots(), **options),
    ):
        assert title(plot()) == "$s_0$ (the first of 2 series)"
        assert title(plot(series="$s_1$")) == "$s_1$"
        assert title(plot(title="Mine")) == "Mine"


def test_a_training_has_a_title() -> None:
    rows = pd.DataFrame({"step": [1, 2], "loss": [2.0, 1.0], "validation_error": np.nan})
    assert title(plot_training(rows, title="Loss", ax=Figure().subplots())) == "Loss"


def test_plots_of_forecasts_take_frames_of_polars() -> None:
    polars = pytest.importorskip("polars")
    past = pd.DataFrame({"ds": [1, 2, 3], "y": [1.0, 2.0, 3.0]})
    ahead = pd.DataFrame({"ds": [4], "Seq2Seq": [2.5]})
    axes = [
        plot_forecast(convert(past), convert(ahead), ax=Figure().subplots())
        for convert in (pd.DataFrame, polars.from_pandas)
    ]
    one, other = ([list(line.get_ydata()) for line in ax.lines] for ax in axes)
    assert one == other
