"""Which ordinates of a periodogram are a season's, and what a smooth spectrum has there."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

__all__ = ["SeasonOrdinates"]

# Fewer ordinates between the harmonics than this do not show how the spectrum slopes.
_LEAST_FOR_SLOPE = 5
# How far the coefficients of log f = a + b · log(2 sin(λ/2)) + c · cos λ + d · cos 2λ are expected from 0.
_EXPECTED = (1.0, 1.0, 0.5)
# Variance of the logarithm of a periodogram's ordinate: π² / 6.
_LOG_VARIANCE = math.pi**2 / 6


@dataclass(frozen=True)
class SeasonOrdinates:
    """Which ordinates of the periodogram of some whole periods are a season's, and which lie between.

    Attributes
    ----------
    length
        Steps of the periods, rounded: the season need not be a whole number of steps.
    last
        The number of the highest ordinate that is looked at.
    harmonics, between
        Their numbers, from 1 on.
    """

    length: int
    last: int
    harmonics: Int[Tensor, " H"]
    between: Int[Tensor, " D"]

    @classmethod
    def of(cls, period: float, periods: int, shorter: tuple[float, ...] = ()) -> SeasonOrdinates:
        """Return the ordinates of so many periods.

        Harmonics of a shorter season that divides the period belong to neither. Where one does not divide
        it, as 7 does not divide 365.25, only frequencies below half of its own are looked at.
        """
        length = round(periods * period)
        ordinates = torch.arange(1, length // 2 + 1)
        highest, divided = int(period / 2), list[int]()
        for season in shorter:
            ratio = period / season
            if abs(ratio - round(ratio)) < 1e-6:
                divided.append(round(ratio))
            else:
                highest = min(highest, max(1, int(ratio / 2)))
        ordinates = ordinates[ordinates < periods * (highest + 1)]
        of_season = ordinates % periods == 0
        between = ordinates[~of_season]
        harmonics = ordinates[of_season]
        for ratio in divided:
            harmonics = harmonics[harmonics % (periods * ratio) != 0]
        # a line that is taken away takes some of the first ordinate with it
        return cls(length, len(ordinates), harmonics, between[between > 1] if periods > 3 else between)

    def freedom(self, ordinates: Int[Tensor, " J"]) -> Float[Tensor, " J"]:
        """Return the degrees of freedom of ordinates: 2, and 1 at the highest frequency."""
        return torch.where(2 * ordinates == self.length, 1.0, 2.0).double()

    def first_harmonics(self) -> list[int]:
        """Return the numbers of harmonics that are looked at: 1, 2, 4, …, all."""
        count = len(self.harmonics)
        return [2**power for power in range(64) if 2**power < count] + [count]

    def smooth_spectrum(
        self, log_energy: Float[Tensor, "series D"]
    ) -> tuple[Float[Tensor, "series J"], float]:
        """Return the smooth spectrum that is seen between the harmonics.

        It is a regression of logarithms (Bloomfield 1973; the term of log(2 sin(λ/2)) covers random walks),
        shrunk towards a flat spectrum as far as there are few ordinates.

        Parameters
        ----------
        log_energy
            (series, D), the logarithms between the harmonics.

        Returns
        -------
        spectrum
            (series, J), at the ordinates 1 … J.
        parameters
            How many parameters beside the mean the ordinates decide about.
        """
        mean = log_energy.mean(1, keepdim=True)
        if len(self.between) < _LEAST_FOR_SLOPE:
            return mean.exp().expand(-1, self.length // 2), 0.0
        angle = torch.arange(1, self.length // 2 + 1, dtype=torch.double) * (2 * math.pi / self.length)
        columns = [torch.log(2 * torch.sin(angle / 2)), torch.cos(angle), torch.cos(2 * angle)]
        terms = torch.stack(columns, 1)
        terms = terms - terms[self.between - 1].mean(0)
        seen = terms[self.between - 1]
        ridge = torch.diag(_LOG_VARIANCE / torch.tensor(_EXPECTED, dtype=torch.double).square())
        solution = torch.linalg.solve(seen.T @ seen + ridge, seen.T)
        terms, weights = (part.to(log_energy) for part in (terms, solution))
        return (mean + log_energy @ weights.T @ terms.T).exp(), float((seen * solution.T).sum())
