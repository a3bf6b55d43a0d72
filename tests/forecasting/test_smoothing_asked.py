"""Which forecasters have smoothing beside their networks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tsseq2seq import Binned, NegativeBinomial, Network, Normal, Point, Quantiles, Seq2SeqForecaster, Training
from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.panel import Panel, make_panel
from tsseq2seq.forecasting import smoothing_asked as home
from tsseq2seq.forecasting.defaults import ForecasterSettings
from tsseq2seq.forecasting.smoothing_asked import smoothing_asked


def panel_of(times: pd.Index) -> Panel:
    df = pd.DataFrame({"ds": times, "y": np.arange(float(len(times)))})
    frame = read_long_frame(df, Columns.of(id_col=None, time_col="ds", target_col="y"))
    return make_panel(frame, Frequency.of(None, frame))


NUMBERS = panel_of(pd.RangeIndex(30))


def settings(**changed) -> ForecasterSettings:
    return ForecasterSettings.of(Seq2SeqForecaster(3, **changed))


def test_the_defaults_blend() -> None:
    assert smoothing_asked(NUMBERS, settings())
    assert smoothing_asked(NUMBERS, settings(output=Quantiles([0.1, 0.5, 0.9])))


@pytest.mark.parametrize(
    "changed",
    [
        {"network": Network(hidden_size=9)},
        {"training": Training(max_steps=20)},
        {"output": NegativeBinomial()},
        {"output": Binned(bins=5)},
        {"output": Normal()},  # a mean; smoothing forecasts medians
        {"output": Point("mse")},
        {"network_share": 1.0},
    ],
    ids=str,
)
def test_what_was_chosen_is_seen_alone(changed: dict) -> None:
    assert not smoothing_asked(NUMBERS, settings(**changed))


def test_a_share_that_is_given_always_counts() -> None:
    assert smoothing_asked(NUMBERS, settings(network=Network(hidden_size=9), network_share=0.5))


def test_large_panels_and_changing_clocks_do_not_blend(monkeypatch: pytest.MonkeyPatch) -> None:
    clocks = panel_of(pd.date_range("2024-03-30", periods=60, freq="h", tz="Europe/Berlin"))
    assert not smoothing_asked(clocks, settings())
    winter = panel_of(pd.date_range("2024-01-08", periods=60, freq="h", tz="Europe/Berlin"))
    assert not smoothing_asked(winter, settings())  # its forecasts in summer would be refused
    assert smoothing_asked(panel_of(pd.date_range("2024-01-08", periods=60, freq="h", tz="UTC")), settings())
    monkeypatch.setattr(home, "_MOST_ROWS", 29)
    assert not smoothing_asked(NUMBERS, settings())


def test_a_time_limit_is_left_to_the_training() -> None:
    limited = settings(training=Training(max_time=1.0))
    assert smoothing_asked(NUMBERS, limited)
    many = panel_of(pd.RangeIndex(60_000))
    assert not smoothing_asked(many, limited)
    assert smoothing_asked(many, settings(training=Training(max_time=100.0)))
