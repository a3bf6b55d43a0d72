"""Darts: the model that ``settings["model"]`` names (BlockRNNModel, RNNModel); point forecasts.

``settings["cell"]`` is Darts' own ``model`` argument ("LSTM"); all others go to the model as they are,
and what they do not name keeps its default. Each series is scaled by Darts' ``Scaler`` (minimum and
maximum), as its documentation does before training a network.
"""

from __future__ import annotations

import logging
from typing import Any

import numpy as np

from peers.clock import Clock, stopper
from peers.protocol import Job, Record, serve, set_up_torch


def build(job: Job, clock: Clock) -> Any:
    """Return the model, unfitted."""
    import pytorch_lightning as lightning
    from darts import models

    settings = dict(job.settings)
    model = getattr(models, str(settings.pop("model")))
    return model(
        model=settings.pop("cell"),
        n_epochs=10**9,
        random_state=job.seed,
        work_dir=job.folder,
        pl_trainer_kwargs={
            "accelerator": "cpu",
            "logger": False,
            "enable_progress_bar": False,
            "enable_model_summary": False,
            "callbacks": [stopper(lightning, clock)],
        },
        **settings,
    )


def run(job: Job, record: Record) -> np.ndarray:
    """Train, and forecast."""
    from darts import TimeSeries
    from darts.dataprocessing.transformers import Scaler

    if job.quantiles:
        raise ValueError("this runner makes point forecasts only")
    record.versions("darts", "torch", "pytorch-lightning")
    logging.getLogger("pytorch_lightning").setLevel(logging.WARNING)
    set_up_torch(job)
    series = [TimeSeries.from_values(y.astype(np.float32)) for y in job.series().values]
    with record.measured("fit"):
        clock = Clock(job.seconds)
        scaler = Scaler()
        scaled = scaler.fit_transform(series)
        model = build(job, clock)
        model.fit(scaled)
    record |= {**clock.counted(), "batch": model.batch_size}
    with record.measured("predict"):
        forecasts = scaler.inverse_transform(model.predict(job.horizon, series=scaled))
    return np.stack([forecast.values()[:, 0] for forecast in forecasts])


if __name__ == "__main__":
    serve(run)
