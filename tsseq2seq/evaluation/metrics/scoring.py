"""The input of a metric (rows, models, training data), and scores by the losses of utilsforecast."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tsseq2seq.evaluation.metrics.columns import Model
from tsseq2seq.evaluation.metrics.rows import Rows
from tsseq2seq.evaluation.metrics.scales import Histories

__all__ = ["Scores", "Scoring", "score_groups"]

#: Scores (results, models) by the name under which they stand in the table.
Scores = dict[str, np.ndarray]


@dataclass(frozen=True)
class Scoring:
    """Everything that a metric may need.

    Attributes
    ----------
    rows
        The rows to score.
    models
        The models to score.
    histories
        The training data. None: no metric needs them.
    """

    rows: Rows
    models: list[Model]
    histories: Histories | None = None


def score_groups(
    loss: Callable[..., pd.DataFrame], rows: Rows, columns: dict[str, str], **arguments: object
) -> np.ndarray:
    """Return the scores of one model by a loss of utilsforecast.

    Parameters
    ----------
    loss
        A function of ``utilsforecast.losses``.
    rows
        The rows to score.
    columns
        Columns of the rows, by the name that the loss expects. Rows where one of them is NaN are left out:
        utilsforecast would skip some and count others as misses.
    arguments
        Further arguments of the loss, in which the model is called ``model``.

    Returns
    -------
    ndarray
        (groups,), NaN for groups without rows to score.
    """
    data = {name: rows.column(column) for name, column in columns.items()}
    complete = ~np.isnan(np.stack(list(data.values()))).any(axis=0)
    scores = np.full(len(rows.series), np.nan)
    if complete.any():
        frame = pd.DataFrame({"unique_id": rows.groups, "y": rows.truth, **data})[complete]
        result = loss(frame, **arguments)
        scores[result["unique_id"].to_numpy()] = result["model"].to_numpy(dtype=np.float64)
    return scores
