"""The states of all smoothing methods after every step of many series: one pass over the steps."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from tsseq2seq.smoothing.methods import Methods, States

__all__ = ["smoothed_states"]

# A line through fewer values than this says nothing of a trend.
_LEAST_FOR_SLOPE = 3


def smoothed_states(
    values: Float[Tensor, "series T"], observed: Bool[Tensor, "series T"], methods: Methods
) -> States:
    """Return the states after each step; step t knows the values up to t and no later one.

    Parameters
    ----------
    values
        Seasonally adjusted values, the first of each series observed.
    observed
        Which values count; the others leave every state as it is, but for damping.
    methods
        The methods.
    """
    alphas, (gains, trend_gains, damping) = methods.alphas(), methods.trends()
    level = values[:, :1].expand(-1, len(alphas))
    lag = torch.zeros_like(level)
    trend_level = values[:, :1].expand(-1, len(damping))
    trend = torch.zeros_like(trend_level)
    complete = bool(observed.all())
    stored: list[tuple[Tensor, ...]] = [(level, lag, trend_level, trend)]
    for step in range(1, values.shape[1]):
        value = values[:, step : step + 1]
        damped = damping * trend
        miss = value - trend_level - damped
        step_alphas: Tensor = alphas
        if not complete:
            seen = observed[:, step : step + 1]
            miss = torch.where(seen, miss, 0.0)
            step_alphas = alphas * seen
        level = level + step_alphas * (value - level)
        lag = (1 - step_alphas) * (lag + 1)
        trend_level = trend_level + damped + gains * miss
        trend = damped + trend_gains * miss
        stored.append((level, lag, trend_level, trend))
    level, lag, trend_level, trend = (torch.stack(parts, dim=1) for parts in zip(*stored, strict=True))
    return States(level, lag, _slopes(values, observed), trend_level, trend)


def _slopes(
    values: Float[Tensor, "series T"], observed: Bool[Tensor, "series T"]
) -> Float[Tensor, "series T"]:
    """Return the slope of the straight line through the observed values up to each step; 0 at first."""
    steps = torch.arange(values.shape[1], dtype=values.dtype) * observed
    level = values - values[:, :1]  # so that sums of large values lose nothing
    level = level * observed
    count = observed.cumsum(1).to(values.dtype)
    mean_step, mean_value = steps.cumsum(1) / count, level.cumsum(1) / count
    covariance = (steps * level).cumsum(1) / count - mean_step * mean_value
    variance = (steps * steps).cumsum(1) / count - mean_step * mean_step
    return torch.where(count >= _LEAST_FOR_SLOPE, covariance / variance.clamp(min=1e-9), 0.0)
