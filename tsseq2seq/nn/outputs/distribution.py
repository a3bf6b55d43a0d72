"""Distributions: outputs whose intervals come from sample paths."""

from __future__ import annotations

from abc import ABC
from dataclasses import dataclass, field

import numpy as np

from tsseq2seq.nn.outputs.base import Output
from tsseq2seq.settings import check_choice

__all__ = ["Distribution"]


@dataclass(frozen=True)
class Distribution(Output, ABC):
    """A distribution of each step.

    Parameters
    ----------
    centre
        Which number of the sample paths is the forecast: their ``"median"``, which is as often too low as too
        high, or their ``"mean"``. They differ where a distribution is skewed: of demand that is 0 on most
        days the median is 0, and the mean is what is sold in the long run.
    """

    centre: str = field(default="median", kw_only=True)

    sampled = True

    def __post_init__(self) -> None:
        """Check the centre."""
        check_choice(type(self).__name__, "centre", self.centre, ("median", "mean"))

    def centre_of(self, paths: np.ndarray) -> np.ndarray:
        """Return the middle, or the mean, of sample paths (B, N, H, Y)."""
        return np.asarray(paths.mean(axis=1)) if self.centre == "mean" else super().centre_of(paths)
