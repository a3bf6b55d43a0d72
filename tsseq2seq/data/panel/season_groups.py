"""Seasons that some series of a panel show, where the panel as a whole does not: its groups may differ."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int
from torch import Tensor

from tsseq2seq.data.panel.lag_search import search_all_lags
from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.data.panel.panel_sample import PanelSample, take_sample
from tsseq2seq.data.panel.season_contrast import season_contrast
from tsseq2seq.data.panel.season_evidence import p_values
from tsseq2seq.data.panel.seasonality import FALSE_ALARMS, known_series, least_share, seasonal_periods

__all__ = ["PanelSeasons", "panel_seasons"]

# A group is a tenth of the series, and two at least: what noise passes for by chance is no more often.
_LEAST_SHARE_OF_SERIES, _FEWEST_SERIES = 0.1, 2


@dataclass(frozen=True)
class PanelSeasons:
    """Seasonal periods of a panel in whole steps, the shortest first.

    Attributes
    ----------
    of_all
        Those that the series show as a whole.
    of_groups
        Others, that at least a tenth of the series show by themselves.
    """

    of_all: tuple[int, ...]
    of_groups: tuple[int, ...] = ()


def panel_seasons(panel: Panel, proposed: tuple[float, ...]) -> PanelSeasons:
    """Return the seasons of a panel and of its groups.

    Where nothing is proposed, the autocorrelation of all series together may have its peak where the periods
    of several groups meet, as at 84 for 7 and 12. What groups of series show by themselves comes before it
    then: that of the largest group is the panel's.

    Parameters
    ----------
    panel
        The series.
    proposed
        Periods that the frequency suggests; empty: all lags are searched.
    """
    of_all = seasonal_periods(panel, proposed)
    if panel.count < _FEWEST_SERIES:
        return PanelSeasons(of_all)
    sample = take_sample(panel)
    if proposed:
        groups = _of_groups(sample, [period for period in proposed if round(period) not in of_all], of_all)
        return PanelSeasons(of_all, tuple(sorted(groups)))
    own = Counter(period for series in _each(sample) for period in search_all_lags(series, _known(series)))
    often = [period for period, count in own.items() if count >= _least_of(len(sample.values))]
    shared = tuple(period for period in of_all if period in often)
    groups = _of_groups(sample, [period for period in often if period not in of_all], shared)
    if groups and not shared:
        largest = max(groups, key=lambda period: (own[period], -period))
        return PanelSeasons((largest,), tuple(sorted(groups - {largest})))
    return PanelSeasons(shared if groups else of_all, tuple(sorted(groups)))


def _least_of(series: int) -> float:
    return max(_FEWEST_SERIES, _LEAST_SHARE_OF_SERIES * series)


def _each(sample: PanelSample) -> list[PanelSample]:
    """Return each series as a sample of its own, without the padding before it."""
    found = []
    for number, observed in enumerate(sample.observed.any(2)):
        length = len(observed) - int(observed.int().argmax()) if bool(observed.any()) else 0
        rows, steps = slice(number, number + 1), slice(len(observed) - length, None)
        found.append(
            PanelSample(
                values=sample.values[rows, steps],
                observed=sample.observed[rows, steps],
                origin=sample.origin[rows],
                unit=sample.unit[rows],
                typical_length=length,
            )
        )
    return found


def _known(sample: PanelSample) -> int:
    return int(sample.observed.any(2).sum())


def _of_groups(sample: PanelSample, asked: list[float], shared: tuple[int, ...]) -> set[int]:
    """Return which of the periods asked about are shown by a group."""
    targets = sample.values.shape[2]
    series, lengths = known_series(sample.values, sample.observed)
    shown: dict[float, Bool[np.ndarray, " all"]] = {}
    groups = set[int]()
    for period in sorted(asked):
        if period < 2:
            continue
        judged, has = np.zeros(len(series), dtype=bool), np.zeros(len(series), dtype=bool)
        for shorter, rows in _by_shorter(shown, shared, period, len(series)):
            judged[rows], has[rows] = _judged(
                series[rows], lengths[rows], period, shorter, FALSE_ALARMS / len(asked)
            )
        # a series has it if one of its targets does
        of_series = has.reshape(-1, targets).any(1)
        if of_series.sum() >= _least_of(int(judged.reshape(-1, targets).any(1).sum())):
            groups.add(round(period))
            shown[period] = np.repeat(of_series, targets)
    return groups


def _by_shorter(
    shown: dict[float, Bool[np.ndarray, " all"]], shared: tuple[int, ...], period: float, count: int
) -> list[tuple[tuple[float, ...], np.ndarray]]:
    """Return the rows by the shorter seasons that they have: what these explain shows no longer one."""
    common = [float(season) for season in shared if season < period]
    columns = [column for season, column in shown.items() if season < period]
    seasons = [season for season in shown if season < period]
    rows: dict[tuple[float, ...], list[int]] = {}
    for row in range(count):
        own = [season for season, column in zip(seasons, columns, strict=True) if column[row]]
        rows.setdefault(tuple(sorted({*common, *own})), []).append(row)
    return [(shorter, np.array(those)) for shorter, those in rows.items()]


def _judged(
    series: Float[Tensor, "some T"],
    lengths: Int[Tensor, " some"],
    period: float,
    shorter: tuple[float, ...],
    false_alarms: float,
) -> tuple[Bool[np.ndarray, " some"], Bool[np.ndarray, " some"]]:
    """Return which series are judged, and which of them have the season."""
    contrast = season_contrast(series, lengths, period, shorter)
    strong = (contrast.share >= least_share(period, shorter)).cpu().numpy()
    judged = contrast.judged.cpu().numpy()
    return judged, judged & strong & (p_values(contrast) <= false_alarms)
