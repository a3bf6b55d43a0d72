"""How much more series vary at the frequencies of a season than at those in between.

What repeats itself after P steps varies at the frequencies 1/P, 2/P, 3/P, … only; noise, walks, trends and
cycles of other lengths at those in between as well, and about as much, since their spectra are smooth.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from tsseq2seq.data.panel.season_ordinates import SeasonOrdinates

__all__ = ["SeasonContrast", "season_contrast"]

# More periods than twice this are divided into blocks of at least so many: seasons change in time.
_PERIODS_OF_BLOCK = 8
# Ordinates on either side of a harmonic that it is compared with.
_NEIGHBOURS = 3
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
    share
        (series,), what the season has of the variance at its frequencies and above, or of that of the series
        turned into white noise, whichever is more: the autocorrelation at its lag, trends apart.
    judged
        (series,), whether there are two periods, in which something varies beside a line.
    """

    at_season: Float[Tensor, "series C"]
    between: Float[Tensor, "series C"]
    freedom_at_season: Float[Tensor, "series C"]
    freedom_between: Float[Tensor, "series C"]
    share: Float[Tensor, " series"]
    judged: Bool[Tensor, " series"]


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
    counts = torch.floor((lengths + 0.5) / period + 1e-9).long()
    blocks = torch.where(counts >= 2 * _PERIODS_OF_BLOCK, counts // _PERIODS_OF_BLOCK, 1)
    each = counts // blocks
    # periods are rounded to whole steps together, perhaps up, and so may be a step too long
    each -= (blocks * torch.round(each * period) > lengths).long()
    each = torch.where(each >= 2, each, 0)
    found = _nothing(series, len(SeasonOrdinates.of(period, 2, shorter).first_harmonics()))
    for periods in each.unique().tolist():
        ordinates = SeasonOrdinates.of(period, periods, shorter) if periods else None
        if ordinates is not None and len(ordinates.harmonics) and len(ordinates.between):
            rows = (each == periods).nonzero()[:, 0]
            chosen = series if len(rows) == len(series) else series[rows]
            part = _contrast(*_mean_spectrum(chosen, blocks[rows], ordinates), ordinates)
            for field in dataclasses.fields(SeasonContrast):
                value = getattr(part, field.name)
                getattr(found, field.name)[rows] = value.to(getattr(found, field.name).dtype)
    return found


def _nothing(series: Float[Tensor, "series T"], columns: int) -> SeasonContrast:
    """Return contrasts of series none of which is judged."""
    ones = series.new_ones(len(series), columns, dtype=torch.double)
    share = series.new_zeros(len(series), dtype=torch.double)
    return SeasonContrast(ones, ones.clone(), ones.clone(), ones.clone(), share, share > 0)


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
    waves = torch.fft.rfft(windows / varied.clamp(min=1e-30))[..., 1:]
    energy = waves.real.square() + waves.imag.square()
    energy = torch.maximum(energy, 1e-10 * energy.mean(2, keepdim=True)).clamp(min=1e-30)
    usual = energy[..., ordinates.between.to(series.device) - 1].log().mean(2, keepdim=True).exp()
    number = counts.sum(1)
    total = torch.where(counts[..., None], energy / usual, 0.0).sum(1)
    return (total / number.clamp(min=1)[:, None]).clamp(min=1e-30), number


def _contrast(
    spectrum: Float[Tensor, "series J"], blocks: Int[Tensor, " series"], ordinates: SeasonOrdinates
) -> SeasonContrast:
    """Return what mean periodograms of so many blocks show."""
    between, harmonics = ordinates.between, ordinates.harmonics
    smooth, parameters = ordinates.smooth_spectrum(spectrum[:, between - 1].log())
    white = spectrum / smooth
    # the regression follows the ordinates that it is made of more closely than the harmonics
    left = 1 - parameters / len(between)
    near = (between - harmonics[:, None]).abs() <= _NEIGHBOURS
    sums: list[tuple[Tensor, ...]] = []
    for count in ordinates.first_harmonics():
        first, beside = harmonics[:count], between[near[:count].any(0)]
        one, other = (ordinates.freedom(part).to(spectrum) for part in (first, beside))
        means = white[:, first - 1] @ one / one.sum(), white[:, beside - 1] @ other / (other.sum() * left)
        sums.append((*means, blocks * one.sum(), blocks * other.sum() * left))
    fields = [torch.stack(column, 1) for column in zip(*sums, strict=True)]
    at_season, beside_it, of_season, of_rest = fields
    share = _share(spectrum, white, beside_it[:, -1:], ordinates)
    return SeasonContrast(at_season, beside_it, of_season, of_rest, share, blocks > 0)


def _share(
    spectrum: Float[Tensor, "series J"],
    white: Float[Tensor, "series J"],
    noise: Float[Tensor, "series 1"],
    ordinates: SeasonOrdinates,
) -> Float[Tensor, " series"]:
    """Return the season's share of the variance, of the series or of the white noise made of it."""
    at_season, first = ordinates.harmonics - 1, int(ordinates.harmonics[0]) - 1
    excess = white[:, at_season] - noise
    of_white = excess.sum(1) / white[:, : ordinates.last].sum(1)
    of_series = spectrum[:, at_season] * excess / white[:, at_season]
    of_series = of_series.sum(1) / spectrum[:, first : ordinates.last].sum(1)
    return torch.maximum(of_white, of_series).clamp(0, 1)
