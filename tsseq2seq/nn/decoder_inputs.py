"""What enters a decoder step: previous output, context vector, known covariates, position.

Each part is a module ``(previous, t, memory) → (B, Q, width)``; the decoder concatenates those it
was given. ``t`` is one step (an int, the same for all queries) or one step for each query.
"""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from tsseq2seq.nn.decoder_state import Memory

__all__ = ["FeedContext", "KnownCovariates", "NoInput", "Position", "PreviousOutput", "at"]

Steps = int | Int[Tensor, " Q"]


def at(values: Float[Tensor, "B T J"], t: Steps, queries: int) -> Float[Tensor, "B Q J"]:
    """Take step ``t`` of every row, once for each query."""
    if isinstance(t, int):
        return values[:, t : t + 1].expand(-1, queries, -1)
    return values[:, t]


class PreviousOutput(nn.Module):
    """The previous segment or token, embedded.

    Parameters
    ----------
    embedding
        Module from ``previous`` to (B, Q, width).
    """

    def __init__(self, embedding: nn.Module) -> None:
        super().__init__()
        self.embedding = embedding

    def forward(self, previous: Tensor, t: Steps, memory: Memory) -> Float[Tensor, "B Q W"]:
        """Embed ``previous``."""
        return self.embedding(previous)


class FeedContext(nn.Module):
    """The context vector, the same at every step."""

    def forward(self, previous: Tensor, t: Steps, memory: Memory) -> Float[Tensor, "B Q W"]:
        """Repeat the context vector for each query."""
        return memory.context[:, None].expand(-1, previous.shape[1], -1)


class KnownCovariates(nn.Module):
    """What is known of the step ahead of time."""

    def forward(self, previous: Tensor, t: Steps, memory: Memory) -> Float[Tensor, "B Q W"]:
        """Take the covariates of step ``t``."""
        if memory.covariates is None:
            raise RuntimeError("the decoder was built with covariates, but the memory holds none")
        return at(memory.covariates, t, previous.shape[1])


class Position(nn.Module):
    """An embedding of the step itself; the only moving input of a parallel decoder.

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
        return at(self.weight[None], t, previous.shape[1]).expand(previous.shape[0], -1, -1)


class NoInput(nn.Module):
    """A single zero, for a decoder that is driven by its state alone."""

    def forward(self, previous: Tensor, t: Steps, memory: Memory) -> Float[Tensor, "B Q 1"]:
        """Return zeros."""
        return memory.context.new_zeros(previous.shape[0], previous.shape[1], 1)
