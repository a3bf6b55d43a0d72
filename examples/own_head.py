"""An output of your own: a Laplace distribution of each step, with intervals from sample paths."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from tsseq2seq import Seq2SeqForecaster, datasets
from tsseq2seq.nn.outputs import Output


@dataclass(frozen=True)
class Laplace(Output):
    """A location and a scale; the point is the median."""

    sampled = True
    least_scale: float = 1e-3

    @property
    def size(self) -> int:
        """Numbers that the network writes for each value."""
        return 2

    def parameters(self, raw: Tensor, base: Tensor | None) -> Tensor:
        """Make parameters of what the network writes; the base is what is known already."""
        location = raw[..., 0] if base is None else raw[..., 0] + base
        return torch.stack([location, functional.softplus(raw[..., 1]) + self.least_scale], dim=-1)

    def point(self, parameters: Tensor) -> Tensor:
        """Return the forecast."""
        return parameters[..., 0]

    def elementwise_loss(self, parameters: Tensor, truth: Tensor, unit: Tensor | None = None) -> Tensor:
        """Return the negative log-likelihood of each value."""
        location, scale = parameters.unbind(-1)
        return (truth - location).abs() / scale + scale.log() + math.log(2)

    def sample(self, parameters: Tensor, generator=None, *, noise=None, unit=None) -> Tensor:
        """Draw values."""
        location, scale = parameters.unbind(-1)
        share = torch.rand(location.shape, generator=generator, device=location.device) - 0.5
        return location - scale * share.sign() * torch.log1p(-2 * share.abs().clamp(max=0.4999999))


model = Seq2SeqForecaster(horizon=12, output=Laplace()).fit(datasets.load("air_passengers"))
print(model.predict(levels=[80]).head())
