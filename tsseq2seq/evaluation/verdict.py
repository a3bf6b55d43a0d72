"""Whether a network is worth it: one sentence that compares it with the best baseline."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd

from tsseq2seq.errors import DataWarning
from tsseq2seq.evaluation.metrics import evaluate

__all__ = ["first_column", "verdict_of"]

_SHOWN = {"mae": "MAE", "rmse": "RMSE", "mape": "MAPE", "smape": "sMAPE", "mase": "MASE", "rmsse": "RMSSE"}
_SHOWN |= {"owa": "OWA", "crps": "CRPS"}
# From fewer series or cutoffs no share can be told.
_FEWEST = 5
_BOOTSTRAP = 1000
# Series and cutoffs are drawn again to see how far the comparison hangs on which there were.
_LEVEL = 0.9


def first_column(metric: str, scores: pd.DataFrame) -> str:
    """Return the first column of a metric, which may have one for each level."""
    return next(name for name in scores.columns if name == metric or str(name).startswith(f"{metric}-"))


def verdict_of(forecasts: pd.DataFrame, scores: pd.DataFrame, metric: str, options: dict[str, Any]) -> str:
    """Compare the best network with the best baseline, with a bootstrap over series or cutoffs."""
    column = first_column(metric, scores)
    networks, baselines = scores[~scores["baseline"]], scores[scores["baseline"]]
    if networks.empty or baselines.empty or column.startswith("coverage"):
        return ""
    ours, theirs = networks["model"].iloc[0], baselines["model"].iloc[0]
    own, other = float(networks[column].iloc[0]), float(baselines[column].iloc[0])
    if not np.isfinite([own, other]).all():
        return ""
    if other == 0 and own == 0:
        return f"{ours} and the best baseline, {theirs}, have no {column} at all: not worth it."
    if other == 0:
        return f"{ours} has more {column} than the best baseline, {theirs}, which has none: not worth it."
    change = 1 - own / other
    less = f"{abs(change):.0%} {'less' if change >= 0 else 'more'}"
    shown_name = _SHOWN.get(column, column.replace("_", " "))
    sentence = f"{ours} has {less} {shown_name} than the best baseline, {theirs}"
    several = options["id_col"] is not None and len(forecasts[options["id_col"]].unique()) > 1
    units = "series" if several else "cutoffs"
    by = options["id_col"] if several else "cutoff"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)  # what is left out was said once already
        each = evaluate(forecasts, [metric], by=by, **options)
    each = each[each["metric"] == column]
    pair = each[[ours, theirs]].to_numpy(dtype=np.float64)
    pair = pair[np.isfinite(pair).all(1)]
    if len(pair) < _FEWEST:
        count = f"{len(pair)} {units} say" if len(pair) > 1 else "one window says"
        return f"{sentence}; {count} little."
    drawn = np.random.default_rng(0).integers(0, len(pair), (_BOOTSTRAP, len(pair)))
    means = pair[drawn].mean(1)
    better = (pair[:, 0] < pair[:, 1]).mean()
    if (means[:, 1] == 0).any():
        return f"{sentence}, and is better in {better:.0%} of {len(pair)} {units}: undecided."
    low, high = np.quantile(1 - means[:, 0] / means[:, 1], [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
    worth = "worth it" if low > 0 else "not worth it" if high < 0 else "undecided"
    return (
        f"{sentence}, and is better in {better:.0%} of {len(pair)} {units}; {_LEVEL:.0%} of the time the "
        f"difference lies between {low:+.0%} and {high:+.0%}: {worth}."
    )
