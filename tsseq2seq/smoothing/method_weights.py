"""How much each smoothing method counts in the base: by its own errors, and by what a panel has taught."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

__all__ = ["MethodWeights"]

# Errors to this power, without a panel to learn from: between the mean of all methods and the best one.
_SHARPNESS = 12.0


@dataclass(frozen=True)
class MethodWeights:
    """Weights of the methods: softmax(prior − sharpness · logarithm of the relative error).

    Attributes
    ----------
    prior
        (methods,): what counts beside a series' own errors; 0 for all where nothing was learned.
    log_sharpness
        (): the logarithm of the power to which errors are taken.
    """

    prior: Float[Tensor, " G"]
    log_sharpness: Float[Tensor, ""]

    @classmethod
    def unlearned(cls, methods: int) -> MethodWeights:
        """Return weights by the series' own errors alone."""
        return cls(
            torch.zeros(methods, dtype=torch.float64),
            torch.tensor(math.log(_SHARPNESS), dtype=torch.float64),
        )

    def of(self, logarithms: Float[Tensor, "*B G"]) -> Float[Tensor, "*B G"]:
        """Return the weights, which sum to 1.

        Parameters
        ----------
        logarithms
            From :meth:`~tsseq2seq.smoothing.method_errors.MethodErrors.logarithms`.
        """
        return torch.softmax(self.prior - self.log_sharpness.exp() * logarithms, dim=-1)
