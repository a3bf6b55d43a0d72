"""Forecasting many series by one statistical method, each by itself and in parallel."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tsseq2seq.errors import DataError
from tsseq2seq.evaluation.baselines.naive import covers_season, naive_forecast

__all__ = ["LocalForecast", "LocalMethod", "forecast_each"]

#: Forecasts one series: (values (T,), horizon, season, levels) -> (horizon, 1 + 2 · levels).
LocalMethod = Callable[[np.ndarray, int, int, tuple[float, ...]], np.ndarray]

# Workers take seconds to start; they are started only after so many seconds of work.
_SECONDS_ALONE = 1.0


@dataclass(frozen=True)
class LocalForecast:
    """The forecast of one series.

    Attributes
    ----------
    bounds
        (horizon, 1 + 2 · levels), the point forecast and the bounds of each interval.
    fallback
        Reason why the naive method was used instead. None: the method itself forecast the series.
    """

    bounds: np.ndarray
    fallback: str | None = None


@dataclass(frozen=True)
class _Task:
    method: LocalMethod
    horizon: int
    season: int
    levels: tuple[float, ...]

    def __call__(self, values: np.ndarray) -> LocalForecast:
        if not values.size:
            return LocalForecast(np.full((self.horizon, 1 + 2 * len(self.levels)), np.nan))
        try:
            # a package's warnings do not name the series; they are recorded, not ignored, since statsmodels,
            # when imported, sets filters that print them
            with warnings.catch_warnings(record=True), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                bounds = self.method(values, self.horizon, self.season, self.levels)
            reason = None if np.isfinite(bounds[:, 0]).all() else "its forecast is not finite"
        except DataError as error:
            reason = str(error)
        except Exception as error:  # an error of a package on one series is reported in the warning
            reason = f"{type(error).__name__}: {error}"
        if reason is None:
            return LocalForecast(bounds)
        season = self.season if covers_season(values, self.season) else 1
        return LocalForecast(naive_forecast(values, self.horizon, season, self.levels), reason)


def forecast_each(
    method: LocalMethod,
    series: Sequence[np.ndarray],
    *,
    horizon: int,
    season: int,
    levels: tuple[float, ...],
    jobs: int,
) -> list[LocalForecast]:
    """Forecast each series by itself.

    Series are forecast in this process at first; after a second workers start and take the others. The
    result does not depend on the number of workers.

    Parameters
    ----------
    method
        The statistical method; importable by name, for the workers.
    series
        Each (T,), from its first observed value; an empty series is forecast as NaN.
    horizon, season, levels
        Arguments of the method.
    jobs
        Largest number of processes; -1 for the number of cores.
    """
    from joblib import Parallel, delayed, effective_n_jobs, parallel_config
    from threadpoolctl import threadpool_limits

    task = _Task(method, horizon, season, levels)
    single_process = effective_n_jobs(jobs) == 1
    forecasts: list[LocalForecast] = []
    deadline = time.monotonic() + _SECONDS_ALONE
    with threadpool_limits(1, user_api="blas"):
        while len(forecasts) < len(series) and (single_process or time.monotonic() < deadline):
            forecasts.append(task(series[len(forecasts)]))
    rest = series[len(forecasts) :]
    if rest:
        with parallel_config("loky", n_jobs=jobs, inner_max_num_threads=1):
            forecasts += Parallel()(delayed(task)(values) for values in rest)
    return forecasts
