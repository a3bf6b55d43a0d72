"""The overhead of a backtest over its forecasts: M4 Hourly, 414 series × 20 cutoffs, without refit.

The same windows are forecast in turn by ``backtest`` (with reading the frame, cutoffs, true values and the
frame of results, but without fitting), and by one batched prediction: ``predict`` on a frame of as many
series. Times are medians.

    python benchmarks/backtest_cost.py
"""

from __future__ import annotations

import argparse
import statistics
import time
import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
from report import table, write_section

from tsseq2seq import Seq2SeqForecaster, Training, backtest, datasets

HORIZON, WINDOWS, STEP = 48, 20, 24
BAR = 1.5


def histories(df: pd.DataFrame, context: int) -> pd.DataFrame:
    """Return each window's context as a series of its own."""
    values = [group.to_numpy() for _, group in df.groupby("unique_id", sort=False)["y"]]
    ends = [len(y) - HORIZON - STEP * back for y in values for back in range(WINDOWS - 1, -1, -1)]
    owners = np.arange(len(values)).repeat(WINDOWS)
    pieces = [values[owner][max(0, end - context) : end] for owner, end in zip(owners, ends, strict=True)]
    lengths = [len(piece) for piece in pieces]
    return pd.DataFrame(
        {
            "unique_id": np.arange(len(pieces)).repeat(lengths),
            "ds": np.concatenate([np.arange(length) for length in lengths]),
            "y": np.concatenate(pieces),
        }
    )


def seconds(work: Callable[[], object]) -> float:
    """Time a call."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def main() -> None:
    """Fit briefly, then time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    df = datasets.load("m4_hourly")
    model = Seq2SeqForecaster(HORIZON, training=Training(max_steps=20, progress=False)).fit(df)
    frame = histories(df, model.context_length_)
    works = {
        "backtest": lambda: backtest(model, df, windows=WINDOWS, step=STEP, refit=None, progress=False),
        "predict": lambda: model.predict(frame),
    }
    times: dict[str, list[float]] = {name: [] for name in works}
    for work in works.values():
        work()  # warm caches
    for _ in range(arguments.rounds):
        for name, work in works.items():
            times[name].append(seconds(work))
    ratios = [one / other for one, other in zip(times["backtest"], times["predict"], strict=True)]
    medians = {name: statistics.median(values) for name, values in times.items()}
    rows = [[name, f"{value:.2f}"] for name, value in medians.items()]
    print(rows, statistics.median(ratios))
    body = table([f"{WINDOWS} cutoffs of 414 series", "seconds (median)"], rows)
    body += (
        f"\n\nRatio, median of {arguments.rounds} rounds: **{statistics.median(ratios):.2f}** (bar: {BAR})."
    )
    write_section("Backtest", "benchmarks/backtest_cost.py", body)


if __name__ == "__main__":
    main()
