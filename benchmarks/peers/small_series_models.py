"""One series by the model that ``settings["model"]`` names (a key of ``MODELS``), as it comes.

``settings["start"]`` and ``settings["freq"]`` are the series' first time stamp and its step, a pandas
alias; ``settings["season"]`` are the steps of a season, told to the naive method and ETS alone. NaN among
the values are steps without a row: ours gets a frame without them, the others get them filled by a line.

- ``ours``: this library with nothing but the horizon set; frequency and season are its own affair.
- ``naive``: the last season over and over.
- ``lstm``: NeuralForecast's LSTM with nothing but ``h`` and ``freq`` set. Its default seed, 1, is that of
  the job's seed 0.
- ``ets``: statsmodels' ``ETSModel``, its form chosen by AICc among all that have a finite variance, without
  multiplicative trends (what R's ``ets`` tries by default): additive errors without a season or with an
  additive one, and for positive values multiplicative errors with any season; each with no trend, a linear
  one and a damped one. Start values are estimated for seasons of up to 12 steps. For longer ones, which have
  many, forms are compared from heuristic ones, and the chosen form then estimates them.

``settings["max_steps"]``, if given, shortens the training, and ``settings["set"]`` holds settings of ours;
both are for trying things out.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from peers import frames
from peers.protocol import Job, Record, serve, set_up_torch

# Up to this season ETS estimates the start values of all forms.
LONGEST_ESTIMATED = 12
EtsForm = tuple[str, tuple[str | None, bool], str | None]
TRENDS = ((None, False), ("add", False), ("add", True))


def filled(job: Job) -> np.ndarray:
    """Return the values, missing ones on the line between their neighbours."""
    (values,) = job.series().values
    return frames.filled(values)


def frame_of(job: Job, values: np.ndarray) -> pd.DataFrame:
    """Return values as a long frame, its time stamps made from ``start`` and ``freq``."""
    (name,) = job.series().ids
    times = pd.date_range(job.settings["start"], periods=len(values), freq=job.settings["freq"])
    return pd.DataFrame({"unique_id": name, "ds": times, "y": values})


def ours(job: Job, record: Record) -> np.ndarray:
    """Train this library's forecaster with its defaults, and forecast."""
    from peers.ours import set_up_threads
    from tsseq2seq import Seq2SeqForecaster

    record.versions("tsseq2seq", "torch")
    set_up_threads(job)
    data = frame_of(job, job.series().values[0])
    # the last row stays even if it is missing: it is where the forecast begins
    present = data["y"].notna().to_numpy() | (np.arange(len(data)) == len(data) - 1)
    model = Seq2SeqForecaster(job.horizon, seed=job.seed)
    model.set_params(**dict(job.settings.get("set", {})))
    if "max_steps" in job.settings:
        model.set_params(training__max_steps=job.settings["max_steps"])
    with record.measured("fit"):
        model.fit(data[present])
    record |= {
        "season": model.season_length_ or 0,
        "context": model.context_length_,
        "segment": model.segment_length_,
        "width": model.network_.hidden_size,
        "batch": model.training_.batch_size,
        "steps": model.n_steps_,
    }
    with record.measured("predict"):
        forecast = model.predict()
    return frames.forecast_array(forecast, job.series().ids, ["Seq2Seq"])[..., 0]


def naive(job: Job, record: Record) -> np.ndarray:
    """Repeat the last season."""
    record.versions("numpy")
    with record.measured("fit"):
        values = filled(job)
    with record.measured("predict"):
        forecast = np.resize(values[-int(job.settings["season"]) :], job.horizon)
    return forecast[None]


def lstm(job: Job, record: Record) -> np.ndarray:
    """Train NeuralForecast's LSTM with its defaults, and forecast; only what it prints is switched off."""
    from neuralforecast import NeuralForecast
    from neuralforecast.models import LSTM

    record.versions("neuralforecast", "torch", "pytorch-lightning")
    logging.getLogger("pytorch_lightning").setLevel(logging.WARNING)
    set_up_torch(job)
    shortened = {"max_steps": job.settings["max_steps"]} if "max_steps" in job.settings else {}
    with record.measured("fit"):
        model = LSTM(
            h=job.horizon,
            random_seed=1 + job.seed,
            accelerator="cpu",
            logger=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            default_root_dir=job.folder,
            **shortened,
        )
        forecaster = NeuralForecast([model], freq=job.settings["freq"])
        forecaster.fit(frame_of(job, filled(job)))
    record |= {"context": model.input_size, "steps": int(model.max_steps)}
    with record.measured("predict"):
        forecast = forecaster.predict()
    return frames.forecast_array(forecast, job.series().ids, ["LSTM"])[..., 0]


def ets(job: Job, record: Record) -> np.ndarray:
    """Choose the form, and forecast."""
    record.versions("statsmodels", "numpy", "scipy")
    values = filled(job)
    unit = np.abs(values).mean()  # the optimiser's steps are absolute
    with record.measured("fit"):
        record["form"], fitted = fit_ets(values / unit, int(job.settings["season"]))
    with record.measured("predict"):
        forecast = unit * np.asarray(fitted.forecast(job.horizon))
    return forecast[None]


def ets_forms(positive: bool) -> list[EtsForm]:
    """Return the forms to try: error, (trend, damped), season."""
    forms = list(product(["add"], TRENDS, [None, "add"]))
    return forms + list(product(["mul"], TRENDS, [None, "add", "mul"])) * positive


def fit_ets(values: np.ndarray, season: int) -> tuple[str, Any]:
    """Return the name of the form with the lowest AICc (``"M,Ad,A"``), and its fit.

    A form that cannot be fitted is not a candidate.
    """
    short = season <= LONGEST_ESTIMATED
    candidates, refused = [], []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the optimiser's, where it did not converge
        for form in ets_forms(bool((values > 0).all())):
            try:
                fitted = _fit(values, season, form, "estimated" if short else "heuristic")
            except (ValueError, np.linalg.LinAlgError) as reason:
                refused.append(reason)
                continue
            if np.isfinite(fitted.aicc):
                candidates.append((fitted.aicc, form, fitted))
        if not candidates:
            raise ValueError(f"no form of ETS could be fitted; {refused[:1]}")
        _, form, best = min(candidates, key=lambda candidate: candidate[0])
        if not short:
            estimated = _fit(values, season, form, "estimated")
            best = estimated if estimated.llf > best.llf else best
    error, (trend, damped), seasonal = form
    return f"{_letter(error)},{_letter(trend)}{'d' * damped},{_letter(seasonal)}", best


def _fit(values: np.ndarray, season: int, form: EtsForm, start: str) -> Any:
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    error, (trend, damped), seasonal = form
    model = ETSModel(
        values,
        error=error,
        trend=trend,
        damped_trend=damped,
        seasonal=seasonal,
        seasonal_periods=None if seasonal is None else season,
        initialization_method=start,
    )
    return model.fit(disp=False)


def _letter(part: str | None) -> str:
    return "N" if part is None else part[0].upper()


MODELS: dict[str, Callable[[Job, Record], np.ndarray]] = {
    "ours": ours,
    "naive": naive,
    "ets": ets,
    "lstm": lstm,
}


def run(job: Job, record: Record) -> np.ndarray:
    """Fit and forecast with the model named."""
    return MODELS[str(job.settings["model"])](job, record)


if __name__ == "__main__":
    serve(run)
