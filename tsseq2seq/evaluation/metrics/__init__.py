"""Metrics of forecasts: ``evaluate`` for frames, and functions on arrays.

Definitions
-----------
``mae``, ``rmse``
    In the units of the target.
``mape``, ``smape``
    In percent; sMAPE as the M4 competition defines it, ``200 · |y − f| / (|y| + |f|)``, from 0 to 200.
``mase``, ``rmsse``
    Error divided by the error of the seasonal naive method in the training data.
``owa``
    (sMAPE / sMAPE of Naive2 + MASE / MASE of Naive2) / 2, from the column ``Naive2``.
``pinball``, ``weighted_quantile_loss``, ``crps``
    Computed from the quantiles that bound the intervals; the point forecast counts as the median.
``coverage``, ``interval_score``
    One for each level; coverage is a share from 0 to 1.
"""

from tsseq2seq.evaluation.metrics.evaluation import METRICS, evaluate
from tsseq2seq.evaluation.metrics.scores import (
    crps_quantiles,
    crps_samples,
    interval_score,
    mase_scale,
    owa,
    pinball_loss,
    rmsse_scale,
    weighted_quantile_loss,
)

__all__ = [
    "METRICS",
    "crps_quantiles",
    "crps_samples",
    "evaluate",
    "interval_score",
    "mase_scale",
    "owa",
    "pinball_loss",
    "rmsse_scale",
    "weighted_quantile_loss",
]
