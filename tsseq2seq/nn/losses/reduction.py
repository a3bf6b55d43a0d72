"""The mean of losses over valid values."""

from __future__ import annotations

from jaxtyping import Bool, Float
from torch import Tensor

__all__ = ["masked_mean"]


def masked_mean(values: Float[Tensor, "*shape"], mask: Bool[Tensor, "*shape"]) -> Float[Tensor, ""]:
    """Mean of the valid values, in float32; 0 if there are none.

    Examples
    --------
    >>> import torch
    >>> masked_mean(torch.tensor([1.0, 5.0]), torch.tensor([True, False])).item()
    1.0
    """
    total = values.float().masked_fill(~mask, 0.0).sum()
    return total / mask.sum().clamp(min=1)
