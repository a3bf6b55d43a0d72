"""StudentT: Student's t distribution for each step, for noise with heavy tails."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from tsseq2seq.nn.outputs.base import Output

__all__ = ["StudentT"]

_SMALLEST = 1e-4
# Degrees of freedom from here on, so that the variance exists.
_FEWEST = 2.0


@dataclass(frozen=True)
class StudentT(Output):
    """Forecast Student's t distribution of each step, trained by its likelihood.

    As :class:`Normal`, but outliers pull less: the degrees of freedom are learned, above 2.

    Examples
    --------
    >>> parameters = StudentT().parameters(torch.zeros(1, 3), None)
    >>> bool(parameters[0, 2] > 2)
    True
    """

    sampled = True

    @property
    def size(self) -> int:
        """Location, scale and degrees of freedom."""
        return 3

    def parameters(
        self, raw: Float[Tensor, "*shape P"], base: Float[Tensor, "*shape"] | None
    ) -> Float[Tensor, "*shape P"]:
        """Add the base to the location; make scale and degrees of freedom positive."""
        location = raw[..., 0] if base is None else raw[..., 0] + base
        scale = functional.softplus(raw[..., 1]) + _SMALLEST
        return torch.stack([location, scale, _FEWEST + functional.softplus(raw[..., 2])], dim=-1)

    def point(self, parameters: Float[Tensor, "*shape P"]) -> Float[Tensor, "*shape"]:
        """Return the location, which is the median."""
        return parameters[..., 0]

    def elementwise_loss(
        self, parameters: Float[Tensor, "*shape P"], truth: Float[Tensor, "*shape"]
    ) -> Float[Tensor, "*shape"]:
        """Return the negative log-likelihood."""
        return -self._distribution(parameters).log_prob(truth)

    def sample(
        self, parameters: Float[Tensor, "*shape P"], generator: torch.Generator | None
    ) -> Float[Tensor, "*shape"]:
        """Draw, by Bailey's polar form."""
        location, scale, freedom = parameters.unbind(-1)
        # Bailey (1994): sqrt(ν (u^(−2/ν) − 1)) · cos(2πv) is Student's t with ν degrees of freedom
        u = torch.rand(location.shape, generator=generator, device=location.device, dtype=location.dtype)
        v = torch.rand(location.shape, generator=generator, device=location.device, dtype=location.dtype)
        radius = (freedom * torch.expm1(-2 / freedom * torch.log1p(-u))).clamp(min=0).sqrt()
        return location + scale * radius * torch.cos(2 * torch.pi * v)

    def _distribution(self, parameters: Float[Tensor, "*shape P"]) -> torch.distributions.StudentT:
        location, scale, freedom = parameters.unbind(-1)
        return torch.distributions.StudentT(freedom, location, scale, validate_args=False)
