"""Smoothing: a grid of exponential smoothing methods for all series at once, weighed by their own errors."""

from __future__ import annotations

import dataclasses
from typing import ClassVar, final

import numpy as np
import pandas as pd
import torch

from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.data.panel.season_groups import panel_seasons
from tsseq2seq.data.panel.wall_clock import WallClock
from tsseq2seq.errors import DataError
from tsseq2seq.evaluation.baselines.base import Baseline
from tsseq2seq.evaluation.baselines.local_forecasts import LocalForecast, forecast_each
from tsseq2seq.smoothing.base import SmoothingBase
from tsseq2seq.smoothing.seasonal_indices import adjusting_cutoffs

__all__ = ["Smoothing"]


@final
class Smoothing(Baseline):
    """Forecast by a weighted mean of sixty exponential smoothing methods, for a panel in one pass.

    Seasons are removed by indices that forget older seasons, at a rate that each series chooses, and that
    vanish where a series shows no season. They are factors as long as a series is above 0, else terms; a
    series of fewer than two seasons has none. Levels with no, half (the theta method) or the whole global
    slope, and damped trends, are weighed by their discounted errors at the steps of the horizon. In a panel,
    earlier cutoffs of all series teach how sharply to weigh, and which methods to prefer. Intervals
    come from the errors at these cutoffs.

    A series of which more than two fifths are exactly 0 from the first demand on, and none below, is
    intermittent demand, unless its season makes the zeros. Its forecast is the mean demand of a step, by
    methods for it that are weighed by squared errors; the mean of rare demand may lie beyond an interval,
    whose ends are 0 or sizes that there were. The parameters are those of :class:`Baseline`; ``fit`` learns,
    and ``predict`` forecasts any series with what was learned. ``jobs`` is not used.

    Attributes
    ----------
    base_ : SmoothingBase
        What was learned.

    References
    ----------
    Gardner, "Exponential smoothing: the state of the art", 1985; Assimakopoulos and Nikolopoulos, "The
    theta model", 2000; Smyl, "A hybrid method of exponential smoothing and recurrent neural networks for time
    series forecasting", 2020; Teunter, Syntetos and Babai, "Intermittent demand: linking forecasting to
    inventory obsolescence", 2011.

    Examples
    --------
    >>> from tsseq2seq import datasets
    >>> forecast = Smoothing(horizon=12).fit(datasets.load("air_passengers")).predict(levels=[90])
    >>> forecast.columns.tolist()
    ['unique_id', 'ds', 'Smoothing', 'Smoothing-lo-90', 'Smoothing-hi-90']
    """

    needs_complete: ClassVar[bool] = False

    def fit(self, df: pd.DataFrame, y: object = None) -> Smoothing:
        """Read the series, find their seasons, and learn from them; see :meth:`Baseline.fit`."""
        super().fit(df)
        if self.season_length is None:
            found = panel_seasons(self.panel_, self.frequency_.exact_seasons())
            # a season vanishes from the indices of a series that does not show it
            self.periods_ = tuple(sorted({*found.of_all, *found.of_groups}))
            self.season_length_ = next(iter(found.of_all), 1)
        self._warn_of_long_season(self.periods_)
        self.base_ = SmoothingBase.learned(self.panel_, self.periods_, int(self.horizon), seed=0)
        return self

    def _warn_of_long_season(self, periods: tuple[int, ...]) -> None:
        """Warn of a season that was asked for, if no series is long enough to show it."""
        longest = int(self.panel_.lengths.max())
        if self.season_length is not None and periods and longest < adjusting_cutoffs(periods[0])[0]:
            self._warn(
                f"season_length is {periods[0]}, and the longest series has {longest} steps, fewer than two "
                "seasons; forecasts have no season"
            )

    def _forecasts(
        self, panel: Panel, clock: WallClock | None, steps: int, levels: tuple[float, ...]
    ) -> list[LocalForecast]:
        """Forecast every series of a panel; those of which too little is known by the naive method."""
        probabilities = [(1 + sign * level / 100) / 2 for level in levels for sign in (-1, 1)]
        ordered = panel if clock is None else _by_clock(panel, clock)
        bounds = self.base_.forecast(ordered, steps, probabilities=probabilities)[:, :, 0]
        forecasts = [LocalForecast(numbers) for numbers in bounds]
        unknown = np.flatnonzero(np.isnan(bounds).any((1, 2)))
        if len(unknown):
            histories = self._histories(panel, clock)
            instead = forecast_each(
                self.forecast_series,
                [histories[series] for series in unknown],
                horizon=steps,
                season=self.season_length_,
                levels=levels,
                jobs=1,
            )
            for series, forecast in zip(unknown, instead, strict=True):
                forecasts[series] = forecast
        return forecasts

    @staticmethod
    def forecast_series(
        values: np.ndarray, horizon: int, season: int, levels: tuple[float, ...]
    ) -> np.ndarray:
        """Refuse a series of which too little is known; all others are forecast together.

        Raises
        ------
        DataError
            Always: such a series is forecast by the naive method.
        """
        raise DataError(f"it has {int((~np.isnan(values)).sum())} observed values, too few to smooth")


def _by_clock(panel: Panel, clock: WallClock) -> Panel:
    """Return the panel with the steps of each series in order of the clock on the wall at its end."""
    rows = []
    for series, length in enumerate(panel.lengths.tolist()):
        steps = clock.steps(torch.tensor([series]), torch.tensor([length]), torch.arange(length)[None])[0]
        rows.append(panel.offsets[series] + steps.clamp(0, max(0, length - 1)))
    order = torch.cat(rows)
    return dataclasses.replace(panel, values=panel.values[order], observed=panel.observed[order])
