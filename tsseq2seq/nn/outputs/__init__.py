"""Outputs: what the decoder forecasts; one a file, all behind the same interface."""

from __future__ import annotations

from tsseq2seq.nn.outputs.base import Output
from tsseq2seq.nn.outputs.point import Point
from tsseq2seq.nn.outputs.quantiles import Quantiles

__all__ = ["Output", "Point", "Quantiles"]
