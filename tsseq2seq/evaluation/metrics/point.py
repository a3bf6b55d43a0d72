"""Metrics of point forecasts: MAE, RMSE, MAPE, sMAPE, MASE, RMSSE, OWA."""

from __future__ import annotations

import numpy as np

from tsseq2seq.errors import DataWarning, ParameterError, warn
from tsseq2seq.evaluation.metrics.scores import mase_scale, owa, rmsse_scale
from tsseq2seq.evaluation.metrics.scoring import Scores, Scoring, score_groups

__all__ = [
    "NAIVE2",
    "score_mae",
    "score_mape",
    "score_mase",
    "score_owa",
    "score_rmse",
    "score_rmsse",
    "score_smape",
]

#: The column of the forecasts that OWA compares with.
NAIVE2 = "Naive2"


def score_mae(scoring: Scoring) -> Scores:
    """Mean absolute error."""
    return {"mae": _means(scoring, _groups(scoring, "mae"))}


def score_rmse(scoring: Scoring) -> Scores:
    """Root mean squared error of each group, averaged."""
    return {"rmse": _means(scoring, _groups(scoring, "rmse"))}


def score_mape(scoring: Scoring) -> Scores:
    """Mean absolute percentage error; rows whose truth is 0 are left out, with a warning."""
    rows = scoring.rows
    zero = rows.truth == 0
    if zero.any():
        warn(
            f"mape: y is 0 in {zero.sum()} of {len(zero)} rows, which are left out; the first is of series "
            f"{rows.name(int(np.argmax(zero)))}",
            DataWarning,
        )
    return {"mape": 100 * _means(scoring, _groups(scoring, "mape"))}


def score_smape(scoring: Scoring) -> Scores:
    """Symmetric mean absolute percentage error, 0 to 200; 0 where truth and forecast are both 0."""
    # utilsforecast's is |y − f| / (|y| + |f|)
    return {"smape": 200 * _means(scoring, _groups(scoring, "smape"))}


def score_mase(scoring: Scoring) -> Scores:
    """Mean absolute scaled error."""
    assert scoring.histories is not None
    scales = scoring.histories.scales("mase", mase_scale)
    return {"mase": _means(scoring, _groups(scoring, "mae") / scales[scoring.rows.series][:, None])}


def score_rmsse(scoring: Scoring) -> Scores:
    """Root mean squared scaled error."""
    assert scoring.histories is not None
    scales = scoring.histories.scales("rmsse", rmsse_scale)
    return {"rmsse": _means(scoring, _groups(scoring, "rmse") / scales[scoring.rows.series][:, None])}


def score_owa(scoring: Scoring) -> Scores:
    """Overall weighted average against the column ``Naive2``."""
    names = [model.name for model in scoring.models]
    if NAIVE2 not in names:
        raise ParameterError(
            f"owa is measured against Naive2, and forecasts has no column {NAIVE2!r}; add the forecasts of "
            "tsseq2seq.evaluation.baselines.Naive2"
        )
    smape, mase = score_smape(scoring)["smape"], score_mase(scoring)["mase"]
    naive2 = [names.index(NAIVE2)]
    return {"owa": np.vectorize(owa, otypes=[float])(smape, mase, smape[:, naive2], mase[:, naive2])}


def _groups(scoring: Scoring, name: str) -> np.ndarray:
    """Return the scores (groups, models), computed by the loss of utilsforecast with this name."""
    from utilsforecast import losses

    loss = getattr(losses, name)
    columns = [{"model": model.name} for model in scoring.models]
    groups = [score_groups(loss, scoring.rows, column, models=["model"]) for column in columns]
    return np.stack(groups, axis=1)


def _means(scoring: Scoring, groups: np.ndarray) -> np.ndarray:
    return np.stack([scoring.rows.result_means(column) for column in groups.T], axis=1)
