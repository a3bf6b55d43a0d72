"""Normal: a normal distribution of each value."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from tsseq2seq.nn.outputs.base import standard_normal
from tsseq2seq.nn.outputs.distribution import Distribution
from tsseq2seq.nn.outputs.random_streams import RandomStreams

__all__ = ["Normal"]

# Keeps the likelihood finite if a value is forecast exactly.
_SMALLEST = 1e-4


@dataclass(frozen=True, repr=False)
class Normal(Distribution):
    """Forecast a normal distribution of each value, trained by maximum likelihood.

    Intervals come from sample paths. Under teacher forcing the network learns the spread one step ahead;
    sample paths let it accumulate over the horizon. Values drawn in the same decoder step (those of a
    segment, and of several targets) are drawn with the correlation of their errors in training.

    Parameters
    ----------
    centre
        The forecast is the ``"median"`` or the ``"mean"`` of the paths, which are nearly the same here.

    Examples
    --------
    >>> output = Normal()
    >>> parameters = output.parameters(torch.zeros(1, 2), None)
    >>> output.point(parameters).item()
    0.0
    """

    coupled = True

    @property
    def size(self) -> int:
        """Mean and standard deviation."""
        return 2

    def parameters(
        self, raw: Float[Tensor, "*shape R"], base: Float[Tensor, "*shape"] | None
    ) -> Float[Tensor, "*shape P"]:
        """Return the mean, the base added, and the standard deviation, made positive."""
        mean = raw[..., 0] if base is None else raw[..., 0] + base
        return torch.stack([mean, functional.softplus(raw[..., 1]) + _SMALLEST], dim=-1)

    def point(self, parameters: Float[Tensor, "*shape P"]) -> Float[Tensor, "*shape"]:
        """Return the mean, which is the median."""
        return parameters[..., 0]

    def elementwise_loss(
        self,
        parameters: Float[Tensor, "*shape P"],
        truth: Float[Tensor, "*shape"],
        unit: Float[Tensor, "*#shape"] | None = None,
    ) -> Float[Tensor, "*shape"]:
        """Return the negative log-likelihood."""
        deviation = parameters[..., 1]
        standardised = (truth - parameters[..., 0]) / deviation
        return 0.5 * standardised.square() + deviation.log() + 0.5 * math.log(2 * math.pi)

    def sample(
        self,
        parameters: Float[Tensor, "*shape P"],
        generator: torch.Generator | None = None,
        *,
        noise: Float[Tensor, "*shape"] | None = None,
        unit: Float[Tensor, "*#shape"] | None = None,
    ) -> Float[Tensor, "*shape"]:
        """Draw from the normal distribution."""
        mean, deviation = parameters.unbind(-1)
        noise = standard_normal(mean, generator) if noise is None else noise
        return mean + deviation * noise

    def draw(
        self,
        parameters: Float[Tensor, "B Q *shape P"],
        streams: RandomStreams,
        *,
        noise: Float[Tensor, "B Q *shape"] | None = None,
        unit: Float[Tensor, "B #Q *#shape"] | None = None,
    ) -> Float[Tensor, "B Q *shape"]:
        """Draw all rows together."""
        noise = streams.normal(parameters.shape[:-1]) if noise is None else noise
        return self.sample(parameters, noise=noise, unit=unit)

    def normal_scores(
        self, parameters: Float[Tensor, "*shape P"], truth: Float[Tensor, "*shape"]
    ) -> Float[Tensor, "*shape"]:
        """Return the standardised truth."""
        return (truth - parameters[..., 0]) / parameters[..., 1]
