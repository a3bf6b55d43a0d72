"""Learning the weights of the smoothing methods: what served a panel's series at earlier cutoffs."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from tsseq2seq.smoothing.method_weights import MethodWeights
from tsseq2seq.smoothing.rehearsal import Rehearsal

__all__ = ["learned_weights"]

# With fewer cutoffs than this a panel teaches nothing that its series do not say themselves.
_FEWEST = 50
_STEPS, _BATCH, _LEARNING_RATE = 300, 256, 0.05
# What holds the prior near 0, and the sharpness near where it begins.
_PENALTY = 1e-3
# An error of more typical changes than this counts no more.
_LARGEST_ERROR = 20.0


def learned_weights(
    rehearsal: Rehearsal, *, generator: torch.Generator, squared: bool = False
) -> MethodWeights:
    """Return the weights with the least mean error over the rehearsed cutoffs.

    Parameters
    ----------
    rehearsal
        The cutoffs; with fewer than 50 of them nothing is learned.
    generator
        Draws the batches.
    squared
        Whether squared errors count, so that the mean is the aim and not the median; else absolute ones.
    """
    start = MethodWeights.unlearned(rehearsal.forecasts.shape[-1])
    count = len(rehearsal.forecasts)
    if count < _FEWEST:
        return start
    prior = start.prior.float().requires_grad_()
    sharpness = start.log_sharpness.float().requires_grad_()
    optimizer = torch.optim.Adam([prior, sharpness], _LEARNING_RATE)
    with torch.enable_grad():
        for step in range(_STEPS):
            optimizer.param_groups[0]["lr"] = _LEARNING_RATE * (1 - step / _STEPS)
            chosen = torch.randint(count, (min(_BATCH, count),), generator=generator)
            penalty = prior.square().mean() + (sharpness - start.log_sharpness.float()).square()
            loss = _error(rehearsal, chosen, MethodWeights(prior, sharpness), squared) + _PENALTY * penalty
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return MethodWeights(prior.detach().double(), sharpness.detach().double())


def _error(rehearsal: Rehearsal, chosen: Tensor, weights: MethodWeights, squared: bool) -> Float[Tensor, ""]:
    """Return the mean absolute or squared error of the weighted forecasts from some cutoffs."""
    observed = rehearsal.observed[chosen]
    mixed = weights.of(rehearsal.logarithms[chosen])
    forecasts = torch.bmm(rehearsal.forecasts[chosen], mixed[:, :, None])[:, :, 0]
    errors = (forecasts - rehearsal.outcomes[chosen]).abs() * observed
    if squared:
        errors = errors.clamp(max=_LARGEST_ERROR).square()
        return (errors.sum(1) / observed.sum(1)).mean()
    return (errors.sum(1) / observed.sum(1)).clamp(max=_LARGEST_ERROR).mean()
