"""NeuralForecast's model that ``settings["model"]`` names, as it comes, on all series of the job.

Nothing is set but the horizon and, where the model has no default for it, ``settings["input_size"]`` in
horizons (its guides' 2). Where a series is shorter than a window, all are padded at their start, which its
error message asks for: without that it refuses the panel. Missing values are on the line between their
neighbours. Its default seed, 1, is that of the job's seed 0. ``settings["max_steps"]``, if given, shortens
the training.
"""

from __future__ import annotations

import logging
from typing import Any

import numpy as np

from peers.frames import filled, forecast_array, long_frame
from peers.protocol import Job, Record, Series, serve, set_up_torch


def options(job: Job, shortest: int) -> dict[str, Any]:
    """Return what the model is given beside the horizon and what silences it."""
    given: dict[str, Any] = {}
    context = int(job.settings.get("input_size", 3))  # in horizons; 3 is the LSTM's default
    if "input_size" in job.settings:
        given["input_size"] = context * job.horizon
    if shortest < (context + 1) * job.horizon:
        given["start_padding_enabled"] = True
    if "max_steps" in job.settings:
        given["max_steps"] = job.settings["max_steps"]
    return given


def run(job: Job, record: Record) -> np.ndarray:
    """Train, and forecast."""
    from neuralforecast import NeuralForecast, models

    record.versions("neuralforecast", "torch", "pytorch-lightning")
    logging.getLogger("pytorch_lightning").setLevel(logging.WARNING)
    set_up_torch(job)
    series = job.series()
    series = Series(series.ids, [filled(values) for values in series.values])
    name = str(job.settings["model"])
    given = options(job, min(len(values) for values in series.values))
    data = long_frame(series)
    with record.measured("fit"):
        model = getattr(models, name)(
            h=job.horizon,
            random_seed=1 + job.seed,
            accelerator="cpu",
            logger=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            default_root_dir=job.folder,
            **given,
        )
        forecaster = NeuralForecast([model], freq=1)
        forecaster.fit(data)
    record |= {"context": model.input_size, "steps": int(model.max_steps)}
    record["padded"] = int(given.get("start_padding_enabled", False))
    with record.measured("predict"):
        forecast = forecaster.predict()
    return forecast_array(forecast, series.ids, [name])[..., 0]


if __name__ == "__main__":
    serve(run)
