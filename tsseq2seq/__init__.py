"""Encoder–decoder networks for time series, and for text.

The public names are loaded when they are first used, so that ``import tsseq2seq`` is instant.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tsseq2seq import datasets, errors
    from tsseq2seq.autoencoder import Seq2SeqAutoencoder
    from tsseq2seq.classifier import Seq2SeqClassifier
    from tsseq2seq.data.grid.calendar import Calendar
    from tsseq2seq.data.panel.forecast_frame import for_target
    from tsseq2seq.data.text.cleaning import Cleaning
    from tsseq2seq.data.text.truncation import Truncation
    from tsseq2seq.decoding.beam import Beam
    from tsseq2seq.decoding.beam_search import beam_search
    from tsseq2seq.decoding.hypothesis import Hypothesis
    from tsseq2seq.ensemble import Seq2SeqEnsemble
    from tsseq2seq.evaluation.backtest import backtest
    from tsseq2seq.evaluation.baselines import ETS, SARIMAX, Naive2, SeasonalNaive, Smoothing, Theta
    from tsseq2seq.evaluation.leaderboard import leaderboard
    from tsseq2seq.evaluation.metrics import evaluate
    from tsseq2seq.evaluation.splits import RollingOriginSplit
    from tsseq2seq.forecaster import Seq2SeqForecaster
    from tsseq2seq.language_model import Seq2SeqLanguageModel
    from tsseq2seq.loading import load
    from tsseq2seq.nn.network import Network
    from tsseq2seq.nn.outputs import (
        Binned,
        NegativeBinomial,
        Normal,
        Point,
        Quantiles,
        StudentT,
        Tokens,
        Tweedie,
        ZeroInflatedNegativeBinomial,
    )
    from tsseq2seq.nn.patches import Patches
    from tsseq2seq.synthesizer import Seq2SeqSynthesizer
    from tsseq2seq.tagger import Seq2SeqTagger
    from tsseq2seq.training.teacher_forcing import Exponential, InverseSigmoid, Linear
    from tsseq2seq.training.training import Training
    from tsseq2seq.transcriber import Seq2SeqTranscriber
    from tsseq2seq.translation.minimum_risk import MinimumRisk
    from tsseq2seq.translator import Seq2SeqTranslator
    from tsseq2seq.tuning.tune import tune

__all__ = [
    "ETS",
    "SARIMAX",
    "Beam",
    "Binned",
    "Calendar",
    "Cleaning",
    "Exponential",
    "Hypothesis",
    "InverseSigmoid",
    "Linear",
    "MinimumRisk",
    "Naive2",
    "NegativeBinomial",
    "Network",
    "Normal",
    "Patches",
    "Point",
    "Quantiles",
    "RollingOriginSplit",
    "SeasonalNaive",
    "Seq2SeqAutoencoder",
    "Seq2SeqClassifier",
    "Seq2SeqEnsemble",
    "Seq2SeqForecaster",
    "Seq2SeqLanguageModel",
    "Seq2SeqSynthesizer",
    "Seq2SeqTagger",
    "Seq2SeqTranscriber",
    "Seq2SeqTranslator",
    "Smoothing",
    "StudentT",
    "Theta",
    "Tokens",
    "Training",
    "Truncation",
    "Tweedie",
    "ZeroInflatedNegativeBinomial",
    "backtest",
    "beam_search",
    "datasets",
    "errors",
    "evaluate",
    "for_target",
    "leaderboard",
    "load",
    "tune",
]

_HOMES = {
    "Beam": "decoding.beam",
    "Binned": "nn.outputs",
    "Calendar": "data.grid.calendar",
    "Cleaning": "data.text.cleaning",
    "ETS": "evaluation.baselines",
    "Exponential": "training.teacher_forcing",
    "Hypothesis": "decoding.hypothesis",
    "InverseSigmoid": "training.teacher_forcing",
    "Linear": "training.teacher_forcing",
    "MinimumRisk": "translation.minimum_risk",
    "Naive2": "evaluation.baselines",
    "NegativeBinomial": "nn.outputs",
    "Network": "nn.network",
    "Normal": "nn.outputs",
    "Patches": "nn.patches",
    "Point": "nn.outputs",
    "Quantiles": "nn.outputs",
    "RollingOriginSplit": "evaluation.splits",
    "SARIMAX": "evaluation.baselines",
    "SeasonalNaive": "evaluation.baselines",
    "Smoothing": "evaluation.baselines",
    "Seq2SeqAutoencoder": "autoencoder",
    "Seq2SeqClassifier": "classifier",
    "Seq2SeqEnsemble": "ensemble",
    "Seq2SeqForecaster": "forecaster",
    "Seq2SeqLanguageModel": "language_model",
    "Seq2SeqSynthesizer": "synthesizer",
    "Seq2SeqTagger": "tagger",
    "Seq2SeqTranscriber": "transcriber",
    "Seq2SeqTranslator": "translator",
    "StudentT": "nn.outputs",
    "Theta": "evaluation.baselines",
    "Tokens": "nn.outputs",
    "Training": "training.training",
    "Truncation": "data.text.truncation",
    "Tweedie": "nn.outputs",
    "ZeroInflatedNegativeBinomial": "nn.outputs",
    "backtest": "evaluation.backtest",
    "beam_search": "decoding.beam_search",
    "evaluate": "evaluation.metrics",
    "for_target": "data.panel.forecast_frame",
    "leaderboard": "evaluation.leaderboard",
    "load": "loading",
    "tune": "tuning.tune",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401
    """Load a public name on first use (PEP 562)."""
    if name == "__version__":
        from importlib.metadata import version

        return version("tsseq2seq")
    if name in _HOMES:
        value = getattr(importlib.import_module(f"tsseq2seq.{_HOMES[name]}"), name)
    elif name in __all__:
        value = importlib.import_module(f"tsseq2seq.{name}")
    else:
        raise AttributeError(f"module 'tsseq2seq' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
