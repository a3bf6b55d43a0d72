"""An ensemble of models that decode as one: the mean of their probabilities at each decoder step."""

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
    """A stepper whose outputs are the logarithms of the members' mean probabilities.

    Its encoding is the sequence of the members' encodings, and its attention weights are the mean of theirs.

    Parameters
    ----------
    members
        The models, with the same vocabulary.
    log_probabilities
        Function from a member's output to log-probabilities (B, Q, V).

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
        pairs = [member.start(encoded) for member, encoded in zip(self.members, encoding, strict=True)]
        return tuple(state for state, _ in pairs), tuple(memory for _, memory in pairs)

    def step(
        self, previous: Tensor, t: int | Tensor, state: tuple[Any, ...], memory: tuple[Any, ...]
    ) -> tuple[Float[Tensor, "B Q V"], tuple[Any, ...], Tensor | None]:
        """Advance every member by one decoder step."""
        steps = [
            member.step(previous, t, member_state, member_memory)
            for member, member_state, member_memory in zip(self.members, state, memory, strict=True)
        ]
        if len(steps) == 1:
            # the mean of one member is itself; skipping it saves time with a large vocabulary
            output, after, attention = steps[0]
            return self.log_probabilities(output), (after,), attention
        scores = torch.stack([self.log_probabilities(output) for output, _, _ in steps])
        mean = scores.logsumexp(0) - math.log(len(steps))
        weights = [weight for _, _, weight in steps if weight is not None]
        return mean, tuple(after for _, after, _ in steps), torch.stack(weights).mean(0) if weights else None
