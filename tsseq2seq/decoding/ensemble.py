"""Several models decoding as one: the mean of their probabilities at each step."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from tsseq2seq.decoding.stepper import Stepper

__all__ = ["EnsembleStepper"]


class EnsembleStepper:
    """A stepper whose output are the log-probabilities of several models' mean.

    Its encoding is the sequence of theirs, and its attention the mean of theirs.

    Parameters
    ----------
    members
        The models; they share a vocabulary.
    log_probabilities
        Makes log-probabilities (B, Q, V) of a member's output.

    Examples
    --------
    >>> class Fixed:
    ...     def __init__(self, *probabilities):
    ...         self.output = torch.tensor([[probabilities]]).log()
    ...     def start(self, encoding):
    ...         return (), None
    ...     def step(self, previous, t, state, memory):
    ...         return self.output, state, None
    >>> both = EnsembleStepper([Fixed(0.5, 0.5), Fixed(0.9, 0.1)], lambda output: output)
    >>> both.step(torch.zeros(1, 1), 0, *both.start([None, None]))[0].exp().round(decimals=2).tolist()
    [[[0.699999988079071, 0.30000001192092896]]]
    """

    def __init__(self, members: Sequence[Stepper], log_probabilities: Callable[[Tensor], Tensor]) -> None:
        self.members = tuple(members)
        self.log_probabilities = log_probabilities

    def start(self, encoding: Sequence[Any]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """Return the members' states and memories."""
        pairs = [member.start(own) for member, own in zip(self.members, encoding, strict=True)]
        return tuple(state for state, _ in pairs), tuple(memory for _, memory in pairs)

    def step(
        self, previous: Tensor, t: int | Tensor, state: tuple[Any, ...], memory: tuple[Any, ...]
    ) -> tuple[Float[Tensor, "B Q V"], tuple[Any, ...], Tensor | None]:
        """Advance every member."""
        steps = [
            member.step(previous, t, own, kept)
            for member, own, kept in zip(self.members, state, memory, strict=True)
        ]
        if len(steps) == 1:
            # the mean of one is itself, which a large vocabulary makes worth saying
            output, after, attention = steps[0]
            return self.log_probabilities(output), (after,), attention
        scores = torch.stack([self.log_probabilities(output) for output, _, _ in steps])
        mean = scores.logsumexp(0) - math.log(len(steps))
        weights = [weight for _, _, weight in steps if weight is not None]
        return mean, tuple(after for _, after, _ in steps), torch.stack(weights).mean(0) if weights else None
