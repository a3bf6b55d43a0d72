"""The base class of the baselines: parameters, fit and predict."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import torch
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.frames import give_back, read_frame
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.forecast_frame import forecast_frame, interval_columns
from tsseq2seq.data.panel.history_times import check_history_times
from tsseq2seq.data.panel.panel import Panel, make_panel
from tsseq2seq.data.panel.seasonality import seasonal_periods
from tsseq2seq.data.panel.wall_clock import WallClock, wall_clock
from tsseq2seq.errors import DataWarning, ParameterError, require, shown, warn
from tsseq2seq.evaluation.baselines.local_forecasts import LocalForecast, forecast_each
from tsseq2seq.evaluation.baselines.missing import fill_missing, trim_start
from tsseq2seq.forecasting.bounds import find_bounds
from tsseq2seq.forecasting.defaults import LONGEST
from tsseq2seq.keywords import CheckedArguments, checked_arguments
from tsseq2seq.memory import memory_told
from tsseq2seq.settings import check_number

__all__ = ["Baseline"]


class Baseline(ABC, CheckedArguments, BaseEstimator):
    """Base class of the statistical methods, which forecast each series by itself.

    A subclass implements :meth:`forecast_series`. A series that the method cannot forecast (too short,
    constant) is forecast by the naive method; one :class:`~tsseq2seq.errors.DataWarning` counts these series
    and names the first.

    Parameters
    ----------
    horizon
        Time steps to forecast.
    season_length
        Seasonal period, in time steps. None: the shortest one found in the data given to ``fit``; 1 if there
        is none.
    id_col, time_col, target_col
        Names of the columns. ``id_col=None``, or a frame without ``unique_id``: one series.
    freq
        Frequency of the grid. None: inferred.
    jobs
        Number of processes among which the series are divided; -1 for the number of cores.

    Attributes
    ----------
    season_length_ : int
        The seasonal period in use.
    periods_ : tuple of int
        All seasonal periods found or given, the shortest first; most methods use the first alone.
    frequency_
        The frequency of the grid.
    panel_
        The series given to ``fit``.
    columns_, kind_
        The role of each column, and the form of the frame given to ``fit``.

    Examples
    --------
    >>> class Mean(Baseline):
    ...     @staticmethod
    ...     def forecast_series(values, horizon, season, levels):
    ...         return np.full((horizon, 1 + 2 * len(levels)), values.mean())
    >>> Mean(2).fit([1.0, 2.0, 6.0]).predict().tolist()
    [3.0, 3.0]
    """

    #: Whether missing values are filled, with a warning, before a series is forecast.
    needs_complete: ClassVar[bool] = True
    #: The optional package behind the method.
    package: ClassVar[str | None] = None

    def __init__(
        self,
        horizon: int,
        *,
        season_length: int | None = None,
        id_col: str | None = "unique_id",
        time_col: str = "ds",
        target_col: str = "y",
        freq: str | int | pd.DateOffset | None = None,
        jobs: int = -1,
    ) -> None:
        self.horizon = horizon
        self.season_length = season_length
        self.id_col = id_col
        self.time_col = time_col
        self.target_col = target_col
        self.freq = freq
        self.jobs = jobs

    @staticmethod
    @abstractmethod
    def forecast_series(
        values: np.ndarray, horizon: int, season: int, levels: tuple[float, ...]
    ) -> np.ndarray:
        """Forecast one series.

        Parameters
        ----------
        values
            (T,), from the first observed value; NaN where missing, unless ``needs_complete``.
        horizon
            Time steps to forecast.
        season
            Seasonal period, in time steps; 1 if there is none.
        levels
            Levels of the intervals, in percent.

        Returns
        -------
        ndarray
            (horizon, 1 + 2 · levels): the point forecast, then the lower and the upper bound of each level.

        Raises
        ------
        DataError
            If this method cannot forecast the series; the message is a reason that begins with "it".
        """

    @checked_arguments
    @memory_told
    def fit(self, df: Any, y: object = None) -> Baseline:  # noqa: ANN401
        """Read the series and find their frequency and seasonal period.

        Parameters
        ----------
        df
            The history, in any form that :class:`~tsseq2seq.Seq2SeqForecaster` takes; NaN where a value is
            missing.
        y
            Not used; scikit-learn's Pipeline passes it.

        Returns
        -------
        Baseline
            This estimator, unchanged after an error.

        Raises
        ------
        TsSeq2SeqError
            If a parameter or the frame cannot be used.
        MissingDependencyError
            If the package behind the method is not installed.
        """
        columns = self._check_parameters()
        if self.package is not None:
            require(self.package, extra="baselines", purpose=type(self).__name__)
        long, kind = read_frame(df, columns)
        frame = read_long_frame(long, columns)
        frequency = Frequency.of(self.freq, frame)
        panel = make_panel(frame, frequency)
        if self.season_length is None:
            periods = seasonal_periods(panel, frequency.exact_seasons())
        else:
            periods = (int(self.season_length),) if self.season_length > 1 else ()
        self.panel_, self.columns_, self.kind_ = panel, columns, kind
        self.frequency_, self.periods_ = frequency, periods
        self.season_length_ = next(iter(periods), 1)
        self._lowest = frame.lowest
        return self

    @checked_arguments
    @memory_told
    def predict(
        self,
        df: Any = None,  # noqa: ANN401
        future: Any = None,  # noqa: ANN401
        *,
        horizon: int | None = None,
        levels: Sequence[float] | None = None,
    ) -> Any:  # noqa: ANN401
        """Forecast the steps after the end of each series.

        Parameters
        ----------
        df
            The whole history to forecast from; the method is fitted to each of its series, with the frequency
            and the seasonal period found by ``fit``. None: the frame given to ``fit``.
        future
            Not used, since baselines have no covariates; accepted so that baselines can replace forecasters.
        horizon
            Time steps to forecast. None: ``horizon`` of the constructor.
        levels
            Levels of the intervals, in percent. None: no intervals.

        Returns
        -------
        pandas.DataFrame, or a frame of the form of ``df``
            Series, time stamp, a column named like the class, and ``ETS-lo-80``, ``ETS-hi-80`` for each
            level, the series in order of first appearance. A series without an observed value is NaN. Where
            no value, of the fit or of the history, is below 0, neither are forecasts and bounds.

        Raises
        ------
        NotFittedError
            Before ``fit``.
        TsSeq2SeqError
            If the frame or an argument cannot be used.

        Warns
        -----
        DataWarning
            If values were filled, or series were forecast by the naive method or as NaN.
        """
        name = type(self).__name__
        if not hasattr(self, "panel_"):
            raise NotFittedError(f"this {name} is not fitted yet; call fit first")
        check_number("predict", "horizon", horizon, low=1, high=LONGEST, integer=True, optional=True)
        steps = int(self.horizon if horizon is None else horizon)
        intervals = interval_columns(name, None, [] if levels is None else levels)
        panel, kind, lowest = self.panel_, self.kind_, self._lowest
        if df is not None:
            long, kind = read_frame(df, self.columns_)
            frame = read_long_frame(long, self.columns_)
            lowest = float(np.fmin(lowest, frame.lowest))
            positions = self.frequency_.positions(frame.times, frame.starts, frame.ids)
            check_history_times(self.panel_, frame, positions)
            panel = make_panel(frame, self.frequency_, positions=positions)
        clock = wall_clock(panel, steps)
        forecasts = self._forecasts(
            panel, clock, steps, tuple(float(level) for level in dict.fromkeys(levels or ()))
        )
        self._warn_of_fallbacks(panel, forecasts)
        numbers = np.stack([forecast.bounds for forecast in forecasts])
        if clock is not None:
            order = clock.order(torch.arange(panel.count), panel.lengths, steps).numpy()
            numbers = np.take_along_axis(numbers, order[:, :, None], axis=1)
        bounds = find_bounds(np.array([lowest]), floor=None, ceiling=None)
        numbers = bounds.hold(numbers[..., None])[..., 0]
        values = {column: numbers[:, :, index] for index, column in enumerate([name, *intervals])}
        return give_back(forecast_frame(panel, self.columns_, values), kind, self.columns_)

    def _forecasts(
        self, panel: Panel, clock: WallClock | None, steps: int, levels: tuple[float, ...]
    ) -> list[LocalForecast]:
        """Forecast every series of a panel, by the clock at its end where the clocks change."""
        return forecast_each(
            self.forecast_series,
            self._histories(panel, clock),
            horizon=steps,
            season=self.season_length_,
            levels=levels,
            jobs=self.jobs,
        )

    def _check_parameters(self) -> Columns:
        name = type(self).__name__
        check_number(name, "horizon", self.horizon, low=1, high=LONGEST, integer=True)
        check_number(name, "season_length", self.season_length, low=1, integer=True, optional=True)
        check_number(name, "jobs", self.jobs, low=-1, integer=True)
        if self.jobs == 0:
            raise ParameterError(f"{name}: jobs is 0; it must be a number of processes, or -1 for all cores")
        columns = Columns.of(id_col=self.id_col, time_col=self.time_col, target_col=self.target_col)
        if len(columns.targets) > 1:
            raise ParameterError(f"{name}: target_col is {self.target_col!r}; it must be one column")
        for role, column in (("id_col", columns.id), ("time_col", columns.time)):
            if column is not None and column.startswith(name):
                raise ParameterError(f"{role} is {column!r}; names that begin so are the forecast's")
        return columns

    def _histories(self, panel: Panel, clock: WallClock | None) -> list[np.ndarray]:
        """Return the series from their first observed value on, complete if the method needs it.

        Where the clocks change, they are read by the clock at their ends.
        """
        histories = [trim_start(_by_clock(panel, series, clock)) for series in range(panel.count)]
        if not self.needs_complete:
            return histories
        gaps = {series: int(np.isnan(values).sum()) for series, values in enumerate(histories)}
        gaps = {series: count for series, count in gaps.items() if count}
        if gaps:
            series = next(iter(gaps))
            before = int(panel.lengths[series]) - len(histories[series])
            step = before + int(np.argmax(np.isnan(histories[series])))
            self._warn(
                f"{sum(gaps.values())} missing values in {len(gaps)} of {panel.count} series were "
                "filled by interpolation within the same phase of the season; the first is "
                f"{panel.time(series, step)} of series {shown(panel.ids[series])}"
            )
        return [
            fill_missing(values, self.season_length_) if series in gaps else values
            for series, values in enumerate(histories)
        ]

    def _warn_of_fallbacks(self, panel: Panel, forecasts: list[LocalForecast]) -> None:
        fallbacks = [series for series, forecast in enumerate(forecasts) if forecast.fallback is not None]
        if fallbacks:
            self._warn(
                f"{len(fallbacks)} of {panel.count} series were forecast by the naive method instead (the "
                "last value, of the same season where there is one); the first is "
                f"{shown(panel.ids[fallbacks[0]])}: {forecasts[fallbacks[0]].fallback}"
            )
        observed = [
            bool(panel.observed[slice(*panel.offsets[series : series + 2])].any())
            for series in range(panel.count)
        ]
        if not all(observed):
            self._warn(
                f"{observed.count(False)} of {panel.count} series have no observed value and are forecast as "
                f"NaN; the first is {shown(panel.ids[observed.index(False)])}"
            )

    def _warn(self, text: str) -> None:
        warn(f"{type(self).__name__}: {text}", DataWarning)


def _by_clock(panel: Panel, series: int, clock: WallClock | None) -> np.ndarray:
    """Return the values of a series in order of the clock on the wall; as they are where there is none."""
    values = panel.original(series)[:, 0]
    if clock is None:
        return values
    one, length = torch.tensor([series]), torch.tensor([len(values)])
    return values[clock.steps(one, length, torch.arange(len(values))[None])[0].numpy()]
