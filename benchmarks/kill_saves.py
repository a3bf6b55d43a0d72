"""What becomes of a model while processes that save it are killed, and while others read it.

python benchmarks/kill_saves.py [--kills 300] [--loads 1000]
"""

from __future__ import annotations

import argparse
import collections
import os
import random
import signal
import sys
import tempfile
import time
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

import numpy as np
import pandas as pd
import report
import torch
from fuzz_models import RELIABILITY

import tsseq2seq
from tsseq2seq import Network, Seq2SeqForecaster, Training
from tsseq2seq.errors import TsSeq2SeqError
from tsseq2seq.persistence.files import is_between

SIZES = (3, 60)
Forecasts = dict[int, pd.DataFrame]
Models = list[Seq2SeqForecaster]


def fitted(size: int) -> Seq2SeqForecaster:
    days = pd.date_range("2024-01-01", periods=30, freq="D")
    df = pd.DataFrame({"ds": days, "y": np.random.default_rng(size).normal(size=30).cumsum()})
    training = Training(max_steps=2, progress=False, precision="float32", device="cpu")
    return Seq2SeqForecaster(3, network=Network(hidden_size=size), training=training).fit(df)


def save_for_ever(models: Models, folder: Path) -> None:
    while True:
        for model in models:
            model.save(folder)


def started(models: Models, folder: Path) -> BaseProcess:
    process = get_context("fork").Process(target=save_for_ever, args=(models, folder))
    process.start()
    return process


def kill(process: BaseProcess) -> None:
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()


def seen(folder: Path, forecasts: Forecasts) -> str:
    """Return which model a reader sees, or what is wrong with it."""
    try:
        model = tsseq2seq.load(folder)
    except TsSeq2SeqError as error:
        return f"lost: {error}"
    size = model.network_.hidden_size
    return str(size) if model.predict().equals(forecasts[size]) else "mixed"


def killed(folder: Path, models: Models, forecasts: Forecasts, kills: int) -> collections.Counter[str]:
    rng, counts = random.Random(0), collections.Counter[str]()
    for _ in range(kills):
        models[0].save(folder)
        process = started(models[::-1], folder)
        time.sleep(rng.uniform(0.0, 0.1))
        kill(process)
        counts["between two files"] += any(is_between(path.name) for path in folder.iterdir())
        counts[seen(folder, forecasts)] += 1
    return counts


def read(folder: Path, models: Models, forecasts: Forecasts, loads: int) -> collections.Counter[str]:
    processes = [started(order, folder) for order in (models, models[::-1])]
    try:
        return collections.Counter(seen(folder, forecasts) for _ in range(loads))
    finally:
        for process in processes:
            kill(process)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--loads", type=int, default=1000)
    options = parser.parse_args()
    torch.set_num_threads(1)  # processes are forked beside no other threads
    models = [fitted(size) for size in SIZES]
    forecasts = {size: model.predict() for size, model in zip(SIZES, models, strict=True)}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "model"
        models[0].save(folder)
        (folder / "notes.txt").write_text("precious")
        kills = killed(folder, models, forecasts, options.kills)
        loads = read(folder, models, forecasts, options.loads)
        kept = (folder / "notes.txt").read_text() == "precious"
    rows = [
        ["killed while it saved", options.kills, *_sorted(kills), kills["between two files"]],
        ["read while two save", options.loads, *_sorted(loads), ""],
    ]
    header = ["", "times", "older or newer model, whole", "mixed or lost", "of which between two files"]
    section = f"{report.table(header, rows)}\n\nA file beside the model: {'kept' if kept else 'lost'}."
    print(section)
    report.write_section("Killed savers", "benchmarks/kill_saves.py", section, page=RELIABILITY)
    sys.exit(not kept or bool(_sorted(kills)[1] or _sorted(loads)[1]))


def _sorted(counts: collections.Counter[str]) -> tuple[int, int]:
    whole = sum(counts[str(size)] for size in SIZES)
    return whole, sum(counts.values()) - whole - counts["between two files"]


if __name__ == "__main__":
    main()
