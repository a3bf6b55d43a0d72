"""The output interface: parameters, loss, point forecast and samples of what the decoder forecasts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from tsseq2seq.nn.losses.horizon import ContextLoss
from tsseq2seq.nn.outputs.random_streams import RandomStreams
from tsseq2seq.settings import Settings

__all__ = ["Output", "standard_normal"]


class Output(Settings, ABC):
    """Settings of an output, and its functions, which have no state.

    The decoder's head gives ``size`` raw numbers for each value to forecast. :meth:`parameters` turns them
    into the parameters of the output, on the scale of the window.

    Examples
    --------
    >>> from tsseq2seq import Point, StudentT
    >>> [output.sampled for output in (Point(), StudentT())], StudentT().size
    ([False, True], 3)
    """

    #: Whether intervals come from sample paths, because the parameters give the spread of one step ahead.
    sampled: ClassVar[bool] = False

    #: Name of the default scaling.
    default_scaling: ClassVar[str] = "window"

    #: Whether scaling may only divide by a number, so that zero stays zero.
    needs_proportion: ClassVar[bool] = False

    #: Whether :meth:`sample` takes normal noise, so that draws can be correlated.
    coupled: ClassVar[bool] = False

    #: Whether segments must have length 1.
    single_values: ClassVar[bool] = False

    #: Whether the likelihood is defined for counts (0, 1, 2, …) only.
    counts: ClassVar[bool] = False

    #: Whether the likelihood is defined for amounts only: 0, or above it.
    amounts: ClassVar[bool] = False

    @property
    def equivariant(self) -> bool:
        """Whether a monotone map of the values maps the forecasts in the same way.

        True of medians and quantiles. Not of means: the mean of logarithms is not the logarithm of the mean.
        """
        return False

    @property
    def context_loss(self) -> ContextLoss | None:
        """The loss of a window, if it reads the context and is in original units. None: :meth:`losses`."""
        return None

    @property
    def of_windows(self) -> bool:
        """Whether :meth:`losses` gives one loss for each window."""
        return self.context_loss is not None

    def for_season(self, season: int | None) -> Output:
        """Return the output for series of a seasonal period (None: without one); by default itself."""
        return self

    @property
    @abstractmethod
    def size(self) -> int:
        """Number of raw numbers for each value."""

    @abstractmethod
    def parameters(
        self, raw: Float[Tensor, "*shape R"], base: Float[Tensor, "*shape"] | None
    ) -> Float[Tensor, "*shape P"]:
        """Turn raw numbers into parameters; ``base`` is that of a residual decoder, or None."""

    @abstractmethod
    def point(self, parameters: Float[Tensor, "*shape P"]) -> Float[Tensor, "*shape"]:
        """Return the point forecast: the median, or the minimiser of the loss."""

    @abstractmethod
    def elementwise_loss(
        self,
        parameters: Float[Tensor, "*shape P"],
        truth: Float[Tensor, "*shape"],
        unit: Float[Tensor, "*#shape"] | None = None,
    ) -> Float[Tensor, "*shape"]:
        """Return the loss of each value.

        Parameters
        ----------
        parameters
            Parameters of the output.
        truth
            Observed values, on the scale of the window.
        unit
            Size of 1 on the scale of the window, in original units; only outputs of counts need it. None: 1.
        """

    def losses(
        self,
        parameters: Float[Tensor, "B horizon targets P"],
        truth: Float[Tensor, "B horizon targets"],
        valid: Bool[Tensor, "B horizon targets"],
        unit: Float[Tensor, "B 1 targets"] | None = None,
    ) -> tuple[Float[Tensor, "B *shape"], Bool[Tensor, "B *shape"]]:
        """Return the losses of a batch of windows, and a mask that is True where they count.

        There is one loss for each value, or one for each window if the loss is a
        :class:`~tsseq2seq.nn.losses.HorizonLoss`.
        """
        return self.elementwise_loss(parameters, truth, unit), valid

    @property
    def probabilities(self) -> tuple[float, ...]:
        """Probabilities of the quantiles that :meth:`quantiles` returns."""
        return ()

    @property
    def any_level(self) -> bool:
        """Whether intervals of any level can be read from the parameters; by default from none."""
        return False

    def quantiles(self, parameters: Float[Tensor, "*shape P"]) -> dict[float, Float[Tensor, "*shape"]]:
        """Return the quantiles contained in the parameters, by probability; by default none."""
        return {}

    def quantiles_at(
        self, parameters: Float[Tensor, "*shape P"], probabilities: Sequence[float]
    ) -> list[Float[Tensor, "*shape"]]:
        """Return quantiles of some probabilities; by default only of those that the parameters contain."""
        contained = self.quantiles(parameters)
        return [contained[probability] for probability in probabilities]

    def sample(
        self,
        parameters: Float[Tensor, "*shape P"],
        generator: torch.Generator | None = None,
        *,
        noise: Float[Tensor, "*shape"] | None = None,
        unit: Float[Tensor, "*#shape"] | None = None,
    ) -> Float[Tensor, "*shape"]:
        """Draw one value from each distribution.

        Parameters
        ----------
        parameters
            Parameters of the distributions.
        generator
            Generator of the random numbers. None: torch's own.
        noise
            Standard normal numbers to compute the values from, if :attr:`coupled` is True. None: drawn.
        unit
            As in :meth:`elementwise_loss`.

        Raises
        ------
        TypeError
            If :attr:`sampled` is False.
        """
        raise TypeError(f"{type(self).__name__} has no distribution to draw from")

    def draw(
        self,
        parameters: Float[Tensor, "B Q *shape P"],
        streams: RandomStreams,
        *,
        noise: Float[Tensor, "B Q *shape"] | None = None,
        unit: Float[Tensor, "B #Q *#shape"] | None = None,
    ) -> Float[Tensor, "B Q *shape"]:
        """Draw one value from each distribution, with random numbers that are each row's own.

        As here, row by row through :meth:`sample`, it is right for every output; the library's own draw all
        rows together.

        Parameters
        ----------
        parameters
            Of B rows and Q paths.
        streams
            Of random numbers, one for each row.
        noise, unit
            As in :meth:`sample`.
        """
        rows = [
            self.sample(
                parameters[row : row + 1],
                generator,
                noise=None if noise is None else noise[row : row + 1],
                unit=None if unit is None else unit[row : row + 1],
            )
            for row, generator in enumerate(streams.generators())
        ]
        return torch.cat(rows)

    def centre_of(self, paths: np.ndarray) -> np.ndarray:
        """Return the forecast that stands for sample paths (B, N, H, Y): their median, (B, H, Y)."""
        return np.asarray(np.median(paths, axis=1))

    def normal_scores(
        self, parameters: Float[Tensor, "*shape P"], truth: Float[Tensor, "*shape"]
    ) -> Float[Tensor, "*shape"]:
        """Return the standard normal noise from which :meth:`sample` would compute the truth.

        Raises
        ------
        TypeError
            If :attr:`coupled` is False.
        """
        raise TypeError(f"{type(self).__name__} does not draw from normal noise")


def standard_normal(like: Tensor, generator: torch.Generator | None) -> Tensor:
    """Draw standard normal numbers with the shape, type and device of a tensor."""
    return torch.randn(like.shape, generator=generator, device=like.device, dtype=like.dtype)
