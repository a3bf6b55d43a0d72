"""Positive parameters, to whose inverse link a base is added."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

__all__ = ["SMALLEST", "mean_beside"]

#: No mean, and no dispersion, is smaller.
SMALLEST = 1e-4
# From here on softplus is its argument, to the last digit of float32.
_LINEAR = 20.0


def mean_beside(
    raw: Float[Tensor, "*shape"], base: Float[Tensor, "*shape"] | None
) -> Float[Tensor, "*shape"]:
    """Return a mean above 0 that is the base where the network says 0.

    Parameters
    ----------
    raw
        What the network says.
    base
        The mean to begin from; below 0 it counts as 0. None: there is none.

    Examples
    --------
    >>> mean_beside(torch.zeros(2), torch.tensor([0.5, 30.0])).round(decimals=3).tolist()
    [0.5, 30.0]
    """
    if base is not None:
        least = base.clamp(min=2 * SMALLEST) - SMALLEST
        raw = raw + torch.where(least > _LINEAR, least, least.clamp(max=_LINEAR).expm1().log())
    return functional.softplus(raw) + SMALLEST
