"""Log-probabilities of tokens, in float32 at least."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

__all__ = ["at_least_float32", "log_softmax"]


def log_softmax(logits: Float[Tensor, "*B V"]) -> Float[Tensor, "*B V"]:
    """Return the log-probabilities of logits, in float32 at least; those of a row of −∞ are −∞.

    Examples
    --------
    >>> log_softmax(torch.zeros(2, dtype=torch.bfloat16)).dtype
    torch.float32
    >>> log_softmax(torch.tensor([-torch.inf, -torch.inf]))
    tensor([-inf, -inf])
    """
    scores = at_least_float32(logits).log_softmax(-1)
    # NaN spreads over its whole row, so one token of each row tells, without a pass over the vocabulary
    if scores.requires_grad or not bool((is_nan := scores[..., :1].isnan()).any()):
        return scores
    return scores.masked_fill(is_nan & (logits == -torch.inf).all(-1, keepdim=True), -torch.inf)


def at_least_float32(scores: Float[Tensor, "*B V"]) -> Float[Tensor, "*B V"]:
    """Return scores in float32, or in float64 if they are; sums over many steps need the precision."""
    return scores.to(torch.promote_types(scores.dtype, torch.float32))
