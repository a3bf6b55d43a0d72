"""Absurd numbers end in an error of the library, or in a result: in no other error, and soon."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tsseq2seq import (
    Beam,
    Binned,
    Exponential,
    InverseSigmoid,
    Linear,
    MinimumRisk,
    Network,
    Normal,
    RollingOriginSplit,
    SeasonalNaive,
    Seq2SeqEnsemble,
    Seq2SeqForecaster,
    Seq2SeqTranslator,
    Tokens,
    Training,
    Truncation,
    backtest,
    evaluate,
)
from tsseq2seq.decoding.sampling import Sampling
from tsseq2seq.errors import ParameterError, TsSeq2SeqError

pytestmark = [
    pytest.mark.usefixtures("unchecked_types"),  # annotations say int
    pytest.mark.filterwarnings("ignore::tsseq2seq.errors.TsSeq2SeqWarning"),
]

DF = pd.DataFrame({"ds": pd.date_range("2024-01-01", periods=60), "y": np.arange(60) % 7 + 1.0})
SHORT = Training(max_steps=1, progress=False)

NOT_COUNTS = [float("inf"), -float("inf"), float("nan"), 1e300, -1, -(10**30), True, np.bool_(True), "3", 2.5]
TOO_LARGE = [10**30, 2**31, np.int64(2**40)]

#: Settings by class, whose fields are counts or measures.
KINDS = [
    Network, Training, Beam, Sampling, Tokens, Truncation, Linear, Exponential, InverseSigmoid, Binned, MinimumRisk,
]  # fmt: skip
FIELDS = [
    (kind, field.name)
    for kind in KINDS
    for field in dataclasses.fields(kind)
    if {"int", "float"} & set(str(field.type).replace("|", " ").split())
]


def made(kind: type, name: str, value: object) -> object:
    """Return settings with a field, or None where they refuse it."""
    beside = {
        "Network": {
            "attention_size": {"attention": "additive"},
            "attention_heads": {"attention": "multihead"},
            "attention_window": {"attention": "dot", "attention_alignment": "monotonic"},
            "kernel_size": {"encoder": "convolutional"},
            "convolution_layers": {"encoder": "convolutional+recurrent"},
            "encoder_heads": {"encoder": "attention"},
            "feedforward_size": {"encoder": "attention"},
            "num_positions": {"encoder": "attention", "positions": "learned"},
        }
    }
    try:
        return kind(**{name: value}, **beside.get(kind.__name__, {}).get(name, {}))
    except TsSeq2SeqError:
        return None


@given(
    st.sampled_from(FIELDS),
    st.one_of(
        st.sampled_from([*NOT_COUNTS, *TOO_LARGE]),
        st.floats(),
        st.integers(),
        st.integers(min_value=10**9).map(lambda number: number**3),
    ),
)
@settings(max_examples=400, deadline=None)
def test_settings_hold_nothing_that_overflows(field: tuple[type, str], value: object) -> None:
    held = made(*field, value)
    if held is not None:
        kept = getattr(held, field[1])
        assert not isinstance(kept, bool | str)
        assert np.isfinite(float(kept))
        assert isinstance(kept, float | np.floating) or abs(kept) < 2**31 or "float" in _annotation(*field)


def _annotation(kind: type, name: str) -> str:
    return str(next(field.type for field in dataclasses.fields(kind) if field.name == name))


def test_counts_are_searched_for_in_all_settings() -> None:
    assert {kind for kind, _ in FIELDS} == set(KINDS)


def forecaster(**changes: object) -> Seq2SeqForecaster:
    return Seq2SeqForecaster(**({"horizon": 3, "training": SHORT} | changes))


@pytest.fixture(scope="module")
def fitted() -> Seq2SeqForecaster:
    return forecaster(output=Normal()).fit(DF)


@pytest.fixture(scope="module")
def translator() -> Seq2SeqTranslator:
    network = Network(hidden_size=4)
    return Seq2SeqTranslator(network=network, training=SHORT).fit(["ab", "ba"] * 2, ["c", "d"] * 2)


def scores(season_length: object) -> pd.DataFrame:
    forecasts = pd.DataFrame({"ds": [4], "y": [1.0], "A": [1.0]})
    train = pd.DataFrame({"ds": [1, 2, 3], "y": [1.0, 2, 4]})
    return evaluate(forecasts, ["mase"], train=train, season_length=season_length)


COUNTS = {
    "horizon": lambda _, value: forecaster(horizon=value).fit(DF),
    "context_length": lambda _, value: forecaster(context_length=value).fit(DF),
    "segment_length": lambda _, value: forecaster(segment_length=value).fit(DF),
    "stride": lambda _, value: forecaster(stride=value).fit(DF),
    "lags": lambda _, value: forecaster(lags=[value]).fit(DF),
    "predict horizon": lambda model, value: model.predict(horizon=value),
    "future_frame horizon": lambda model, value: model.future_frame(horizon=value),
    "num_samples": lambda model, value: model.sample(num_samples=value),
    "cutoffs windows": lambda model, value: model.predict_cutoffs(DF, windows=value),
    "cutoffs step": lambda model, value: model.predict_cutoffs(DF, step=value),
    "cutoffs skip": lambda model, value: model.predict_cutoffs(DF, skip=value),
    "calibrate windows": lambda model, value: model.calibrate(DF, windows=value),
    "calibrate step": lambda model, value: model.calibrate(DF, step=value),
    "exposure_bias windows": lambda model, value: model.exposure_bias(windows=value),
    "importance repeats": lambda model, value: model.covariate_importance(repeats=value),
    "backtest windows": lambda _, value: backtest(SeasonalNaive(3, jobs=1), DF, windows=value),
    "backtest step": lambda _, value: backtest(SeasonalNaive(3, jobs=1), DF, windows=2, step=value),
    "baseline horizon": lambda _, value: SeasonalNaive(value, jobs=1).fit(DF),
    "baseline season": lambda _, value: SeasonalNaive(3, season_length=value, jobs=1).fit(DF),
    "baseline predict": lambda _, value: SeasonalNaive(3, jobs=1).fit(DF).predict(horizon=value),
    "split horizon": lambda _, value: list(RollingOriginSplit(value).split(DF)),
    "split windows": lambda _, value: list(RollingOriginSplit(3, windows=value).split(DF)),
    "evaluate season": lambda _, value: scores(value),
    "ensemble jobs": lambda _, value: Seq2SeqEnsemble([forecaster()], jobs=value).fit(DF),
}


@pytest.mark.parametrize("value", [*NOT_COUNTS, *TOO_LARGE], ids=repr)
@pytest.mark.parametrize("name", COUNTS)
def test_what_is_no_count_is_refused(fitted: Seq2SeqForecaster, name: str, value: object) -> None:
    with pytest.raises(TsSeq2SeqError):
        COUNTS[name](fitted, value)


SEARCHES = [
    "max_length", "beam_size", "n_best", "length_penalty", "coverage_penalty", "min_length", "no_repeat_ngram",
    "groups", "diversity", "temperature", "top_k", "top_p", "num_samples",
]  # fmt: skip


@pytest.mark.parametrize("value", [10**30, float("inf"), float("nan"), -1, True], ids=repr)
@pytest.mark.parametrize("name", SEARCHES)
def test_options_of_a_search(translator: Seq2SeqTranslator, name: str, value: object) -> None:
    with pytest.raises(TsSeq2SeqError):
        translator.translate(["ab"], **{name: value})


MEASURES = {
    "floor": lambda value: forecaster(floor=value).fit(DF).predict(),
    "ceiling": lambda value: forecaster(ceiling=value).fit(DF).predict(),
    "season_length": lambda value: forecaster(season_length=value).fit(DF).predict(),
    "freq": lambda value: forecaster(freq=value).fit(DF).predict(),
    "seed": lambda value: forecaster(seed=value).fit(DF).predict(),
    "clip_norm": lambda value: _trained(clip_norm=value),
    "learning_rate": lambda value: _trained(learning_rate=value),
    "weight_decay": lambda value: _trained(weight_decay=value),
    "max_time": lambda value: _trained(max_time=value),
    "batch_size": lambda value: _trained(batch_size=value),
    "checkpoints": lambda value: _trained(checkpoints=value),
    "validation_size": lambda value: _trained(validation_size=value),
    "ensemble max_time": lambda value: Seq2SeqEnsemble([forecaster()], max_time=value).fit(DF).predict(),
}


def _trained(**changes: object) -> pd.DataFrame:
    return forecaster(training=dataclasses.replace(SHORT, **changes)).fit(DF).predict()


@pytest.mark.parametrize(
    "value", [10**400, 10**30, float("inf"), float("nan"), -1, True, 1e300], ids=lambda v: repr(v)[:9]
)
@pytest.mark.parametrize("name", MEASURES)
def test_measures_are_refused_or_lead_to_a_forecast(name: str, value: object) -> None:
    try:
        forecast = MEASURES[name](value)
    except TsSeq2SeqError:
        return
    assert len(forecast) == 3
    assert forecast["Seq2Seq"].notna().all()


@pytest.mark.parametrize("name", ["max_time", "learning_rate", "clip_norm", "weight_decay"])
def test_what_has_no_end_is_refused_by_its_name(name: str) -> None:
    with pytest.raises(ParameterError, match=f"Training: {name} is inf; it must be "):
        Training(**{name: float("inf")})
