"""``load``, with all estimators known to it."""

from __future__ import annotations

from tsseq2seq import ensemble, forecaster, language_model, translator
from tsseq2seq.persistence import load

__all__ = ["ensemble", "forecaster", "language_model", "load", "translator"]
