"""Pretraining: a network trained on generated series alone, whose weights come with the package.

``python -m tsseq2seq.pretraining`` makes them again. What the series are like is in
:mod:`tsseq2seq.pretraining.worlds`, a family a file; how they become batches in
:mod:`~tsseq2seq.pretraining.chunk`; the network in :mod:`tsseq2seq.forecasting.pretrained_design`.
"""

from __future__ import annotations
