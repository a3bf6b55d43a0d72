"""``load``, with all estimators known to it."""

from __future__ import annotations

from tsseq2seq import (
    autoencoder,
    classifier,
    ensemble,
    forecaster,
    language_model,
    synthesizer,
    tagger,
    transcriber,
    translator,
)
from tsseq2seq.persistence import load

__all__ = [
    "autoencoder",
    "classifier",
    "ensemble",
    "forecaster",
    "language_model",
    "load",
    "synthesizer",
    "tagger",
    "transcriber",
    "translator",
]
