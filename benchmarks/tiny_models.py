"""Tiny models of every estimator, and what each answers: for tests and scripts on saved models."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from tsseq2seq import (
    NegativeBinomial,
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
from tsseq2seq.errors import TsSeq2SeqWarning

HORIZON = 3
NETWORK = Network(hidden_size=4)
TRAINING = Training(max_steps=4, batch_size=8, progress=False, precision="float32", device="cpu")
WORDS = ["man", "black", "king", "a b"], ["woman", "white", "queen", "b a"]
SENTENCES = [["the", "cat", "sleeps"], ["a", "dog", "sleeps"]]
NUMBERS = [[0.0, 1.0, 2.0], [1.0, 3.0], [2.0, 1.0], [5.0, 4.0, 1.0]]


def frame(length: int = 40, counts: bool = False) -> pd.DataFrame:
    """Two series with a past, a future and a static covariate, and a gap."""
    rng = np.random.default_rng(0)
    parts = [
        pd.DataFrame(
            {
                "unique_id": name,
                "ds": pd.date_range("2024-01-01", periods=length, freq="D"),
                "y": rng.poisson(3, length) if counts else rng.normal(size=length).cumsum() + 10,
                "price": rng.normal(size=length),
                "open": np.arange(length) % 3,
                "kind": name.upper(),
            }
        )
        for name in ("b", "a")
    ]
    return pd.concat(parts, ignore_index=True).drop(index=[5, 6])


def pictures() -> list[np.ndarray]:
    low, high = np.tile([1.0, 0.0], (4, 1)), np.tile([0.0, 1.0], (4, 1))
    return [np.concatenate(parts) for parts in ([low, high], [high, low], [low], [high])]


SPOKEN = ["low high", "high low", "low", "high"]


def forecaster(**settings: Any) -> Seq2SeqForecaster:
    return Seq2SeqForecaster(
        **{"horizon": HORIZON, "network": NETWORK, "training": TRAINING, "context_length": 8, "seed": 0}
        | settings
    )


def plain_answer(model: Any) -> dict[str, Any]:
    return {"forecast": model.predict().select_dtypes("number").to_numpy().tolist()}


def frame_answer(model: Any) -> dict[str, Any]:
    """The forecast of a frame, for a model without the series it was trained on."""
    df = frame()[["unique_id", "ds", "y"]]
    return {"forecast": model.predict(df).select_dtypes("number").to_numpy().tolist()}


def drawn_answer(model: Any) -> dict[str, Any]:
    paths = model.sample(num_samples=3).select_dtypes("number").to_numpy()
    return plain_answer(model) | {"paths": paths.tolist()}


def covariate_answer(model: Any) -> dict[str, Any]:
    future = frame(40 + HORIZON).groupby("unique_id").tail(HORIZON)[["unique_id", "ds", "open"]]
    return {"forecast": model.predict(future=future, levels=[50]).select_dtypes("number").to_numpy().tolist()}


@dataclass(frozen=True)
class TinyModel:
    """How to fit a model, what it answers, and how it is saved."""

    fit: Callable[[], Any]
    answer: Callable[[Any], dict[str, Any]]
    options: dict[str, Any] = field(default_factory=dict)

    def fitted(self) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", TsSeq2SeqWarning)  # so few steps and rows deserve some
            return self.fit()


def _fit_forecaster(
    columns: tuple[str, ...] = ("unique_id", "ds", "y"), counts: bool = False, **settings: Any
) -> Any:
    return forecaster(**settings).fit(frame(counts=counts)[list(columns)])


def _fit_with_covariates() -> Seq2SeqForecaster:
    settings = {
        "past_covariates": ["price"],
        "future_covariates": ["open"],
        "static_covariates": ["kind"],
        "calendar": ["day_of_week"],
        "output": Quantiles([0.1, 0.5, 0.9]),
        "network": Network(hidden_size=4, attention="dot", num_layers=2),
    }
    df = frame()
    return forecaster(**settings).fit(df).calibrate(frame(60))


def _fit_ensemble() -> Seq2SeqEnsemble:
    models = [forecaster(), forecaster(network=Network(hidden_size=3, cell="gru"))]
    return Seq2SeqEnsemble(models).fit(frame()[["unique_id", "ds", "y"]])


TOKENS = {"network": Network(hidden_size=4, attention="dot"), "training": TRAINING, "seed": 0}
PLAIN = {"network": NETWORK, "training": TRAINING, "seed": 0}

TINY = {
    "forecaster": TinyModel(
        partial(_fit_forecaster, training=dataclasses.replace(TRAINING, members=2)),
        plain_answer,
        {"optimizer_state": True},
    ),
    "covariates": TinyModel(_fit_with_covariates, covariate_answer),
    "counts": TinyModel(partial(_fit_forecaster, counts=True, output=NegativeBinomial()), drawn_answer),
    "paths": TinyModel(partial(_fit_forecaster, output=Normal(), segment_length=3), drawn_answer),
    "without_history": TinyModel(_fit_forecaster, frame_answer, {"history": False}),
    "ensemble": TinyModel(_fit_ensemble, plain_answer),
    "autoencoder": TinyModel(
        lambda: Seq2SeqAutoencoder(window_length=8, **PLAIN).fit(frame()[["unique_id", "ds", "y"]]),
        lambda m: {"scores": m.anomaly_scores(frame()[["unique_id", "ds", "y"]])["score"].to_list()},
    ),
    "classifier": TinyModel(
        lambda: Seq2SeqClassifier(**PLAIN).fit(NUMBERS, ["up", "up", "down", "down"]),
        lambda m: {"probabilities": m.predict_proba(NUMBERS).tolist()},
    ),
    "tagger": TinyModel(
        lambda: Seq2SeqTagger(**PLAIN).fit(SENTENCES, [["DET", "NOUN", "VERB"]] * 2),
        lambda m: {"probabilities": [p.tolist() for p in m.predict_proba(SENTENCES)]},
    ),
    "translator": TinyModel(
        lambda: Seq2SeqTranslator(**TOKENS).fit(*WORDS),
        lambda m: {"written": m.predict(WORDS[0]), "scores": np.asarray(m.score_pairs(*WORDS)).tolist()},
    ),
    "transcriber": TinyModel(
        lambda: Seq2SeqTranscriber("word", **TOKENS).fit(pictures(), SPOKEN),
        lambda m: {"scores": np.asarray(m.score_pairs(pictures(), SPOKEN)).tolist()},
    ),
    "synthesizer": TinyModel(
        lambda: Seq2SeqSynthesizer("word", **TOKENS).fit(SPOKEN, pictures()),
        lambda m: {"frames": [one.tolist() for one in m.predict(SPOKEN, max_length=4)]},
    ),
    "language_model": TinyModel(
        lambda: Seq2SeqLanguageModel(**PLAIN).fit(["one two three", "one two four"]),
        lambda m: {"scores": m.score_texts(["one two three"]).tolist()},
    ),
}  # fmt: skip
