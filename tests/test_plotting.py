"""What is drawn is read back from the artists and held against the frames."""

from __future__ import annotations

import subprocess
import sys

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.dates import date2num
from matplotlib.figure import Figure

from tsseq2seq.errors import DataError, MissingDependencyError, ParameterError
from tsseq2seq.plotting import plot_forecast, plot_panel, plot_training

mpl.use("Agg")
from matplotlib import pyplot as plt

MONTHS = pd.date_range("2020-01-01", periods=72, freq="MS")


@pytest.fixture(autouse=True)
def no_settings_changed_and_no_figures_left():
    before = dict(mpl.rcParams)
    plt.close("all")
    yield
    assert dict(mpl.rcParams) == before
    plt.close("all")


def history_frame(times=MONTHS[:60]) -> pd.DataFrame:
    return pd.DataFrame({"ds": times, "y": 100.0 + np.arange(len(times)) % 12})


def forecast_frame(times=MONTHS[60:], levels=(80, 95)) -> pd.DataFrame:
    frame = pd.DataFrame({"ds": times, "Seq2Seq": 105.0 + np.arange(len(times))})
    for level in levels:
        frame[f"Seq2Seq-lo-{level}"] = frame["Seq2Seq"] - level / 10
        frame[f"Seq2Seq-hi-{level}"] = frame["Seq2Seq"] + level / 10
    return frame


def axes():
    return Figure(layout="constrained").subplots()


def line(ax, label):
    (found,) = [line for line in ax.lines if line.get_label() == label]
    return found


def cutoff(ax):
    """Where the vertical line stands, as matplotlib counts time."""
    (found,) = [line for line in ax.lines if line.get_linestyle() == "--" and len(line.get_xdata()) == 2]
    left, right = ax.convert_xunits(found.get_xdata())
    assert left == right
    return left


def bands(ax):
    """The (lower, upper) edges of each interval, in the order drawn."""
    edges = []
    for collection in ax.collections:
        assert isinstance(collection, PolyCollection)
        corners = collection.get_paths()[0].vertices
        low = [corners[corners[:, 0] == x, 1].min() for x in np.unique(corners[:, 0])]
        high = [corners[corners[:, 0] == x, 1].max() for x in np.unique(corners[:, 0])]
        edges.append((low, high))
    return edges


def labels(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def tick_labels(axis):
    axis.axes.figure.canvas.draw()
    return [label.get_text() for label in axis.get_ticklabels()]


def test_lines_hold_the_frames_and_meet_at_the_cutoff():
    history, forecast = history_frame(), forecast_frame()
    ax = plot_forecast(history, forecast, ax=axes())
    shown = line(ax, "History")
    assert shown.get_ydata().tolist() == history["y"].tolist()[-48:]
    drawn = line(ax, "Forecast")
    assert drawn.get_ydata().tolist() == [history["y"].iloc[-1], *forecast["Seq2Seq"]]
    assert (drawn.get_xdata() == MONTHS[59:].to_numpy()).all()
    assert cutoff(ax) == date2num(MONTHS[59])


def test_bands_hold_the_bounds_and_the_widest_is_drawn_first():
    forecast = forecast_frame()
    ax = plot_forecast(history_frame(), forecast, ax=axes())
    last = history_frame()["y"].iloc[-1]
    for (low, high), level in zip(bands(ax), (95, 80), strict=True):
        assert low == [last, *forecast[f"Seq2Seq-lo-{level}"]]
        assert high == [last, *forecast[f"Seq2Seq-hi-{level}"]]
    assert labels(ax) == ["History", "Forecast", "95% interval", "80%"]
    darkness = [handle.get_alpha() for handle in ax.get_legend().legend_handles[2:]]
    assert darkness == sorted(darkness)


def test_levels_with_decimals_and_bounds_without_a_partner():
    forecast = forecast_frame(levels=(97.5, 80)).drop(columns="Seq2Seq-hi-80")
    assert labels(plot_forecast(history_frame(), forecast, ax=axes()))[2:] == ["97.5% interval"]


def test_point_forecasts_have_no_bands():
    ax = plot_forecast(history_frame(), forecast_frame(levels=()), ax=axes())
    assert not ax.collections
    assert labels(ax) == ["History", "Forecast"]


@pytest.mark.parametrize(
    ("horizon", "most", "shown"), [(1, None, 36), (12, None, 48), (12, 7, 7), (12, 1000, 60)]
)
def test_history_is_cut(horizon, most, shown):
    forecast = forecast_frame(MONTHS[60 : 60 + horizon])
    ax = plot_forecast(history_frame(), forecast, max_history=most, ax=axes())
    assert len(line(ax, "History").get_ydata()) == shown


def test_rows_in_any_order_and_columns_of_any_name():
    names = {"ds": "Month", "y": "#Passengers", "Seq2Seq": "LSTM"}
    names |= {f"Seq2Seq-{side}-80": f"LSTM-{side}-80" for side in ("lo", "hi")}
    history, forecast = history_frame(), forecast_frame(levels=(80,))
    ax = plot_forecast(
        history.sample(frac=1, random_state=0).rename(columns=names),
        forecast.sample(frac=1, random_state=0).rename(columns=names),
        time_col="Month",
        target_col="#Passengers",
        name="LSTM",
        ax=axes(),
    )
    assert line(ax, "History").get_ydata().tolist() == history["y"].tolist()[-48:]
    assert bands(ax)[0][1][1:] == forecast["Seq2Seq-hi-80"].tolist()
    assert ax.get_ylabel() == "#Passengers"


def test_gaps_stay_gaps_and_lonely_values_are_marked():
    history = history_frame()
    history.loc[[50, 52], "y"] = np.nan
    shown = line(plot_forecast(history, forecast_frame(), ax=axes()), "History")
    assert np.isnan(shown.get_ydata()[[38, 40]]).all()
    assert shown.get_markevery() == [39]


def test_forecast_stands_apart_where_the_last_value_is_missing():
    history = history_frame()
    history.loc[59, "y"] = np.nan
    ax = plot_forecast(history, forecast_frame(), ax=axes())
    assert line(ax, "Forecast").get_ydata().tolist() == forecast_frame()["Seq2Seq"].tolist()
    assert len(bands(ax)[0][0]) == 12
    assert cutoff(ax) == date2num(MONTHS[59])


def test_one_step_is_a_marked_point_with_bars():
    forecast = forecast_frame(MONTHS[60:61])
    ax = plot_forecast(history_frame(), forecast, ax=axes())
    assert line(ax, "Forecast").get_markevery() == [1]
    for bar, level in zip(ax.collections, (95, 80), strict=True):
        assert isinstance(bar, LineCollection)
        (low, high) = bar.get_segments()[0]
        assert low.tolist() == [date2num(MONTHS[60]), forecast[f"Seq2Seq-lo-{level}"].iloc[0]]
        assert high.tolist() == [date2num(MONTHS[60]), forecast[f"Seq2Seq-hi-{level}"].iloc[0]]


@pytest.mark.parametrize("horizon", [1, 12])
def test_history_of_one_value(horizon):
    ax = plot_forecast(history_frame(MONTHS[59:60]), forecast_frame(MONTHS[60 : 60 + horizon]), ax=axes())
    assert line(ax, "History").get_markevery() == [0]
    ax.figure.canvas.draw()


def test_actual_values_are_drawn():
    actual = pd.DataFrame({"ds": MONTHS[60:], "y": np.arange(12.0)})
    ax = plot_forecast(history_frame(), forecast_frame(), actual=actual, ax=axes())
    assert line(ax, "Actual").get_ydata().tolist() == list(range(12))


def test_history_beyond_the_cutoff_is_what_came_to_pass():
    ax = plot_forecast(history_frame(MONTHS), forecast_frame(), ax=axes())
    assert (line(ax, "Actual").get_xdata() == MONTHS[60:]).all()
    assert line(ax, "History").get_xdata()[-1] == MONTHS[59]
    assert cutoff(ax) == date2num(MONTHS[59])


def test_integer_time_is_written_as_such():
    years = np.arange(1960, 2032)
    ax = plot_forecast(history_frame(years[:60]), forecast_frame(years[60:]), ax=axes())
    assert cutoff(ax) == 2019
    written = tick_labels(ax.xaxis)
    assert "2020" in written
    assert all(text.isdecimal() for text in written)
    assert ax.get_xlabel() == "ds"


def test_time_zones_are_kept_over_a_change_of_clocks():
    times = pd.date_range("2024-10-27", periods=8, freq="h", tz="Europe/Athens")
    ax = plot_forecast(history_frame(times[:6]), forecast_frame(times[6:]), ax=axes())
    assert np.diff(ax.convert_xunits(line(ax, "History").get_xdata())) == pytest.approx(1 / 24)
    places = dict(zip(tick_labels(ax.xaxis), ax.get_xticks(), strict=True))
    assert places["01:00"] == pytest.approx(date2num(np.datetime64("2024-10-26T22:00")))
    assert places["05:00"] == pytest.approx(date2num(np.datetime64("2024-10-27T03:00")))


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_datetimes_of_every_unit(unit):
    ax = plot_forecast(
        history_frame(MONTHS[:60].as_unit(unit)), forecast_frame(MONTHS[60:].as_unit(unit)), ax=axes()
    )
    assert cutoff(ax) == date2num(MONTHS[59])
    assert "2024" in tick_labels(ax.xaxis)


def test_days_are_written_with_their_month():
    days = pd.date_range("2024-03-20", periods=20)
    ax = plot_forecast(history_frame(days[:15]), forecast_frame(days[15:]), ax=axes())
    written = tick_labels(ax.xaxis)
    steps = np.diff(pd.to_datetime([f"{text} 2024" for text in written], format="%d %b %Y"))
    assert len(set(steps)) == 1


@pytest.mark.parametrize(
    ("scale", "written"), [(1, "100"), (1e3, "100,000"), (1e6, "100,000,000"), (1e-3, "0.100")]
)
def test_large_numbers_have_their_thousands_separated(scale, written):
    history, forecast = history_frame(), forecast_frame(levels=())
    history["y"] *= scale
    forecast["Seq2Seq"] *= scale
    assert written in tick_labels(plot_forecast(history, forecast, ax=axes()).yaxis)


def test_frame_and_title():
    ax = plot_forecast(history_frame(), forecast_frame(), title="Airline", ax=axes())
    assert ax.get_title(loc="left") == "Airline"
    assert not ax.get_legend().get_frame_on()
    assert [side for side, spine in ax.spines.items() if spine.get_visible()] == ["left", "bottom"]


def test_without_axes_a_pyplot_figure_is_made():
    ax = plot_forecast(history_frame(), forecast_frame())
    assert plt.get_fignums() == [ax.figure.number]


@pytest.mark.parametrize(
    ("history", "forecast", "said"),
    [
        (history_frame().drop(columns="y"), forecast_frame(), "history has no column 'y'; it has: 'ds'"),
        (history_frame(), forecast_frame().drop(columns="ds"), "forecast has no column 'ds'"),
        (history_frame(), forecast_frame().drop(columns="Seq2Seq"), "forecast has no column 'Seq2Seq'"),
        (history_frame(), forecast_frame()[:0], "forecast has no rows"),
        (pd.concat([history_frame()] * 2), forecast_frame(), "several rows for 2020-01-01"),
        (history_frame(np.arange(60)), forecast_frame(), "int64 in history and datetime64"),
        (history_frame(MONTHS[:60].tz_localize("UTC")), forecast_frame(), "they must agree"),
        (history_frame().astype({"ds": str}), forecast_frame(), "pandas.to_datetime"),
        (history_frame().astype({"y": str}), forecast_frame(), "column 'y' of history is .* must be numeric"),
        (history_frame([*MONTHS[:59], pd.NaT]), forecast_frame(), "without a time stamp"),
    ],
)
def test_refusals_name_the_column_and_leave_no_figure(history, forecast, said):
    with pytest.raises(DataError, match=said):
        plot_forecast(history, forecast)
    assert plt.get_fignums() == []


def test_actual_without_the_target_is_refused():
    with pytest.raises(DataError, match="actual has no column 'y'"):
        plot_forecast(history_frame(), forecast_frame(), actual=forecast_frame())


def test_max_history_of_zero_is_refused():
    with pytest.raises(ParameterError, match="max_history is 0"):
        plot_forecast(history_frame(), forecast_frame(), max_history=0)


def panel_frames(count):
    return (
        pd.concat([make().assign(unique_id=f"S{number}") for number in range(count)])
        for make in (history_frame, forecast_frame)
    )


@pytest.mark.parametrize(("count", "drawn"), [(1, 1), (3, 3), (4, 4), (9, 6)])
def test_panel_draws_the_first_series(count, drawn):
    history, forecast = panel_frames(count)
    history["y"] += history["unique_id"].str[1:].astype(int) * 1000
    figure = plot_panel(history, forecast, figure=Figure(layout="constrained"))
    used = [ax for ax in figure.axes if ax.axison]
    assert [ax.get_title(loc="left") for ax in used] == [f"S{number}" for number in range(drawn)]
    for number, ax in enumerate(used):
        assert line(ax, "History").get_ydata()[-1] == 111 + 1000 * number
        assert line(ax, "Forecast").get_ydata()[1:].tolist() == forecast_frame()["Seq2Seq"].tolist()
    note = figure.get_supxlabel()
    assert note == ("the first 6 of 9 series" if count > drawn else "")


def test_panel_has_one_legend_with_the_title():
    figure = plot_panel(*panel_frames(2), title="Two")
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["History", "Forecast", "95% interval", "80%"]
    assert legend.get_title().get_text() == "Two"
    assert not any(ax.get_legend() for ax in figure.axes)
    assert plt.get_fignums() == [figure.number]


def test_panel_draws_actual_values_of_each_series():
    history, forecast = panel_frames(2)
    actual = forecast.rename(columns={"Seq2Seq": "y"}).query("unique_id == 'S1'")
    first, second = plot_panel(history, forecast, actual=actual).axes
    assert [artist.get_label() for artist in first.lines].count("Actual") == 0
    assert line(second, "Actual").get_ydata().tolist() == forecast_frame()["Seq2Seq"].tolist()


def test_panel_refusals():
    history, forecast = panel_frames(2)
    with pytest.raises(DataError, match="history has no column 'unique_id'"):
        plot_panel(history_frame(), forecast)
    with pytest.raises(DataError, match="history has no rows of series 'S1'"):
        plot_panel(history.query("unique_id == 'S0'"), forecast)
    with pytest.raises(DataError, match="forecast has no rows"):
        plot_panel(history, forecast[:0])
    with pytest.raises(ParameterError, match="most is 0"):
        plot_panel(history, forecast, most=0)
    assert plt.get_fignums() == []


def training_frame(**columns) -> pd.DataFrame:
    rows = {
        "step": [10, 20, 30, 40],
        "loss": [0.9, 0.5, 0.4, 0.3],
        "learning_rate": 1e-3,
        "validation_error": [np.nan, 0.6, 0.55, 0.7],
        "seconds": 1.0,
    }
    return pd.DataFrame(rows | columns)


def test_training_draws_loss_and_validation_error():
    ax = plot_training(training_frame(), ax=axes())
    assert line(ax, "Training loss").get_xydata().tolist() == [[10, 0.9], [20, 0.5], [30, 0.4], [40, 0.3]]
    assert line(ax, "Validation error").get_xydata().tolist() == [[20, 0.6], [30, 0.55], [40, 0.7]]
    assert line(ax, "Lowest: 0.55 at step 30").get_xydata().tolist() == [[30, 0.55]]
    assert ax.get_yscale() == "log"
    assert {"0.3", "0.5", "0.7"} <= set(tick_labels(ax.yaxis))


def test_training_without_validation():
    assert labels(plot_training(training_frame(validation_error=np.nan), ax=axes())) == ["Training loss"]


def test_training_with_a_loss_below_zero_is_not_logarithmic():
    assert plot_training(training_frame(loss=[1.0, 0.5, 0.0, -0.5]), ax=axes()).get_yscale() == "linear"


def test_training_of_one_report():
    ax = plot_training(training_frame()[:1], ax=axes())
    assert line(ax, "Training loss").get_marker() == "o"


def test_training_refusals():
    with pytest.raises(DataError, match="history has no column 'loss'"):
        plot_training(training_frame().drop(columns="loss"))
    with pytest.raises(DataError, match="history has no rows"):
        plot_training(training_frame()[:0])


def test_without_matplotlib_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'tsseq2seq\[plot\]'"):
        plot_forecast(history_frame(), forecast_frame())


def test_importing_the_module_does_not_import_matplotlib():
    code = "import sys, tsseq2seq.plotting; print('matplotlib' in sys.modules, 'torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
