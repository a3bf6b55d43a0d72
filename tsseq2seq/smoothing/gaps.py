"""Gaps filled from what lies before them, so that a moving average can be taken."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor

__all__ = ["filled"]


def filled(
    values: Float[Tensor, "series T"], observed: Bool[Tensor, "series T"], period: int
) -> Float[Tensor, "series T"]:
    """Return the values with each missing one replaced by the one a season before, or by the one before.

    Nothing later is looked at, so that a value filled in is the same at every cutoff.

    Parameters
    ----------
    values
        The values; the first of each series is observed.
    observed
        Which were observed.
    period
        Steps of a season; 1: there is none.

    Examples
    --------
    >>> values = torch.tensor([[1.0, 2.0, 0.0, 0.0]])
    >>> filled(values, torch.tensor([[True, True, False, False]]), 2).tolist()
    [[1.0, 2.0, 1.0, 2.0]]
    """
    if bool(observed.all()):
        return values
    complete = values.clone()
    for step in range(1, values.shape[1]):
        before = complete[:, step - period] if step >= period else complete[:, step - 1]
        complete[:, step] = torch.where(observed[:, step], complete[:, step], before)
    return complete
