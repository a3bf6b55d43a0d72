"""Binned: values cut into bins, and a probability for each bin."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional

from tsseq2seq.errors import ParameterError, ParameterTypeError
from tsseq2seq.nn.outputs.constants import constant
from tsseq2seq.nn.outputs.distribution import Distribution
from tsseq2seq.nn.outputs.random_streams import RandomStreams
from tsseq2seq.settings import check_number

__all__ = ["Binned"]


@dataclass(frozen=True, repr=False)
class Binned(Distribution):
    """Forecast the probability of each of many bins: any shape of distribution, several peaks too.

    A step is then a token, its bin, so that what searches sentences searches scenarios. It works on
    segments of 1. What a residual decoder adds to (the season before, the last value) enters as a
    learned preference for the bins near it.

    Parameters
    ----------
    bins
        Number of bins, equally wide on the scale of the window.
    edges
        The bins' ``bins + 1`` edges on the scale of the window, increasing; what lies beyond counts to
        the outer bins. None: from the training data, wide enough for all but one value in 1,000 at each
        end; the estimator's ``output_`` then holds them.
    centre
        As for :class:`~tsseq2seq.nn.outputs.distribution.Distribution`.

    References
    ----------
    van den Oord et al., "Pixel Recurrent Neural Networks" (2016); Ansari et al., "Chronos" (2024).

    Examples
    --------
    >>> output = Binned(bins=2, edges=(-1.0, 0.0, 1.0))
    >>> parameters = output.parameters(torch.tensor([[0.0, 2.0, 0.0]]), None)
    >>> output.point(parameters).item() > 0          # the median lies in the likelier bin
    True
    """

    bins: int = 100
    edges: Sequence[float] | None = None

    coupled = True
    single_values = True

    def __post_init__(self) -> None:
        """Check every field where it is declared."""
        super().__post_init__()
        check_number("Binned", "bins", self.bins, low=2, integer=True)
        if self.edges is None:
            return
        if not isinstance(self.edges, list | tuple):
            raise ParameterTypeError(f"Binned: edges is {self.edges!r}; it must be a list of numbers")
        if len(self.edges) != self.bins + 1:
            raise ParameterError(
                f"Binned: edges has {len(self.edges)} numbers; {self.bins} bins need {self.bins + 1}"
            )
        for place, edge in enumerate(self.edges):
            if isinstance(edge, bool) or not isinstance(edge, Real):
                raise ParameterTypeError(f"Binned: edges[{place}] is {edge!r}; it must be a number")
            if not math.isfinite(edge):
                raise ParameterError(f"Binned: edges[{place}] is {edge!r}; all must be finite")
        for place, (low, high) in enumerate(zip(self.edges, self.edges[1:], strict=False)):
            if not low < high:
                raise ParameterError(
                    f"Binned: edges must increase, but edges[{place}] is {low!r} and edges[{place + 1}] "
                    f"is {high!r}"
                )

    @property
    def size(self) -> int:
        """A logit for each bin, and the strength of the preference for bins near the base."""
        return self.bins + 1

    def parameters(
        self, raw: Float[Tensor, "*shape R"], base: Float[Tensor, "*shape"] | None
    ) -> Float[Tensor, "*shape P"]:
        """Return the bins' log-probabilities."""
        logits = raw[..., :-1]
        if base is not None:
            distance = self._centres(raw) - base[..., None]
            logits = logits - functional.softplus(raw[..., -1:]) * distance.square()
        return functional.log_softmax(logits, dim=-1)

    def point(self, parameters: Float[Tensor, "*shape P"]) -> Float[Tensor, "*shape"]:
        """Return the median."""
        return self._at(parameters, torch.full_like(parameters[..., 0], 0.5))

    def elementwise_loss(
        self,
        parameters: Float[Tensor, "*shape P"],
        truth: Float[Tensor, "*shape"],
        unit: Float[Tensor, "*#shape"] | None = None,
    ) -> Float[Tensor, "*shape"]:
        """Return the negative log-probability of the truth's bin."""
        return -parameters.gather(-1, self.encode(truth)[..., None])[..., 0]

    def encode(self, values: Float[Tensor, "*shape"]) -> Int[Tensor, "*shape"]:
        """Return the bin of each value."""
        inner = self._edges(values)[1:-1]
        return torch.searchsorted(inner, values.contiguous(), right=True)

    def decode(self, tokens: Int[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """Return the centre of each bin."""
        edges = constant(self._known(), tokens, torch.float32)
        return ((edges[1:] + edges[:-1]) / 2)[tokens]

    def sample(
        self,
        parameters: Float[Tensor, "*shape P"],
        generator: torch.Generator | None = None,
        *,
        noise: Float[Tensor, "*shape"] | None = None,
        unit: Float[Tensor, "*#shape"] | None = None,
    ) -> Float[Tensor, "*shape"]:
        """Draw a value, evenly within its bin."""
        like = parameters[..., 0]
        if noise is None:
            share = torch.rand(like.shape, generator=generator, device=like.device, dtype=like.dtype)
        else:
            share = torch.special.ndtr(noise)
        return self._at(parameters, share)

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
        """Return the normal quantile of the distribution function, evenly within the bin."""
        edges = self._edges(parameters)
        token = self.encode(truth)
        probability = parameters.exp()
        inside = ((truth - edges[token]) / (edges[token + 1] - edges[token])).clamp(0, 1)
        own = probability.gather(-1, token[..., None])[..., 0]
        below = probability.cumsum(-1).gather(-1, token[..., None])[..., 0] - own
        return torch.special.ndtri((below + own * inside).clamp(1e-4, 1 - 1e-4))

    def _at(
        self, parameters: Float[Tensor, "*shape P"], share: Float[Tensor, "*shape"]
    ) -> Float[Tensor, "*shape"]:
        """Return the quantile, linear within a bin."""
        cumulative = parameters.exp().cumsum(-1)
        target = share[..., None] * cumulative[..., -1:]
        token = torch.searchsorted(cumulative, target).clamp(max=self.bins - 1)
        above = cumulative.gather(-1, token)
        own = parameters.exp().gather(-1, token)
        inside = 1 - ((above - target) / own.clamp(min=1e-12)).clamp(0, 1)
        edges = self._edges(parameters)
        return (edges[token] + inside * (edges[token + 1] - edges[token]))[..., 0]

    def _known(self) -> tuple[float, ...]:
        if self.edges is None:
            raise ValueError("Binned has no edges yet; they are chosen when a forecaster is fitted")
        return tuple(self.edges)

    def _edges(self, like: Tensor) -> Float[Tensor, " E"]:
        return constant(self._known(), like)

    def _centres(self, like: Tensor) -> Float[Tensor, " P"]:
        edges = self._edges(like)
        return (edges[1:] + edges[:-1]) / 2
