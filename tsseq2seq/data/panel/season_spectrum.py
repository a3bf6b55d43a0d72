"""How much more series vary at the frequencies of a season than at those in between.

What repeats itself after P steps varies at the frequencies 1/P, 2/P, 3/P, … only; noise, walks, trends and
cycles of other lengths at those in between as well, and about as much, since their spectra are smooth.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

__all__ = ["SeasonContrast", "SeasonOrdinates", "season_contrast"]

# More periods than twice this are divided into blocks of at least so many: seasons change in time.
_PERIODS_OF_BLOCK = 8
# Ordinates on either side of a harmonic that it is compared with.
_NEIGHBOURS = 3
# Fewer ordinates between the harmonics than this do not show how the spectrum slopes.
_LEAST_FOR_SLOPE = 5
# How far the coefficients of log f = a + b · log(2 sin(λ/2)) + c · cos λ + d · cos 2λ are expected from 0.
_EXPECTED = (1.0, 1.0, 0.5)
# Variance of the logarithm of a periodogram's ordinate: π² / 6.
_LOG_VARIANCE = math.pi**2 / 6
# What is left of a line in float32 is rounding.
_ROUNDING = 1e-5


@dataclass(frozen=True)
class SeasonContrast:
    """What series vary at a season's first harmonics and between them, for several numbers of harmonics C.

    The ratio of both is distributed about as F with these degrees of freedom if there is no season.

    Attributes
    ----------
    at_season, between
        (series, C), the mean energies of both, in units of a smooth spectrum.
    freedom_at_season, freedom_between
        (series, C), their degrees of freedom.
    judged
        (series,), whether there are two periods, in which something varies beside a line.
    """

    at_season: Float[Tensor, "series C"]
    between: Float[Tensor, "series C"]
    freedom_at_season: Float[Tensor, "series C"]
    freedom_between: Float[Tensor, "series C"]
    judged: Bool[Tensor, " series"]


@dataclass(frozen=True)
class SeasonOrdinates:
    """Which ordinates of the periodogram of some whole periods are a season's, and which lie between.

    Attributes
    ----------
    length
        Steps of the periods, rounded: the season need not be a whole number of steps.
    harmonics, between
        Their numbers, from 1 on.
    """

    length: int
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
                highest = min(highest, int(ratio / 2))
        ordinates = ordinates[ordinates < periods * (highest + 1)]
        of_season = ordinates % periods == 0
        between = ordinates[~of_season]
        harmonics = ordinates[of_season]
        for ratio in divided:
            harmonics = harmonics[harmonics % (periods * ratio) != 0]
        # a line that is taken away takes some of the first ordinate with it
        return cls(length, harmonics, between[between > 1] if periods > 3 else between)

    def freedom(self, ordinates: Int[Tensor, " J"]) -> Float[Tensor, " J"]:
        """Return the degrees of freedom of ordinates: 2, and 1 at the highest frequency."""
        return torch.where(2 * ordinates == self.length, 1.0, 2.0).double()

    def first_harmonics(self) -> list[int]:
        """Return the numbers of harmonics that are looked at: 1, 2, 4, …, all."""
        count = len(self.harmonics)
        return [2**power for power in range(64) if 2**power < count] + [count]

    def smoothing(self) -> tuple[Float[Tensor, "J D"], float]:
        """Return how a smooth log spectrum follows from the logarithms between the harmonics.

        It is a regression (Bloomfield 1973; the term of log(2 sin(λ/2)) covers random walks), shrunk
        towards a flat spectrum as far as there are few ordinates.

        Returns
        -------
        weights
            (J, D), for the ordinates 1 … J.
        parameters
            How many parameters beside the mean the ordinates decide about.
        """
        count = len(self.between)
        mean = torch.full((self.length // 2, count), 1 / count, dtype=torch.double)
        if count < _LEAST_FOR_SLOPE:
            return mean, 0.0
        angle = torch.arange(1, self.length // 2 + 1) * (2 * math.pi / self.length)
        columns = [torch.log(2 * torch.sin(angle / 2)), torch.cos(angle), torch.cos(2 * angle)]
        terms = torch.stack(columns, 1).double()
        terms = terms - terms[self.between - 1].mean(0)
        seen = terms[self.between - 1]
        ridge = torch.diag(_LOG_VARIANCE / torch.tensor(_EXPECTED, dtype=torch.double).square())
        solution = torch.linalg.solve(seen.T @ seen + ridge, seen.T)
        return mean + terms @ solution, float((seen * solution.T).sum())


def season_contrast(
    series: Float[Tensor, "series T"],
    lengths: Int[Tensor, " series"],
    period: float,
    shorter: tuple[float, ...] = (),
) -> SeasonContrast:
    """Compare what series vary at the frequencies of a season with what they vary in between.

    The last whole periods of each series are read, those of long series in blocks of 8 to 15 periods, each
    less its line.

    Parameters
    ----------
    series
        (series, T), without gaps, ending in the last column.
    lengths
        (series,), how many steps of each are known.
    period
        The season's length in steps, of which 365.25 may be one.
    shorter
        Seasons found already, which are disregarded.
    """
    counts = torch.floor(lengths.double() / period + 1e-9).long()
    blocks = torch.where(counts >= 2 * _PERIODS_OF_BLOCK, counts // _PERIODS_OF_BLOCK, 1)
    each = counts // blocks
    # periods are rounded to whole steps together, perhaps up
    each -= (blocks * torch.round(each * period) > lengths).long()
    each = torch.where(each >= 2, each, 0)
    columns = len(SeasonOrdinates.of(period, 2, shorter).first_harmonics())
    shape = (len(series), columns)
    found = [torch.ones(shape, dtype=torch.double, device=series.device) for _ in range(4)]
    judged = torch.zeros(len(series), dtype=torch.bool, device=series.device)
    for periods in each.unique().tolist():
        ordinates = SeasonOrdinates.of(period, periods, shorter) if periods else None
        if ordinates is None or not len(ordinates.harmonics) or not len(ordinates.between):
            continue
        rows = (each == periods).nonzero()[:, 0]
        spectrum, count = _mean_spectrum(series[rows], blocks[rows], ordinates)
        judged[rows] = count > 0
        for whole, part in zip(found, _sums(spectrum, count, ordinates), strict=True):
            whole[rows] = part
    return SeasonContrast(*found, judged=judged)


def _mean_spectrum(
    series: Float[Tensor, "series T"], blocks: Int[Tensor, " series"], ordinates: SeasonOrdinates
) -> tuple[Float[Tensor, "series J"], Int[Tensor, " series"]]:
    """Return the mean periodogram of the last blocks of each series, and in how many something varies.

    Blocks count alike, however widely they vary.
    """
    most, length = int(blocks.max()), ordinates.length
    windows = series[:, series.shape[1] - most * length :].reshape(len(series), most, length)
    steps = torch.arange(length, dtype=series.dtype, device=series.device) - (length - 1) / 2
    steps = steps / steps.square().sum().sqrt()
    size = windows.abs().amax(2, keepdim=True)
    windows = windows - windows.mean(2, keepdim=True)
    windows = windows - (windows @ steps)[..., None] * steps
    varied = windows.abs().amax(2, keepdim=True)
    age = torch.arange(most - 1, -1, -1, device=series.device)
    counts = (varied > _ROUNDING * size)[..., 0] & (age < blocks[:, None])
    energy = torch.view_as_real(torch.fft.rfft(windows / varied.clamp(min=1e-30))[..., 1:]).square().sum(3)
    energy = energy.clamp(min=1e-30)
    energy = torch.maximum(energy, 1e-10 * energy.mean(2, keepdim=True))
    usual = energy[..., ordinates.between.to(series.device) - 1].log().mean(2, keepdim=True).exp()
    number = counts.sum(1)
    total = torch.where(counts[..., None], energy / usual, 0.0).sum(1).double()
    return (total / number.clamp(min=1)[:, None]).clamp(min=1e-30), number


def _sums(
    spectrum: Float[Tensor, "series J"], blocks: Int[Tensor, " series"], ordinates: SeasonOrdinates
) -> list[Float[Tensor, "series C"]]:
    """Return the fields of the contrast: energies at the first harmonics and near them, and their freedom."""
    weights, parameters = ordinates.smoothing()
    between, harmonics = ordinates.between, ordinates.harmonics
    energy = spectrum[:, between - 1]
    white = spectrum / (energy.log() @ weights.T.to(spectrum.device)).exp()
    # the regression follows the ordinates that it is made of more closely than the harmonics
    left = 1 - parameters / len(between)
    near = (between - harmonics[:, None]).abs() <= _NEIGHBOURS
    columns: list[list[Tensor]] = [[], [], [], []]
    for count in ordinates.first_harmonics():
        first, beside = harmonics[:count], between[near[:count].any(0)]
        parts = [ordinates.freedom(part).to(spectrum.device) for part in (first, beside)]
        means = [
            (white[:, part - 1] @ freedom) / freedom.sum()
            for part, freedom in zip((first, beside), parts, strict=True)
        ]
        columns[0].append(means[0])
        columns[1].append(means[1] / left)
        columns[2].append(blocks * parts[0].sum())
        columns[3].append(blocks * parts[1].sum() * left)
    return [torch.stack(column, 1) for column in columns]
