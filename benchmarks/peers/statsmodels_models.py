"""statsmodels ETS: each series by itself, additive error and season (``settings["season"]`` steps).

The trend (none, linear, damped) is chosen by AICc from heuristic start values, and the chosen form is
fitted anew with estimated ones. There is nothing to stop by a clock: it takes the time that it takes,
in as many processes as the job has threads. Its memory is that of the first process alone.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from typing import Any

import numpy as np

from peers.protocol import Job, Record, serve

TRENDS = ((None, False), ("add", False), ("add", True))


def forecast_one(values: np.ndarray, season: int, horizon: int) -> np.ndarray:
    """Fit a series and forecast it."""
    if (values == values[0]).all():
        return np.full(horizon, values[0])  # its likelihood has no maximum
    unit = np.abs(values).mean()  # AICc compares forms at any scale, the optimiser's steps are absolute
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the optimiser's, where it did not converge
        forms = [(_fit(values / unit, season, trend, "heuristic").aicc, trend) for trend in TRENDS]
        _, best = min(forms, key=lambda form: form[0] if np.isfinite(form[0]) else np.inf)
        fitted = _fit(values / unit, season, best, "estimated")
        return unit * np.asarray(fitted.forecast(horizon))


def _fit(values: np.ndarray, season: int, trend: tuple[str | None, bool], start: str) -> Any:
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    form, damped = trend
    model = ETSModel(
        values,
        error="add",
        trend=form,
        damped_trend=damped,
        seasonal="add",
        seasonal_periods=season,
        initialization_method=start,
    )
    return model.fit(disp=False)


def forecast_all(values: Iterable[np.ndarray], season: int, horizon: int, processes: int) -> np.ndarray:
    """Return the forecasts (series, horizon)."""
    work = partial(forecast_one, season=season, horizon=horizon)
    if processes == 1:
        return np.stack([work(y) for y in values])
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        return np.stack(list(pool.map(work, values, chunksize=4)))


def run(job: Job, record: Record) -> np.ndarray:
    """Fit and forecast; the forecast's own time is in that of the fit."""
    record.versions("statsmodels", "numpy", "scipy")
    series = job.series()
    with record.measured("fit"):
        forecast = forecast_all(series.values, int(job.settings["season"]), job.horizon, job.threads)
    return forecast


if __name__ == "__main__":
    serve(run)
