"""Mean and standard deviation of each feature, measured on the sequences of a fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from tsseq2seq.data.sequences.feature_sequences import FeatureSequences
from tsseq2seq.errors import ModelFileError
from tsseq2seq.stored_checks import check_tensor

__all__ = ["Standardisation"]

# A spread this small beside the mean is rounding of 32-bit numbers.
_ROUNDING = 1e-6


@dataclass(frozen=True)
class Standardisation:
    """Mean and standard deviation of each feature over all steps; padding is no step.

    Attributes
    ----------
    mean, std
        (F,), on the CPU. The deviation of a feature that is constant is 1.

    Examples
    --------
    >>> import numpy as np
    >>> sequences = FeatureSequences.of([np.array([[1.0, 7.0]]), np.array([[5.0, 7.0]])])
    >>> Standardisation.of(sequences)
    Standardisation(mean=tensor([3., 7.]), std=tensor([2., 1.]))
    """

    mean: Float[Tensor, " F"]
    std: Float[Tensor, " F"]

    @classmethod
    def of(cls, sequences: FeatureSequences, *, shared: bool = False) -> Standardisation:
        """Measure them on sequences.

        Parameters
        ----------
        sequences
            The sequences of a fit, with at least one step.
        shared
            Whether all features share one mean and one deviation, as the pixels of a picture should: where
            one pixel is almost always white, its own deviation would blow up the few black ones.
        """
        values = sequences.values.cpu().double()
        measured = values.reshape(-1, 1) if shared else values
        mean, std = measured.mean(0), measured.std(0, correction=0)
        least = (_ROUNDING * mean.abs()).clamp(min=torch.finfo(torch.float32).tiny)
        std = torch.where(std > least, std, 1.0)
        width = sequences.width
        return cls(mean.float().expand(width).clone(), std.float().expand(width).clone())

    @property
    def width(self) -> int:
        """Number of features F."""
        return len(self.mean)

    def to_parts(self) -> dict[str, Any]:
        """Return the parts for JSON."""
        return {"mean": self.mean.tolist(), "std": self.std.tolist()}

    @classmethod
    def from_parts(cls, parts: dict[str, Any]) -> Standardisation:
        """Restore what :meth:`to_parts` returned.

        Raises
        ------
        ModelFileError
            If they are not means and deviations of the same features.
        """
        mean, std = (torch.tensor(parts[name], dtype=torch.float32) for name in ("mean", "std"))
        check_tensor("mean", mean, (len(parts["mean"]),), torch.float32)
        check_tensor("std", std, (len(parts["mean"]),), torch.float32)
        if not len(mean) or (std <= 0).any():
            raise ModelFileError("the deviations of the features are not above 0")
        return cls(mean, std)
