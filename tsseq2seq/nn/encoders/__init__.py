"""Encoders, one a file, behind one interface."""

from __future__ import annotations

from tsseq2seq.nn.encoders.attention import AttentionEncoder
from tsseq2seq.nn.encoders.base import ENCODERS, Encoded, Encoder, length_mask
from tsseq2seq.nn.encoders.convolutional import ConvolutionalEncoder
from tsseq2seq.nn.encoders.convolutional_recurrent import ConvolutionalRecurrentEncoder
from tsseq2seq.nn.encoders.recurrent import RecurrentEncoder
from tsseq2seq.nn.encoders.reversed import ReversedEncoder

__all__ = [
    "ENCODERS",
    "AttentionEncoder",
    "ConvolutionalEncoder",
    "ConvolutionalRecurrentEncoder",
    "Encoded",
    "Encoder",
    "RecurrentEncoder",
    "ReversedEncoder",
    "length_mask",
]
