"""Weights of samples: how much each pair, sequence or text counts in the loss."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from tsseq2seq.data.weight_checks import check_finite
from tsseq2seq.errors import DataError

__all__ = ["checked_weights", "unit_weights"]


def checked_weights(sample_weight: object, count: int, each: str = "pair") -> Float[Tensor, " N"] | None:
    """Return the weight of each sample, the largest of which is 1; None where all weigh the same.

    Parameters
    ----------
    sample_weight
        The weights as a user gave them. None: all weigh the same.
    count
        Number of samples.
    each
        What a sample is called in messages.

    Raises
    ------
    DataError
        If weights are not as many as samples, one is below 0 or not finite, or all are 0.

    Examples
    --------
    >>> checked_weights([1, 4], 2).tolist(), checked_weights([3, 3], 2)
    ([0.25, 1.0], None)
    """
    if sample_weight is None:
        return None
    try:
        weights = np.asarray(sample_weight, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(
            f"sample_weight is a {type(sample_weight).__name__} that holds something else than numbers; give "
            f"a list of numbers, one for each {each}"
        ) from error
    if weights.shape != (count,):
        raise DataError(
            f"sample_weight has shape {weights.shape}; it must be ({count},), one weight for each {each}"
        )
    bad = check_finite(weights)
    if bad is not None:
        raise DataError(
            f"sample_weight[{bad}] is {weights[bad]:g}; weights must be finite and at least 0. A weight of 0 "
            f"leaves a {each} out of the loss"
        )
    if count and not weights.any():
        raise DataError(f"sample_weight is zero for every {each}; at least one must count")
    if not count or (weights == weights[0]).all():
        return None
    return torch.from_numpy((weights / weights.max()).astype(np.float32))


def unit_weights(
    weights: Float[Tensor, " N"] | None, counts: Float[Tensor, " N"] | Int[Tensor, " N"], what: str
) -> Float[Tensor, " N"] | None:
    """Return weights in a unit in which their mean over all losses is 1.

    So the sum of weighted losses, divided by their number, is over all samples the weighted mean, and in a
    batch an estimate of it without bias: a batch of samples that weigh little changes little.

    Parameters
    ----------
    weights
        The weight of each sample. None: all weigh the same, and None is returned.
    counts
        How many losses each sample has, or what these weigh already.
    what
        What the samples are called in messages.

    Raises
    ------
    DataError
        If all weigh nothing.

    Examples
    --------
    >>> unit_weights(torch.tensor([0.5, 1.0]), torch.tensor([3, 1]), "pairs").tolist()
    [0.800000011920929, 1.600000023841858]
    """
    if weights is None:
        return None
    exact, counts = weights.double(), counts.double()
    total = (exact * counts).sum()
    if not float(total) > 0:
        raise DataError(
            f"sample_weight is 0 for all {len(weights)} {what}; give one of them a weight, or change "
            "validation_size"
        )
    return (exact * (counts.sum() / total)).float()
