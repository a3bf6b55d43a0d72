"""How far each smoothing method has been off, as it is known after every step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from tsseq2seq.smoothing.methods import Methods, States

__all__ = ["MethodErrors", "discounted_errors", "judged_steps"]

# What an error counts less with each step that passes.
_DISCOUNT = 0.96
# A forecast is judged from this step of a series on: before it, the methods have seen next to nothing.
_FIRST_CUTOFF = 3


def judged_steps(horizon: int) -> tuple[int, ...]:
    """Return the steps ahead at which forecasts are judged: the first two and each quarter of the horizon.

    Examples
    --------
    >>> judged_steps(12)
    (1, 2, 3, 6, 9, 12)
    """
    quarters = (max(1, share * horizon // 4) for share in (1, 2, 3, 4))
    return tuple(sorted({1, min(2, horizon), *quarters}))


@dataclass(frozen=True)
class MethodErrors:
    """Discounted sums of absolute errors, and of how many they are.

    Attributes
    ----------
    total
        (series, T, methods): the errors of all forecasts of steps up to each step.
    count
        (series, T, 1): the discounted number of these forecasts.
    """

    total: Float[Tensor, "series T G"]
    count: Float[Tensor, "series T 1"]

    @classmethod
    def of(
        cls,
        values: Float[Tensor, "series T"],
        observed: Bool[Tensor, "series T"],
        states: States,
        methods: Methods,
        horizon: int,
    ) -> MethodErrors:
        """Judge every method at every step by the forecasts made some steps before."""
        length = values.shape[1]

        def judge(ahead: int) -> Tensor:
            made = methods.forecasts(states.until(length - ahead), values.new_tensor([float(ahead)]))
            return (values[:, ahead:, None] - made[:, :, 0]).abs_()

        return cls(*discounted_errors(judge, observed, horizon, width=methods.count))

    def logarithms(self, rows: Int[Tensor, "*B"], steps: Int[Tensor, "*B"]) -> Float[Tensor, "*B G"]:
        """Return the logarithm of each method's error relative to the mean of all; 0 where unknown."""
        return relative_logarithms(self.total[rows, steps], self.count[rows, steps])


def discounted_errors(
    judge: Callable[[int], Float[Tensor, "series U G"]],
    observed: Bool[Tensor, "series T"],
    horizon: int,
    *,
    width: int,
) -> tuple[Float[Tensor, "series T G"], Float[Tensor, "series T 1"]]:
    """Return the discounted sums of errors up to each step, and of their number.

    Parameters
    ----------
    judge
        Returns, for a number of steps ahead, the errors of all forecasts made so long before.
    observed
        Which values there are to judge by.
    horizon
        Steps of a forecast; see :func:`judged_steps`.
    width
        Number of methods, G.
    """
    series, length = observed.shape
    total = torch.zeros(series, length, width, dtype=torch.float64)
    count = torch.zeros(series, length, 1, dtype=torch.float64)
    for ahead in judged_steps(horizon):
        if ahead + _FIRST_CUTOFF > length:
            continue
        judged = observed[:, ahead:, None].clone()
        judged[:, : _FIRST_CUTOFF - 1] = False
        total[:, ahead:] += judge(ahead).masked_fill_(~judged, 0.0)
        count[:, ahead:] += judged
    for step in range(1, length):
        total[:, step] += _DISCOUNT * total[:, step - 1]
        count[:, step] += _DISCOUNT * count[:, step - 1]
    return total, count


def relative_logarithms(total: Float[Tensor, "*B G"], count: Float[Tensor, "*B 1"]) -> Float[Tensor, "*B G"]:
    """Return the logarithm of each error relative to the mean of all; 0 where nothing tells them apart."""
    typical = total.mean(-1, keepdim=True)
    told = (count > 0) & (typical > 0)
    relative = total / torch.where(told, typical, 1.0)
    return torch.where(told, relative.clamp(1e-3, 1e3).log(), 0.0)
