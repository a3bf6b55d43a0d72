"""Encoders, one a file, behind one interface."""

from __future__ import annotations

from tsseq2seq.nn.encoders.base import ENCODERS, Encoded, Encoder, length_mask
from tsseq2seq.nn.encoders.recurrent import RecurrentEncoder

__all__ = ["ENCODERS", "Encoded", "Encoder", "RecurrentEncoder", "length_mask"]
