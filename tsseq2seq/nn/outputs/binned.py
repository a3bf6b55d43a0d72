"""Binned: the probability of each of many bins, as a distribution of any shape."""

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
    """Forecast the probability of each of many bins: a distribution of any shape, even with several peaks.

    Each forecast is a token, its bin, so beam search over tokens also searches scenarios of series. Segments
    must have length 1. A residual decoder's base enters as a learned preference for the bins near it.

    Parameters
    ----------
    bins
        Number of bins, equally wide on the scale of the window.
    edges
        The ``bins + 1`` edges of the bins on the scale of the window, increasing; values beyond them belong
        to the outer bins. None: chosen from the training data, with one value in 1,000 beyond each end; the
        estimator's ``output_`` holds them.
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
        for index, edge in enumerate(self.edges):
            if isinstance(edge, bool) or not isinstance(edge, Real):
                raise ParameterTypeError(f"Binned: edges[{index}] is {edge!r}; it must be a number")
            if not math.isfinite(edge):
                raise ParameterError(f"Binned: edges[{index}] is {edge!r}; all must be finite")
        for index, (low, high) in enumerate(zip(self.edges, self.edges[1:], strict=False)):
            if not low < high:
                raise ParameterError(
                    f"Binned: edges must increase, but edges[{index}] is {low!r} and edges[{index + 1}] "
                    f"is {high!r}"
                )

    @property
    def size(self) -> int:
        """A logit for each bin, and the strength of the preference for bins near the base."""
        return self.bins + 1

    def parameters(
        self, raw: Float[Tensor, "*shape R"], base: Float[Tensor, "*shape"] | None
    ) -> Float[Tensor, "*shape P"]:
        """Return the log-probabilities of the bins."""
        logits = raw[..., :-1]
        if base is not None:
            distance = self._centres(raw) - base[..., None]
            logits = logits - functional.softplus(raw[..., -1:]) * distance.square()
        return functional.log_softmax(logits, dim=-1)

    def point(self, parameters: Float[Tensor, "*shape P"]) -> Float[Tensor, "*shape"]:
        """Return the median."""
        return self._quantile(parameters, torch.full_like(parameters[..., 0], 0.5))

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
        edges = constant(self._chosen_edges(), tokens, torch.float32)
        return ((edges[1:] + edges[:-1]) / 2)[tokens]

    def sample(
        self,
        parameters: Float[Tensor, "*shape P"],
        generator: torch.Generator | None = None,
        *,
        noise: Float[Tensor, "*shape"] | None = None,
        unit: Float[Tensor, "*#shape"] | None = None,
    ) -> Float[Tensor, "*shape"]:
        """Draw a bin, and a value uniformly within it."""
        like = parameters[..., 0]
        if noise is None:
            probability = torch.rand(like.shape, generator=generator, device=like.device, dtype=like.dtype)
        else:
            probability = torch.special.ndtr(noise)
        return self._quantile(parameters, probability)

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
        """Return the normal quantile of the distribution function, which is linear within a bin."""
        edges = self._edges(parameters)
        token = self.encode(truth)
        probability = parameters.exp()
        inside = ((truth - edges[token]) / (edges[token + 1] - edges[token])).clamp(0, 1)
        of_bin = probability.gather(-1, token[..., None])[..., 0]
        below = probability.cumsum(-1).gather(-1, token[..., None])[..., 0] - of_bin
        return torch.special.ndtri((below + of_bin * inside).clamp(1e-4, 1 - 1e-4))

    def _quantile(
        self, parameters: Float[Tensor, "*shape P"], probability: Float[Tensor, "*shape"]
    ) -> Float[Tensor, "*shape"]:
        """Return the quantile of a probability; the distribution function is linear within a bin."""
        # an unlikely bin is a small difference of sums near 1: in float32 few of its digits are left
        of_bins = parameters.double().exp()
        cumulative = of_bins.cumsum(-1)
        target = probability.double()[..., None] * cumulative[..., -1:]
        token = torch.searchsorted(cumulative, target).clamp(max=self.bins - 1)
        above, of_bin = cumulative.gather(-1, token), of_bins.gather(-1, token)
        inside = 1 - ((above - target) / of_bin.clamp(min=1e-12)).clamp(0, 1)
        edges = self._edges(parameters)
        value = edges[token] + inside * (edges[token + 1] - edges[token])
        return value[..., 0].to(parameters.dtype)

    def _chosen_edges(self) -> tuple[float, ...]:
        if self.edges is None:
            raise ValueError("Binned has no edges yet; they are chosen when a forecaster is fitted")
        return tuple(self.edges)

    def _edges(self, like: Tensor) -> Float[Tensor, " edges"]:
        return constant(self._chosen_edges(), like)

    def _centres(self, like: Tensor) -> Float[Tensor, " bins"]:
        edges = self._edges(like)
        return (edges[1:] + edges[:-1]) / 2
