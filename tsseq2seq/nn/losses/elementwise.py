"""Elementwise losses between a forecast and the truth, by name, and their mean over what was observed."""

from __future__ import annotations

from collections.abc import Callable

import torch
from jaxtyping import Bool, Float
from torch import Tensor

__all__ = ["LOSSES", "absolute", "huber", "masked_mean", "quantile", "squared"]


def absolute(forecast: Float[Tensor, "*shape"], truth: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """Absolute error; its minimiser is the median."""
    return (forecast - truth).abs()


def squared(forecast: Float[Tensor, "*shape"], truth: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """Squared error; its minimiser is the mean."""
    return (forecast - truth).square()


def huber(forecast: Float[Tensor, "*shape"], truth: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """Huber loss: squared for errors up to 1, linear beyond (Huber 1964, δ = 1)."""
    return torch.nn.functional.huber_loss(forecast, truth, reduction="none")


def quantile(
    forecast: Float[Tensor, "*shape P"], truth: Float[Tensor, "*shape"], probabilities: Float[Tensor, " P"]
) -> Float[Tensor, "*shape P"]:
    """Quantile (pinball) loss, doubled, so that for the median it is the absolute error.

    Examples
    --------
    >>> quantile(torch.tensor([[0.0, 0.0]]), torch.tensor([1.0]), torch.tensor([0.5, 0.9])).tolist()
    [[1.0, 1.7999999523162842]]
    """
    error = truth[..., None] - forecast
    return 2 * torch.maximum(probabilities * error, (probabilities - 1) * error)


LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "mae": absolute,
    "mse": squared,
    "huber": huber,
}


def masked_mean(values: Float[Tensor, "*shape"], mask: Bool[Tensor, "*shape"]) -> Float[Tensor, ""]:
    """Mean over the valid places; 0 where there are none.

    Examples
    --------
    >>> masked_mean(torch.tensor([1.0, 5.0]), torch.tensor([True, False])).item()
    1.0
    """
    total = values.float().masked_fill(~mask, 0.0).sum()
    return total / mask.sum().clamp(min=1)
