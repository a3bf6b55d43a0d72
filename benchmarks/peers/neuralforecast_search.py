"""NeuralForecast's own search: AutoLSTM with its default space and its Optuna backend.

``seconds`` is the time of the search; the model with the best settings is fitted once more after it.
"""

from __future__ import annotations

import logging

import numpy as np

from peers.frames import forecast_array, long_frame
from peers.protocol import Job, Record, serve, set_up_torch

MANY = 10**6


def run(job: Job, record: Record) -> np.ndarray:
    """Search, fit, forecast."""
    import optuna
    from neuralforecast import NeuralForecast
    from neuralforecast.auto import AutoLSTM

    record.versions("neuralforecast", "optuna", "torch", "pytorch-lightning")
    logging.getLogger("pytorch_lightning").setLevel(logging.WARNING)
    set_up_torch(job)
    series = job.series()
    # behind an input lie what is forecast from it, and what is held out
    longest = max(map(len, series.values)) - 2 * job.horizon

    class FittingLSTM(AutoLSTM):
        """Its default space, without inputs that no series holds: with them the search ends in an error."""

        default_config = AutoLSTM.default_config | {
            "input_size_multiplier": [
                times
                for times in AutoLSTM.default_config["input_size_multiplier"]
                if times * job.horizon < longest
            ]
        }

    model = FittingLSTM(
        h=job.horizon,
        backend="optuna",
        search_alg=optuna.samplers.TPESampler(seed=job.seed),
        num_samples=MANY,
        time_budget=job.seconds,
        alias="AutoLSTM",
    )
    forecaster = NeuralForecast([model], freq=1)
    with record.measured("fit"):
        # the last horizon of the training part is what its trials are scored on
        forecaster.fit(long_frame(series), val_size=job.horizon)
    trials = forecaster.models[0].results.trials
    record |= {"trials": sum(trial.state.name == "COMPLETE" for trial in trials)}
    with record.measured("predict"):
        forecast = forecaster.predict()
    return forecast_array(forecast, series.ids, ["AutoLSTM"])[..., 0]


if __name__ == "__main__":
    serve(run)
