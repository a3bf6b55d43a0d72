"""Metrics of intervals and quantiles: coverage, interval score, pinball loss, CRPS."""

from __future__ import annotations

import numpy as np

from tsseq2seq.errors import DataWarning, shown, warn
from tsseq2seq.evaluation.metrics.columns import Model
from tsseq2seq.evaluation.metrics.scores import crps_quantiles, pinball_loss
from tsseq2seq.evaluation.metrics.scoring import Scores, Scoring, score_groups

__all__ = [
    "score_coverage",
    "score_crps",
    "score_interval",
    "score_pinball",
    "score_weighted_quantile_loss",
]


def score_coverage(scoring: Scoring) -> Scores:
    """Share of true values inside the interval of each level, bounds included."""
    return _by_level(scoring, "coverage", "coverage")


def score_interval(scoring: Scoring) -> Scores:
    """Interval (Winkler) score of each level."""
    return _by_level(scoring, "interval_score", "winkler_score")


def score_pinball(scoring: Scoring) -> Scores:
    """Quantile loss of each quantile."""
    from utilsforecast.losses import quantile_loss

    scores = {}
    for quantile in _quantiles(scoring):
        columns = []
        for model in scoring.models:
            if quantile in model.quantiles:
                columns_by_name = {"forecast": model.quantiles[quantile]}
                groups = score_groups(
                    quantile_loss, scoring.rows, columns_by_name, models={"model": "forecast"}, q=quantile
                )
                columns.append(scoring.rows.result_means(groups))
            else:
                columns.append(_lacking(scoring))
        scores[f"pinball-{quantile:g}"] = np.stack(columns, axis=1)
    return scores


def score_weighted_quantile_loss(scoring: Scoring) -> Scores:
    """Twice the quantile loss divided by the absolute truth, both summed over all series."""
    rows = scoring.rows
    quantiles = _quantiles(scoring)
    scores = np.full((len(quantiles), rows.result_count, len(scoring.models)), np.nan)
    for row, quantile in enumerate(quantiles):
        for column, model in enumerate(scoring.models):
            if quantile not in model.quantiles:
                continue
            loss = 2 * pinball_loss(rows.truth, rows.column(model.quantiles[quantile]), quantile)
            weight = rows.result_sums(np.where(np.isnan(loss), np.nan, np.abs(rows.truth)))
            total = rows.result_sums(loss)
            scores[row, :, column] = np.divide(
                total, weight, out=np.full(len(weight), np.nan), where=weight > 0
            )
    zero = rows.result_sums(np.abs(rows.truth)) == 0
    if zero.any():
        first = (
            ""
            if rows.labels is None
            else f" in {zero.sum()} results, the first {shown(rows.labels[zero][0])}"
        )
        warn(f"weighted_quantile_loss: y is 0 throughout{first}, so it is NaN", DataWarning)
    named = {f"weighted_quantile_loss-{q:g}": score for q, score in zip(quantiles, scores, strict=True)}
    return {"weighted_quantile_loss": scores.mean(axis=0), **named}


def score_crps(scoring: Scoring) -> Scores:
    """Continuous ranked probability score, approximated from the quantiles of the models."""
    rows = scoring.rows
    quantiles = _quantiles(scoring)
    columns = []
    for model in scoring.models:
        if all(quantile in model.quantiles for quantile in quantiles):
            forecasts = np.stack([rows.column(model.quantiles[quantile]) for quantile in quantiles], axis=1)
            score = rows.group_means(crps_quantiles(rows.truth, forecasts, quantiles))
            columns.append(rows.result_means(score))
        else:
            columns.append(_lacking(scoring))
    return {"crps": np.stack(columns, axis=1)}


def _by_level(scoring: Scoring, name: str, loss_name: str) -> Scores:
    from utilsforecast import losses

    loss = getattr(losses, loss_name)
    scores = {}
    for level in sorted({level for model in scoring.models for level in model.levels}):
        columns = [_score_level(scoring, model, level, loss) for model in scoring.models]
        scores[f"{name}-{level:g}"] = np.stack(columns, axis=1)
    return scores or {name: np.stack([_lacking(scoring)] * len(scoring.models), axis=1)}


def _score_level(scoring: Scoring, model: Model, level: float, loss: object) -> np.ndarray:
    if level not in model.levels:
        return _lacking(scoring)
    bounds = {f"model-lo-{level}": model.lower[level], f"model-hi-{level}": model.upper[level]}
    return scoring.rows.result_means(score_groups(loss, scoring.rows, bounds, models=["model"], level=level))  # type: ignore[arg-type]


def _quantiles(scoring: Scoring) -> list[float]:
    return sorted({quantile for model in scoring.models for quantile in model.quantiles})


def _lacking(scoring: Scoring) -> np.ndarray:
    return np.full(scoring.rows.result_count, np.nan)
