"""Sampled softmax: the cross-entropy over a large vocabulary, estimated from a sample of it.

The normaliser of a softmax is a sum over the whole vocabulary. Here the sum runs over the true token and a
sample of the others, drawn once for the batch; each is weighted by the inverse of its probability of being
drawn.
"""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor

__all__ = ["log_uniform_sample", "sampled_cross_entropy"]


def log_uniform_sample(
    vocabulary: int, draws: int, *, generator: torch.Generator | None, device: torch.device
) -> tuple[Int[Tensor, " distinct"], Float[Tensor, " V"]]:
    """Draw tokens by Zipf's law: token k with probability log((k + 2) / (k + 1)) / log(V + 1).

    Vocabularies are ordered by frequency, so frequent tokens are drawn more often.

    Parameters
    ----------
    vocabulary
        Number of tokens, V.
    draws
        Number of draws, with replacement; a token drawn twice counts once.
    generator
        Generator of the random numbers, on ``device``. None: torch's own.
    device
        Device of the result.

    Returns
    -------
    tokens
        The distinct tokens drawn, ``draws`` at most.
    log_inclusion
        (V,), the logarithm of each token's probability of being drawn at least once.
    """
    edges = torch.arange(1, vocabulary + 2, device=device, dtype=torch.float64).log()
    probability = edges.diff() / edges[-1]
    uniform = torch.rand(draws, generator=generator, device=device, dtype=torch.float64)
    tokens = torch.searchsorted(probability.cumsum(0), uniform).clamp(max=vocabulary - 1)
    inclusion = -torch.expm1(draws * torch.log1p(-probability))
    return torch.unique(tokens), inclusion.log().float()


def sampled_cross_entropy(
    hidden: Float[Tensor, "N W"],
    weight: Float[Tensor, "V W"],
    bias: Float[Tensor, " V"],
    truth: Int[Tensor, " N"],
    *,
    draws: int,
    label_smoothing: float = 0.0,
    generator: torch.Generator | None = None,
) -> Float[Tensor, " N"]:
    """Estimate the cross-entropy of each token.

    Parameters
    ----------
    hidden, weight, bias
        Inputs and parameters of the last layer.
    truth
        The true tokens.
    draws
        Tokens drawn for the whole batch, with replacement.
    label_smoothing
        As in the full cross-entropy. The mean logit of the vocabulary, which it needs, is exact.
    generator
        Generator of the random numbers. None: torch's own.

    References
    ----------
    Jean et al., "On using very large target vocabulary for neural machine translation" (2015); Bengio and
    Senécal, "Quick training of probabilistic neural nets by importance sampling" (2003).

    Examples
    --------
    >>> hidden, weight, bias = torch.randn(2, 3), torch.randn(50, 3), torch.zeros(50)
    >>> truth = torch.tensor([4, 7])
    >>> full = torch.nn.functional.cross_entropy(hidden @ weight.T, truth, reduction="none")
    >>> bool((sampled_cross_entropy(hidden, weight, bias, truth, draws=100_000) - full).abs().max() < 1e-3)
    True
    """
    tokens, log_inclusion = log_uniform_sample(len(bias), draws, generator=generator, device=hidden.device)
    true = (hidden * weight[truth]).sum(-1).float() + bias[truth]
    others = torch.nn.functional.linear(hidden, weight[tokens], bias[tokens]).float()
    # weighted by 1 / probability of being drawn, the sum over the sample is unbiased
    others = (others - log_inclusion[tokens]).masked_fill(tokens == truth[:, None], -torch.inf)
    normaliser = torch.logsumexp(torch.cat([true[:, None], others], dim=1), dim=1)
    loss = normaliser - true
    if not label_smoothing:
        return loss
    mean = (hidden @ weight.mean(0)).float() + bias.mean()
    return (1 - label_smoothing) * loss + label_smoothing * (normaliser - mean)
