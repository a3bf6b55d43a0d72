"""StatsForecast: the model that ``settings["model"]`` names, told ``settings["season"]`` and nothing else.

Each series by itself, in as many processes as the job has threads; its missing values are on the line
between their neighbours. A series that the model cannot forecast is forecast by seasonal naive (by the last
value, where it has no two seasons), as StatsForecast does with a fallback model; ``fallbacks`` counts them.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

import numpy as np

from peers.frames import filled, interval_columns, interval_levels
from peers.protocol import Job, Record, serve


def forecast_one(
    values: np.ndarray, model: str, season: int, horizon: int, quantiles: Sequence[float]
) -> tuple[np.ndarray, bool]:
    """Fit a series and forecast it: (horizon, quantiles), and whether the model itself did."""
    from statsforecast import models

    fallback = models.SeasonalNaive(season_length=season) if len(values) >= 2 * season > 2 else models.Naive()
    for forecaster, own in ((getattr(models, model)(season_length=season), True), (fallback, False)):
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")  # the optimiser's, and those of too long seasons
                made = forecaster.forecast(y=values, h=horizon, level=interval_levels(quantiles))
        except Exception:  # the fallback takes over, and is counted
            if not own:
                raise
            continue
        columns = [name.removeprefix("m-") for name in interval_columns("m", quantiles, "mean")]
        forecast = np.stack([made[column] for column in columns], axis=1)
        if np.isfinite(forecast).all():
            return forecast, own
    # a constant or very short series, whose spread the naive method cannot tell
    return np.where(np.isfinite(forecast), forecast, made["mean"][:, None]), False


def run(job: Job, record: Record) -> np.ndarray:
    """Fit and forecast; the forecast's own time is in that of the fit."""
    record.versions("statsforecast", "numpy", "scipy")
    np.random.seed(job.seed)  # noqa: NPY002 (what it simulates by)
    values = [filled(y) for y in job.series().values]
    work = partial(
        forecast_one,
        model=str(job.settings["model"]),
        season=int(job.settings["season"]),
        horizon=job.horizon,
        quantiles=job.quantiles,
    )
    with record.measured("fit"):
        if job.threads == 1:
            made = [work(y) for y in values]
        else:
            with ProcessPoolExecutor(job.threads, mp_context=get_context("spawn")) as pool:
                made = list(pool.map(work, values, chunksize=4))
    record["fallbacks"] = sum(not own for _, own in made)
    return np.stack([forecast for forecast, _ in made])


if __name__ == "__main__":
    serve(run)
