"""``load``, with all estimators known to it."""

from __future__ import annotations

from tsseq2seq import autoencoder, ensemble, forecaster, translator
from tsseq2seq.persistence import load

__all__ = ["autoencoder", "ensemble", "forecaster", "load", "translator"]
