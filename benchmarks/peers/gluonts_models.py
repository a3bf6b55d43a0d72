"""GluonTS DeepAR (PyTorch).

``settings`` go to ``DeepAREstimator``; what they do not name keeps its default. The transformed
series are cached, which is faster than GluonTS's default. The learning rate falls on plateaus, as is
its default, and the weights of the epoch with the lowest training loss are kept, as it does.

The M4 files hold no time stamps: all series are given the same start, so that GluonTS has its
calendar features. Quantiles are those of its sample paths.
"""

from __future__ import annotations

import numpy as np

from peers.clock import Clock, stopper
from peers.protocol import Job, Record, serve, set_up_torch


def run(job: Job, record: Record) -> np.ndarray:
    """Train, and forecast."""
    import lightning.pytorch as lightning
    import pandas as pd
    from gluonts.dataset.common import ListDataset
    from gluonts.torch import DeepAREstimator

    record.versions("gluonts", "torch", "lightning")
    set_up_torch(job)
    lightning.seed_everything(job.seed, verbose=False)
    series = job.series()
    start = pd.Period("2000-01-01 00:00", freq="h")
    pairs = zip(series.ids, series.values, strict=True)
    data = ListDataset([{"item_id": i, "start": start, "target": y} for i, y in pairs], freq="h")
    with record.measured("fit"):
        clock = Clock(job.seconds)
        estimator = DeepAREstimator(
            freq="h",
            prediction_length=job.horizon,
            trainer_kwargs={
                "max_epochs": 10**9,
                "accelerator": "cpu",
                "logger": False,
                "enable_progress_bar": False,
                "enable_model_summary": False,
                "default_root_dir": job.folder,
                "callbacks": [stopper(lightning, clock)],
            },
            **job.settings,
        )
        predictor = estimator.train(data, cache_data=True)
    record |= {**clock.counted(), "batch": estimator.batch_size}
    with record.measured("predict"):
        forecasts = list(predictor.predict(data))
    if [forecast.item_id for forecast in forecasts] != series.ids:
        raise ValueError("the forecasts are not in the order of the series")
    return np.stack([np.stack([f.quantile(q) for q in job.quantiles], axis=-1) for f in forecasts])


if __name__ == "__main__":
    serve(run)
