"""Growth of the spread of series with their level: the exponent that decides whether to take logarithms."""

from __future__ import annotations

from jaxtyping import Bool, Float
from torch import Tensor

from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.data.panel.panel_sample import take_sample

__all__ = ["spread_exponent"]


def spread_exponent(panel: Panel, season_length: int | None) -> float:
    """Return p of Taylor's law (1961): the spread is proportional to the p-th power of the level.

    The changes over one season measure the spread; the level of a change is the mean of its two values. Each
    series is split at its median level. p is the slope, over the series, of the logarithm of how much the
    mean change grows from the lower half to the upper one, against that of the mean level.

    With p near 0 the changes are of the same size at all levels (additive). With p near 1 they are
    proportional to the level (multiplicative), and logarithms make them equal (Bartlett 1947; Box and Cox
    1964).

    Parameters
    ----------
    panel
        The series, whose values should mostly be above 0.
    season_length
        Steps of a season. None: 1, changes from step to step.

    Returns
    -------
    float
        NaN if no series has changes at two levels.

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
    """Return the logarithm of the mean in the upper half divided by the mean in the lower half."""
    return (_mean(numbers, upper) / _mean(numbers, lower)).log()


def _mean(
    numbers: Float[Tensor, "series T Y"], mask: Bool[Tensor, "series T Y"]
) -> Float[Tensor, "series Y"]:
    return numbers.masked_fill(~mask, 0.0).sum(1) / mask.sum(1)
