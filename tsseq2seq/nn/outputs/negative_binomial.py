"""NegativeBinomial: a negative binomial distribution of each value, for counts."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from tsseq2seq.nn.outputs.distribution import Distribution
from tsseq2seq.nn.outputs.random_streams import RandomStreams

__all__ = ["NegativeBinomial", "negative_log_likelihood"]

_SMALLEST = 1e-4


@dataclass(frozen=True, repr=False)
class NegativeBinomial(Distribution):
    """Forecast a negative binomial distribution of each value, for counts: sales, visits, events.

    Its mean is μ and its variance μ + αμ². Samples are whole numbers. The likelihood is that of the counts in
    original units, so windows may be divided by their mean (``scaling="mean"``, the default with this output)
    but not centred. The draws of one segment are independent: for longer segments sample paths have the right
    distribution at each time step, but not the right correlation within a segment. With ``segment_length=1``
    they have both.

    Parameters
    ----------
    centre
        The forecast is the ``"median"`` of the paths (a whole number, and 0 where more than half of them are,
        as with a part that is sold once a month) or their ``"mean"``: the demand to expect in the long run.

    References
    ----------
    Salinas et al., "DeepAR", International Journal of Forecasting 36 (2020), section 3.1.

    Examples
    --------
    >>> parameters = NegativeBinomial().parameters(torch.zeros(1, 2), None)
    >>> round(NegativeBinomial().point(parameters).item(), 3)     # of one step, which enters the next
    0.693
    """

    counts = True
    default_scaling = "mean"
    needs_proportion = True

    @property
    def size(self) -> int:
        """Mean and dispersion."""
        return 2

    def parameters(
        self, raw: Float[Tensor, "*shape R"], base: Float[Tensor, "*shape"] | None
    ) -> Float[Tensor, "*shape P"]:
        """Return mean and dispersion, made positive after the base is added."""
        mean = raw[..., 0] if base is None else raw[..., 0] + base
        return functional.softplus(torch.stack([mean, raw[..., 1]], dim=-1)) + _SMALLEST

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
        # in float64, as the terms grow with the counts and cancel, in the gradients too
        mean, dispersion = _in_counts(parameters.double(), unit)
        counts = (truth.double() if unit is None else truth.double() * unit).clamp(min=0)
        return negative_log_likelihood(counts, mean, dispersion).to(truth.dtype)

    def sample(
        self,
        parameters: Float[Tensor, "*shape P"],
        generator: torch.Generator | None = None,
        *,
        noise: Float[Tensor, "*shape"] | None = None,
        unit: Float[Tensor, "*#shape"] | None = None,
    ) -> Float[Tensor, "*shape"]:
        """Draw from a Poisson distribution whose rate is drawn from a gamma distribution."""
        mean, dispersion = _in_counts(parameters, unit)
        rate = torch._standard_gamma(1 / dispersion, generator=generator) * dispersion * mean
        counts = torch.poisson(rate, generator=generator)
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
        mean, dispersion = _in_counts(parameters, unit)
        counts = streams.poisson(streams.gamma(1 / dispersion) * dispersion * mean)
        return counts if unit is None else counts / unit


def negative_log_likelihood(
    counts: Float[Tensor, "*shape"], mean: Float[Tensor, "*shape"], dispersion: Float[Tensor, "*shape"]
) -> Float[Tensor, "*shape"]:
    """Return that of counts of some mean μ and variance μ + αμ²; in float64, as its terms cancel."""
    shape = 1 / dispersion
    log_total = torch.log(shape + mean)
    return (
        torch.lgamma(shape)
        + torch.lgamma(counts + 1)
        - torch.lgamma(counts + shape)
        - shape * (torch.log(shape) - log_total)
        - counts * (torch.log(mean) - log_total)
    )


def _in_counts(parameters: Tensor, unit: Tensor | None) -> tuple[Tensor, Tensor]:
    mean, dispersion = parameters.unbind(-1)
    return (mean if unit is None else mean * unit), dispersion
