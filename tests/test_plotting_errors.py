"""Plots of errors, calibration, residuals and exposure bias: what they draw, against loops and other libraries."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from tsseq2seq import Network, Seq2SeqForecaster, Training, backtest, datasets
from tsseq2seq.errors import DataError
from tsseq2seq.plotting import (
    plot_errors,
    plot_exposure_bias,
    plot_pit,
    plot_reliability,
    plot_residual_autocorrelation,
)
from tsseq2seq.plotting.backtest_rows import autocorrelation


def past(series: int = 3, cutoffs: int = 40, horizon: int = 4, spread: float = 1.0) -> pd.DataFrame:
    """Forecasts of 0 with the intervals of a normal distribution, of outcomes with another spread."""
    rng = np.random.default_rng(0)
    rows = pd.MultiIndex.from_product(
        [[f"s{number}" for number in range(series)], range(cutoffs), range(1, horizon + 1)],
        names=["unique_id", "cutoff", "step"],
    ).to_frame(index=False)
    frame = rows.assign(ds=rows["cutoff"] + rows["step"], Seq2Seq=0.0, Naive=1.0).drop(columns="step")
    frame["y"] = spread * rng.normal(size=len(frame))
    for level, score in ((50, 0.6745), (80, 1.2816), (95, 1.96)):
        frame[f"Seq2Seq-lo-{level}"], frame[f"Seq2Seq-hi-{level}"] = -score, score
    return frame.sample(frac=1, random_state=0)


def test_errors_are_those_of_each_step() -> None:
    frame = past()
    ax = plot_errors(frame, unit="kW", title="Errors", ax=Figure().subplots())
    wanted = {step: [] for step in range(1, 5)}
    for _, row in frame.iterrows():
        wanted[row["ds"] - row["cutoff"]].append(abs(row["y"] - row["Naive"]))
    lines = {line.get_label(): line for line in ax.lines}
    assert list(lines) == ["Seq2Seq", "Naive"]
    np.testing.assert_allclose(lines["Naive"].get_ydata(), [np.mean(each) for each in wanted.values()])
    assert "kW" in ax.get_ylabel()
    assert lines["Seq2Seq"].get_linestyle() != lines["Naive"].get_linestyle()  # told apart in grey
    assert len(plot_errors(frame, models=["Naive"], ax=Figure().subplots()).lines) == 1


def test_reliability_lies_on_the_diagonal_where_intervals_hold() -> None:
    held = plot_reliability(past(10), ax=Figure().subplots()).lines[1].get_xydata()
    np.testing.assert_allclose(held[:, 0], [50, 80, 95])
    np.testing.assert_allclose(held[:, 1], [50, 80, 95], atol=4)
    wide = plot_reliability(past(10, spread=3.0), ax=Figure().subplots()).lines[1].get_ydata()
    assert (np.asarray(wide) < [35, 55, 75]).all()


def test_pit_is_flat_where_calibrated_and_a_bowl_where_too_narrow() -> None:
    flat = [bar.get_height() for bar in plot_pit(past(20), ax=Figure().subplots()).patches]
    assert len(flat) == 8
    np.testing.assert_allclose(flat, 1.0, atol=0.25)
    bowl = plot_pit(past(20, spread=3.0), ax=Figure().subplots()).patches
    assert bowl[0].get_height() > 5
    assert bowl[3].get_height() < 0.6
    assert sum(bar.get_height() * bar.get_width() for bar in bowl) == pytest.approx(1)


def test_missing_outcomes_do_not_count() -> None:
    frame = past(10)
    frame.loc[frame.index[::3], "y"] = np.nan
    held = plot_reliability(frame, ax=Figure().subplots()).lines[1].get_ydata()
    np.testing.assert_allclose(held, [50, 80, 95], atol=5)
    assert sum(
        bar.get_height() * bar.get_width() for bar in plot_pit(frame, ax=Figure().subplots()).patches
    ) == pytest.approx(1)


def test_autocorrelation_is_that_of_statsmodels() -> None:
    acf = pytest.importorskip("statsmodels.tsa.stattools").acf
    frame = past(2, horizon=2)
    frame["Seq2Seq"] = np.sin(frame["cutoff"] / 3)
    ax = plot_residual_autocorrelation(frame, series="s1", lags=5, ax=Figure().subplots())
    first = frame[(frame["unique_id"] == "s1") & (frame["ds"] == frame["cutoff"] + 1)].sort_values("ds")
    wanted = acf((first["y"] - first["Seq2Seq"]).to_numpy(), nlags=5)[1:]
    np.testing.assert_allclose([bar.get_height() for bar in ax.patches], wanted, rtol=1e-10)
    assert autocorrelation(np.full(4, 2.0), 1).tolist() == [0.0]


def test_exposure_bias_of_a_model_is_drawn() -> None:
    model = Seq2SeqForecaster(
        6, segment_length=1, network=Network(hidden_size=8), training=Training(max_steps=3, progress=False)
    ).fit(datasets.load("air_passengers"))
    bias = model.exposure_bias(windows=5)
    ax = plot_exposure_bias(bias, title="Bias", ax=Figure().subplots())
    np.testing.assert_array_equal(ax.lines[1].get_ydata(), bias["teacher_forced"])


def test_a_real_backtest_is_drawn_by_all_of_them() -> None:
    df = datasets.load("air_passengers")
    made = backtest(Seq2SeqForecaster.pretrained(3), df, windows=10, step=1, levels=[50, 80], progress=False)
    for plot in (plot_errors, plot_reliability, plot_pit):
        assert plot(made, ax=Figure().subplots()).get_xlabel()
    assert len(plot_residual_autocorrelation(made, lags=3, ax=Figure().subplots()).patches) == 3


@pytest.mark.parametrize(
    ("plot", "frame", "said"),
    [
        (plot_errors, past().drop(columns="cutoff"), "cutoff"),
        (plot_errors, past().iloc[:0], "no rows"),
        (plot_reliability, past()[["ds", "cutoff", "y", "Seq2Seq"]], "no intervals of 'Seq2Seq'"),
        (plot_pit, past().drop(columns="y"), "y"),
        (plot_residual_autocorrelation, past(1, cutoffs=5), "5 errors"),
        (plot_exposure_bias, pd.DataFrame({"step": [1]}), "teacher_forced"),
        (plot_exposure_bias, pd.DataFrame(columns=["step", "teacher_forced", "free_running"]), "no rows"),
    ],
)
def test_what_cannot_be_drawn_is_said(plot, frame: pd.DataFrame, said: str) -> None:
    with pytest.raises(DataError, match=said):
        plot(frame)
