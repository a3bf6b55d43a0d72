"""The seasonal periods of a forecaster: those that the user gives, or what the data show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.data.panel.season_groups import PanelSeasons, panel_seasons
from tsseq2seq.errors import DataWarning, ParameterError, ParameterTypeError, warn
from tsseq2seq.settings import check_number

__all__ = ["SeasonLength", "check_season_length", "exact_seasons", "find_seasons", "seasonal_lags"]

#: What a user may give: one period or several, in steps.
SeasonLength: TypeAlias = float | np.number | Sequence[float | np.number] | np.ndarray | None


_LONGEST = 10**7


def check_season_length(owner: str, value: object) -> tuple[int, ...] | None:
    """Return the periods that a user gives, the shortest first; None: open.

    Parameters
    ----------
    owner
        Whose parameter it is.
    value
        A number of steps, or several; 365.25 counts as 365, and 1 as no season.

    Raises
    ------
    ParameterError, ParameterTypeError
        If one is no number, below 1, or there twice.

    Examples
    --------
    >>> check_season_length("Seq2SeqForecaster", [365.25, 7]), check_season_length("Seq2SeqForecaster", 1)
    ((7, 365), ())
    """
    if value is None:
        return None
    if isinstance(value, str | bytes | dict | set):
        raise ParameterTypeError(
            f"{owner}: season_length is {value!r}; it must be a number of steps or a list of them"
        )
    given: list[Any] = list(value) if isinstance(value, Sequence | np.ndarray | range) else [value]
    for period in given:
        check_number(owner, "season_length", period, low=1, high=_LONGEST)
    steps = sorted(round(float(period)) for period in given)
    if len(set(steps)) < len(steps):
        raise ParameterError(f"{owner}: season_length is {value!r}; each may be given once only")
    return tuple(period for period in steps if period > 1)


def find_seasons(panel: Panel, asked: tuple[int, ...] | None) -> PanelSeasons:
    """Return the seasonal periods: those asked for, or those that the panel and its groups show.

    Warns
    -----
    DataWarning
        If one that is asked for is as long as the longest series, which then can show nothing of it.
    """
    if asked is None:
        return panel_seasons(panel, panel.frequency.exact_seasons())
    longest = int(panel.lengths.max())
    hopeless = [period for period in asked if period >= longest]
    if hopeless:
        warn(
            f"season_length has {hopeless[0]}, but the longest series has {longest} steps, which hold no "
            "whole period and a step of the next; it is left out",
            DataWarning,
        )
    return PanelSeasons(tuple(period for period in asked if period < longest))


def exact_seasons(value: SeasonLength, frequency: Frequency, periods: tuple[int, ...]) -> tuple[float, ...]:
    """Return seasonal periods as exactly as they are known.

    Whole steps are what lags and segments count in; a profile over many periods is exact with the lengths
    themselves (:mod:`~tsseq2seq.data.panel.season_places`).

    Parameters
    ----------
    value
        What the user gave; None: the data show the periods.
    frequency
        The grid, by which a year of days has 365.2425 where nothing was given.
    periods
        The periods in use, in whole steps.

    Examples
    --------
    >>> exact_seasons([7, 365.25], Frequency.parse("D"), (7, 365))
    (7.0, 365.25)
    >>> exact_seasons(None, Frequency.parse("W"), (52,)), exact_seasons(52, Frequency.parse("W"), (52,))
    ((52.1775,), (52,))
    """
    known = frequency.exact_seasons() if value is None else np.atleast_1d(np.asarray(value)).tolist()
    return tuple(next((exact for exact in known if round(exact) == period), period) for period in periods)


def seasonal_lags(
    panel: Panel, periods: tuple[int, ...], asked: tuple[int, ...] | None, context_length: int, horizon: int
) -> tuple[int, ...]:
    """Return the lags at which the network sees seasons that its decoder cannot add to.

    These are the longer periods, the first one too where it is longer than the context, and those which are
    usual at the frequency but of which there are fewer than two, so that the data cannot show them.

    Parameters
    ----------
    panel
        The series.
    periods
        The seasonal periods, the shortest first.
    asked
        What the user asked for; None: periods that cannot be judged are added.
    context_length, horizon
        Steps read and steps forecast.
    """
    lags = periods[1:] if not periods or periods[0] <= context_length else periods
    if asked is not None:
        return lags
    typical = int(panel.lengths.float().median())
    usual = panel.frequency.season_candidates()
    short = [period for period in usual if period + horizon <= typical < 2 * period and period > 1]
    return tuple(sorted({*lags, *short}))
