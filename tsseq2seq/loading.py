"""``load``, with all estimators known to it."""

from __future__ import annotations

from tsseq2seq import classifier, ensemble, forecaster, tagger, transcriber, translator
from tsseq2seq.persistence import load

__all__ = ["classifier", "ensemble", "forecaster", "load", "tagger", "transcriber", "translator"]
