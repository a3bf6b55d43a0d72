"""Negative sampling: true tokens are told from drawn ones, without the normaliser of a softmax."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional

__all__ = ["negative_sampling_loss", "noise_distribution"]

# Mikolov et al.: frequencies to this power let rare tokens be drawn more often.
_POWER = 0.75


def noise_distribution(vocabulary: int, device: torch.device) -> Float[Tensor, " V"]:
    """Return each token's probability of being drawn: that of Zipf's law, to the power of 0.75, in float64.

    Examples
    --------
    >>> noise = noise_distribution(3, torch.device("cpu"))
    >>> round(noise.sum().item(), 6), bool((noise.diff() < 0).all())
    (1.0, True)
    """
    edges = torch.arange(1, vocabulary + 2, device=device, dtype=torch.float64).log()
    noise = edges.diff() ** _POWER
    return noise / noise.sum()


def negative_sampling_loss(
    hidden: Float[Tensor, "N W"],
    weight: Float[Tensor, "V W"],
    bias: Float[Tensor, " V"],
    truth: Int[Tensor, " N"],
    *,
    draws: int,
    generator: torch.Generator | None = None,
) -> Float[Tensor, " N"]:
    """Return the loss of each true token beside ``draws`` tokens, which are drawn once for all.

    A token's log-odds of being the true one are its score less log(draws · probability of being drawn), so
    that the scores which minimise the loss are log-probabilities. A drawn token may be the true one.

    Parameters
    ----------
    hidden, weight, bias
        Inputs and parameters of the last layer.
    truth
        The true tokens.
    draws
        Tokens drawn, with replacement.
    generator
        Generator of the random numbers. None: torch's own.

    References
    ----------
    Mikolov et al., "Distributed representations of words and phrases and their compositionality" (2013);
    Gutmann and Hyvärinen, "Noise-contrastive estimation" (2010).

    Examples
    --------
    >>> hidden, weight, bias = torch.randn(2, 3), torch.randn(50, 3), torch.zeros(50)
    >>> negative_sampling_loss(hidden, weight, bias, torch.tensor([4, 7]), draws=20).shape
    torch.Size([2])
    """
    noise = noise_distribution(len(bias), hidden.device)
    uniform = torch.rand(draws, generator=generator, device=hidden.device, dtype=torch.float64)
    drawn = torch.searchsorted(noise.cumsum(0), uniform).clamp(max=len(bias) - 1)
    wide = torch.promote_types(hidden.dtype, torch.float32)
    offset = (draws * noise).log().to(wide)
    true = (hidden * weight[truth]).sum(-1).to(wide) + bias[truth] - offset[truth]
    others = functional.linear(hidden, weight[drawn], bias[drawn]).to(wide) - offset[drawn]
    return functional.softplus(-true) + functional.softplus(others).sum(-1)
