"""The residual interface: a base for each decoder step, to which the head's output is added."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

__all__ = ["Residual"]


class Residual(nn.Module, ABC):
    """Compute the base of each decoder step from the segments before it.

    In an autoregressive decoder the segments before a step include forecasts, so the base moves along with
    the forecast. In a parallel decoder every base comes from the context.

    Parameters
    ----------
    reach
        Number of segments before a step that its base is computed from, K.
    length, targets
        Time steps of a segment, and target variables. The values of a segment are (length, targets),
        flattened.

    Examples
    --------
    >>> import torch
    >>> from tsseq2seq.nn.residuals.last_value import LastValue
    >>> base = LastValue(length=2, targets=1)
    >>> base.base(torch.tensor([[[3.0, 7.0]]])).tolist()  # the last value of the segment before, at each step
    [[7.0, 7.0]]
    """

    #: Whether the base depends on which values were observed. The segments' masks are then kept too.
    reads_masks: ClassVar[bool] = False
    #: Whether the bases of all steps come with each window, in place of the segments before a step.
    given: ClassVar[bool] = False

    def __init__(self, *, reach: int, length: int, targets: int) -> None:
        super().__init__()
        self.reach = reach
        self.length = length
        self.targets = targets

    def values(self, segments: Float[Tensor, "B N W"]) -> Float[Tensor, "B N D"]:
        """Return the part of each segment that bases are computed from: its values, or values and mask."""
        width = self.length * self.targets
        return segments[..., : 2 * width if self.reads_masks else width]

    @abstractmethod
    def base(self, recent: Float[Tensor, "*B K D"]) -> Float[Tensor, "*B values"]:
        """Return the base of the step after ``recent``, K = reach segments, the oldest first."""

    @abstractmethod
    def parallel(self, recent: Float[Tensor, "B K D"], t: Int[Tensor, " T"]) -> Float[Tensor, "B T values"]:
        """Return the bases of decoder steps ``t`` from the last K = reach segments of the context."""

    def step(
        self, previous: Float[Tensor, "B Q D"], history: Float[Tensor, "B Q K D"]
    ) -> tuple[Float[Tensor, "B Q values"], Float[Tensor, "B Q K D"]]:
        """Return the base of one decoder step, and the history of the next one.

        Parameters
        ----------
        previous
            The segment before the step.
        history
            The reach − 1 segments before ``previous``, the oldest first.
        """
        recent = torch.cat([history, previous[:, :, None].to(history.dtype)], dim=2)
        return self.base(recent), recent[:, :, 1:]

    def run(
        self, previous: Float[Tensor, "B T D"], history: Float[Tensor, "B 1 K D"]
    ) -> tuple[Float[Tensor, "B T values"], Float[Tensor, "B 1 K D"]]:
        """Return the bases of T decoder steps at once, and the history after them.

        Parameters
        ----------
        previous
            The segment before each step.
        history
            The reach − 1 segments before the first of them, the oldest first.
        """
        segments = self.joined(history, previous)
        steps = torch.arange(previous.shape[1], device=segments.device)
        offsets = torch.arange(self.reach, device=segments.device)
        return self.base(segments[:, steps[:, None] + offsets]), segments[:, None, len(steps) :]

    @staticmethod
    def joined(history: Float[Tensor, "B 1 K D"], previous: Float[Tensor, "B T D"]) -> Float[Tensor, "B N D"]:
        """Return the history and the segments after it as one sequence."""
        return torch.cat([history[:, 0], previous.to(history.dtype)], dim=1)
