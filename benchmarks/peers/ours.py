"""This library, through its public API and in the same protocol as its peers.

``settings["output"]`` names the output: ``Quantiles`` (of the job's quantiles), ``StudentT`` or
``Normal`` (whose quantiles are those of sample paths), or ``Point`` where the job names no quantiles.
``settings["unlike"]`` lists the settings in which the forecasters of an ensemble differ; each has a seed of
its own, and as many are fitted at a time as there are threads. All others go to ``set_params``
(``network__cell``); the rest keeps its default.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from peers.clock import WARM_UPS
from peers.frames import forecast_array, interval_columns, interval_levels, long_frame
from peers.protocol import Job, Record, serve


def set_up_threads(job: Job) -> None:
    """Set the number of threads; what else a processor needs is the library's affair."""
    import torch

    torch.set_num_threads(job.threads)


def counted(history: pd.DataFrame) -> dict[str, float]:
    """Return the steps made, and the time of those between the first and the last report.

    Every step is reported where there are few, every two hundredth part of them where there are many.
    """
    parts = [name for name in ("forecaster", "member") if name in history]
    members = history.groupby(parts, dropna=False) if parts else [(0, history)]
    counts: dict[str, float] = {"steps": 0, "train_steps": 0, "train_seconds": 0.0}
    for _, reports in members:
        counts["steps"] += int(reports["step"].iloc[-1])
        warm = reports[reports["step"] >= WARM_UPS]
        if len(warm) > 1:
            counts["train_steps"] += int(warm["step"].iloc[-1] - warm["step"].iloc[0])
            counts["train_seconds"] += float(warm["seconds"].iloc[-1] - warm["seconds"].iloc[0])
    return counts if counts["train_steps"] else {"steps": counts["steps"]}


def run(job: Job, record: Record) -> np.ndarray:
    """Train, and forecast."""
    import tsseq2seq
    from tsseq2seq import Seq2SeqEnsemble, Seq2SeqForecaster, Training

    record.versions("tsseq2seq", "torch")
    set_up_threads(job)
    settings = dict(job.settings)
    name, unlike = str(settings.pop("output")), settings.pop("unlike", None)
    output = getattr(tsseq2seq, name)
    series = job.series()
    data = long_frame(series)
    models = [
        Seq2SeqForecaster(
            job.horizon,
            output=output(job.quantiles) if name == "Quantiles" else output(),
            training=Training(max_time=job.seconds, device="cpu", progress=False),
            seed=job.seed + place,
        ).set_params(**settings | own)
        for place, own in enumerate(unlike or [{}])
    ]
    model = models[0] if unlike is None else Seq2SeqEnsemble(models, max_time=job.seconds, jobs=job.threads)
    with record.measured("fit"):
        model.fit(data)
    trained = model if unlike is None else model.forecasters_[0]
    record |= {**counted(model.history_), "batch": trained.training_.batch_size}
    with record.measured("predict"):
        forecast = model.predict(levels=interval_levels(job.quantiles) if job.quantiles else None)
    columns = interval_columns("Seq2Seq", job.quantiles, "Seq2Seq") if job.quantiles else ["Seq2Seq"]
    array = forecast_array(forecast, series.ids, columns)
    return array if job.quantiles else array[..., 0]


if __name__ == "__main__":
    serve(run)
