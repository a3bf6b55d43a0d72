"""Elementwise losses between a forecast and the truth, by name, and their mean over what was observed."""

from __future__ import annotations

from collections.abc import Callable

import torch
from jaxtyping import Bool, Float
from torch import Tensor

__all__ = [
    "LOSSES",
    "absolute",
    "huber",
    "masked_mean",
    "quantile",
    "squared",
    "weighed",
    "weighted_sums",
]


def absolute(forecast: Float[Tensor, "*shape"], truth: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """Absolute error; its minimiser is the median.

    Examples
    --------
    >>> absolute(torch.tensor([1.0]), torch.tensor([3.0])).tolist()
    [2.0]
    """
    return (forecast - truth).abs()


def squared(forecast: Float[Tensor, "*shape"], truth: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """Squared error; its minimiser is the mean.

    Examples
    --------
    >>> squared(torch.tensor([1.0]), torch.tensor([3.0])).tolist()
    [4.0]
    """
    return (forecast - truth).square()


def huber(forecast: Float[Tensor, "*shape"], truth: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """Huber loss: squared for errors up to 1, linear beyond (Huber 1964, δ = 1).

    Examples
    --------
    >>> huber(torch.tensor([0.0, 0.0]), torch.tensor([0.5, 3.0])).tolist()
    [0.125, 2.5]
    """
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


#: Losses of single values, by name.
LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "mae": absolute,
    "mse": squared,
    "huber": huber,
}


def weighed(
    losses: Float[Tensor, "B *shape"], weights: Float[Tensor, "B steps"] | None
) -> Float[Tensor, "B *shape"]:
    """Return losses times the weights of their time steps.

    Parameters
    ----------
    losses
        Of single values, (B, steps, Y), or of windows, (B,).
    weights
        Of a window with one loss those that are not 0 are the same. None: all are 1.

    Examples
    --------
    >>> weights = torch.tensor([[0.0, 2.0]])
    >>> weighed(torch.ones(1, 2, 1), weights).tolist(), weighed(torch.ones(1), weights).tolist()
    ([[[0.0], [2.0]]], [2.0])
    """
    if weights is None:
        return losses
    return losses * (weights[..., None] if losses.dim() > 1 else weights.amax(1))


def weighted_sums(
    losses: Float[Tensor, "B *shape"],
    valid: Bool[Tensor, "B *shape"],
    weights: Float[Tensor, "B steps"] | None,
) -> tuple[float, float]:
    """Return the sum of the valid losses, and the sum of their weights; without weights their number.

    Examples
    --------
    >>> losses, valid = torch.tensor([[[4.0], [2.0], [9.0]]]), torch.tensor([[[True], [True], [False]]])
    >>> weighted_sums(losses, valid, torch.tensor([[0.5, 1.0, 1.0]]))
    (4.0, 1.5)
    """
    total = weighed(losses, weights).masked_fill(~valid, 0.0).sum()
    return float(total), float(weighed(valid.double(), weights).sum())


def masked_mean(values: Float[Tensor, "*shape"], mask: Bool[Tensor, "*shape"]) -> Float[Tensor, ""]:
    """Mean over the valid places; 0 where there are none.

    Examples
    --------
    >>> masked_mean(torch.tensor([1.0, 5.0]), torch.tensor([True, False])).item()
    1.0
    """
    total = values.float().masked_fill(~mask, 0.0).sum()
    return total / mask.sum().clamp(min=1)
