"""Encoders, one a file, all behind the same interface."""

from __future__ import annotations

from tsseq2seq.nn.encoders.base import ENCODERS, Encoded, Encoder, length_mask
from tsseq2seq.nn.encoders.recurrent import RecurrentEncoder

__all__ = ["ENCODERS", "Encoded", "Encoder", "RecurrentEncoder", "length_mask"]
