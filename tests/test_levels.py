"""Levels of intervals are percentages: fractions are refused wherever levels are taken, with what is meant."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from tsseq2seq import (
    Normal,
    SeasonalNaive,
    Seq2SeqEnsemble,
    Seq2SeqForecaster,
    Theta,
    Training,
    backtest,
    evaluate,
    leaderboard,
)
from tsseq2seq.errors import DataError, ParameterError, ParameterTypeError
from tsseq2seq.forecasting.conformal import windows_needed
from tsseq2seq.plotting import plot_forecast
from tsseq2seq.settings import check_levels

DF = pd.DataFrame({"ds": range(40), "y": np.arange(40.0) % 5})


@pytest.fixture(scope="module")
def fitted() -> Seq2SeqForecaster:
    training = Training(max_steps=2, progress=False)
    return Seq2SeqForecaster(2, output=Normal(), training=training).fit(DF)


@pytest.fixture(scope="module")
def together(fitted) -> Seq2SeqEnsemble:
    return Seq2SeqEnsemble([fitted]).fit(DF)


PLACES = {
    "predict": lambda fitted, levels: fitted.predict(levels=levels),
    "predict_cutoffs": lambda fitted, levels: fitted.predict_cutoffs(DF, levels=levels),
    "a baseline": lambda fitted, levels: Theta(2).fit(DF).predict(levels=levels),
    "backtest": lambda fitted, levels: backtest(SeasonalNaive(2), DF, levels=levels),
    "leaderboard": lambda fitted, levels: leaderboard(DF, [SeasonalNaive(2)], levels=levels),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    ("levels", "meant"), [([0.8], "80"), ([0.9, 0.995], "90, 99.5"), ((80, 0.95), "80, 95")]
)
def test_fractions_are_questioned(fitted, place, levels, meant) -> None:
    with pytest.raises(ParameterError, match=rf"did you mean levels=\[{meant}\]\?"):
        PLACES[place](fitted, levels)


def test_by_an_ensemble_too(together) -> None:
    with pytest.raises(ParameterError, match=r"did you mean levels=\[80\]\?"):
        together.predict(levels=[0.8])


def test_a_backtest_refuses_before_it_trains(monkeypatch) -> None:
    monkeypatch.setattr(Seq2SeqForecaster, "fit", lambda *_, **__: pytest.fail("trained"))
    with pytest.raises(ParameterError, match="backtest: levels is"):
        backtest(Seq2SeqForecaster(2), DF, levels=[0.8])


def test_by_calibration() -> None:
    with pytest.raises(ParameterError, match=r"did you mean levels=\[90\]\?"):
        windows_needed(0.9)


def test_columns_named_by_fractions_are_refused_when_read() -> None:
    frame = pd.DataFrame({"ds": [4], "y": [1.0], "A": [1.0], "A-lo-0.8": [0.0], "A-hi-0.8": [2.0]})
    with pytest.raises(DataError, match=r"'A-lo-0.8' has the level 0.8; .* renamed to A-lo-80"):
        evaluate(frame, ["coverage"])
    with pytest.raises(DataError, match=r"'A-lo-0.8' has the level 0.8; .* renamed to A-lo-80"):
        plot_forecast(DF[:4], frame, name="A", ax=Figure().subplots())


@given(st.floats(min_value=1, max_value=99.99))
def test_percentages_are_taken(level: float) -> None:
    check_levels("predict", [level])


@given(st.floats().filter(lambda level: not 1 <= level <= 99.999999))
def test_all_else_is_refused(level: float) -> None:
    with pytest.raises(ParameterError, match="predict: levels is"):
        check_levels("predict", [level])


@pytest.mark.parametrize("levels", ["80", 80, [True], [np.True_], ["80"], [None], {80}])
def test_what_is_no_list_of_numbers(levels) -> None:
    with pytest.raises(ParameterTypeError, match="predict: levels is"):
        check_levels("predict", levels)
