"""The cross-entropy over a large vocabulary, estimated from a sample of it.

The normaliser of a softmax sums over the whole vocabulary; here the sum runs over the true token and
over some tokens drawn for the whole batch, each counted for those that were not drawn.
"""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor

__all__ = ["log_uniform_sample", "sampled_cross_entropy"]


def log_uniform_sample(
    vocabulary: int, draws: int, *, generator: torch.Generator | None, device: torch.device
) -> tuple[Int[Tensor, " C"], Float[Tensor, " V"]]:
    """Draw tokens by Zipf's law: token k with probability log((k + 2) / (k + 1)) / log(V + 1).

    Vocabularies are ordered by frequency, so that frequent tokens are drawn often.

    Parameters
    ----------
    vocabulary
        Number of tokens, V.
    draws
        How often is drawn; a token drawn twice counts once.
    generator
        Of random numbers, on ``device``.
    device
        Where to draw.

    Returns
    -------
    tokens
        (C,), the distinct tokens drawn, C ≤ ``draws``.
    log_inclusion
        (V,), the logarithm of each token's probability of being among them.
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
        The last layer's input and parameters.
    truth
        The true tokens.
    draws
        How many tokens are drawn for the whole batch.
    label_smoothing
        As in the full cross-entropy; the mean over the vocabulary that it needs is exact.
    generator
        Of random numbers.

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
    # one that was drawn stands for all that were as unlikely to be drawn
    others = (others - log_inclusion[tokens]).masked_fill(tokens == truth[:, None], -torch.inf)
    normaliser = torch.logsumexp(torch.cat([true[:, None], others], dim=1), dim=1)
    loss = normaliser - true
    if not label_smoothing:
        return loss
    mean = (hidden @ weight.mean(0)).float() + bias.mean()
    return (1 - label_smoothing) * loss + label_smoothing * (normaliser - mean)
