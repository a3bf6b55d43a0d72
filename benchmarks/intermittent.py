"""How good are defaults and smoothing on demand that is mostly nothing, beside forecasting nothing?

Panels of 60 series of 60 months are drawn, and twelve months more judge: by RMSSE, of which a forecast of the
mean has the least, and by the quantile loss at eight probabilities relative to that of forecasting nothing.

    python benchmarks/intermittent.py [--seeds 3] [--dry-run]
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
from report import table, write_section

from tsseq2seq import Seq2SeqForecaster, Smoothing, Training
from tsseq2seq.errors import TsSeq2SeqWarning

SERIES, MONTHS, HORIZON = 60, 60, 12
# Outward, so that levels of intervals give them; the middle one is not among them.
LEVELS = (80, 60, 40, 20)
PROBABILITIES = np.array([0.1, 0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 0.9])


def steady(rng: np.random.Generator) -> np.ndarray:
    """Demand of 1 and more, with a probability that stays."""
    size = rng.choice([0.3, 1.0, 4.0, 19.0], (SERIES, 1))
    return _sometimes(rng, rng.uniform(0.2, 0.4, (SERIES, 1)), 1.0 + rng.poisson(size, _shape()))


def drifting(rng: np.random.Generator) -> np.ndarray:
    """The same, with a probability that wanders."""
    wander = np.exp(0.12 * rng.normal(size=_shape()).cumsum(1))
    chance = (rng.uniform(0.2, 0.4, (SERIES, 1)) * wander).clip(0.01, 0.9)
    return _sometimes(
        rng, chance, 1.0 + rng.poisson(rng.choice([0.3, 1.0, 4.0, 19.0], (SERIES, 1)), _shape())
    )


def ending(rng: np.random.Generator) -> np.ndarray:
    """The same, of parts some of which are hardly wanted any more from some month on."""
    late = np.arange(MONTHS + HORIZON) > rng.integers(30, 2 * (MONTHS + HORIZON), (SERIES, 1))
    chance = rng.uniform(0.2, 0.4, (SERIES, 1)) * np.where(late, 0.1, 1.0)
    return _sometimes(rng, chance, 1.0 + rng.poisson(rng.choice([0.3, 1.0, 4.0], (SERIES, 1)), _shape()))


def lumpy(rng: np.random.Generator) -> np.ndarray:
    """Amounts that vary much, and are no whole numbers."""
    size = rng.choice([1.0, 5.0, 20.0], (SERIES, 1)) * rng.lognormal(0.0, 0.8, _shape())
    return _sometimes(rng, rng.uniform(0.2, 0.4, (SERIES, 1)), size)


KINDS: dict[str, Callable[[np.random.Generator], np.ndarray]] = {
    "steady counts": steady,
    "drifting counts": drifting,
    "ending counts": ending,
    "lumpy amounts": lumpy,
}


def _shape() -> tuple[int, int]:
    return SERIES, MONTHS + HORIZON


def _sometimes(rng: np.random.Generator, chance: np.ndarray, size: np.ndarray) -> np.ndarray:
    return np.where(rng.random(_shape()) < chance, size, 0.0)


def frame(values: np.ndarray) -> pd.DataFrame:
    """Return the series as a long frame of months."""
    times = pd.date_range("2015-01-01", periods=values.shape[1], freq="MS")
    names = [f"s{number:03}" for number in range(len(values))]
    return pd.DataFrame(
        {
            "unique_id": np.repeat(names, values.shape[1]),
            "ds": np.tile(times, len(values)),
            "y": values.ravel(),
        }
    )


def forecasts(known: np.ndarray, training: Training) -> dict[str, tuple[np.ndarray, np.ndarray, float]]:
    """Return point (series, horizon), quantiles (series, horizon, 8) and seconds, by model."""
    steps = np.ones((1, HORIZON))
    past = np.moveaxis(np.quantile(known, PROBABILITIES, axis=1), 0, -1)[:, None] * steps[..., None]
    found = {
        "nothing": (0 * known[:, :1] * steps, 0 * past, 0.0),
        "last value": (known[:, -1:] * steps, (known[:, -1:] * steps)[..., None] + 0 * past, 0.0),
        "mean, and quantiles of the past": (known.mean(1, keepdims=True) * steps, past, 0.0),
    }
    for name, model in (
        ("Smoothing", Smoothing(HORIZON)),
        ("defaults", Seq2SeqForecaster(HORIZON, training=training)),
    ):
        begun = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", TsSeq2SeqWarning)
            made = model.fit(frame(known)).predict(levels=list(LEVELS))
        column = next(str(one) for one in made.columns[2:])
        ends = [f"{column}-lo-{level}" for level in LEVELS]
        ends += [f"{column}-hi-{level}" for level in reversed(LEVELS)]
        numbers = made[[column, *ends]].to_numpy().reshape(len(known), HORIZON, -1)
        found[name] = numbers[..., 0], numbers[..., 1:], time.perf_counter() - begun
    return found


def scores(
    known: np.ndarray, truth: np.ndarray, point: np.ndarray, quantiles: np.ndarray
) -> tuple[float, float]:
    """Return the mean RMSSE, and the quantile loss relative to that of nothing."""
    scale = np.square(np.diff(known, axis=1)).mean(1)
    rmsse = np.sqrt(np.square(truth - point).mean(1) / scale).mean()
    errors = truth[..., None] - quantiles
    loss = np.maximum(PROBABILITIES * errors, (PROBABILITIES - 1) * errors).mean()
    return float(rmsse), float(loss / (PROBABILITIES * truth[..., None]).mean())


def measured(kind: str, seeds: int, training: Training) -> list[list[object]]:
    """Return a row for each model: RMSSE, quantile loss and seconds, means over seeds."""
    rows: dict[str, list[tuple[float, float, float]]] = {}
    for seed in range(seeds):
        values = KINDS[kind](np.random.default_rng(seed))
        known, truth = values[:, :MONTHS], values[:, MONTHS:]
        for name, (point, quantiles, seconds) in forecasts(known, training).items():
            rows.setdefault(name, []).append((*scores(known, truth, point, quantiles), seconds))
    means = {name: np.mean(found, axis=0) for name, found in rows.items()}
    return [[kind, name, f"{a:.3f}", f"{b:.3f}", f"{c:.1f}"] for name, (a, b, c) in means.items()]


def main() -> None:
    """Print the table, and write it into RESULTS.md."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3, help="panels of each kind")
    parser.add_argument("--dry-run", action="store_true", help="leave RESULTS.md as it is")
    asked = parser.parse_args()
    rows = [row for kind in KINDS for row in measured(kind, asked.seeds, Training(progress=False))]
    body = f"Means over {asked.seeds} panels of {SERIES} series of {MONTHS} months, {HORIZON} ahead.\n\n"
    body += table(["demand", "model", "RMSSE", "quantile loss to nothing's", "seconds"], rows)
    print(body)
    if not asked.dry_run:
        write_section("Intermittent demand", "benchmarks/intermittent.py", body)


if __name__ == "__main__":
    main()
