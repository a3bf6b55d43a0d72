from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from tsseq2seq.cli.show import format_forecast, format_scores, tell_data, tell_model
from tsseq2seq.data.frames.columns import Columns


def frame(values, **columns):
    return pd.DataFrame({**columns, "ds": range(1, len(values) + 1), "Seq2Seq": values})


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([112.0, 97.456], ["112.00", "97.46"]),
        ([28067.9, 5.0], ["28068", "5"]),
        ([0.123456, 0.001], ["0.12346", "0.00100"]),
        ([-112.0, 1.0], ["-112.00", "1.00"]),
        ([1e8 + 1, 2.0], ["100000001", "2"]),
        ([1.5e30, 2.0], ["1.5e+30", "2"]),
        ([1.5e-30, 0.0], ["1.5e-30", "0"]),
        ([0.0, 0.0], ["0", "0"]),
    ],
)
def test_numbers_have_five_digits_or_all_before_the_point(values, shown):
    lines = format_forecast(frame(values), Columns(None, "ds", ("y",)), None).splitlines()
    assert [line.split()[1] for line in lines[1:]] == shown
    assert len({len(line) for line in lines}) == 1


def test_dates_are_shown_as_they_were_read():
    forecast = pd.DataFrame({"Month": pd.to_datetime(["1961-01-01"]), "Seq2Seq": [1.0]})
    assert (
        format_forecast(forecast, Columns(None, "Month", ("y",)), "%Y-%m").splitlines()[1]
        == "1961-01   1.0000"
    )


def test_of_many_series_the_first_is_shown():
    forecast = frame([1.0] * 6, shop=["b", "b", "a", "a", "c", "c"])
    lines = format_forecast(forecast, Columns("shop", "ds", ("y",)), None).splitlines()
    assert [line.split()[:2] for line in lines[1:3]] == [["b", "1"], ["b", "2"]]
    assert lines[3:] == ["… and 2 more series; --output writes them all"]


@pytest.mark.parametrize(
    ("history", "asked", "lags", "said"),
    [
        ({"step": [10, 20], "seconds": [1.0, 2.5]}, 20, (), "width 64; 20 training steps in 2.5 s"),
        (
            {"step": [10], "seconds": [1.0]},
            20,
            (12, 24),
            "lags 12, 24, width 64; 10 of 20 training steps in 1.0 s",
        ),
        ({"step": [7], "seconds": [1.0]}, None, (), "width 64; 7 training steps in 1.0 s"),
        ({"step": [], "seconds": []}, 20, (), "width 64; 0 of 20 training steps in 0.0 s"),
    ],
)
def test_training_that_ended_early_is_told(capsys, unchecked_types, history, asked, lags, said):
    model = SimpleNamespace(
        history_=pd.DataFrame(history),
        frequency_=SimpleNamespace(alias="MS"),
        training_=SimpleNamespace(max_steps=asked),
        season_length_=None,
        context_length_=36,
        segment_length_=1,
        lags_=lags,
        network_=SimpleNamespace(hidden_size=64),
        choices_=("The data show no season.",),
    )
    tell_model(model)
    assert (
        capsys.readouterr().err
        == f"frequency MS, season none, context 36, segment 1, {said}\nThe data show no season.\n"
    )


def test_each_target_has_its_decimals():
    forecast = pd.DataFrame(
        {
            "ds": [1],
            "Seq2Seq-load": [51234.5],
            "Seq2Seq-load-lo-90": [9.0],
            "Seq2Seq-price": [0.25],
            "Seq2Seq-price-hi-97.5": [0.5],
        }
    )
    line = format_forecast(forecast, Columns(None, "ds", ("load", "price")), None).splitlines()[1]
    assert line.split() == ["1", "51234", "9", "0.25000", "0.50000"]


def test_what_could_not_be_forecast_is_shown_as_such():
    assert format_forecast(frame([np.nan, 2.0]), Columns(None, "ds", ("y",)), None).split()[-4:] == [
        "1", "nan", "2", "2.0000",
    ]  # fmt: skip
    assert format_forecast(frame([np.nan]), Columns(None, "ds", ("y",)), None).split()[-1] == "nan"


def test_each_metric_has_its_decimals():
    scores = pd.DataFrame(
        {"model": ["ETS", "Theta"], "mase": [0.5, 12.25], "rmse": [1e5, np.nan], "baseline": [True, False]}
    )
    lines = [line.split() for line in format_scores(scores).splitlines()]
    assert lines == [
        ["model", "mase", "rmse", "baseline"],
        ["ETS", "0.500", "100000", "True"],
        ["Theta", "12.250", "nan", "False"],
    ]


def test_covariates_are_told_and_which_are_categories(capsys):
    data = pd.DataFrame({"t": [1, 2], "y": [1.0, 2.0], "p": [1.0, 2.0], "c": ["a", None], "s": ["x", "x"]})
    tell_data(Path("d.csv"), data, Columns(None, "t", ("y",), past=("p", "c"), static=("s",)), numeric=["p"])
    assert capsys.readouterr().err == (
        "d.csv: 2 rows, 1 series; time 't', target 'y', past 'p', 'c' (1 category), static 's' (1 category)\n"
    )
