"""NeuralForecast: the model that ``settings["model"]`` names (DeepAR, LSTM, NHITS).

All other settings go to that model; what they do not name keeps its default. The clock stops in
place of ``max_steps``, over which a model that has ``num_lr_decays`` spreads them: they are spread
over the time instead.

Quantiles of DeepAR are those of its Student's t distribution (its default); any other model with
quantiles is trained with ``MQLoss``.
"""

from __future__ import annotations

import inspect
import logging
from typing import Any

import numpy as np

from peers.clock import Clock, stopper
from peers.frames import forecast_array, interval_columns, interval_levels, long_frame
from peers.protocol import Job, Record, serve, set_up_torch


def build(job: Job, clock: Clock) -> Any:
    """Return the model, unfitted."""
    import pytorch_lightning as lightning
    import torch
    from neuralforecast import models
    from neuralforecast.losses.pytorch import DistributionLoss, MQLoss

    settings = dict(job.settings)
    model = getattr(models, str(settings.pop("model")))
    if job.quantiles:
        levels = interval_levels(job.quantiles)
        deepar = model is models.DeepAR
        settings["loss"] = DistributionLoss("StudentT", level=levels) if deepar else MQLoss(level=levels)
    decays = settings.get("num_lr_decays", inspect.signature(model).parameters["num_lr_decays"].default)
    if decays > 0:
        settings["lr_scheduler"] = torch.optim.lr_scheduler.LambdaLR
        settings["lr_scheduler_kwargs"] = {"lr_lambda": clock.halvings(decays)}
    return model(
        h=job.horizon,
        max_steps=10**9,
        random_seed=job.seed,
        accelerator="cpu",
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        default_root_dir=job.folder,
        callbacks=[stopper(lightning, clock)],
        **settings,
    )


def run(job: Job, record: Record) -> np.ndarray:
    """Train, and forecast."""
    from neuralforecast import NeuralForecast

    record.versions("neuralforecast", "torch", "pytorch-lightning")
    logging.getLogger("pytorch_lightning").setLevel(logging.WARNING)
    set_up_torch(job)
    series = job.series()
    data = long_frame(series)
    name = str(job.settings["model"])
    with record.measured("fit"):
        clock = Clock(job.seconds)
        model = build(job, clock)
        forecaster = NeuralForecast([model], freq=1)
        forecaster.fit(data)
    record |= {**clock.counted(), "batch": model.windows_batch_size}
    with record.measured("predict"):
        forecast = forecaster.predict()
    columns = interval_columns(name, job.quantiles, f"{name}-median") if job.quantiles else [name]
    array = forecast_array(forecast, series.ids, columns)
    return array if job.quantiles else array[..., 0]


if __name__ == "__main__":
    serve(run)
