"""Whether a network is worth it: one sentence that compares it with the best baseline."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd

from tsseq2seq.errors import DataWarning
from tsseq2seq.evaluation.metrics import evaluate
from tsseq2seq.evaluation.metrics.own import Metric, metric_name

__all__ = ["first_column", "verdict_of"]

_SHOWN = {"mae": "MAE", "rmse": "RMSE", "mape": "MAPE", "smape": "sMAPE", "mase": "MASE", "rmsse": "RMSSE"}
_SHOWN |= {"owa": "OWA", "crps": "CRPS"}
# With fewer series or cutoffs a bootstrap is not meaningful.
_FEWEST = 5
_BOOTSTRAP = 1000
# Level of the bootstrap interval of the difference.
_LEVEL = 0.9


def first_column(metric: str, scores: pd.DataFrame) -> str:
    """Return the first column of scores of a metric; metrics of intervals have one for each level."""
    return next(name for name in scores.columns if name == metric or str(name).startswith(f"{metric}-"))


def verdict_of(forecasts: pd.DataFrame, scores: pd.DataFrame, metric: Metric, options: dict[str, Any]) -> str:
    """Return a sentence that compares the best network with the best baseline.

    The bootstrap draws series again, or cutoffs if there is one series only. Without a network or without a
    baseline the sentence is empty.

    Parameters
    ----------
    forecasts, scores
        As in :class:`~tsseq2seq.evaluation.leaderboard.Leaderboard`.
    metric
        The metric compared.
    options
        Keyword arguments of :func:`~tsseq2seq.evaluation.metrics.evaluate`.
    """
    column = first_column(metric_name(metric), scores)
    networks, baselines = scores[~scores["baseline"]], scores[scores["baseline"]]
    if networks.empty or baselines.empty or metric == "coverage":
        return ""
    network, baseline = networks["model"].iloc[0], baselines["model"].iloc[0]
    network_error, baseline_error = float(networks[column].iloc[0]), float(baselines[column].iloc[0])
    if not np.isfinite([network_error, baseline_error]).all():
        return ""
    if baseline_error == 0 and network_error == 0:
        return f"{network} and the best baseline, {baseline}, have no {column} at all: not worth it."
    if baseline_error == 0:
        return (
            f"{network} has more {column} than the best baseline, {baseline}, which has none: not worth it."
        )
    change = 1 - network_error / baseline_error
    less = f"{abs(change):.0%} {'less' if change >= 0 else 'more'}"
    shown_name = _SHOWN.get(column, column.replace("_", " "))
    sentence = f"{network} has {less} {shown_name} than the best baseline, {baseline}"
    several = options["id_col"] is not None and len(forecasts[options["id_col"]].unique()) > 1
    units = "series" if several else "cutoffs"
    by = options["id_col"] if several else "cutoff"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)  # evaluate has warned once already
        by_unit = evaluate(forecasts, [metric], by=by, **options)
    by_unit = by_unit[by_unit["metric"] == column]
    pairs = by_unit[[network, baseline]].to_numpy(dtype=np.float64)
    pairs = pairs[np.isfinite(pairs).all(1)]
    if len(pairs) < _FEWEST:
        count = f"{len(pairs)} {units} say" if len(pairs) > 1 else "one window says"
        return f"{sentence}; {count} little."
    drawn = np.random.default_rng(0).integers(0, len(pairs), (_BOOTSTRAP, len(pairs)))
    means = pairs[drawn].mean(1)
    better = (pairs[:, 0] < pairs[:, 1]).mean()
    if (means[:, 1] == 0).any():
        return f"{sentence}, and is better in {better:.0%} of {len(pairs)} {units}: undecided."
    low, high = np.quantile(1 - means[:, 0] / means[:, 1], [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
    worth = "worth it" if low > 0 else "not worth it" if high < 0 else "undecided"
    return (
        f"{sentence}, and is better in {better:.0%} of {len(pairs)} {units}; {_LEVEL:.0%} of the time the "
        f"difference lies between {low:+.0%} and {high:+.0%}: {worth}."
    )
