"""Losses between a forecast and the truth, elementwise or of a whole horizon; and losses of tokens."""

from __future__ import annotations

from tsseq2seq.nn.losses.coverage import CoverageLoss
from tsseq2seq.nn.losses.elementwise import (
    LOSSES,
    absolute,
    huber,
    masked_mean,
    quantile,
    squared,
    weighed,
    weighted_sums,
)
from tsseq2seq.nn.losses.horizon import ContextLoss, HorizonLoss
from tsseq2seq.nn.losses.monotonic import MonotonicAlignment
from tsseq2seq.nn.losses.scaled_errors import MASE, SMAPE
from tsseq2seq.nn.losses.sequences import DecodedSequences, SequenceFunction, SequenceLoss
from tsseq2seq.nn.losses.shape import DifferenceLoss, SoftDTW
from tsseq2seq.nn.losses.tokens import CrossEntropy, FocalLoss, NegativeSampling, TokenLoss
from tsseq2seq.nn.losses.transitions import TransitionLoss

__all__ = [
    "LOSSES",
    "MASE",
    "SEQUENCE_LOSSES",
    "SMAPE",
    "TOKEN_LOSSES",
    "WINDOW_LOSSES",
    "ContextLoss",
    "CoverageLoss",
    "CrossEntropy",
    "DecodedSequences",
    "DifferenceLoss",
    "FocalLoss",
    "HorizonLoss",
    "MonotonicAlignment",
    "NegativeSampling",
    "SequenceFunction",
    "SequenceLoss",
    "SoftDTW",
    "TokenLoss",
    "TransitionLoss",
    "absolute",
    "huber",
    "masked_mean",
    "quantile",
    "squared",
    "weighed",
    "weighted_sums",
]

#: Losses of whole windows, by name.
WINDOW_LOSSES: dict[str, HorizonLoss | ContextLoss] = {
    "difference": DifferenceLoss(),
    "soft_dtw": SoftDTW(),
    "smape": SMAPE(),
    "mase": MASE(),
}

#: Losses of single tokens, by name.
TOKEN_LOSSES: dict[str, TokenLoss] = {
    "cross_entropy": CrossEntropy(),
    "focal": FocalLoss(),
    "negative_sampling": NegativeSampling(),
}

#: Losses of whole token sequences, by name.
SEQUENCE_LOSSES: dict[str, SequenceLoss] = {
    "transition": TransitionLoss(),
    "monotonic": MonotonicAlignment(),
    "coverage": CoverageLoss(),
}
