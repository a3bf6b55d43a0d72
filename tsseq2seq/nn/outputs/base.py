"""The output interface: what the decoder's last layer means, and how it is trained and read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from tsseq2seq.nn.outputs.random_streams import RandomStreams
from tsseq2seq.settings import Settings

__all__ = ["Output", "standard_normal"]


class Output(Settings, ABC):
    """Settings of an output and the pure functions that go with it.

    The decoder's head gives ``size`` raw numbers for each value to forecast; :meth:`parameters`
    turns them into the output's parameters, on the scale of the window.
    """

    #: Whether intervals come from sample paths, because training teaches the spread of one step only.
    sampled: ClassVar[bool] = False

    #: Name of the scaling taken where none is given.
    default_scaling: ClassVar[str] = "window"

    #: Whether windows may only be divided by a number, so that zero stays zero and values in proportion.
    needs_proportion: ClassVar[bool] = False

    #: Whether :meth:`sample` can be driven by normal noise, so that draws can be coupled.
    coupled: ClassVar[bool] = False

    #: Whether it works on segments of 1 alone.
    single_values: ClassVar[bool] = False

    #: Whether only whole numbers from 0 on have a likelihood.
    counts: ClassVar[bool] = False

    @property
    def equivariant(self) -> bool:
        """Whether forecasts go along with a monotone map of the values, as medians and quantiles do.

        Means do not: the mean of logarithms is not the logarithm of the mean.
        """
        return False

    @property
    @abstractmethod
    def size(self) -> int:
        """Number of raw numbers for each value."""

    @abstractmethod
    def parameters(
        self, raw: Float[Tensor, "*shape R"], base: Float[Tensor, "*shape"] | None
    ) -> Float[Tensor, "*shape P"]:
        """Turn raw numbers into parameters; ``base`` is what a residual decoder adds to."""

    @abstractmethod
    def point(self, parameters: Float[Tensor, "*shape P"]) -> Float[Tensor, "*shape"]:
        """Return the point forecast: the median, or what the loss is minimised by."""

    @abstractmethod
    def elementwise_loss(
        self,
        parameters: Float[Tensor, "*shape P"],
        truth: Float[Tensor, "*shape"],
        unit: Float[Tensor, "*#shape"] | None = None,
    ) -> Float[Tensor, "*shape"]:
        """Return the loss of each value.

        ``unit`` is what a 1 of the network is in original units; only counts need it. None: 1.
        """

    def losses(
        self,
        parameters: Float[Tensor, "B H Y P"],
        truth: Float[Tensor, "B H Y"],
        valid: Bool[Tensor, "B H Y"],
        unit: Float[Tensor, "B 1 Y"] | None = None,
    ) -> tuple[Float[Tensor, "B *shape"], Bool[Tensor, "B *shape"]]:
        """Return the losses of a batch of windows, and which of them count.

        They are those of its values, unless the loss sees whole horizons and gives one for each window.
        """
        return self.elementwise_loss(parameters, truth, unit), valid

    @property
    def probabilities(self) -> tuple[float, ...]:
        """Probabilities of the quantiles that :meth:`quantiles` gives."""
        return ()

    def quantiles(self, parameters: Float[Tensor, "*shape P"]) -> dict[float, Float[Tensor, "*shape"]]:
        """Return the quantiles that the parameters themselves give, by probability."""
        return {}

    def sample(
        self,
        parameters: Float[Tensor, "*shape P"],
        generator: torch.Generator | None = None,
        *,
        noise: Float[Tensor, "*shape"] | None = None,
        unit: Float[Tensor, "*#shape"] | None = None,
    ) -> Float[Tensor, "*shape"]:
        """Draw one value from each distribution; only where :attr:`sampled` is True.

        Parameters
        ----------
        parameters
            Of the distributions.
        generator
            Of random numbers.
        noise
            Standard normal numbers that drive the draw, where :attr:`coupled`; None: drawn here.
        unit
            As in :meth:`elementwise_loss`.
        """
        raise TypeError(f"{type(self).__name__} is no distribution, so nothing can be drawn from it")

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
        """Return where the truth lies in its distribution, as the noise that would have drawn it."""
        raise TypeError(f"{type(self).__name__} is not driven by noise")


def standard_normal(like: Tensor, generator: torch.Generator | None) -> Tensor:
    """Draw standard normal numbers in the shape, type and place of a tensor."""
    return torch.randn(like.shape, generator=generator, device=like.device, dtype=like.dtype)
