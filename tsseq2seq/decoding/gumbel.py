"""Gumbel noise for stochastic beam search: the top k of perturbed scores are a sample without replacement."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

__all__ = ["condition_on_maximum"]


def condition_on_maximum(
    log_probabilities: Float[Tensor, "*B q V"], maximum: Float[Tensor, "*B q"], generator: torch.Generator
) -> Float[Tensor, "*B q V"]:
    """Draw Gumbel variables with these locations, given that the largest of each V is ``maximum``.

    Parameters
    ----------
    log_probabilities
        Of each continuation; −∞ stays −∞.
    maximum
        The perturbed log-probability of the hypothesis that is continued.
    generator
        Generator of the random numbers.

    References
    ----------
    Kool, van Hoof, Welling, "Stochastic beams and where to find them" (2019), appendix B.3, whose
    numerically stable form this is.

    Examples
    --------
    >>> drawn = condition_on_maximum(torch.zeros(1, 3), torch.tensor([2.0]), torch.Generator())
    >>> round(drawn.max().item(), 5)
    2.0
    """
    uniform = torch.rand(
        log_probabilities.shape,
        generator=generator,
        device=log_probabilities.device,
        dtype=log_probabilities.dtype,
    )
    tiny = torch.finfo(uniform.dtype).tiny
    gumbel = log_probabilities - torch.log(-torch.log(uniform.clamp(min=tiny)))
    largest = gumbel.amax(-1, keepdim=True)
    possible = log_probabilities > -torch.inf
    shifted = maximum[..., None] - gumbel + _log1mexp(largest - gumbel)
    drawn = maximum[..., None] - shifted.clamp(min=0) - torch.log1p(torch.exp(-shifted.abs()))
    drawn = torch.where(gumbel == largest, maximum[..., None].expand_as(drawn), drawn)
    return torch.where(possible & (maximum > -torch.inf)[..., None], drawn, -torch.inf)


def _log1mexp(positive: Tensor) -> Tensor:
    """Return log(1 − exp(−x)) for x ≥ 0, without losing digits near either end."""
    small = positive < 0.6931471805599453
    return torch.where(
        small,
        torch.log(-torch.expm1(-positive)),
        torch.log1p(-torch.exp(-positive)),
    )
