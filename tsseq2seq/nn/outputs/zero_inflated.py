"""ZeroInflatedNegativeBinomial: nothing at all, or a negative binomial count."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from tsseq2seq.nn.outputs.distribution import Distribution
from tsseq2seq.nn.outputs.negative_binomial import negative_log_likelihood
from tsseq2seq.nn.outputs.positive import SMALLEST, mean_beside
from tsseq2seq.nn.outputs.random_streams import RandomStreams

__all__ = ["ZeroInflatedNegativeBinomial"]

# The least and the most share of nothing; where the network says 0 it is about an eighth.
_LEAST, _MOST, _SHIFT = 1e-4, 0.98, -2.0


@dataclass(frozen=True, repr=False)
class ZeroInflatedNegativeBinomial(Distribution):
    """Forecast nothing with a probability π, and otherwise a negative binomial count.

    For counts that are 0 more often than a negative binomial distribution of their mean: demand now and then.
    The mean of the whole is μ; that of the counts is μ / (1 − π), and their dispersion α as in
    :class:`NegativeBinomial`, whose scalings and segments hold here too. Where a residual decoder has a base,
    it is the mean from which the network begins.

    Parameters
    ----------
    centre
        The forecast is the ``"median"`` of the paths, which is 0 where more than half of them are, or their
        ``"mean"``: the demand to expect in the long run.

    References
    ----------
    Lambert, "Zero-inflated Poisson regression", Technometrics 34 (1992).

    Examples
    --------
    >>> parameters = ZeroInflatedNegativeBinomial().parameters(torch.zeros(1, 3), torch.tensor([0.4]))
    >>> round(ZeroInflatedNegativeBinomial().point(parameters).item(), 3)
    0.4
    """

    counts = True
    default_scaling = "mean"
    needs_proportion = True

    @property
    def size(self) -> int:
        """Mean, dispersion and share of nothing."""
        return 3

    def parameters(
        self, raw: Float[Tensor, "*shape R"], base: Float[Tensor, "*shape"] | None
    ) -> Float[Tensor, "*shape P"]:
        """Return the mean of the whole, the dispersion of the counts, and the share of nothing."""
        dispersion = functional.softplus(raw[..., 1]) + SMALLEST
        nothing = _LEAST + (_MOST - _LEAST) * torch.sigmoid(raw[..., 2] + _SHIFT)
        return torch.stack([mean_beside(raw[..., 0], base), dispersion, nothing], dim=-1)

    def point(self, parameters: Float[Tensor, "*shape P"]) -> Float[Tensor, "*shape"]:
        """Return the mean, which is fed back where nothing is drawn; the forecast is ``centre``."""
        return parameters[..., 0]

    def elementwise_loss(
        self,
        parameters: Float[Tensor, "*shape P"],
        truth: Float[Tensor, "*shape"],
        unit: Float[Tensor, "*#shape"] | None = None,
    ) -> Float[Tensor, "*shape"]:
        """Return the negative log-likelihood of the counts ``truth`` × ``unit``."""
        mean, dispersion, nothing = parameters.double().unbind(-1)
        counts = (truth.double() if unit is None else truth.double() * unit).clamp(min=0)
        of_counts = mean / (1 - nothing) if unit is None else mean / (1 - nothing) * unit
        demanded = negative_log_likelihood(counts, of_counts, dispersion) - torch.log1p(-nothing)
        # counts below one half are a 0 that was rounded
        loss = torch.where(counts < 0.5, -torch.logaddexp(nothing.log(), -demanded), demanded)
        return loss.to(truth.dtype)

    def sample(
        self,
        parameters: Float[Tensor, "*shape P"],
        generator: torch.Generator | None = None,
        *,
        noise: Float[Tensor, "*shape"] | None = None,
        unit: Float[Tensor, "*#shape"] | None = None,
    ) -> Float[Tensor, "*shape"]:
        """Draw nothing, or from a Poisson distribution whose rate is drawn from a gamma distribution."""
        mean, dispersion, nothing = parameters.unbind(-1)
        chance = torch.rand(mean.shape, generator=generator, device=mean.device, dtype=torch.float64)
        gamma = torch._standard_gamma(1 / dispersion, generator=generator)
        rate = gamma * dispersion * _of_counts(mean, nothing, unit)
        counts = torch.poisson(rate, generator=generator).masked_fill(chance < nothing, 0.0)
        return counts if unit is None else counts / unit

    def draw(
        self,
        parameters: Float[Tensor, "B Q *shape P"],
        streams: RandomStreams,
        *,
        noise: Float[Tensor, "B Q *shape"] | None = None,
        unit: Float[Tensor, "B #Q *#shape"] | None = None,
    ) -> Float[Tensor, "B Q *shape"]:
        """Draw all rows together."""
        mean, dispersion, nothing = parameters.unbind(-1)
        chance = streams.uniform(mean.shape)
        rate = streams.gamma(1 / dispersion) * dispersion * _of_counts(mean, nothing, unit)
        counts = streams.poisson(rate).masked_fill(chance < nothing, 0.0)
        return counts if unit is None else counts / unit


def _of_counts(mean: Tensor, nothing: Tensor, unit: Tensor | None) -> Tensor:
    """Return the mean of the counts, in original units."""
    of_counts = mean / (1 - nothing)
    return of_counts if unit is None else of_counts * unit
