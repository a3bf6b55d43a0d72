"""Context vectors: the encoder's states pooled into one vector; one a file, behind one interface."""

from __future__ import annotations

from tsseq2seq.nn.context.attention import AttendedState
from tsseq2seq.nn.context.base import CONTEXTS, ContextVector
from tsseq2seq.nn.context.last import LastState
from tsseq2seq.nn.context.max import MaxState
from tsseq2seq.nn.context.mean import MeanState

__all__ = ["CONTEXTS", "AttendedState", "ContextVector", "LastState", "MaxState", "MeanState"]
