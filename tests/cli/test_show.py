from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

from tsseq2seq.cli.columns import Roles
from tsseq2seq.cli.show import format_forecast, tell_model


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
    lines = format_forecast(frame(values), Roles("ds", "y"), None).splitlines()
    assert [line.split()[1] for line in lines[1:]] == shown
    assert len({len(line) for line in lines}) == 1


def test_dates_are_shown_as_they_were_read():
    forecast = pd.DataFrame({"Month": pd.to_datetime(["1961-01-01"]), "Seq2Seq": [1.0]})
    assert format_forecast(forecast, Roles("Month", "y"), "%Y-%m").splitlines()[1] == "1961-01   1.0000"


def test_of_many_series_the_first_is_shown():
    forecast = frame([1.0] * 6, shop=["b", "b", "a", "a", "c", "c"])
    lines = format_forecast(forecast, Roles("ds", "y", "shop"), None).splitlines()
    assert [line.split()[:2] for line in lines[1:3]] == [["b", "1"], ["b", "2"]]
    assert lines[3:] == ["… and 2 more series; --output writes them all"]


@pytest.mark.parametrize(
    ("history", "said"),
    [
        ({"step": [10, 20], "seconds": [1.0, 2.5]}, "20 training steps in 2.5 s"),
        ({"step": [10], "seconds": [1.0]}, "10 of 20 training steps in 1.0 s"),
        ({"step": [], "seconds": []}, "0 of 20 training steps in 0.0 s"),
    ],
)
def test_training_that_ended_early_is_told(capsys, unchecked_types, history, said):
    model = SimpleNamespace(
        history_=pd.DataFrame(history),
        n_steps_=20,
        frequency_=SimpleNamespace(alias="MS"),
        season_length_=None,
        context_length_=36,
        segment_length_=1,
        network_=SimpleNamespace(hidden_size=64),
    )
    tell_model(model)
    assert capsys.readouterr().err == f"frequency MS, season none, context 36, segment 1, width 64; {said}\n"
