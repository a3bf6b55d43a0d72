"""What cannot be had together is refused when ``fit`` begins, by a message that says what could."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tsseq2seq import (
    Binned,
    Calendar,
    NegativeBinomial,
    Network,
    Normal,
    Point,
    Quantiles,
    Seq2SeqForecaster,
    StudentT,
    Training,
    Tweedie,
    ZeroInflatedNegativeBinomial,
)
from tsseq2seq.data.scaling.registry import SCALINGS
from tsseq2seq.errors import DataError, ParameterError, ParameterTypeError, TsSeq2SeqError
from tsseq2seq.forecasting import training_task
from tsseq2seq.forecasting.admitted_scalings import admitted_scalings

PROPORTIONAL = [NegativeBinomial(), ZeroInflatedNegativeBinomial(), Tweedie()]
OUTPUTS = [Point(), Quantiles(), Normal(), StudentT(), *PROPORTIONAL, Binned(bins=5)]

COUNTS = pd.DataFrame({"ds": pd.date_range("2024-01-01", periods=40, freq="D"), "y": np.arange(40.0) % 7})


@pytest.fixture(autouse=True)
def no_training(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here may come as far as a network."""

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a network was built")

    monkeypatch.setattr(training_task, "build_series_model", refuse)


def forecaster(**settings: Any) -> Seq2SeqForecaster:
    training = Training(max_steps=1, progress=False)
    return Seq2SeqForecaster(3, **({"network": Network(hidden_size=4), "training": training} | settings))


@pytest.mark.parametrize("scaling", SCALINGS)
@pytest.mark.parametrize("output", OUTPUTS, ids=lambda output: type(output).__name__)
def test_every_output_takes_the_scalings_that_it_admits_and_no_other(output: Any, scaling: str) -> None:
    model = forecaster(output=output, scaling=scaling)
    if scaling in admitted_scalings(output):
        with pytest.raises(AssertionError, match="a network was built"):
            model.fit(COUNTS)
    else:
        name = type(output).__name__
        message = f"^Seq2SeqForecaster: scaling is '{scaling}', but {name} admits only {', '.join(admitted_scalings(output))}$"
        with pytest.raises(ParameterError, match=message):
            model.fit(COUNTS)


def test_which_outputs_refuse_is_known() -> None:
    """The only ones that cannot be centred are those of counts and of amounts that are 0 or above it."""
    refused = {type(o).__name__: set(SCALINGS) - set(admitted_scalings(o)) for o in OUTPUTS}
    for output in PROPORTIONAL:
        assert refused.pop(type(output).__name__) == {"window", "series", "last", "robust", "log1p"}
    assert not any(refused.values())


@pytest.mark.parametrize("segment_length", [2, 7])
def test_bins_are_of_single_values(segment_length: int) -> None:
    message = f"segment_length is {segment_length}, but Binned works on segments of 1"
    with pytest.raises(ParameterError, match=message):
        forecaster(output=Binned(bins=5), segment_length=segment_length).fit(COUNTS)


@pytest.mark.parametrize(("value", "shown"), [(-1.0, "-1"), (2.5, "2.5"), (0.1, "0.1"), (-3.0, "-3")])
def test_what_is_no_count(value: float, shown: str) -> None:
    df = COUNTS.assign(unique_id="a", y=COUNTS["y"].where(COUNTS.index != 12, value))
    message = rf"the output is for counts, but series 'a' is {shown} at 2024-01-13.*whole numbers from 0 on"
    with pytest.raises(DataError, match=message):
        forecaster(output=NegativeBinomial()).fit(pd.concat([COUNTS.assign(unique_id="b"), df]))


@pytest.mark.parametrize("value", [-1.0, -1.5, -1e9])
def test_what_has_no_logarithm(value: float) -> None:
    df = COUNTS.assign(unique_id="a", y=COUNTS["y"].where(COUNTS.index != 0, value))
    message = rf"scaling is 'log1p', but series 'a' is {value:g} at 2024-01-01.*must be above -1".replace(
        "+", r"\+"
    )
    with pytest.raises(DataError, match=message):
        forecaster(scaling="log1p").fit(df)


@pytest.mark.parametrize("calendar", ["auto", ["weekend"], Calendar(["month"])], ids=str)
@pytest.mark.parametrize("kind", ["long", "array", "series"])
def test_integer_time_has_no_calendar(calendar: Any, kind: str) -> None:
    given: Any = COUNTS.assign(ds=np.arange(40))
    given = {"long": given, "array": given["y"].to_numpy(), "series": given["y"]}[kind]
    with pytest.raises(
        TsSeq2SeqError, match=r"calendar.*integer.*pass calendar=None|integer time has no calendar"
    ):
        forecaster(calendar=calendar).fit(given)


@pytest.mark.parametrize(
    ("calendar", "kind", "message"),
    [
        ("weekend", ParameterError, r"calendar is 'weekend'; .*for this feature alone pass \['weekend'\]"),
        ("Auto", ParameterError, "calendar is 'Auto'; it must be 'auto', None, a list of features"),
        ([], ParameterError, "Calendar: features is empty"),
        (["weekday"], ParameterError, "Calendar: features has 'weekday'"),
        (["hour", "hour"], ParameterError, "Calendar: features names 'hour' twice"),
        (["holiday"], ParameterError, "Calendar: features has 'holiday', but country is None"),
        (True, ParameterTypeError, "calendar is True; it must be 'auto'"),
    ],
    ids=str,
)
@pytest.mark.usefixtures("unchecked_types")
def test_what_is_no_calendar(calendar: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        forecaster(calendar=calendar).fit(COUNTS)


def test_holidays_between_the_steps() -> None:
    pytest.importorskip("holidays")
    df = COUNTS.assign(ds=pd.date_range("2020-01-01", periods=40, freq="MS"))
    with pytest.raises(
        ParameterError, match="country is 'DE', but holidays are days and the steps of 'MS' are longer"
    ):
        forecaster(calendar=Calendar(country="DE")).fit(df)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Training(patience=3), "patience is 3 but validation_size is 0.*set validation_size"),
        (lambda: Training(members=0), "members is 0; it must be an integer, at least 1"),
        (lambda: Training(ema=1.0), "ema is 1.0"),
        (lambda: Network(input_feeding=True), "input_feeding is True but attention is None"),
        (
            lambda: Network(attention="dot", input_feeding=True, decoding="parallel"),
            "input_feeding is True but decoding is 'parallel'",
        ),
        (
            lambda: Network(attention="dot", attention_size=3),
            "attention_size is 3 but attention is 'dot'",
        ),
        (
            lambda: Network(initial_state=False),
            "initial_state is False but attention is None and feed_context is False",
        ),
        (lambda: Binned(bins=1), "bins is 1; it must be an integer, at least 2"),
        (lambda: Binned(bins=2, edges=(0.0, 1.0)), "edges has 2 numbers; 2 bins need 3"),
        (lambda: Binned(bins=2, edges=(0.0, 1.0, 1.0)), r"edges must increase, but edges\[1\] is 1.0"),
        (lambda: Quantiles([0.1, 0.9]), "must hold 0.5"),
        (lambda: Quantiles([0.5, 0.1]), "must increase"),
    ],
    ids=range(12),
)
def test_settings_that_contradict_each_other_cannot_be_made(build: Any, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        build()


def test_settings_set_to_a_contradiction_later_are_refused_too() -> None:
    model = forecaster()
    with pytest.raises(ParameterError, match="patience is 3 but validation_size is 0"):
        model.set_params(training__patience=3)
    assert model.training.patience is None


@pytest.mark.parametrize("output", OUTPUTS, ids=lambda output: type(output).__name__)
def test_a_refused_diagnosis_says_the_same(output: Any) -> None:
    df = COUNTS.assign(y=COUNTS["y"] - 0.5)
    scaling = "log1p" if "log1p" in admitted_scalings(output) else None
    df.loc[0, "y"] = -2.0
    with pytest.raises(DataError, match="is -2 at 2024-01-01"):
        forecaster(output=output, scaling=scaling).diagnose(df)
