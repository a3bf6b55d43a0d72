"""A stepper without attention weights, whose searches keep none: S numbers for each step of each sequence."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from tsseq2seq.decoding.stepper import Memory, State, Stepper

__all__ = ["WithoutWeights"]


class WithoutWeights:
    """A stepper like another one, without its attention weights.

    Parameters
    ----------
    stepper
        The other one.

    Examples
    --------
    >>> import torch
    >>> class Attentive:
    ...     def start(self, encoding):
    ...         return (), None
    ...     def step(self, previous, t, state, memory):
    ...         return previous, state, torch.ones(1, 1, 5)
    >>> WithoutWeights(Attentive()).step(torch.zeros(1, 1), 0, (), None)
    (tensor([[0.]]), (), None)
    """

    def __init__(self, stepper: Stepper) -> None:
        self.stepper = stepper

    def start(self, encoding: Any) -> tuple[State, Memory]:  # noqa: ANN401 (the stepper's own)
        """Return the other's state and memory."""
        return self.stepper.start(encoding)

    def step(
        self, previous: Tensor, t: int | Tensor, state: State, memory: Memory
    ) -> tuple[Tensor, State, None]:
        """Advance the other by one decoder step."""
        output, after, _ = self.stepper.step(previous, t, state, memory)
        return output, after, None
