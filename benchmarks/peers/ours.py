"""This library, through its public API and in the same protocol as its peers.

``settings["output"]`` names the output: ``Quantiles`` (of the job's quantiles), ``StudentT`` or
``Normal`` (whose quantiles are those of sample paths), or ``Point`` where the job names no quantiles.
All others go to ``set_params`` (``network__cell``); the rest keeps its default.
"""

from __future__ import annotations

import numpy as np

from peers.frames import forecast_array, interval_columns, interval_levels, long_frame
from peers.protocol import Job, Record, serve


def set_up_threads(job: Job) -> None:
    """Set the number of threads; what else a processor needs is the library's affair."""
    import torch

    torch.set_num_threads(job.threads)


def run(job: Job, record: Record) -> np.ndarray:
    """Train, and forecast."""
    import tsseq2seq
    from tsseq2seq import Seq2SeqForecaster, Training

    record.versions("tsseq2seq", "torch")
    set_up_threads(job)
    settings = dict(job.settings)
    name = str(settings.pop("output"))
    output = getattr(tsseq2seq, name)
    series = job.series()
    data = long_frame(series)
    model = Seq2SeqForecaster(
        job.horizon,
        output=output(job.quantiles) if name == "Quantiles" else output(),
        training=Training(max_time=job.seconds, device="cpu", progress=False),
        seed=job.seed,
    )
    model.set_params(**settings)
    with record.measured("fit"):
        model.fit(data)
    record |= {"steps": model.n_steps_, "batch": model.training_.batch_size}
    with record.measured("predict"):
        forecast = model.predict(levels=interval_levels(job.quantiles) if job.quantiles else None)
    columns = interval_columns("Seq2Seq", job.quantiles, "Seq2Seq") if job.quantiles else ["Seq2Seq"]
    array = forecast_array(forecast, series.ids, columns)
    return array if job.quantiles else array[..., 0]


if __name__ == "__main__":
    serve(run)
