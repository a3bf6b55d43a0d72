"""Constraints of a search: minimum length, no repeated n-grams, forced prefix."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from tsseq2seq.decoding.beam import Beam

__all__ = ["blocked_tokens", "forced_tokens", "repeating_tokens"]


def blocked_tokens(
    scores: Float[Tensor, "B Q V"],
    history: Int[Tensor, "B Q t"] | None,
    t: int,
    *,
    beam: Beam,
    eos_id: int | None,
    prefix: Int[Tensor, "B P"] | None,
) -> Bool[Tensor, "B Q V"] | None:
    """Return a mask that is True for tokens that may not be chosen at step ``t``; None if all may be.

    A token forced by the prefix may always be chosen.
    """
    early = eos_id is not None and t < beam.min_length
    repeats = history is not None and history.shape[2] >= beam.no_repeat_ngram
    forced = forced_tokens(prefix, t)
    if not early and not repeats and forced is None:
        return None
    blocked = torch.zeros_like(scores, dtype=torch.bool)
    if early:
        blocked[..., eos_id] = True
    if history is not None and repeats:
        blocked |= repeating_tokens(history, beam.no_repeat_ngram, scores.shape[-1])
    if forced is not None:
        others = torch.arange(scores.shape[-1], device=scores.device) != forced
        blocked = torch.where((forced >= 0)[..., None], others[:, None], blocked)
    return blocked


def forced_tokens(prefix: Int[Tensor, "B P"] | None, t: int) -> Int[Tensor, "B 1"] | None:
    """Return the token forced at step ``t`` of each row, −1 for none; None after the end of all prefixes.

    Examples
    --------
    >>> forced_tokens(torch.tensor([[5, 6], [7, -1]]), 1).tolist()
    [[6], [-1]]
    """
    return prefix[:, t, None] if prefix is not None and t < prefix.shape[1] else None


def repeating_tokens(history: Int[Tensor, "B Q t"], size: int, vocabulary: int) -> Bool[Tensor, "B Q V"]:
    """Return a mask that is True for tokens that would repeat an n-gram of ``size`` tokens of the history.

    Examples
    --------
    >>> history = torch.tensor([[[5, 6, 5]]])
    >>> repeating_tokens(history, 2, 8).nonzero().tolist()       # 5 6 occurred: 6 may not follow again
    [[0, 0, 6]]
    """
    grams = history.unfold(2, size, 1)
    recent = history[..., history.shape[2] - size + 1 :]
    same_start = (grams[..., :-1] == recent[:, :, None]).all(-1)
    counts = torch.zeros(*history.shape[:2], vocabulary, dtype=torch.int64, device=history.device)
    counts.scatter_add_(2, grams[..., -1], same_start.long())
    return counts > 0
