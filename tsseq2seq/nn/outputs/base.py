"""The output interface: what the decoder's last layer means, and how it is trained and read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from tsseq2seq.settings import Settings

__all__ = ["Output"]


class Output(Settings, ABC):
    """Settings of an output and the pure functions that go with it.

    The decoder's head gives ``size`` raw numbers for each value to forecast; :meth:`parameters`
    turns them into the output's parameters, on the scale of the window.
    """

    #: Whether intervals come from sample paths, because training teaches the spread of one step only.
    sampled: ClassVar[bool] = False

    #: Scalings under which this output is meaningful.
    scalings: ClassVar[tuple[str, ...]] = ("window", "series", "robust", "log1p", "none")

    @property
    @abstractmethod
    def size(self) -> int:
        """Number of raw numbers for each value."""

    @abstractmethod
    def parameters(
        self, raw: Float[Tensor, "*shape P"], base: Float[Tensor, "*shape"] | None
    ) -> Float[Tensor, "*shape P"]:
        """Turn raw numbers into parameters; ``base`` is what a residual decoder adds to."""

    @abstractmethod
    def point(self, parameters: Float[Tensor, "*shape P"]) -> Float[Tensor, "*shape"]:
        """Return the point forecast: the median, or what the loss is minimised by."""

    @abstractmethod
    def elementwise_loss(
        self, parameters: Float[Tensor, "*shape P"], truth: Float[Tensor, "*shape"]
    ) -> Float[Tensor, "*shape"]:
        """Return the loss of each value."""

    @property
    def probabilities(self) -> tuple[float, ...]:
        """Probabilities of the quantiles that :meth:`quantiles` gives."""
        return ()

    def quantiles(self, parameters: Float[Tensor, "*shape P"]) -> dict[float, Float[Tensor, "*shape"]]:
        """Return the quantiles that the parameters themselves give, by probability."""
        return {}

    def sample(
        self, parameters: Float[Tensor, "*shape P"], generator: torch.Generator | None
    ) -> Float[Tensor, "*shape"]:
        """Draw one value from each distribution; only where :attr:`sampled` is True."""
        raise TypeError(f"{type(self).__name__} is no distribution, so nothing can be drawn from it")
