"""The column of weights: how much each row's targets count in the loss."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.target_numbers import target_numbers
from tsseq2seq.data.weight_checks import check_finite
from tsseq2seq.errors import DataError, shown

__all__ = ["read_weights"]


def read_weights(df: pd.DataFrame, columns: Columns, observed: np.ndarray) -> np.ndarray | None:
    """Return the weight of each row, (rows,), the largest of which is 1; None where all weigh the same.

    Parameters
    ----------
    df
        The frame.
    columns
        Which column plays which role.
    observed
        (rows,), True where a target was observed; the weights of other rows mean nothing.

    Raises
    ------
    DataError
        If a weight of a row with a target is missing, below 0 or infinite, or all are 0; the message names
        the first row.

    Examples
    --------
    >>> df = pd.DataFrame({"ds": [1, 2], "y": [1.0, 2.0], "w": [1, 2]})
    >>> read_weights(df, Columns(weight="w"), np.array([True, True])).tolist()
    [0.5, 1.0]
    """
    if columns.weight is None:
        return None
    weights = np.where(observed, target_numbers(df[columns.weight], f"weight_col {columns.weight!r}"), 1.0)
    bad = check_finite(weights)
    if bad is not None:
        series = f" of series {shown(df[columns.id].iloc[bad])}" if columns.id in df.columns else ""
        raise DataError(
            f"weight_col {columns.weight!r} is {weights[bad]:g} at {df[columns.time].iloc[bad]}{series} (row "
            f"{bad}); weights must be finite and at least 0. A weight of 0 leaves a row out of the loss"
        )
    counted = weights[observed]
    if not len(counted) or (counted == counted[0]).all():
        if len(counted) and counted[0] == 0:
            raise DataError(
                f"weight_col {columns.weight!r} is 0 in every row with a target; at least one must count"
            )
        return None
    return (weights / counted.max()).clip(max=1.0).astype(np.float32)
