"""Outputs: what the decoder forecasts, such as quantiles; one a file, behind one interface."""

from __future__ import annotations

from tsseq2seq.nn.outputs.base import Output
from tsseq2seq.nn.outputs.binned import Binned
from tsseq2seq.nn.outputs.negative_binomial import NegativeBinomial
from tsseq2seq.nn.outputs.normal import Normal
from tsseq2seq.nn.outputs.point import Point
from tsseq2seq.nn.outputs.quantiles import Quantiles
from tsseq2seq.nn.outputs.student_t import StudentT
from tsseq2seq.nn.outputs.tokens import Tokens
from tsseq2seq.nn.outputs.tweedie import Tweedie
from tsseq2seq.nn.outputs.zero_inflated import ZeroInflatedNegativeBinomial

__all__ = [
    "Binned",
    "NegativeBinomial",
    "Normal",
    "Output",
    "Point",
    "Quantiles",
    "StudentT",
    "Tokens",
    "Tweedie",
    "ZeroInflatedNegativeBinomial",
]
