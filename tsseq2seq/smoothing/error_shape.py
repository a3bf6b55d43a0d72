"""ErrorShape: how errors grow with the steps ahead, and how they are distributed, learned from rehearsals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

__all__ = ["PROBABILITIES", "ErrorShape"]

#: Probabilities at which the distribution is kept.
_PROBABILITIES = torch.arange(1, 200, dtype=torch.float64) / 200
#: Their number.
PROBABILITIES = len(_PROBABILITIES)
# So many cutoffs count as much as what is assumed: a distribution with the tails of Student's t.
_ASSUMED_CUTOFFS = 20.0
_ASSUMED_FREEDOM = 5
# An error of more mean errors than this counts no more, nor does it widen intervals: too little was known.
_LARGEST_ERROR = 50.0
# Error after h steps without anything learned: as that of a random walk.
_ASSUMED_GROWTH = 0.5


@dataclass(frozen=True)
class ErrorShape:
    """Errors in units of the mean absolute error that a series had until the cutoff.

    Attributes
    ----------
    growth
        (H,): mean absolute error of each step ahead.
    distribution
        (199,): quantiles of errors divided by their growth, at 0.005, 0.01, … 0.995.
    """

    growth: Float[Tensor, " H"]
    distribution: Float[Tensor, " P"]

    @classmethod
    def learned(
        cls, errors: Float[Tensor, "B H"], observed: Float[Tensor, "B H"], horizon: int, *, horizons: int = 0
    ) -> ErrorShape:
        """Learn from the errors of rehearsals.

        The series share what happens in a horizon, so that errors of few horizons are few errors, however
        many series there are. The horizon to come has a share of its own in what happens: for n horizons
        errors are taken to be √(1 + 1 / n) times as large as those seen.

        Parameters
        ----------
        errors
            Outcome less forecast, in units of the mean absolute error until then.
        observed
            1 where there was an outcome, else 0.
        horizon
            Steps to forecast.
        horizons
            How many horizons the rehearsals cover. 0: nothing was rehearsed.
        """
        steps = torch.arange(1, horizon + 1, dtype=torch.float64)
        assumed = steps**_ASSUMED_GROWTH
        assumed = assumed / assumed.mean()
        count = observed.sum(0)
        errors = errors.clamp(-_LARGEST_ERROR, _LARGEST_ERROR)
        growth = ((errors.abs() * observed).sum(0) + _ASSUMED_CUTOFFS * assumed) / (count + _ASSUMED_CUTOFFS)
        unshared = _never_falling(growth)
        growth = unshared * math.sqrt(1 + 1 / horizons) if horizons else unshared
        assumed_shape = _student(_PROBABILITIES)
        seen = (errors / unshared)[observed > 0]
        if not len(seen):
            return cls(growth, assumed_shape)
        weight = len(errors) / (len(errors) + _ASSUMED_CUTOFFS)
        empirical = torch.quantile(seen[:: max(1, len(seen) // 200_000)], _PROBABILITIES)
        return cls(growth, weight * empirical + (1 - weight) * assumed_shape)

    def offsets(self, probabilities: Sequence[float], steps: int) -> Float[Tensor, "steps Q"]:
        """Return quantiles of the errors of each step ahead, in units of the mean error until the cutoff."""
        growth = self.growth
        if steps > len(growth):
            further = torch.arange(len(growth) + 1, steps + 1, dtype=growth.dtype)
            growth = torch.cat([growth, growth[-1] * (further / len(growth)) ** _ASSUMED_GROWTH])
        wanted = torch.tensor(list(probabilities), dtype=torch.float64)
        place = (wanted * 200 - 1).clamp(0, len(_PROBABILITIES) - 1)
        low = place.floor().long().clamp(max=len(_PROBABILITIES) - 2)
        share = place - low
        inside = self.distribution[low] * (1 - share) + self.distribution[low + 1] * share
        # beyond what was kept, tails grow as the assumed ones do
        reach = _student(wanted) / _student(wanted.clamp(0.005, 0.995))
        tails = torch.where((wanted < 0.005) | (wanted > 0.995), reach, 1.0)
        return growth[:steps, None] * (inside * tails)


def _never_falling(growth: Float[Tensor, " H"]) -> Float[Tensor, " H"]:
    """Return the nearest growth that does not fall (isotonic regression): further ahead is never surer."""
    from sklearn.isotonic import IsotonicRegression

    fitted = IsotonicRegression().fit_transform(range(len(growth)), growth.numpy())
    return torch.from_numpy(fitted).double()


def _student(probabilities: Float[Tensor, " P"]) -> Float[Tensor, " P"]:
    """Return quantiles of Student's t, with a mean absolute value of 1."""
    from scipy.special import stdtrit

    degrees = _ASSUMED_FREEDOM
    gammas = math.gamma((degrees + 1) / 2) / math.gamma(degrees / 2)
    mean_absolute = 2 * math.sqrt(degrees / math.pi) * gammas / (degrees - 1)
    return torch.from_numpy(np.asarray(stdtrit(degrees, probabilities.numpy()))) / mean_absolute
