"""Callbacks: who is told of a training while it runs.

``Training(callbacks=[CSVLog("losses.csv")])`` does for every estimator. Those of other libraries import these
only when they are used.
"""

from __future__ import annotations

from tsseq2seq.callbacks.csv_log import CSVLog
from tsseq2seq.callbacks.log import Log
from tsseq2seq.callbacks.mlflow import MLflow
from tsseq2seq.callbacks.tensorboard import TensorBoard
from tsseq2seq.training.callback import Callback, Ended, Started, Stepped, Validated

__all__ = [
    "CSVLog",
    "Callback",
    "Ended",
    "Log",
    "MLflow",
    "Started",
    "Stepped",
    "TensorBoard",
    "Validated",
]
