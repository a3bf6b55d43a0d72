"""``load``, with all estimators known to it."""

from __future__ import annotations

from tsseq2seq import forecaster, translator
from tsseq2seq.persistence import load

__all__ = ["forecaster", "load", "translator"]
