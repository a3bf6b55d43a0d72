"""Heatmaps of attention and bars of leaderboards: what was drawn, read back from the artists."""

from __future__ import annotations

import subprocess
import sys

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from tsseq2seq import Network, Seq2SeqForecaster, Training
from tsseq2seq.errors import DataError
from tsseq2seq.plotting import plot_attention, plot_leaderboard
from tsseq2seq.plotting.style import FORECAST, QUIET

mpl.use("Agg")
from matplotlib import pyplot as plt


@pytest.fixture(autouse=True)
def no_settings_changed_and_no_figures_left():
    before = dict(mpl.rcParams)
    plt.close("all")
    yield
    assert dict(mpl.rcParams) == before
    plt.close("all")


def axes():
    return Figure(layout="constrained").subplots()


def attention(steps: int = 3, lags: int = 4, names: tuple[object, ...] = ("b", "a")) -> pd.DataFrame:
    """Weights of (name, step, lag), each row of the map summing to 1."""
    rng = np.random.default_rng(0)
    parts = []
    for name in names:
        weights = rng.dirichlet(np.ones(lags), size=steps)
        grid = [(name, step, lag) for step in range(1, steps + 1) for lag in range(lags, 0, -1)]
        parts.append(
            pd.DataFrame(grid, columns=["unique_id", "step", "lag"]).assign(weight=weights.reshape(-1))
        )
    return pd.concat(parts, ignore_index=True)


def cell(frame: pd.DataFrame, name: object, step: int, lag: int) -> float:
    found = frame[(frame["unique_id"] == name) & (frame["step"] == step) & (frame["lag"] == lag)]
    return float(found["weight"].iloc[0])


class TestAttention:
    @pytest.mark.parametrize(("series", "shown"), [(None, "b"), ("a", "a")])
    def test_the_past_runs_from_left_to_right_and_the_horizon_downwards(self, series, shown) -> None:
        frame = attention()
        ax = plot_attention(
            frame.sample(frac=1, random_state=0).sort_values("unique_id", ascending=False),
            series=series,
            ax=axes(),
        )
        (image,) = ax.images
        expected = [[cell(frame, shown, step, lag) for lag in (4, 3, 2, 1)] for step in (1, 2, 3)]
        assert image.get_array().tolist() == expected
        assert image.origin == "upper"
        assert image.get_clim()[0] == 0.0
        assert [label.get_text() for label in ax.get_xticklabels()] == ["4", "3", "2", "1"]
        assert [label.get_text() for label in ax.get_yticklabels()] == ["1", "2", "3"]
        said = " (the first of 2 series)" if series is None else ""
        assert ax.get_title(loc="left") == f"{shown}{said}"
        assert (ax.get_xlabel(), ax.get_ylabel()) == ("steps before the forecast", "step of the horizon")
        assert image.colorbar.ax.get_ylabel() == "weight"

    def test_long_axes_are_labelled_sparsely_and_rightly(self) -> None:
        ax = plot_attention(attention(steps=30, lags=100, names=("a",)), ax=axes())
        assert len(ax.get_xticks()) <= 14
        for place, label in zip(ax.get_xticks(), ax.get_xticklabels(), strict=True):
            assert label.get_text() == str(100 - int(place))
        for place, label in zip(ax.get_yticks(), ax.get_yticklabels(), strict=True):
            assert label.get_text() == str(int(place) + 1)

    def test_lags_that_some_steps_lack_are_empty(self) -> None:
        frame = attention(names=("a",))
        ax = plot_attention(frame[(frame["step"] != 2) | (frame["lag"] != 4)], ax=axes())
        drawn = np.ma.filled(ax.images[0].get_array(), np.nan)
        assert np.isnan(drawn).tolist() == [[False] * 4, [True, False, False, False], [False] * 4]

    def test_one_series_without_a_name_has_no_title(self) -> None:
        ax = plot_attention(attention(names=("a",)).drop(columns="unique_id"), ax=axes())
        assert ax.get_title(loc="left") == ""
        assert ax.images[0].get_array().shape == (3, 4)

    def test_names_that_are_numbers_and_another_id_col(self) -> None:
        frame = attention(names=(7, 0))
        ax = plot_attention(frame.rename(columns={"unique_id": "shop"}), id_col="shop", series=0, ax=axes())
        assert ax.images[0].get_array()[0, 0] == cell(frame, 0, 1, 4)
        assert ax.get_title(loc="left") == "0"

    def test_what_a_forecaster_returns(self) -> None:
        df = pd.DataFrame({"unique_id": "a", "ds": range(30), "y": np.sin(np.arange(30))})
        model = Seq2SeqForecaster(
            4,
            context_length=6,
            segment_length=1,
            network=Network(hidden_size=4, attention="additive"),
            training=Training(max_steps=1, progress=False),
        ).fit(df)
        frame = model.attention()
        ax = plot_attention(frame)
        drawn = ax.images[0].get_array()
        assert drawn.shape == (4, 6)
        np.testing.assert_allclose(drawn.sum(1), 1.0, rtol=1e-5)
        assert drawn[2, 5] == cell(frame, "a", 3, 1)

    def test_the_frame_stays_as_it_was(self) -> None:
        frame = attention()
        before = frame.copy(deep=True)
        plot_attention(frame, ax=axes())
        pd.testing.assert_frame_equal(frame, before)

    def test_refusals(self) -> None:
        with pytest.raises(DataError, match="weight"):
            plot_attention(attention().drop(columns="weight"), ax=axes())
        with pytest.raises(DataError, match="no rows of series 'z'"):
            plot_attention(attention(), series="z", ax=axes())
        with pytest.raises(DataError, match="no rows"):
            plot_attention(attention()[:0], ax=axes())


def scores() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "model": ["Seq2Seq", "ETS", "Naive2"],
            "mase": [0.512, 0.75, np.nan],
            "rmse": [2.0, 1.0, 3.0],
            "seconds": [1234.56, 0.04, 2.0],
            "baseline": [False, True, True],
        }
    )


class TestLeaderboard:
    def test_a_bar_for_each_model_the_first_on_top(self) -> None:
        ax = plot_leaderboard(scores(), metric="rmse", ax=axes())
        assert [bar.get_width() for bar in ax.patches] == [2.0, 1.0, 3.0]
        assert [to_hex(bar.get_facecolor()) for bar in ax.patches] == [
            to_hex(colour) for colour in (FORECAST, QUIET, QUIET)
        ]
        assert [label.get_text() for label in ax.get_yticklabels()] == ["Seq2Seq", "ETS", "Naive2"]
        centres = [bar.get_y() + bar.get_height() / 2 for bar in ax.patches]
        assert centres == pytest.approx([0, 1, 2])
        assert ax.yaxis_inverted()
        assert ax.get_xlabel() == "rmse"

    def test_values_and_seconds_stand_beside_the_bars(self) -> None:
        ax = plot_leaderboard(scores(), metric="mase", ax=axes())
        assert [text.get_text() for text in ax.texts] == [
            "0.512   (1,234.6 s)",
            "0.75   (0.0 s)",
            "no value",
        ]
        assert [text.xy for text in ax.texts] == [(0.512, 0), (0.75, 1), (0, 2)]

    def test_texts_lie_inside_the_axes(self) -> None:
        ax = plot_leaderboard(scores(), metric="rmse")
        ax.figure.canvas.draw()
        right = ax.get_window_extent().x1
        assert all(text.get_window_extent().x1 <= right for text in ax.texts)

    def test_a_long_title_is_broken(self) -> None:
        title = "Seq2Seq has 12% less mase than the best baseline, ETS, " * 3
        ax = plot_leaderboard(scores(), metric="mase", title=title, ax=axes())
        lines = ax.get_title(loc="left").split("\n")
        assert len(lines) > 1
        assert " ".join(lines) == title.strip()
        assert plot_leaderboard(scores(), metric="mase", ax=axes()).get_title(loc="left") == ""

    def test_refusals(self) -> None:
        with pytest.raises(DataError, match="mape"):
            plot_leaderboard(scores(), metric="mape", ax=axes())
        with pytest.raises(DataError, match="baseline"):
            plot_leaderboard(scores().drop(columns="baseline"), metric="mase", ax=axes())
        with pytest.raises(DataError, match="scores has no rows"):
            plot_leaderboard(scores()[:0], metric="mase", ax=axes())


def test_without_matplotlib_the_command_is_told() -> None:
    script = """
import sys
sys.modules["matplotlib"] = None
import pandas as pd
from tsseq2seq.errors import MissingDependencyError
from tsseq2seq.plotting import plot_attention, plot_leaderboard
weights = pd.DataFrame({"step": [1], "lag": [1], "weight": [1.0]})
scores = pd.DataFrame({"model": ["a"], "mase": [1.0], "seconds": [1.0], "baseline": [True]})
for draw in (lambda: plot_attention(weights), lambda: plot_leaderboard(scores, metric="mase")):
    try:
        draw()
    except MissingDependencyError as error:
        print("tsseq2seq[plot]" in str(error))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True"]
