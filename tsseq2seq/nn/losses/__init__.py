"""Losses between a forecast and the truth, elementwise or of a whole horizon; and losses of tokens."""

from __future__ import annotations

from tsseq2seq.nn.losses.elementwise import LOSSES, absolute, huber, masked_mean, quantile, squared
from tsseq2seq.nn.losses.horizon import ContextLoss, HorizonLoss
from tsseq2seq.nn.losses.scaled_errors import MASE, SMAPE
from tsseq2seq.nn.losses.shape import DifferenceLoss, SoftDTW

__all__ = [
    "LOSSES",
    "MASE",
    "SMAPE",
    "WINDOW_LOSSES",
    "ContextLoss",
    "DifferenceLoss",
    "HorizonLoss",
    "SoftDTW",
    "absolute",
    "huber",
    "masked_mean",
    "quantile",
    "squared",
]

#: Losses of whole windows, by name.
WINDOW_LOSSES: dict[str, HorizonLoss | ContextLoss] = {
    "difference": DifferenceLoss(),
    "soft_dtw": SoftDTW(),
    "smape": SMAPE(),
    "mase": MASE(),
}
