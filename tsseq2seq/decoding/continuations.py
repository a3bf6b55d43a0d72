"""The choice of a beam search: the best continuations of the open hypotheses, group after group."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from tsseq2seq.decoding.beam import Beam
from tsseq2seq.decoding.gumbel import condition_on_maximum
from tsseq2seq.decoding.top_indices import top_indices

__all__ = ["Chosen", "choose_continuations"]


@dataclass(frozen=True)
class Chosen:
    """The chosen continuations of a step, K = G·q for each row.

    Attributes
    ----------
    log_probability, rank
        (B, G, q), as of :class:`~tsseq2seq.decoding.open_hypotheses.OpenHypotheses`.
    tokens
        (B, K), the tokens that continue them.
    parents
        (B, K), the queries that they continue.
    """

    log_probability: Float[Tensor, "B G q"]
    rank: Float[Tensor, "B G q"]
    tokens: Int[Tensor, "B K"]
    parents: Int[Tensor, "B K"]


def choose_continuations(
    log_probability: Float[Tensor, "B G q"],
    open_rank: Float[Tensor, "B G q"],
    scores: Float[Tensor, "B Q V"],
    beam: Beam,
    generator: torch.Generator | None,
) -> Chosen:
    """Return the best continuations of each group.

    Parameters
    ----------
    log_probability, open_rank
        Of the open hypotheses.
    scores
        Log-probabilities of all continuations.
    beam
        The settings.
    generator
        Generator of random numbers for a stochastic search. None: a deterministic search.
    """
    rows, vocabulary = scores.shape[0], scores.shape[-1]
    groups, beams = open_rank.shape[1:]
    scores = scores.reshape(rows, groups, beams, vocabulary)
    mass = None
    if generator is not None:
        # renormalised, as hypotheses with many blocked continuations would be drawn too seldom otherwise
        mass = scores.logsumexp(-1, keepdim=True)
        scores = torch.where(mass == -torch.inf, -torch.inf, scores - mass)
    total = log_probability[..., None].to(scores.dtype) + scores
    rank = total
    if generator is not None and mass is not None:
        rank = condition_on_maximum(total, open_rank.to(scores.dtype), generator)
        # NaN has no rank: it is chosen, so that it is seen
        rank = rank.masked_fill(~(mass < torch.inf), torch.nan)
    index = _best_of_groups(rank, min(beam.beam_size // groups, beams * vocabulary), beam.diversity)
    offset = torch.arange(groups, device=index.device)[:, None] * beams
    return Chosen(
        log_probability=total.flatten(2).gather(2, index),
        rank=rank.flatten(2).gather(2, index),
        tokens=(index % vocabulary).flatten(1),
        parents=(torch.div(index, vocabulary, rounding_mode="floor") + offset).flatten(1),
    )


def _best_of_groups(rank: Float[Tensor, "B G q V"], count: int, diversity: float) -> Int[Tensor, "B G K"]:
    """Return the places, in q·V, of the best of each group; what earlier groups chose is penalised."""
    rows, groups, _, vocabulary = rank.shape
    # number of beams of earlier groups that chose each token
    times_chosen = rank.new_zeros(rows, vocabulary if diversity else 0)
    indices: list[Tensor] = []
    for group in range(groups):
        key = rank[:, group]
        if diversity:
            key = key - diversity * times_chosen[:, None]
        index = top_indices(key.flatten(1), count)
        indices.append(index)
        if diversity:
            # if fewer than count continuations are allowed, blocked ones are among the top; they do not count
            allowed = rank[:, group].flatten(1).gather(1, index) > -torch.inf
            times_chosen = times_chosen.scatter_add(1, index % vocabulary, allowed.to(times_chosen.dtype))
    return torch.stack(indices, dim=1)
