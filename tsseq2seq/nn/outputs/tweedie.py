"""Tweedie: a compound Poisson and gamma distribution, for amounts that are often exactly 0."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from tsseq2seq.nn.outputs.distribution import Distribution
from tsseq2seq.nn.outputs.positive import mean_beside
from tsseq2seq.nn.outputs.random_streams import RandomStreams
from tsseq2seq.settings import check_number

__all__ = ["Tweedie"]

# So many terms of the series, around the largest, are summed where the largest is one of the first 60;
# beyond, the saddlepoint approximation errs by less than 0.5 %.
_TERMS, _FURTHEST = 64, 60.0
# Less than this, in units of the window, is a 0 that was rounded: of 0 there is a probability, and of what is
# next to it a density, without bound where amounts vary much.
_NOTHING = 1e-5
# The dispersion where the network says 0: that of amounts of a mean of 1 of which three in four are 0. It is
# no further from there than this, as a power of e.
_USUAL_DISPERSION, _MOST_RAW = 4.0, 9.0


@dataclass(frozen=True, repr=False)
class Tweedie(Distribution):
    """Forecast the sum of a Poisson number of gamma amounts, for amounts that are often exactly 0.

    Its mean is μ and its variance φμᵖ: sales in money, rain, consumption. The likelihood is the density at an
    amount above 0 and the probability of 0. It has no closed form; the terms of its series (Dunn and Smyth
    2005) that matter are summed, and where they are many, the saddlepoint approximation is taken. Windows may
    be divided by their mean but not centred. Draws of one segment are independent. Where a residual decoder
    has a base, it is the mean from which the network begins.

    Parameters
    ----------
    power
        p, between 1 (whole numbers of equal amounts) and 2 (amounts that vary much, hardly ever 0).
    centre
        The forecast is the ``"median"`` of the paths, which is 0 where more than half of them are, or their
        ``"mean"``: the demand to expect in the long run.

    References
    ----------
    Jørgensen, "Exponential dispersion models", 1987; Dunn and Smyth, "Series evaluation of Tweedie
    exponential dispersion model densities", 2005.

    Examples
    --------
    >>> output = Tweedie(power=1.5)
    >>> parameters = torch.tensor([[2.0, 1.0]])                     # mean and dispersion
    >>> round(output.elementwise_loss(parameters, torch.tensor([0.0])).item(), 4)    # 2 √2
    2.8284
    """

    power: float = 1.5

    amounts = True
    default_scaling = "mean"
    needs_proportion = True

    def __post_init__(self) -> None:
        """Check power and centre."""
        super().__post_init__()
        check_number("Tweedie", "power", self.power, low=1.01, high=1.99)

    @property
    def size(self) -> int:
        """Mean and dispersion."""
        return 2

    def parameters(
        self, raw: Float[Tensor, "*shape R"], base: Float[Tensor, "*shape"] | None
    ) -> Float[Tensor, "*shape P"]:
        """Return mean and dispersion, both above 0."""
        dispersion = _USUAL_DISPERSION * torch.exp(raw[..., 1].clamp(-_MOST_RAW, _MOST_RAW))
        return torch.stack([mean_beside(raw[..., 0], base), dispersion], dim=-1)

    def point(self, parameters: Float[Tensor, "*shape P"]) -> Float[Tensor, "*shape"]:
        """Return the mean, which is fed back where nothing is drawn; the forecast is ``centre``."""
        return parameters[..., 0]

    def elementwise_loss(
        self,
        parameters: Float[Tensor, "*shape P"],
        truth: Float[Tensor, "*shape"],
        unit: Float[Tensor, "*#shape"] | None = None,
    ) -> Float[Tensor, "*shape"]:
        """Return the negative logarithm of the density, or of the probability of 0."""
        rate, shape, scale = self._compound(parameters.double())
        amounts = truth.double().clamp(min=0)
        nothing = amounts < _NOTHING
        above = torch.where(nothing, 1.0, amounts)
        # about the number of amounts in the largest term
        _, dispersion = parameters.double().unbind(-1)
        largest = (above ** (2 - self.power) / ((2 - self.power) * dispersion)).detach()
        few = largest <= _FURTHEST
        series = _series(rate, shape, scale, above, largest.clamp(max=_FURTHEST))
        saddlepoint = self._saddlepoint(parameters.double(), above)
        density = torch.where(few, series, saddlepoint)
        return torch.where(nothing, rate, -density).to(truth.dtype)

    def sample(
        self,
        parameters: Float[Tensor, "*shape P"],
        generator: torch.Generator | None = None,
        *,
        noise: Float[Tensor, "*shape"] | None = None,
        unit: Float[Tensor, "*#shape"] | None = None,
    ) -> Float[Tensor, "*shape"]:
        """Draw how many amounts there are, and their sum."""
        rate, shape, scale = self._compound(parameters)
        count = torch.poisson(rate, generator=generator)
        total = torch._standard_gamma(count.clamp(min=1) * shape, generator=generator)
        return torch.where(count > 0, total * scale, 0.0)

    def draw(
        self,
        parameters: Float[Tensor, "B Q *shape P"],
        streams: RandomStreams,
        *,
        noise: Float[Tensor, "B Q *shape"] | None = None,
        unit: Float[Tensor, "B #Q *#shape"] | None = None,
    ) -> Float[Tensor, "B Q *shape"]:
        """Draw all rows together."""
        rate, shape, scale = self._compound(parameters)
        count = streams.poisson(rate)
        return torch.where(count > 0, streams.gamma(count.clamp(min=1) * shape) * scale, 0.0)

    def _compound(self, parameters: Tensor) -> tuple[Tensor, float, Tensor]:
        """Return the rate of the Poisson number, and shape and scale of the gamma amounts."""
        mean, dispersion = parameters.unbind(-1)
        rate = mean ** (2 - self.power) / ((2 - self.power) * dispersion)
        scale = dispersion * (self.power - 1) * mean ** (self.power - 1)
        return rate, (2 - self.power) / (self.power - 1), scale

    def _saddlepoint(self, parameters: Tensor, amounts: Tensor) -> Tensor:
        """Return the approximate logarithm of the density, from the deviance."""
        mean, dispersion = parameters.unbind(-1)
        p = self.power
        deviance = 2 * (
            amounts ** (2 - p) / ((1 - p) * (2 - p))
            - amounts * mean ** (1 - p) / (1 - p)
            + mean ** (2 - p) / (2 - p)
        )
        return -0.5 * torch.log(2 * math.pi * dispersion * amounts**p) - deviance / (2 * dispersion)


def _series(rate: Tensor, shape: float, scale: Tensor, amounts: Tensor, largest: Tensor) -> Tensor:
    """Return the logarithm of the density: a sum over the number of amounts, of gamma densities."""
    first = (largest.round() - _TERMS // 2).clamp(min=1)
    count = first[..., None] + torch.arange(_TERMS, device=rate.device)
    amounts, scale, rate = amounts[..., None], scale[..., None], rate[..., None]
    of_count = count * torch.log(rate) - rate - torch.lgamma(count + 1)
    of_sum = (
        (count * shape - 1) * torch.log(amounts)
        - amounts / scale
        - count * shape * torch.log(scale)
        - torch.lgamma(count * shape)
    )
    return torch.logsumexp(of_count + of_sum, dim=-1)
