"""One small case of every estimator: how it is fitted, what it answers about each item, and what it draws."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tsseq2seq import (
    Binned,
    Network,
    Normal,
    Quantiles,
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

__all__ = ["CASES", "SHORT", "Case", "fitted"]

HORIZON = 3
SHORT = Training(max_steps=4, progress=False, precision="float32")
NAMES = ["b", "a", "7", "d", "long"]
WORDS = ["abca", "ca", "bbac", "a", "cabcab"]

Answers = list[list[np.ndarray]]


@dataclass(frozen=True)
class Case:
    """An estimator.

    Attributes
    ----------
    make
        Makes it, unfitted, with a training and a seed.
    data
        What ``fit`` is called with.
    items
        What it can be asked about: names of series, texts, arrays.
    answers
        Asks about items, in this order; of each a list of arrays of numbers.
    draws
        The same, of what is drawn with a seed of its own. None: it draws nothing.
    own_draws
        Whether what is drawn for an item is the item's own. Samples of texts share a generator.
    """

    make: Callable[[Training, int | None], Any]
    data: tuple[Any, ...]
    items: Sequence[Any]
    answers: Callable[[Any, Sequence[Any]], Answers]
    draws: Callable[[Any, Sequence[Any]], Answers] | None = None
    own_draws: bool = True

    def fit(self, training: Training = SHORT, seed: int | None = 0) -> Any:
        """Return it fitted."""
        return self.make(training, seed).fit(*self.data)


# --- of series ---


def history(names: Sequence[str] = NAMES, steps: int = 36) -> pd.DataFrame:
    """Return counts with a season of six, of one series longer than of the others."""
    parts = []
    for name in names:
        length = steps + 10 * (name == "long")
        wave = 8 + 5 * np.sin(2 * np.pi * np.arange(length) / 6)
        y = np.random.default_rng([*name.encode()]).poisson(wave).astype(float)
        days = pd.date_range("2024-03-01", periods=length)[-length:]
        parts.append(pd.DataFrame({"unique_id": name, "ds": days, "y": y}))
    return pd.concat(parts, ignore_index=True)


def of_each(frame: pd.DataFrame, names: Sequence[str]) -> list[np.ndarray]:
    """Return the columns of numbers of each series, in the order asked for."""
    numbers = [name for name in frame if name not in ("unique_id", "ds", "sample", "scenario")]
    return [frame.loc[frame["unique_id"] == name, numbers].to_numpy(float, na_value=np.nan) for name in names]


def together(*answers: list[np.ndarray]) -> Answers:
    return [list(of_item) for of_item in zip(*answers, strict=True)]


def forecasts(levels: Sequence[int] | None, model: Any, names: Sequence[str]) -> Answers:
    df = history(names)
    cutoffs = model.predict_cutoffs(df, windows=3).drop(columns="cutoff")
    return together(of_each(model.predict(df, levels=levels), names), of_each(cutoffs, names))


def sample_paths(model: Any, names: Sequence[str]) -> Answers:
    return together(of_each(model.sample(history(names), num_samples=5), names))


def drawn_scenarios(model: Any, names: Sequence[str]) -> Answers:
    df = history(names)
    likely, diverse = model.scenarios(df, n=3), model.scenarios(df, n=3, diverse=True)
    return together(of_each(likely, names), of_each(diverse, names), of_each(model.sample(df), names))


def forecaster(output: Any, training: Training, seed: int | None, **settings: Any) -> Seq2SeqForecaster:
    network = Network(hidden_size=6, num_layers=2, dropout=0.2)
    settings = {"network": network, "context_length": 8} | settings
    return Seq2SeqForecaster(HORIZON, output=output, training=training, seed=seed, **settings)


def ensemble(training: Training, seed: int | None) -> Seq2SeqEnsemble:
    parallel = Network(hidden_size=5, decoding="parallel")
    models = [
        forecaster(Normal(), training, seed, network_share=1.0),
        forecaster(Normal(), training, None if seed is None else seed + 1, network=parallel, calendar="auto"),
    ]
    return Seq2SeqEnsemble(models)


def autoencoder(training: Training, seed: int | None) -> Seq2SeqAutoencoder:
    network = Network(hidden_size=6, dropout=0.2)
    return Seq2SeqAutoencoder(
        window_length=8,
        latent_size=3,
        noise=0.1,
        false_alarms=0.1,
        network=network,
        training=training,
        seed=seed,
    )


def reconstructions(model: Seq2SeqAutoencoder, names: Sequence[str]) -> Answers:
    df = history(names)
    scores = model.anomaly_scores(df)
    scores = scores[["unique_id", "ds", *scores.select_dtypes("number").columns]]
    windows = model.windows(df)
    latent = np.asarray(model.transform(df))
    own = [latent[(windows["unique_id"] == name).to_numpy()] for name in names]
    return together(of_each(model.reconstruct(df), names), of_each(scores, names), own)


# --- of sequences ---


def arrays_of(texts: Sequence[str]) -> list[np.ndarray]:
    """Return an array of two features for each text, about twice as long."""
    codes = {"a": (1.0, 0.0), "b": (0.0, 1.0), "c": (-1.0, 0.5)}
    return [np.repeat([codes[letter] for letter in text], 2, axis=0) for text in texts]


def tags_of(texts: Sequence[str]) -> list[list[str]]:
    return [["x" if letter == "a" else "y" for letter in text] for text in texts]


def numbers_of(rows: Sequence[Any]) -> Answers:
    """Return the tokens, scores and probabilities of hypotheses."""
    return [
        [np.array([*one.tokens, *one.token_log_probabilities, one.log_probability], float) for one in row]
        for row in rows
    ]


def written(write: Callable[..., Any], score: Callable[..., Any] | None, items: Sequence[Any]) -> Answers:
    rows = numbers_of(write(items, beam_size=3, n_best=2, max_length=12))
    if score is None:
        return rows
    scores = score(items)
    return [[*row, np.array([value])] for row, value in zip(rows, scores, strict=True)]


def sampled(write: Callable[..., Any], items: Sequence[Any]) -> Answers:
    return numbers_of(write(items, num_samples=3, max_length=12, seed=3))


TOKENS = Network(hidden_size=6, attention="dot", dropout=0.2)


def translations(model: Seq2SeqTranslator, items: Sequence[str]) -> Answers:
    return written(
        model.translate, lambda texts: model.score_pairs(texts, [text[::-1] for text in texts]), items
    )


def classifier(training: Training, seed: int | None) -> Seq2SeqClassifier:
    network = Network(hidden_size=6, bidirectional=True, dropout=0.2)
    return Seq2SeqClassifier(tokenizer="char", network=network, training=training, seed=seed)


def tagger(crf: bool, training: Training, seed: int | None) -> Seq2SeqTagger:
    network = Network(hidden_size=6, bidirectional=True, dropout=0.2)
    return Seq2SeqTagger(crf=crf, network=network, training=training, seed=seed)


def synthesizer(training: Training, seed: int | None) -> Seq2SeqSynthesizer:
    network = Network(hidden_size=8, attention="location", encoder="convolutional", initial_state="zeros")
    return Seq2SeqSynthesizer(network=network, training=training, seed=seed)


def spoken(model: Seq2SeqSynthesizer, items: Sequence[str]) -> Answers:
    return [[array] for array in model.predict(items, max_length=12)]


DF = history()
LETTERS = [list(word) for word in WORDS]
CASES: dict[str, Case] = {
    "forecaster": Case(
        functools.partial(forecaster, Quantiles([0.1, 0.5, 0.9]), calendar="auto"),
        (DF,), NAMES, functools.partial(forecasts, [80]),
    ),
    "forecaster of a distribution": Case(
        functools.partial(forecaster, Normal(), segment_length=2, network_share=1.0),
        (DF,), NAMES, functools.partial(forecasts, [80]), sample_paths,
    ),
    "forecaster of bins": Case(
        functools.partial(
            forecaster, Binned(bins=9), network=Network(hidden_size=6, cell="gru"), network_share=1.0
        ),
        (DF,), NAMES, functools.partial(forecasts, [80]), drawn_scenarios,
    ),
    "ensemble": Case(ensemble, (DF,), NAMES, functools.partial(forecasts, [80]), sample_paths),
    "autoencoder": Case(autoencoder, (DF,), NAMES, reconstructions),
    "translator": Case(
        lambda training, seed: Seq2SeqTranslator(network=TOKENS, training=training, seed=seed),
        (WORDS, [word[::-1] for word in WORDS]), WORDS, translations,
        lambda model, items: sampled(model.translate, items), own_draws=False,
    ),
    "transcriber": Case(
        lambda training, seed: Seq2SeqTranscriber(network=TOKENS, training=training, seed=seed),
        (arrays_of(WORDS), WORDS), arrays_of(WORDS),
        lambda model, items: written(model.transcribe, None, items),
        lambda model, items: sampled(model.transcribe, items), own_draws=False,
    ),
    "language model": Case(
        lambda training, seed: Seq2SeqLanguageModel(
            network=Network(hidden_size=6, num_layers=2, dropout=0.2), training=training, seed=seed
        ),
        (WORDS,), WORDS, lambda model, items: written(model.generate, model.score_texts, items),
        lambda model, items: sampled(model.generate, items), own_draws=False,
    ),
    "synthesizer": Case(synthesizer, (WORDS, arrays_of(WORDS)), WORDS, spoken),
    "classifier": Case(
        classifier, (WORDS, [0, 1, 0, 1, 1]), WORDS,
        lambda model, items: [[row] for row in model.predict_proba(items)],
    ),
    "tagger": Case(
        functools.partial(tagger, False), (LETTERS, tags_of(WORDS)), LETTERS,
        lambda model, items: [[row] for row in model.predict_proba(items)],
    ),
    "tagger with a CRF": Case(
        functools.partial(tagger, True), (LETTERS, tags_of(WORDS)), LETTERS,
        lambda model, items: [[row] for row in model.predict_proba(items)],
    ),
}  # fmt: skip


@functools.cache
def fitted(name: str) -> Any:
    """Return the case's estimator, fitted on first use: import does not train."""
    return CASES[name].fit()
