"""What the library's choices for CPUs rest on: bf16 or float32, and a thread of its own or none.

    python benchmarks/processor.py

bf16: a matrix product, forward and backward of an LSTM at default sizes, and training steps of the default
forecaster (7 + 2 segments of 24, width 256, batch 256) and of the textbook's (168 + 48 single values, LSTM
2×128, teacher forcing). Thread: a training step of the default forecaster in the caller's thread, and in one
that flushes denormals beside the caller's own workers; each in fresh processes, because the second team of
workers, once there, slows the caller's thread as well. Turn about in one run; medians.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from typing import Any

import numpy as np
import pandas as pd
import torch
from measuring import Step, training_step
from report import table, write_section
from textbook_step import LAYERS, WIDTH, flushing
from torch import nn

ROUNDS = 30
PROCESSES = 3


def matrix_product(dtype: torch.dtype) -> Step:
    """Return a product of the size that a segment's layer has."""
    left, right = torch.randn(2048, 512, dtype=dtype), torch.randn(512, 1024, dtype=dtype)
    return lambda: left @ right


def lstm_step(dtype: torch.dtype) -> Step:
    """Return forward and backward of an LSTM over seven segments."""
    layer, inputs = nn.LSTM(256, 256, batch_first=True), torch.randn(512, 7, 256)

    def step() -> None:
        with torch.autocast("cpu", dtype, enabled=dtype != torch.float32):
            outputs, _ = layer(inputs)
        outputs.float().sum().backward()

    return step


def default_step(precision: str = "float32", **settings: Any) -> Step:
    """Return a training step of a forecaster whose sizes are the defaults for hourly data, or others."""
    from tsseq2seq import Network, Seq2SeqForecaster, Training

    steps = np.arange(960)
    y = np.random.default_rng(0).normal(size=(100, 960)) + np.sin(steps / 24 * 2 * np.pi)
    df = pd.DataFrame(
        {"unique_id": np.repeat(np.arange(100), 960), "ds": np.tile(steps, 100), "y": y.ravel()}
    )
    training = Training(max_steps=1, batch_size=256, precision=precision, teacher_forcing=0.0)
    model = Seq2SeqForecaster(
        48, context_length=168, segment_length=24, network=Network(hidden_size=256), training=training
    )
    return training_step(model.set_params(**settings).fit(df))


def textbook_step(precision: str) -> Step:
    """Return a training step of the textbook's forecaster, denormals flushed as in ``fit``."""
    from tsseq2seq import Network

    textbook = Network(hidden_size=WIDTH, num_layers=LAYERS, residual=None)
    step = default_step(precision, segment_length=1, network=textbook, training__teacher_forcing=1.0)
    return flushing(step)


def compare(first: Step, second: Step, rounds: int = ROUNDS) -> tuple[float, float, float]:
    """Return milliseconds of both, and the median over rounds of second / first."""
    seconds: list[tuple[float, float]] = []
    for turn in range(rounds + 3):
        pair = []
        for step in (first, second):
            begun = time.perf_counter()
            step()
            pair.append(time.perf_counter() - begun)
        if turn >= 3:
            seconds.append((pair[0], pair[1]))
    one, other = (1e3 * statistics.median(column) for column in zip(*seconds, strict=True))
    return one, other, statistics.median(b / a for a, b in seconds)


def default_step_milliseconds(own_thread: bool) -> float:
    """Return the median of the default step in this process."""
    step = default_step()
    step = flushing(step) if own_thread else step
    seconds = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        step()
        seconds.append(time.perf_counter() - begun)
    return 1e3 * statistics.median(seconds[3:])


def in_fresh_processes() -> tuple[float, float, float]:
    """Return what :func:`compare` does, for the default step in the caller's thread and its own."""
    pairs = []
    for _ in range(PROCESSES):
        outputs = [
            subprocess.run(
                [sys.executable, __file__, "--step", kind], check=True, capture_output=True, text=True
            )
            for kind in ("caller", "own")
        ]
        pairs.append(tuple(float(output.stdout) for output in outputs))
    one, other = (statistics.median(column) for column in zip(*pairs, strict=True))
    return one, other, statistics.median(b / a for a, b in pairs)


def main() -> None:
    """Measure, and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--step", choices=("caller", "own"), help="measure this alone and print it")
    only = parser.parse_args().step
    torch.manual_seed(0)
    if only is not None:
        print(default_step_milliseconds(only == "own"))
        return
    pairs = {
        "matrix product, float32 → bf16": (matrix_product(torch.float32), matrix_product(torch.bfloat16)),
        "LSTM step, float32 → bf16": (lstm_step(torch.float32), lstm_step(torch.bfloat16)),
    }
    measured = {name: compare(*steps) for name, steps in pairs.items()}
    for name, make, rounds in (("default", default_step, ROUNDS), ("textbook's", textbook_step, 5)):
        measured[f"{name} training step, float32 → bf16"] = compare(make("float32"), make("bf16"), rounds)
    measured["default step, caller's thread → thread of its own"] = in_fresh_processes()
    rows = []
    for name, (one, other, ratio) in measured.items():
        rows.append([name, f"{one:.1f}", f"{other:.1f}", f"{ratio:.2f}"])
    body = table(["", "ms", "ms", "ratio, median of rounds"], rows)
    print(body)
    write_section("Choices for the processor", "benchmarks/processor.py", body)


if __name__ == "__main__":
    main()
