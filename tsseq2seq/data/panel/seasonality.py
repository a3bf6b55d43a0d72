"""Seasonal periods of a panel: those of the proposed ones that its series show."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor

from tsseq2seq.data.panel.gap_filling import filled_to_the_end
from tsseq2seq.data.panel.lag_search import search_all_lags
from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.data.panel.panel_sample import take_sample
from tsseq2seq.data.panel.season_contrast import season_contrast
from tsseq2seq.data.panel.season_evidence import independent_series, p_value_of_all

__all__ = ["FALSE_ALARMS", "known_series", "least_share", "seasonal_periods"]

#: How often noise passes for a season: so much is shared by the periods that are asked about.
FALSE_ALARMS = 0.015
# What a season has of the variance at the least.
_LEAST_SHARE = 0.25
_LEAST_SHARE_OF_MULTIPLE = 0.02


def seasonal_periods(panel: Panel, proposed: tuple[float, ...] = ()) -> tuple[int, ...]:
    """Return the seasonal periods of the series, the shortest first.

    A proposed period is judged if the median series has two of it: by how much more up to 100 of the series
    vary at its frequencies than in between (:mod:`~tsseq2seq.data.panel.season_contrast`). White noise,
    random walks, trends and autoregressions pass for a season in about one case of fifty. Where days repeat
    themselves, weeks do too: of a period that a shorter season divides, only what that one does not explain
    counts.

    Parameters
    ----------
    panel
        The series.
    proposed
        Periods that the frequency suggests, such as (24, 168) for hourly data or (7, 365.25) for days.
        Empty: all lags are searched for peaks of the autocorrelation.

    Returns
    -------
    tuple of int
        Periods in whole steps; empty if there is no season.
    """
    sample = take_sample(panel)
    if not proposed:
        return search_all_lags(sample, int(panel.observed.any(1).sum()))
    asked = [
        period for period in sorted(proposed) if period >= 2 and round(2 * period) <= sample.typical_length
    ]
    series, lengths = known_series(sample.values, sample.observed)
    found: list[float] = []
    for period in asked:
        if _is_season(series, lengths, period, tuple(found), FALSE_ALARMS / len(asked)):
            found.append(period)
    return tuple(round(period) for period in found)


def known_series(
    values: Float[Tensor, "series T Y"], observed: Tensor
) -> tuple[Float[Tensor, "all T"], Int[Tensor, " all"]]:
    """Return all targets of all series as series without gaps, and their lengths.

    A series is 0 long, and so not judged, if more than half of it is missing.
    """
    rows, known = (part.movedim(2, 1).flatten(0, 1) for part in (values, observed))
    filled, lengths = filled_to_the_end(rows, known)
    return filled, torch.where(2 * known.sum(1) >= lengths, lengths, 0)


def least_share(period: float, shorter: tuple[float, ...]) -> float:
    """Return what a season must have of the variance: less if a shorter one, which it repeats, divides it."""
    multiple = any(abs(period / season - round(period / season)) < 1e-6 for season in shorter)
    return _LEAST_SHARE_OF_MULTIPLE if multiple else _LEAST_SHARE


def _is_season(
    series: Float[Tensor, "series T"],
    lengths: Int[Tensor, " series"],
    period: float,
    shorter: tuple[float, ...],
    false_alarms: float,
) -> bool:
    contrast = season_contrast(series, lengths, period, shorter)
    judged = contrast.judged
    if not bool(judged.any()) or float(contrast.share[judged].mean()) < least_share(period, shorter):
        return False
    return p_value_of_all(contrast, independent_series(series[judged], period)) <= false_alarms
