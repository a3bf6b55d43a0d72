"""One method over many series, in parallel; no series stops the others."""

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

# Workers take seconds to start; what is done within one needs none.
_SECONDS_ALONE = 1.0


@dataclass(frozen=True)
class LocalForecast:
    """What came of one series.

    Attributes
    ----------
    bounds
        (horizon, 1 + 2 · levels), the point forecast and the bounds of each interval.
    fallback
        Why the naive method had to stand in; None where it had not.
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
            # warnings of a package would come without the series they are about; they are recorded
            # since statsmodels, when imported, sets filters that print them
            with warnings.catch_warnings(record=True), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                bounds = self.method(values, self.horizon, self.season, self.levels)
            reason = None if np.isfinite(bounds[:, 0]).all() else "its forecast is not finite"
        except DataError as error:
            reason = str(error)
        except Exception as error:  # whatever a package raises on one series is told in the warning
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

    The first series run in this process; workers start if these took longer than a second. The
    result does not depend on it.

    Parameters
    ----------
    method
        Must be importable by name, for the workers.
    series
        Each (T,), from its first observed value; an empty one is forecast as NaN.
    horizon, season, levels
        Passed to the method.
    jobs
        Processes at most; -1 for as many as there are cores.
    """
    from joblib import Parallel, delayed, effective_n_jobs, parallel_config
    from threadpoolctl import threadpool_limits

    task = _Task(method, horizon, season, levels)
    alone = effective_n_jobs(jobs) == 1
    done: list[LocalForecast] = []
    deadline = time.monotonic() + _SECONDS_ALONE
    with threadpool_limits(1, user_api="blas"):
        while len(done) < len(series) and (alone or time.monotonic() < deadline):
            done.append(task(series[len(done)]))
    rest = series[len(done) :]
    if rest:
        with parallel_config("loky", n_jobs=jobs, inner_max_num_threads=1):
            done += Parallel()(delayed(task)(values) for values in rest)
    return done
