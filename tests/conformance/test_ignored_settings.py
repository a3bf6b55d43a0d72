"""Of two settings none is ignored in silence: the pair is refused in one sentence that names both."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from tsseq2seq import (
    Network,
    Seq2SeqAutoencoder,
    Seq2SeqClassifier,
    Seq2SeqForecaster,
    Seq2SeqLanguageModel,
    Seq2SeqSynthesizer,
    Seq2SeqTagger,
    Seq2SeqTranscriber,
    Seq2SeqTranslator,
    Tokens,
    Training,
    Truncation,
)
from tsseq2seq.decoding.beam import Beam
from tsseq2seq.decoding.search_checks import check_search
from tsseq2seq.errors import ParameterError

TEXTS = ["abca", "b", "cab", "acbb"] * 3
ARRAYS = [np.random.default_rng(row).normal(size=(4, 2)) for row in range(12)]
SERIES = pd.DataFrame({"ds": pd.date_range("2024", periods=60, freq="D"), "y": np.sin(np.arange(60.0))})


def one_sentence(build: Callable[[], Any], *named: str) -> None:
    with pytest.raises(ParameterError) as refusal:
        build()
    message = str(refusal.value)
    assert all(part in message for part in named), message
    assert ". " not in message


def stochastic(**settings: Any) -> None:
    check_search(Beam(**settings), limits=torch.tensor([9]), eos_id=2, stochastic=True)


@pytest.mark.parametrize(
    ("build", "named"),
    [
        (lambda: Training(momentum=0.5), ("momentum is 0.5", "optimizer is 'adamw'")),
        (lambda: Training(momentum=0.0, optimizer="adagrad"), ("momentum is 0.0", "optimizer is 'adagrad'")),
        (lambda: Training(momentum=0.5, optimizer=torch.optim.RAdam), ("momentum is 0.5", "optimizer is")),
        (lambda: Training(validation_every=5), ("validation_every is 5", "validation_size is 0")),
        (lambda: Truncation(side="front"), ("side is 'front'", "max_length is None")),
        (lambda: Tokens(samples=9, sampled_above=None), ("samples is 9", "sampled_above is None")),
        (
            lambda: Tokens(loss="negative_sampling", sampled_above=9),
            ("sampled_above is 9", "loss is 'negative_sampling'"),
        ),
        (
            lambda: Tokens(loss="negative_sampling", samples=9),
            ("samples is 9", "loss is 'negative_sampling'"),
        ),
        (lambda: stochastic(length_penalty=0.5), ("length_penalty is 0.5", "seed")),
        (lambda: stochastic(length_normalization="gnmt"), ("length_normalization is 'gnmt'", "seed")),
    ],
)
def test_a_setting_that_would_be_ignored_is_refused(build: Callable[[], Any], named: tuple[str, str]) -> None:
    one_sentence(build, *named)


@pytest.mark.parametrize(
    "build",
    [
        lambda: Training(momentum=0.5, optimizer="sgd"),
        lambda: Training(momentum=0.5, optimizer=torch.optim.RMSprop),
        lambda: Training(validation_every=5, checkpoints=3),
        lambda: Training(validation_every=5, validation_size=0.1),
        lambda: Truncation(9, side="front"),
        lambda: Tokens(samples=9),
        lambda: Tokens(loss="negative_sampling", sampled_above=None),
        lambda: stochastic(beam_size=9),
        lambda: stochastic(length_normalization=None),
    ],
)
def test_settings_that_are_read_are_taken(build: Callable[[], Any]) -> None:
    build()


@pytest.mark.parametrize("vocabulary", ["small", "large"])
def test_a_layer_is_tied_to_an_embedding_that_is_read(vocabulary: str) -> None:
    network = Network(hidden_size=4, attention="dot", feed_output=False)
    training = Training(max_steps=1, progress=False, device="cpu")
    texts = [f"{a} w{b}" for a in TEXTS[:4] for b in range(260 if vocabulary == "large" else 2)]
    texts = [f"{text} v{row}" for row, text in enumerate(texts)] if vocabulary == "large" else texts
    tied = Seq2SeqTranslator("word", network=network, training=training, output=Tokens(tied=True))
    one_sentence(lambda: tied.fit(texts, texts), "tied=True", "feed_output=False")
    found = Seq2SeqTranslator("word", network=network, training=training).fit(texts, texts)
    assert found.output_.tied is False


COPYING = {"hidden_size": 4, "attention": "dot", "copy": True}


@pytest.mark.parametrize(
    ("estimator", "data"),
    [
        (lambda **settings: Seq2SeqForecaster(4, **settings), (SERIES,)),
        (lambda **settings: Seq2SeqAutoencoder(window_length=14, **settings), (SERIES,)),
        (Seq2SeqTranscriber, (ARRAYS, TEXTS)),
        (Seq2SeqSynthesizer, (TEXTS, ARRAYS)),
        (Seq2SeqClassifier, (TEXTS, ["x", "y"] * 6)),
        (Seq2SeqTagger, ([list(text) for text in TEXTS], [list(text) for text in TEXTS])),
        (Seq2SeqLanguageModel, (TEXTS,)),
    ],
    ids=["forecaster", "autoencoder", "transcriber", "synthesizer", "classifier", "tagger", "language model"],
)
def test_only_a_translator_copies(estimator: Callable[..., Any], data: tuple[Any, ...]) -> None:
    """Others refuse it, or the attention that it needs."""
    training = Training(max_steps=1, progress=False, device="cpu")
    model = estimator(network=Network(**COPYING), training=training)
    with pytest.raises(ParameterError, match=r"network has (copy=True|attention='dot')"):
        model.fit(*data)
