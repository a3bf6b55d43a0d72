"""Positions: what tells an encoder without recurrence in which order its inputs come, and how to add one.

To add positions, derive from :class:`Positions` and give the class a name::

    class Ramp(Positions, name="ramp"):
        def forward(self, inputs, lengths=None):
            steps = torch.arange(inputs.shape[1], device=inputs.device)
            return inputs + steps[:, None].to(inputs.dtype) / 100

Then ``Network(encoder="attention", positions="ramp")`` uses them.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import ClassVar

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from tsseq2seq.errors import ParameterError
from tsseq2seq.nn.registry import Registry

__all__ = ["POSITIONS", "LearnedPositions", "Positions", "SinusoidalPositions"]

#: The positions that ``Network(positions=…)`` chooses among.
POSITIONS: Registry[type[Positions]] = Registry("positions")

# The longest wavelength is this times 2π.
_SLOWEST = 10_000.0


class Positions(nn.Module, ABC):
    """Add to each input what tells its position.

    Parameters
    ----------
    width
        Width of the inputs.
    count
        Number of positions there are. None where they go on without end.
    """

    #: Whether there are only so many positions, ``count``.
    is_limited: ClassVar[bool] = False

    def __init__(self, *, width: int, count: int | None = None) -> None:
        super().__init__()
        self.width = width
        self.count = count

    def __init_subclass__(cls, name: str | None = None) -> None:
        """Register the class under its name. Without a name it cannot be chosen by settings."""
        super().__init_subclass__()
        if name is not None:
            POSITIONS.add(name, cls)

    @abstractmethod
    def forward(
        self, inputs: Float[Tensor, "B S E"], lengths: Int[Tensor, " B"] | None = None
    ) -> Float[Tensor, "B S E"]:
        """Return the inputs with their positions.

        Parameters
        ----------
        inputs
            Embedded inputs, valid steps first.
        lengths
            Number of valid steps of each row. None: all are valid.
        """


class SinusoidalPositions(Positions, name="sinusoidal"):
    """Sines and cosines of wavelengths from 2π to 10,000 · 2π; they go on beyond the lengths of training.

    References
    ----------
    Vaswani et al., "Attention is all you need", NeurIPS 2017, section 3.5.

    Examples
    --------
    >>> positions = SinusoidalPositions(width=4)(torch.zeros(1, 2, 4))
    >>> [[round(value, 2) for value in position] for position in positions[0].tolist()]
    [[0.0, 1.0, 0.0, 1.0], [0.84, 0.54, 0.01, 1.0]]
    """

    def forward(
        self, inputs: Float[Tensor, "B S E"], lengths: Int[Tensor, " B"] | None = None
    ) -> Float[Tensor, "B S E"]:
        """Add sines at even places of the width, and cosines at odd ones."""
        dtype = torch.promote_types(inputs.dtype, torch.float32)
        pairs = (self.width + 1) // 2
        exponent = torch.arange(pairs, device=inputs.device, dtype=dtype) * (-2 / self.width)
        steps = torch.arange(inputs.shape[1], device=inputs.device, dtype=dtype)
        angles = steps[:, None] * torch.exp(exponent * math.log(_SLOWEST))
        waves = torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)[:, : self.width]
        return inputs + waves.to(inputs.dtype)


class LearnedPositions(Positions, name="learned"):
    """A learned vector for each position up to ``count``; longer inputs are refused.

    A vector that no training step has touched is noise, and one vector for all later positions would lose
    their order, both in silence. Whoever needs longer inputs takes sinusoidal positions.

    Raises
    ------
    ParameterError
        Without ``count``; and from :meth:`forward`, if a row has more valid steps than there are positions.

    Examples
    --------
    >>> LearnedPositions(width=4, count=3)(torch.zeros(2, 3, 4)).shape
    torch.Size([2, 3, 4])
    """

    is_limited = True

    def __init__(self, *, width: int, count: int | None = None) -> None:
        super().__init__(width=width, count=count)
        if count is None:
            raise ParameterError("LearnedPositions: count is None; it must be a number of positions")
        # small beside embeddings, whose elements have a variance of 1
        self.weight = nn.Parameter(0.1 * torch.randn(count, width))

    def forward(
        self, inputs: Float[Tensor, "B S E"], lengths: Int[Tensor, " B"] | None = None
    ) -> Float[Tensor, "B S E"]:
        """Add the vectors of the positions."""
        steps, count = inputs.shape[1], len(self.weight)
        if steps <= count:
            return inputs + self.weight[:steps]
        longest = steps if lengths is None else int(lengths.max())  # the rest may be padding
        if longest > count:
            row = 0 if lengths is None else int(lengths.argmax())
            raise ParameterError(
                f"Network: positions is 'learned' and num_positions is {count}, but row {row} has {longest} "
                "steps; take positions='sinusoidal', or fit again with such long inputs"
            )
        index = torch.arange(steps, device=inputs.device).clamp(max=count - 1)
        return inputs + self.weight[index]
