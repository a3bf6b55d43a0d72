"""Seconds of short work on one core: smoothing of a thousand series, and the defaults on one short series.

Each measurement is a process of its own, bound to one core, turn about. Its first call is what a user waits
for (the import of the library apart); a second one follows, by which time all is loaded. Where the first took
more seconds on the wall than on the processor, the machine was busy. Needs Linux.

    python benchmarks/smoothing_speed.py
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from measuring import met
from report import table, write_section

SERIES, LENGTH, HORIZON = 1000, 120, 12
LEVELS = (80, 90)
ROUNDS = 5


@dataclass(frozen=True)
class Work:
    """What is timed.

    Parameters
    ----------
    title
        In the table.
    prepare
        Returns the call that is timed.
    bar
        Seconds that the first call may take; None: it has no bar.
    """

    title: str
    prepare: Callable[[], Callable[[], object]]
    bar: float | None


def monthly(series: int = SERIES, length: int = LENGTH) -> pd.DataFrame:
    """Return monthly series with trends, and with seasons that grow with them."""
    rng = np.random.default_rng(0)
    steps = np.arange(length)
    trend = rng.uniform(50, 500, (series, 1)) * (1 + rng.uniform(-0.002, 0.01, (series, 1)) * steps)
    phase = rng.uniform(0, 2 * np.pi, (series, 1))
    season = 1 + rng.uniform(0, 0.3, (series, 1)) * np.sin(2 * np.pi * steps / 12 + phase)
    y = trend * season * rng.lognormal(0, 0.05, (series, length))
    return pd.DataFrame(
        {
            "unique_id": np.repeat([f"M{number:04}" for number in range(series)], length),
            "ds": np.tile(pd.date_range("2015-01-01", periods=length, freq="MS"), series),
            "y": y.reshape(-1),
        }
    )


def smoothing(levels: tuple[int, ...] | None = None) -> Callable[[], object]:
    """Return the forecast of a thousand series by the baseline."""
    from tsseq2seq.evaluation.baselines import Smoothing

    data = monthly()
    return lambda: Smoothing(HORIZON).fit(data).predict(levels=levels)


def defaults() -> Callable[[], object]:
    """Return the forecast of one short series by the forecaster with its defaults."""
    from tsseq2seq import Seq2SeqForecaster, datasets

    data = datasets.load("air_passengers")
    return lambda: Seq2SeqForecaster(HORIZON).fit(data).predict()


WORKS = {
    "smoothing": Work(f"Smoothing, {SERIES} monthly series of {LENGTH} values", smoothing, 2.0),
    "intervals": Work("the same, with intervals of 80 and 90 %", lambda: smoothing(LEVELS), None),
    "defaults": Work("defaults, air passengers (144 values)", defaults, 3.0),
}


@dataclass(frozen=True)
class Seconds:
    """The seconds of the first call, on the wall and on the processor, and of the second on the wall."""

    first: float
    processor: float
    second: float


def once(name: str) -> Seconds:
    """Return the seconds of two calls in this process, on one core."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    import torch

    torch.set_num_threads(1)
    call = WORKS[name].prepare()
    marks = [(time.perf_counter(), time.process_time())]
    for _ in range(2):
        call()
        marks.append((time.perf_counter(), time.process_time()))
    (begun, begun_processor), (middle, middle_processor), (ended, _) = marks
    return Seconds(middle - begun, middle_processor - begun_processor, ended - middle)


def missing() -> dict[str, str]:
    """Return why some works cannot be done, by name."""
    from tsseq2seq.evaluation import baselines

    if hasattr(baselines, "Smoothing"):
        return {}
    return dict.fromkeys(("smoothing", "intervals"), "tsseq2seq.evaluation.baselines has no Smoothing")


def measure(rounds: int) -> dict[str, list[Seconds]]:
    """Return the seconds of all rounds, by work; works that cannot be done are left out with a line."""
    reasons = missing()
    for name, reason in reasons.items():
        print(f"{WORKS[name].title}: left out, {reason}", flush=True)
    seconds: dict[str, list[Seconds]] = {name: [] for name in WORKS if name not in reasons}
    for turn in range(rounds + 1):
        for name in seconds if turn % 2 else reversed(seconds):
            asked = subprocess.run(
                [sys.executable, __file__, "--once", name], stdout=subprocess.PIPE, text=True, check=True
            )
            if turn:  # the first round fills the disk cache
                seconds[name].append(Seconds(**json.loads(asked.stdout.splitlines()[-1])))
    return seconds


def report(seconds: dict[str, list[Seconds]]) -> str:
    """Return the table, a line for each work."""
    rows: list[list[object]] = []
    for name, work in WORKS.items():
        if name not in seconds:
            rows.append([work.title, *["—"] * 3, "not measured"])
            continue
        first, processor, second = (
            statistics.median(getattr(one, part) for one in seconds[name])
            for part in ("first", "processor", "second")
        )
        bar = "" if work.bar is None else f"{work.bar:g} s: {met(first, work.bar)}"
        rows.append([work.title, f"{first:.2f}", f"{processor:.2f}", f"{second:.2f}", bar])
    header = [
        "fit and predict",
        "first call, s",
        "the same, processor s",
        "second call, s",
        "bar, first call",
    ]
    return table(header, rows)


def main() -> None:
    """Measure, and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--once", choices=WORKS, metavar="WORK", help="one measurement, in this process")
    parser.add_argument("--dry-run", action="store_true", help="leave RESULTS.md as it is")
    arguments = parser.parse_args()
    if arguments.once:
        print(json.dumps(dataclasses.asdict(once(arguments.once))))
        return
    seconds = measure(arguments.rounds)
    body = f"{report(seconds)}\n\nMedians of {arguments.rounds} processes, each bound to one core."
    print(f"\n{body}", flush=True)
    if set(seconds) == set(WORKS) and not arguments.dry_run:
        write_section("Short work on one core", "benchmarks/smoothing_speed.py", body)


if __name__ == "__main__":
    main()
