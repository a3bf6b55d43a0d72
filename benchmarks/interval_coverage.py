"""The coverage of intervals on simulated panels: of each output, and after conformal calibration.

There are two panels of 200 series: a season of 12 with AR(1) noise, with a different level and scale for each
series; and counts from a negative binomial distribution whose rate has a season. The model is fitted on the
first 500 steps for 60 seconds with default settings. From 16 cutoffs in the 400 steps after that, 24 steps
are forecast each. For calibration, ``calibrate`` gets one half of these steps, and the other half is
forecast.

    python benchmarks/interval_coverage.py [--dry-run]
"""

from __future__ import annotations

import argparse
import time
import warnings

import numpy as np
import pandas as pd
import scipy.stats
from report import table, write_section

from tsseq2seq import (
    Binned,
    NegativeBinomial,
    Normal,
    Point,
    Quantiles,
    Seq2SeqForecaster,
    StudentT,
    Training,
)

SERIES, FIT, TEST, HORIZON = 200, 500, 400, 24
SECONDS = 60
LEVELS = {80: (0.77, 0.83), 90: (0.87, 0.93), 95: (0.93, 0.97)}
OUTPUTS = {
    "Quantiles": Quantiles([0.025, 0.05, 0.1, 0.5, 0.9, 0.95, 0.975]),
    "Normal": Normal(),
    "StudentT": StudentT(),
    "Binned": Binned(),
}


def waves(rng: np.random.Generator) -> np.ndarray:
    """A season of 12 and AR(1) noise, (series, steps)."""
    steps = FIT + TEST
    noise = rng.normal(size=(SERIES, steps))
    for t in range(1, steps):
        noise[:, t] += 0.8 * noise[:, t - 1]
    season = np.sin(2 * np.pi * (np.arange(steps) + rng.integers(0, 12, (SERIES, 1))) / 12)
    level, scale = rng.normal(100, 50, (SERIES, 1)), rng.lognormal(0, 1, (SERIES, 1))
    return level + scale * (3 * season + noise)


def counts(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Negative binomial counts whose rate has a season of 12, and that rate, (series, steps)."""
    phase = (np.arange(FIT + TEST) + rng.integers(0, 12, (SERIES, 1))) / 12
    rate = rng.lognormal(2, 1, (SERIES, 1)) * np.exp(0.8 * np.sin(2 * np.pi * phase))
    return rng.negative_binomial(4, 4 / (4 + rate)).astype(float), rate


def covered_by_the_truth(values: np.ndarray, rate: np.ndarray) -> dict[int, float]:
    """Return the share of counts inside the intervals of the true distribution, bounds included."""
    values, rate = values[:, FIT:], rate[:, FIT:]
    ends = {level: scipy.stats.nbinom.interval(level / 100, 4, 4 / (4 + rate)) for level in LEVELS}
    return {level: float(((values >= low) & (values <= high)).mean()) for level, (low, high) in ends.items()}


def long(values: np.ndarray) -> pd.DataFrame:
    """A long frame of a panel."""
    names = np.arange(len(values)).repeat(values.shape[1])
    return pd.DataFrame(
        {"unique_id": names, "ds": np.tile(np.arange(values.shape[1]), len(values)), "y": values.ravel()}
    )


def covered(frame: pd.DataFrame) -> dict[int, float]:
    """Return the share of true values inside the interval of each level."""
    inside = {
        level: (frame["y"] >= frame[f"Seq2Seq-lo-{level}"]) & (frame["y"] <= frame[f"Seq2Seq-hi-{level}"])
        for level in LEVELS
    }
    return {level: float(hits.mean()) for level, hits in inside.items()}


def row(name: str, shares: dict[int, float], by_step: str, seconds: float) -> list[object]:
    """Return a row of the table; shares outside their bounds are marked."""
    cells = []
    for level, (low, high) in LEVELS.items():
        mark = "" if low <= shares[level] <= high else " ✗"
        cells.append(f"{100 * shares[level]:.1f}{mark}")
    return [name, *cells, by_step, f"{seconds:.0f}"]


def first_and_last(frame: pd.DataFrame) -> str:
    """Return the coverage at level 90 in the first and in the last third of the horizon."""
    step = np.tile(np.arange(HORIZON), len(frame) // HORIZON)
    thirds = [frame[step < HORIZON // 3], frame[step >= 2 * HORIZON // 3]]
    return " / ".join(f"{100 * covered(third)[90]:.1f}" for third in thirds)


def main() -> None:
    """Simulate, fit, count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dry-run", action="store_true", help="print, but leave RESULTS.md as it is")
    parser.add_argument("--only", nargs="*", help="names of outputs")
    parser.add_argument("--truth", action="store_true", help="only the true distribution of the counts")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    rng = np.random.default_rng(0)
    panels = {"waves": waves(rng)}
    panels["counts"], rate = counts(rng)
    truth = covered_by_the_truth(panels["counts"], rate)
    if arguments.truth:
        rows = [[level, f"{100 * share:.1f}"] for level, share in truth.items()]
        body = table(["level, %", "held by the true quantiles, %"], rows)
        write_section("Coverage that counts can have", "benchmarks/interval_coverage.py --truth", body)
        return
    runs = [("waves", name, output) for name, output in OUTPUTS.items()]
    runs += [("counts", "NegativeBinomial", NegativeBinomial()), ("waves", "Point, calibrated", Point())]
    runs += [("counts", "Point, calibrated on counts", Point())]
    rows = []
    for panel, name, output in runs:
        if arguments.only and name.partition(",")[0] not in arguments.only:
            continue
        started = time.monotonic()
        values = panels[panel]
        model = Seq2SeqForecaster(HORIZON, output=output, training=Training(max_time=SECONDS, progress=False))
        model.fit(long(values[:, :FIT]))
        windows = TEST // HORIZON
        if isinstance(output, Point):
            model.calibrate(long(values[:, : FIT + TEST // 2]))
            windows //= 2
        frame = model.predict_cutoffs(long(values), windows=windows, levels=list(LEVELS))
        rows.append(row(name, covered(frame), first_and_last(frame), time.monotonic() - started))
        print(rows[-1], flush=True)
    header = ["intervals of", *[f"{level} %" for level in LEVELS], "90 %, first / last third", "seconds"]
    body = table(header, rows) + "\n\nBars: 77 to 83, 87 to 93 and 93 to 97 %; ✗ lies outside."
    if not arguments.dry_run and not arguments.only:
        write_section("Coverage of intervals", "benchmarks/interval_coverage.py", body)


if __name__ == "__main__":
    main()
