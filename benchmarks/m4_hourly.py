"""M4 Hourly through the public API: sMAPE, MASE and OWA, with the defaults or other settings.

    python benchmarks/m4_hourly.py                          # the test part, written to RESULTS.md
    python benchmarks/m4_hourly.py --validation --set network__cell=gru    # choose settings here

``--validation`` holds out the last 48 hours of the training part and never reads the test part.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import pandas as pd
from report import table, write_section
from settings import add_settings, parsed

SEASON, HORIZON = 24, 48
# Naive2's published errors on the test part, by which OWA divides.
NAIVE2_SMAPE, NAIVE2_MASE = 18.383, 2.395


def errors(train: pd.DataFrame, test: pd.DataFrame, forecast: np.ndarray) -> tuple[float, float]:
    """Return sMAPE (percent) and MASE as the competition defines them, averaged over series."""
    smapes, mases = [], []
    truths = test.groupby("unique_id", sort=False)["y"]
    for (_, y), (_, truth), guess in zip(
        train.groupby("unique_id", sort=False)["y"], truths, forecast, strict=True
    ):
        y, truth = y.to_numpy(), truth.to_numpy()
        smapes.append(np.mean(200 * np.abs(truth - guess) / (np.abs(truth) + np.abs(guess))))
        mases.append(np.mean(np.abs(truth - guess)) / np.mean(np.abs(y[SEASON:] - y[:-SEASON])))
    return float(np.mean(smapes)), float(np.mean(mases))


def owa(smape: float, mase: float) -> float:
    """Return the overall weighted average of the competition."""
    return (smape / NAIVE2_SMAPE + mase / NAIVE2_MASE) / 2


def data(validation: bool) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the training series and the true values of the part to forecast."""
    from tsseq2seq import datasets

    train = datasets.load("m4_hourly")
    if not validation:
        return train, datasets.load("m4_hourly_test")
    left = train.groupby("unique_id", sort=False).cumcount(ascending=False)
    return train[left >= HORIZON], train[left < HORIZON]


def run(seconds: float, seed: int, validation: bool, settings: dict[str, object]) -> list[object]:
    """Train, forecast and score once."""
    from tsseq2seq import Seq2SeqForecaster, Training

    train, test = data(validation)
    model = Seq2SeqForecaster(HORIZON, training=Training(max_time=seconds), seed=seed)
    model.set_params(**settings)
    begun = time.perf_counter()
    model.fit(train)
    fitted = time.perf_counter() - begun
    model.predict()
    begun = time.perf_counter()
    forecast = model.predict()
    predicted = time.perf_counter() - begun
    smape, mase = errors(train, test, forecast["Seq2Seq"].to_numpy().reshape(-1, HORIZON))
    rate = int(model.history_["step"].iloc[-1]) * model.training_.batch_size / fitted
    return [
        seed, f"{fitted:.1f}", model.n_steps_, f"{rate:.0f}", f"{predicted:.2f}",
        f"{smape:.2f}", f"{mase:.3f}", f"{owa(smape, mase):.3f}",
    ]  # fmt: skip


def main() -> None:
    """Parse the command line, run, and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    add_settings(parser)
    arguments = parser.parse_args()
    settings = parsed(arguments, parser)
    header = ["seed", "fit, s", "steps", "windows/s", "414 forecasts, s", "sMAPE", "MASE", "OWA"]
    rows = [run(arguments.seconds, seed, arguments.validation, settings) for seed in arguments.seeds]
    shown = table(header, rows)
    part = "validation" if arguments.validation else "test"
    print(f"{part} part, max_time={arguments.seconds:g}, {settings or 'defaults'}\n{shown}", flush=True)
    if not arguments.validation:
        text = f"`Training(max_time={arguments.seconds:g})`, all else default; test part.\n\n"
        write_section("M4 Hourly", "benchmarks/m4_hourly.py", text + shown)


if __name__ == "__main__":
    main()
