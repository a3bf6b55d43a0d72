"""One workload of every estimator: data of a size at which a training takes a while, and how it is made."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from measuring import long_frame

from tsseq2seq import (
    Network,
    Normal,
    Seq2SeqAutoencoder,
    Seq2SeqClassifier,
    Seq2SeqEnsemble,
    Seq2SeqForecaster,
    Seq2SeqLanguageModel,
    Seq2SeqSynthesizer,
    Seq2SeqTagger,
    Seq2SeqTranscriber,
    Seq2SeqTranslator,
    Training,
)

LETTERS = "abcdefgh"


@dataclass(frozen=True)
class Workload:
    """An estimator with data.

    Attributes
    ----------
    make
        Makes it, unfitted, with a training.
    data
        Returns what ``fit`` is called with.
    use
        Asks it something, given what it was fitted on.
    """

    make: Callable[[Training], Any]
    data: Callable[[], tuple[Any, ...]]
    use: Callable[[Any, tuple[Any, ...]], object]


def widened(model: Any, width: int) -> Any:
    """Return an unfitted estimator whose networks are so wide that their steps are slow."""
    if isinstance(model, Seq2SeqEnsemble):
        return Seq2SeqEnsemble([widened(one, width) for one in model.forecasters], max_time=model.max_time)
    model.network = dataclasses.replace(model.network, hidden_size=width)
    return model


def texts(count: int = 2000) -> list[str]:
    """Return words of a few letters."""
    rng = np.random.default_rng(0)
    return ["".join(rng.choice(list(LETTERS), rng.integers(3, 20))) for _ in range(count)]


def arrays(count: int = 500) -> list[np.ndarray]:
    """Return an array of three features for each text, of two rows for each letter."""
    codes = np.random.default_rng(1).normal(size=(len(LETTERS), 3))
    return [np.repeat(codes[[LETTERS.index(letter) for letter in text]], 2, axis=0) for text in texts(count)]


def frame(series: int, steps: int) -> pd.DataFrame:
    """Return hourly series."""
    return long_frame(series, steps)


def ensemble(training: Training) -> Seq2SeqEnsemble:
    """Return two forecasters that have a time together."""
    models = [
        Seq2SeqForecaster(24, output=Normal(), network=network, training=training)
        for network in (Network(), Network(cell="gru", decoding="parallel"))
    ]
    return Seq2SeqEnsemble(models, max_time=training.max_time)


def tags(words: list[str]) -> list[list[int]]:
    """Return a tag for each letter."""
    return [[LETTERS.index(letter) % 2 for letter in word] for word in words]


def _sentences() -> list[list[str]]:
    return [list(text) for text in texts()]


WORKLOADS: dict[str, Workload] = {
    "forecaster": Workload(
        lambda training: Seq2SeqForecaster(24, training=training),
        lambda: (frame(100, 400),),
        lambda model, data: model.predict(data[0]),
    ),
    "forecaster, short series": Workload(
        lambda training: Seq2SeqForecaster(6, training=training),
        lambda: (frame(3, 150),),
        lambda model, data: model.predict(data[0]),
    ),
    "forecaster, 2,000 series": Workload(
        lambda training: Seq2SeqForecaster(24, training=training),
        lambda: (frame(2000, 300),),
        lambda model, data: model.predict(data[0]),
    ),
    "ensemble": Workload(ensemble, lambda: (frame(50, 400),), lambda model, data: model.predict(data[0])),
    "autoencoder": Workload(
        lambda training: Seq2SeqAutoencoder(training=training),
        lambda: (frame(20, 1000),),
        lambda model, data: model.anomaly_scores(data[0]),
    ),
    "translator": Workload(
        lambda training: Seq2SeqTranslator(training=training),
        lambda: (texts(), [text[::-1] for text in texts()]),
        lambda model, data: model.translate(data[0][:20], max_length=30),
    ),
    "transcriber": Workload(
        lambda training: Seq2SeqTranscriber(training=training),
        lambda: (arrays(), texts(500)),
        lambda model, data: model.transcribe(data[0][:20], max_length=30),
    ),
    "language model": Workload(
        lambda training: Seq2SeqLanguageModel(training=training),
        lambda: (texts(),),
        lambda model, data: model.generate(data[0][:20], max_length=30, num_samples=2, seed=0),
    ),
    "synthesizer": Workload(
        lambda training: Seq2SeqSynthesizer(training=training),
        lambda: (texts(500), arrays()),
        lambda model, data: model.predict(data[0][:20], max_length=60),
    ),
    "classifier": Workload(
        lambda training: Seq2SeqClassifier(training=training),
        lambda: (_sentences(), [len(text) % 3 for text in texts()]),
        lambda model, data: model.predict_proba(data[0][:20]),
    ),
    "tagger": Workload(
        lambda training: Seq2SeqTagger(crf=True, training=training),
        lambda: (_sentences(), tags(texts())),
        lambda model, data: model.predict_proba(data[0][:20]),
    ),
}
