"""Every estimator goes on from the networks that it has, on the same data or on others."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
import torch
from sklearn.exceptions import NotFittedError

from tests.every_estimator import CASES, SHORT, WORDS, arrays_of, tags_of
from tsseq2seq import Network
from tsseq2seq.errors import DataError, ParameterError

#: A training that changes nothing: what it leaves is what it began from.
STILL = dataclasses.replace(SHORT, max_steps=1, learning_rate=1e-30, weight_decay=0.0)
NEW = ["cabba", "bb", "acac"]
#: Other data for each kind, with words, labels and lengths of their own.
OTHERS: dict[str, tuple[Any, ...]] = {
    "translator": (NEW, [word[::-1] for word in NEW]),
    "transcriber": (arrays_of(NEW), NEW),
    "language model": (NEW,),
    "synthesizer": (NEW, arrays_of(NEW)),
    "classifier": ([*NEW, "ca"], [1, 0, 1, 0]),
    "tagger": ([list(word) for word in NEW], tags_of(NEW)),
    "tagger with a CRF": ([list(word) for word in NEW], tags_of(NEW)),
}


def with_training(model: Any, training: Any) -> Any:
    for one in getattr(model, "forecasters_", [model]):
        one.training = training
    return model


def weights(model: Any) -> list[torch.Tensor]:
    models = [one.fitted_ for one in getattr(model, "forecasters_", [model])]
    return [weight for fitted in models for member in fitted.members for weight in member.parameters()]


@pytest.mark.parametrize("name", CASES)
def test_it_begins_with_the_weights_that_it_has(name: str) -> None:
    case = CASES[name]
    model = case.fit()
    before = [weight.detach().clone() for weight in weights(model)]
    with_training(model, STILL).fit(*OTHERS.get(name, case.data), warm_start=True)
    assert all(torch.allclose(old, new, atol=1e-6) for old, new in zip(before, weights(model), strict=True))
    with_training(model, SHORT).fit(*case.data, warm_start=True)
    assert not all(torch.allclose(old, new) for old, new in zip(before, weights(model), strict=True))


@pytest.mark.parametrize("name", CASES)
def test_without_networks_there_is_nothing_to_go_on_with(name: str) -> None:
    case = CASES[name]
    with pytest.raises(NotFittedError):
        case.make(SHORT, 0).fit(*case.data, warm_start=True)


@pytest.mark.parametrize("name", [name for name in CASES if name != "ensemble"])
def test_what_determines_the_networks_must_not_change(name: str) -> None:
    case = CASES[name]
    model = case.fit()
    asked = model.network
    model.network = dataclasses.replace(asked, hidden_size=11)
    with pytest.raises(ParameterError, match=r"warm_start: network is Network\(hidden_size=11\)"):
        model.fit(*case.data, warm_start=True)
    model.network = asked
    with pytest.raises(ParameterError, match="members=2"):
        with_training(model, dataclasses.replace(SHORT, members=2)).fit(*case.data, warm_start=True)


@pytest.mark.parametrize("name", [name for name in CASES if name != "ensemble"])
def test_what_was_left_open_stays_as_it_was_chosen(name: str) -> None:
    case = CASES[name]
    model = case.make(SHORT, 0)
    model.network = dataclasses.replace(model.network, hidden_size=None)
    model.fit(*case.data)
    size = model.network_.hidden_size
    many = case.data if name not in OTHERS else tuple(list(part) * 130 for part in case.data)
    assert model.fit(*many, warm_start=True).network_.hidden_size == size


def test_words_and_labels_are_those_of_the_earlier_fit() -> None:
    model = CASES["classifier"].fit()
    with pytest.raises(DataError, match="2"):
        model.fit(NEW, [1, 0, 2], warm_start=True)
    assert model.classes_.tolist() == [0, 1]
    translator = CASES["translator"].fit()
    size = translator.fitted_.target.vocabulary_size
    translator.fit(["ab"], ["ba"], warm_start=True)
    assert translator.fitted_.target.vocabulary_size == size
    assert translator.max_length_ >= CASES["translator"].fit().max_length_


def test_other_settings_of_one_kind() -> None:
    tagger = CASES["tagger"].fit()
    tagger.crf = True
    with pytest.raises(ParameterError, match="warm_start: crf is True"):
        tagger.fit(*CASES["tagger"].data, warm_start=True)
    speaker = CASES["synthesizer"].fit()
    speaker.frames_per_step = 3
    with pytest.raises(ParameterError, match="warm_start: frames_per_step is 3"):
        speaker.fit(*CASES["synthesizer"].data, warm_start=True)
    autoencoder = CASES["autoencoder"].fit()
    autoencoder.window_length = 10
    with pytest.raises(ParameterError, match="warm_start: window_length is 10"):
        autoencoder.fit(*CASES["autoencoder"].data, warm_start=True)
    translator = CASES["translator"].fit()
    translator.output = dataclasses.replace(translator.output, label_smoothing=0.3)
    with pytest.raises(ParameterError, match=r"label_smoothing=0\.3"):
        translator.fit(*CASES["translator"].data, warm_start=True)


def test_pretrained_vectors_are_for_new_networks() -> None:
    case = CASES["translator"]
    model = case.fit()
    given = (torch.zeros(1, 6).numpy(), ["a"])
    with pytest.raises(ParameterError, match="embeddings"):
        model.fit(*case.data, embeddings=given, warm_start=True)


def test_features_of_another_number() -> None:
    wide = [array.repeat(2, axis=1) for array in arrays_of(WORDS)]
    with pytest.raises(DataError, match="features"):
        CASES["synthesizer"].fit().fit(WORDS, wide, warm_start=True)
    with pytest.raises(DataError, match="features"):
        CASES["transcriber"].fit().fit(wide, WORDS, warm_start=True)


def test_an_autoencoder_of_another_time_step() -> None:
    model, (df,) = CASES["autoencoder"].fit(), CASES["autoencoder"].data
    hours = df.assign(ds=df["ds"].dt.normalize() + (df["ds"] - df["ds"].min()) / 24)
    with pytest.raises(DataError, match="warm_start"):
        model.fit(hours.assign(ds=hours["ds"].dt.round("h")), warm_start=True)


def test_a_refused_fit_leaves_the_estimator() -> None:
    case = CASES["translator"]
    model = case.fit()
    before = model.fitted_
    model.network = Network(hidden_size=7)
    with pytest.raises(ParameterError):
        model.fit(*case.data, warm_start=True)
    assert model.fitted_ is before
