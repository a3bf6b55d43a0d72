"""Scheduled sampling is refused where no decoder step reads the output before it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tsseq2seq import (
    Exponential,
    InverseSigmoid,
    Linear,
    Network,
    Quantiles,
    Seq2SeqAutoencoder,
    Seq2SeqForecaster,
    Seq2SeqTranscriber,
    Seq2SeqTranslator,
    Training,
    tune,
)
from tsseq2seq.errors import ParameterError
from tsseq2seq.training.teacher_forcing import is_scheduled_sampling

DAYS = pd.date_range("2024-01-01", periods=90, freq="D")
SERIES = pd.DataFrame({"ds": DAYS, "y": 5 + np.sin(np.arange(90) * 2 * np.pi / 7)})
TEXTS = ["abca", "b", "cab", "acbb"] * 3
ARRAYS = [np.random.default_rng(row).normal(size=(4, 2)) for row in range(12)]
SCHEDULES = [0.5, 0.01, Linear(), Linear(1.0, 1.0), Exponential(), InverseSigmoid(), lambda step: 1.0]
PARALLEL = {"decoding": "parallel", "feed_context": True}
WITHOUT_OUTPUT = {"feed_output": False, "residual": None}


def fit(kind: str, network: dict[str, Any], forcing: Any) -> Any:
    training = Training(max_steps=1, progress=False, device="cpu", teacher_forcing=forcing)
    settings: dict[str, Any] = {"network": Network(hidden_size=4, **network), "training": training}
    if kind == "forecaster":
        return Seq2SeqForecaster(4, **settings).fit(SERIES)
    if kind == "autoencoder":
        return Seq2SeqAutoencoder(window_length=14, **settings).fit(SERIES)
    if kind == "translator":
        return Seq2SeqTranslator(**settings).fit(TEXTS, TEXTS)
    return Seq2SeqTranscriber(**settings).fit(ARRAYS, TEXTS)


KINDS = ["forecaster", "autoencoder", "translator", "transcriber"]


@pytest.mark.parametrize("forcing", SCHEDULES, ids=lambda one: getattr(one, "__name__", None) or str(one))
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("network", "setting"),
    [(PARALLEL, "decoding='parallel'"), (WITHOUT_OUTPUT, "feed_output=False")],
    ids=["parallel", "without output"],
)
def test_it_is_refused_in_one_sentence_that_names_both(
    kind: str, network: dict[str, Any], setting: str, forcing: Any
) -> None:
    with pytest.raises(ParameterError) as refusal:
        fit(kind, network, forcing)
    message = str(refusal.value)
    assert f"teacher_forcing={forcing!r}" in message
    assert setting in message
    assert ". " not in message


@pytest.mark.parametrize("forcing", [None, 0.0, 1.0, 0, 1])
@pytest.mark.parametrize("network", [PARALLEL, WITHOUT_OUTPUT], ids=["parallel", "without output"])
def test_what_draws_nothing_is_taken(network: dict[str, Any], forcing: Any) -> None:
    model = fit("forecaster", network, forcing)
    assert not is_scheduled_sampling(model.training_.teacher_forcing)


def test_a_base_that_is_made_of_the_output_before_is_fed() -> None:
    model = fit("forecaster", {"feed_output": False, "residual": "value"}, 0.5)
    assert model.training_.teacher_forcing == 0.5


@pytest.mark.parametrize("network", [PARALLEL, WITHOUT_OUTPUT], ids=["parallel", "without output"])
def test_defaults_of_many_steps_propose_none(network: dict[str, Any]) -> None:
    """With more than 16 decoder steps the default is a schedule, but not for these."""
    training = Training(max_steps=1, progress=False, device="cpu")
    settings: dict[str, Any] = {"segment_length": 1, "context_length": 20, "training": training}
    model = Seq2SeqForecaster(20, network=Network(hidden_size=4, **network), **settings).fit(SERIES)
    assert model.training_.teacher_forcing == 0.0
    usual = Seq2SeqForecaster(20, network=Network(hidden_size=4), **settings).fit(SERIES)
    assert is_scheduled_sampling(usual.training_.teacher_forcing)
    # what was resolved can be asked for again
    again = Seq2SeqForecaster(20, **settings | {"network": model.network_, "training": model.training_})
    assert again.fit(SERIES).training_ == model.training_


FORECASTERS = {
    "short": {},
    "many steps": {"segment_length": 1},
    "given": {"training": {"teacher_forcing": Linear()}},
    "parallel": {"network": PARALLEL},
    "first state alone": {"network": {"feed_output": False}},
    "first state and a base": {
        "network": {"feed_output": False},
        "training": {"teacher_forcing": Linear()},
    },
    "quantiles": {"output": Quantiles()},
}


@pytest.mark.parametrize("name", FORECASTERS)
def test_no_default_space_proposes_the_pair(name: str) -> None:
    settings = dict(FORECASTERS[name])
    horizon = 20 if name == "many steps" else 7
    model = Seq2SeqForecaster(
        horizon,
        network=Network(hidden_size=4, **settings.pop("network", {})),
        training=Training(max_steps=1, progress=False, **settings.pop("training", {})),
        **settings,
    )
    problem = model.tuning_problem(SERIES)
    space = problem.default_space()
    forcings = list(
        space.get("training__teacher_forcing", {"given": model.training.teacher_forcing}).values()
    )
    for decoding in space.get("network__decoding", [model.network.decoding]):
        for residual in space.get("network__residual", [model.network.residual]):
            for forcing in forcings:
                tried = Seq2SeqForecaster(**model.get_params(deep=False))
                problem.check(
                    tried.set_params(
                        network__decoding=decoding,
                        network__residual=residual,
                        training__teacher_forcing=forcing,
                    )
                )
    assert ("network__decoding" in space) == (name not in ("many steps", "given", "first state and a base"))


def test_a_translator_without_fed_tokens_searches_no_schedule() -> None:
    model = Seq2SeqTranslator(network=Network(hidden_size=4, attention="dot", feed_output=False))
    assert "training__teacher_forcing" not in model.tuning_problem(TEXTS, TEXTS).default_space()
    fed = Seq2SeqTranslator(network=Network(hidden_size=4, attention="dot"))
    assert "training__teacher_forcing" in fed.tuning_problem(TEXTS, TEXTS).default_space()


def test_a_space_of_ones_own_that_can_only_be_refused_is_refused_before_training() -> None:
    model = Seq2SeqForecaster(7, network=Network(hidden_size=4, decoding="parallel"))
    with pytest.raises(ParameterError, match="teacher_forcing"):
        tune(model, SERIES, space={"training__teacher_forcing": [0.0, 0.5]}, trials=2, progress=False)
