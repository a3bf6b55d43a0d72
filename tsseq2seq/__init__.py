"""Encoder–decoder networks for time series, and for text.

The public names are loaded when they are first used, so that ``import tsseq2seq`` is instant.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tsseq2seq import datasets, errors
    from tsseq2seq.forecaster import Seq2SeqForecaster
    from tsseq2seq.loading import load
    from tsseq2seq.nn.network import Network
    from tsseq2seq.nn.outputs import Normal, Point, Quantiles, StudentT
    from tsseq2seq.training.schedules import Exponential, InverseSigmoid, Linear
    from tsseq2seq.training.training import Training

__all__ = [
    "Exponential",
    "InverseSigmoid",
    "Linear",
    "Network",
    "Normal",
    "Point",
    "Quantiles",
    "Seq2SeqForecaster",
    "StudentT",
    "Training",
    "datasets",
    "errors",
    "load",
]

_HOMES = {
    "Exponential": "training.schedules",
    "InverseSigmoid": "training.schedules",
    "Linear": "training.schedules",
    "Network": "nn.network",
    "Normal": "nn.outputs",
    "Point": "nn.outputs",
    "Quantiles": "nn.outputs",
    "Seq2SeqForecaster": "forecaster",
    "StudentT": "nn.outputs",
    "Training": "training.training",
    "load": "loading",
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
