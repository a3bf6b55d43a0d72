"""Quantiles: several quantiles of each value, which never cross."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from tsseq2seq.errors import ParameterError, ParameterTypeError
from tsseq2seq.nn.losses import quantile
from tsseq2seq.nn.outputs.base import Output
from tsseq2seq.nn.outputs.constants import constant
from tsseq2seq.settings import check_choice, check_number

__all__ = ["Quantiles"]

_NORMAL = NormalDist()


@dataclass(frozen=True)
class Quantiles(Output):
    """Forecast quantiles of each value, trained with the quantile loss.

    Every other quantile than the median lies a positive distance (softplus) beyond its neighbour, so that
    quantiles cannot cross. The point forecast is the median.

    Parameters
    ----------
    levels
        Probabilities, increasing, between 0 and 1; one of them is 0.5. Two that are symmetric about 0.5 bound
        an interval: 0.05 and 0.95 become the columns ``Seq2Seq-lo-90`` and ``Seq2Seq-hi-90``.
    interpolated
        Whether forecasts may also have intervals of other levels: between two quantiles on the scale of a
        normal distribution, and beyond the outermost as far as a normal distribution's tail would reach from
        the median through it.

    References
    ----------
    Koenker and Bassett, "Regression quantiles", Econometrica 46 (1978).

    Examples
    --------
    >>> raw = torch.tensor([[5.0, 1.0, -20.0]])
    >>> parameters = Quantiles([0.1, 0.5, 0.9]).parameters(raw, None)
    >>> bool((parameters.diff() >= 0).all())
    True
    """

    levels: Sequence[float] = (0.05, 0.5, 0.95)
    interpolated: bool = False

    def __post_init__(self) -> None:
        """Check the levels."""
        check_choice("Quantiles", "interpolated", self.interpolated, (False, True))
        if not isinstance(self.levels, Sequence):
            raise ParameterTypeError(
                f"Quantiles: levels is {self.levels!r}; it must be a list of probabilities"
            )
        levels = list(self.levels)
        for level in levels:
            check_number("Quantiles", "levels", level, low=0, high=1, low_open=True)
        if sorted(set(levels)) != levels or (levels and levels[-1] >= 1):
            raise ParameterError(
                f"Quantiles: levels is {levels}; they must increase and lie strictly between 0 and 1"
            )
        if 0.5 not in levels:
            raise ParameterError(
                f"Quantiles: levels is {levels}; it must hold 0.5, as the median is the point forecast"
            )

    @property
    def equivariant(self) -> bool:
        """True: a quantile of logarithms is the logarithm of the quantile."""
        return True

    @property
    def size(self) -> int:
        """One number for each probability."""
        return len(self.levels)

    @property
    def _median_index(self) -> int:
        return list(self.levels).index(0.5)

    def parameters(
        self, raw: Float[Tensor, "*shape R"], base: Float[Tensor, "*shape"] | None
    ) -> Float[Tensor, "*shape P"]:
        """Return increasing quantiles."""
        middle = self._median_index
        median = raw[..., middle : middle + 1]
        if base is not None:
            median = median + base[..., None]
        below = functional.softplus(raw[..., :middle])
        above = functional.softplus(raw[..., middle + 1 :])
        lower = median - below.flip(-1).cumsum(-1).flip(-1)
        return torch.cat([lower, median, median + above.cumsum(-1)], dim=-1)

    def point(self, parameters: Float[Tensor, "*shape P"]) -> Float[Tensor, "*shape"]:
        """Return the median."""
        return parameters[..., self._median_index]

    def elementwise_loss(
        self,
        parameters: Float[Tensor, "*shape P"],
        truth: Float[Tensor, "*shape"],
        unit: Float[Tensor, "*#shape"] | None = None,
    ) -> Float[Tensor, "*shape"]:
        """Return the mean quantile loss over the probabilities."""
        return quantile(parameters, truth, constant(self.levels, parameters)).mean(-1)

    @property
    def probabilities(self) -> tuple[float, ...]:
        """The probabilities of the quantiles."""
        return tuple(self.levels)

    @property
    def any_level(self) -> bool:
        """Whether intervals of other levels than those trained for are asked for."""
        return self.interpolated and len(self.levels) > 1

    def quantiles(self, parameters: Float[Tensor, "*shape P"]) -> dict[float, Float[Tensor, "*shape"]]:
        """Return every quantile by its probability."""
        return {level: parameters[..., index] for index, level in enumerate(self.levels)}

    def quantiles_at(
        self, parameters: Float[Tensor, "*shape P"], probabilities: Sequence[float]
    ) -> list[Float[Tensor, "*shape"]]:
        """Return quantiles of some probabilities: those contained, and with ``interpolated`` any others."""
        contained = self.quantiles(parameters)
        return [
            contained[probability] if probability in contained else self._between(parameters, probability)
            for probability in probabilities
        ]

    def _between(self, parameters: Float[Tensor, "*shape P"], probability: float) -> Float[Tensor, "*shape"]:
        """Return the quantile of a probability that was not trained for."""
        scores = [_NORMAL.inv_cdf(level) for level in self.levels]
        score, above = _NORMAL.inv_cdf(probability), bisect.bisect(self.levels, probability)
        if 0 < above < len(scores):
            lower, upper = above - 1, above
        else:
            # the tail lies on the line from the median through the outermost quantile, or its neighbour
            end, neighbour = (0, 1) if above == 0 else (len(scores) - 1, len(scores) - 2)
            lower, upper = sorted((end, neighbour if end == self._median_index else self._median_index))
        share = (score - scores[lower]) / (scores[upper] - scores[lower])
        return torch.lerp(parameters[..., lower], parameters[..., upper], share)
