"""This library as it comes: the forecaster, or the baseline that ``settings["baseline"]`` names.

``settings["start"]`` and ``settings["freq"]`` are the first time stamp of all series and its step (a pandas
alias; None: the stamps are numbers). NaN among the values are steps without a row. The forecaster gets
nothing but the horizon, ``settings["output"]`` where it is to forecast quantiles, and
``settings["weights"]`` where it does not begin from new ones; ``settings["changes"]`` holds settings to try
out, and ``settings["max_steps"]`` shortens the training. Baselines are told ``settings["season"]``.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from peers.frames import forecast_array, interval_columns, interval_levels
from peers.protocol import Job, Record, Series, serve


def frame_of(series: Series, start: str | int, freq: str | None) -> pd.DataFrame:
    """Return a long frame without the steps that have no value.

    The last row of a series stays even if its value is missing: it is where the forecast begins.
    """
    lengths = [len(values) for values in series.values]
    longest = max(lengths)
    if freq is None:
        times = pd.Index(np.arange(int(start), int(start) + longest))
    else:
        times = pd.date_range(str(start), periods=longest, freq=freq)
    frame = pd.DataFrame(
        {
            "unique_id": np.repeat(series.ids, lengths),
            "ds": times[np.concatenate([np.arange(length) for length in lengths])],
            "y": np.concatenate(series.values),
        }
    )
    last = np.zeros(len(frame), dtype=bool)
    last[np.cumsum(lengths) - 1] = True
    return frame[frame["y"].notna().to_numpy() | last].reset_index(drop=True)


def forecaster(job: Job, record: Record, data: pd.DataFrame) -> pd.DataFrame:
    """Train the forecaster, and forecast."""
    import tsseq2seq

    model = tsseq2seq.Seq2SeqForecaster(job.horizon, seed=job.seed)
    if "output" in job.settings:
        model.set_params(output=getattr(tsseq2seq, job.settings["output"])(job.quantiles))
    model.set_params(weights=job.settings.get("weights"), **dict(job.settings.get("changes", {})))
    if "max_steps" in job.settings:
        model.set_params(training__max_steps=job.settings["max_steps"])
    with record.measured("fit"):
        model.fit(data)
    record |= {
        "season": model.season_length_ or 0,
        "context": model.context_length_,
        "segment": model.segment_length_,
        "width": model.network_.hidden_size,
        "batch": model.training_.batch_size,
        "steps": model.n_steps_,
    }
    with record.measured("predict"):
        return model.predict(levels=interval_levels(job.quantiles) if job.quantiles else None)


def baseline(job: Job, record: Record, data: pd.DataFrame) -> pd.DataFrame:
    """Forecast by a baseline."""
    from tsseq2seq.evaluation import baselines

    method = getattr(baselines, job.settings["baseline"])
    model = method(job.horizon, season_length=job.settings["season"], jobs=job.threads)
    with record.measured("fit"):
        model.fit(data)
    with record.measured("predict"):
        return model.predict(levels=interval_levels(job.quantiles) if job.quantiles else None)


def run(job: Job, record: Record) -> np.ndarray:
    """Fit and forecast."""
    from peers.ours import set_up_threads

    record.versions("tsseq2seq", "torch", "statsmodels" if "baseline" in job.settings else "numpy")
    set_up_threads(job)
    series = job.series()
    data = frame_of(series, job.settings["start"], job.settings["freq"])
    work, name = (
        (baseline, job.settings["baseline"]) if "baseline" in job.settings else (forecaster, "Seq2Seq")
    )
    forecast = work(job, record, data)
    columns = interval_columns(name, job.quantiles, name) if job.quantiles else [name]
    array = forecast_array(forecast, series.ids, columns)
    return array if job.quantiles else array[..., 0]


if __name__ == "__main__":
    serve(run)
