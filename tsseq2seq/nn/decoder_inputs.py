"""Decoder inputs: the previous output, the base, the context vector, covariates, the position.

Each is a module ``(previous, t, memory) → (B, Q, W)``, and the decoder concatenates their outputs. ``t`` is
the decoder step: an int for all queries, or a tensor with one step for each query.
"""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from tsseq2seq.nn.decoder_state import Memory

__all__ = ["DecoderCovariates", "FeedBase", "FeedContext", "NoInput", "Position", "PreviousOutput", "at_step"]

Steps = int | Int[Tensor, " Q"]


def at_step(values: Float[Tensor, "B T J"], t: Steps, queries: int) -> Float[Tensor, "B Q J"]:
    """Return the values of decoder step ``t`` of every row, once for each query."""
    if isinstance(t, int):
        return values[:, t : t + 1].expand(-1, queries, -1)
    return values[:, t]


class PreviousOutput(nn.Module):
    """The previous segment or token, embedded.

    Parameters
    ----------
    embedding
        Module from ``previous`` to (B, Q, W).
    """

    def __init__(self, embedding: nn.Module) -> None:
        super().__init__()
        self.embedding = embedding

    def forward(self, previous: Tensor, t: Steps, memory: Memory) -> Float[Tensor, "B Q W"]:
        """Embed ``previous``."""
        return self.embedding(previous)


class FeedContext(nn.Module):
    """The context vector, the same at every decoder step."""

    def forward(self, previous: Tensor, t: Steps, memory: Memory) -> Float[Tensor, "B Q W"]:
        """Repeat the context vector for each query."""
        return memory.context[:, None].expand(-1, previous.shape[1], -1)


class DecoderCovariates(nn.Module):
    """The future and static covariates of the decoder step."""

    def forward(self, previous: Tensor, t: Steps, memory: Memory) -> Float[Tensor, "B Q W"]:
        """Return the covariates of step ``t``."""
        if memory.covariates is None:
            raise RuntimeError("the decoder was built with covariates, but the memory holds none")
        return at_step(memory.covariates, t, previous.shape[1])


class FeedBase(nn.Module):
    """The base of the decoder step, to which its output is added."""

    def forward(self, previous: Tensor, t: Steps, memory: Memory) -> Float[Tensor, "B Q W"]:
        """Return the base of step ``t``."""
        if memory.recent is None:
            raise RuntimeError("the decoder was built to read bases, but the memory holds none")
        return at_step(memory.recent, t, previous.shape[1])


class Position(nn.Module):
    """A learned embedding of the decoder step: what tells the steps of a parallel decoder apart.

    Parameters
    ----------
    steps
        Number of decoder steps.
    width
        Width of the embedding.
    """

    def __init__(self, steps: int, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(steps, width) / width**0.5)

    def forward(self, previous: Tensor, t: Steps, memory: Memory) -> Float[Tensor, "B Q W"]:
        """Look up the positions."""
        return at_step(self.weight[None], t, previous.shape[1]).expand(previous.shape[0], -1, -1)


class NoInput(nn.Module):
    """A single zero, for a decoder whose steps depend on its state alone."""

    def forward(self, previous: Tensor, t: Steps, memory: Memory) -> Float[Tensor, "B Q 1"]:
        """Return zeros."""
        return memory.context.new_zeros(previous.shape[0], previous.shape[1], 1)
