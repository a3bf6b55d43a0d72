"""Losses between a forecast and the truth: elementwise, by name, or of a whole horizon."""

from __future__ import annotations

from tsseq2seq.nn.losses.elementwise import LOSSES, absolute, huber, masked_mean, quantile, squared
from tsseq2seq.nn.losses.horizon import HorizonLoss

__all__ = ["LOSSES", "HorizonLoss", "absolute", "huber", "masked_mean", "quantile", "squared"]
