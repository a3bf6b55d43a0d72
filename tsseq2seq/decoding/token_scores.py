"""Log-probabilities of tokens in at least float32, whatever a model computes in."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

__all__ = ["log_softmax", "widened"]


def log_softmax(logits: Float[Tensor, "*B V"]) -> Float[Tensor, "*B V"]:
    """Return the log-probabilities of logits.

    Examples
    --------
    >>> log_softmax(torch.zeros(2, dtype=torch.bfloat16)).dtype
    torch.float32
    """
    return widened(logits).log_softmax(-1)


def widened(scores: Float[Tensor, "*B V"]) -> Float[Tensor, "*B V"]:
    """Return scores in float32 if they have fewer digits: sums over many steps need them."""
    return scores.to(torch.promote_types(scores.dtype, torch.float32))
