"""Each choice made from the data is told in a sentence; what was given is none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tsseq2seq import Network, Seq2SeqForecaster, Training, load

QUICK = Training(max_steps=3, progress=False)


def panel(lengths: tuple[int, ...], *, season: float = 5.0, growth: bool = False) -> pd.DataFrame:
    generator = np.random.default_rng(0)
    rows = []
    for number, length in enumerate(lengths):
        steps = np.arange(length)
        values = 20 + season * np.sin(2 * np.pi * steps / 12) + generator.normal(0, 1, length)
        values = np.exp(values / 10 + 0.02 * steps) if growth else values
        stamps = pd.date_range("2000-01-01", periods=length, freq="MS")
        rows.append(pd.DataFrame({"unique_id": f"s{number}", "ds": stamps, "y": values}))
    return pd.concat(rows, ignore_index=True)


def said(model: Seq2SeqForecaster, word: str) -> list[str]:
    return [sentence for sentence in model.choices_ if word in sentence]


def test_defaults_are_told(tmp_path) -> None:
    model = Seq2SeqForecaster(6, training=Training(progress=False)).fit(panel((60, 60, 60)))
    assert said(model, "a season of 12 steps")
    assert said(model, f"reads {model.context_length_} steps in segments of {model.segment_length_}")
    assert said(model, f"{model.network_.hidden_size} wide")
    assert said(model, "adds to the forecast of exponential smoothing")
    assert said(model, f"at most {model.training_.max_steps} steps")
    share = round(100 * model.network_share_)
    assert said(model, f"{share} % the network's, and {100 - share} % exponential smoothing's")
    model.save(tmp_path / "model")
    assert load(tmp_path / "model").choices_ == model.choices_


def test_what_was_given_is_no_choice() -> None:
    given = Seq2SeqForecaster(
        6,
        season_length=12,
        context_length=24,
        segment_length=6,
        scaling="window",
        lags=[],
        network=Network(hidden_size=4),
        training=Training(max_steps=3, progress=False),
    )
    assert given.fit(panel((80, 80))).choices_ == ()


def test_no_season_is_told() -> None:
    model = Seq2SeqForecaster(6, training=QUICK).fit(panel((60, 60), season=0.0))
    assert said(model, "no season")


def test_logarithms_are_told() -> None:
    assert said(Seq2SeqForecaster(6, training=QUICK).fit(panel((120, 120), growth=True)), "logarithmic")


@pytest.mark.parametrize("given", [None, 12])
def test_series_shorter_than_two_seasons_are_counted(given) -> None:
    model = Seq2SeqForecaster(6, season_length=given, training=QUICK).fit(panel((90, 90, 90, 20, 15)))
    assert said(model, "2 of 5 series have fewer than two seasons of 12 steps")


def test_without_the_history_nothing_is_said_of_it(tmp_path) -> None:
    model = Seq2SeqForecaster(6, training=QUICK).fit(panel((90, 90, 20)))
    model.save(tmp_path / "model", history=False)
    loaded = load(tmp_path / "model")
    assert not said(loaded, "windows to learn")
    assert said(loaded, "a season of 12 steps")
