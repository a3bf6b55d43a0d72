"""How the spread of series grows with their level, which decides for or against logarithms."""

from __future__ import annotations

from jaxtyping import Bool, Float
from torch import Tensor

from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.data.panel.panel_sample import take_sample

__all__ = ["spread_exponent"]


def spread_exponent(panel: Panel, season_length: int | None) -> float:
    """Return p of the law: spread is proportional to the p-th power of the level (Taylor 1961).

    Spread is the mean change over a season, level the mean of the two values that it lies between. Each
    series says how much both grow from its lower half of levels to its upper one; p is the slope of the
    one on the other, as logarithms. Around 0, changes are of one size at all levels; around 1 they are a
    share of the level, and logarithms make them equal (Bartlett 1947; Box and Cox 1964).

    Parameters
    ----------
    panel
        The series; values above 0 for the most part, or there is no law.
    season_length
        Steps of a season. None: changes from step to step.

    Returns
    -------
    float
        NaN if no series has two levels with changes.

    References
    ----------
    Taylor, "Aggregation, variance and the mean", Nature 189, 1961.
    Bartlett, "The use of transformations", Biometrics 3, 1947.
    Box and Cox, "An analysis of transformations", JRSS B 26, 1964.
    """
    season = season_length or 1
    values = take_sample(panel).original()
    if values.shape[1] <= season:
        return float("nan")
    earlier, later = values[:, :-season], values[:, season:]
    change, level = (later - earlier).abs(), (later + earlier) / 2
    upper = level > level.nanmedian(1, keepdim=True).values
    lower = ~upper & ~level.isnan()
    levels = _log_ratio(level, upper, lower)
    changes = _log_ratio(change, upper, lower)
    finite = levels.isfinite() & changes.isfinite()
    levels, changes = levels[finite], changes[finite]
    return float((levels * changes).sum() / levels.square().sum())


def _log_ratio(
    numbers: Float[Tensor, "series T Y"], upper: Bool[Tensor, "series T Y"], lower: Bool[Tensor, "series T Y"]
) -> Float[Tensor, "series Y"]:
    """Return the logarithm of how many times as large numbers are in the upper half, on average."""
    return (_mean(numbers, upper) / _mean(numbers, lower)).log()


def _mean(
    numbers: Float[Tensor, "series T Y"], mask: Bool[Tensor, "series T Y"]
) -> Float[Tensor, "series Y"]:
    return numbers.masked_fill(~mask, 0.0).sum(1) / mask.sum(1)
