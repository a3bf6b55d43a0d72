"""Measurements behind choices for CPUs: bf16, keeping freed memory, tanh by the logistic function.

    python benchmarks/processor.py

bf16: a matrix product, forward and backward of an LSTM at default sizes, and training steps of the default
forecaster (7 + 2 segments of 24, width 192, batch 256) and of the textbook's (168 + 48 single values, LSTM
2×128, teacher forcing); turn about in one run, medians. Freed memory handed back, as the allocator does by
itself, or kept for the next step: training steps of both, denormals flushed, each in a fresh process, turn
about; medians. A page is 4 KiB that the operating system had to give. Activations: as many as additive
attention makes at a time.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import numpy as np
import pandas as pd
import torch
from measuring import Step, as_in_fit, median_ratio, training_step, turn_about
from report import table, write_section
from textbook_step import LAYERS, WIDTH
from torch import nn

ROUNDS = 30
PROCESSES = 3


def matrix_product(dtype: torch.dtype) -> Step:
    """Return a product of the size that a segment's layer has."""
    left, right = torch.randn(2048, 512, dtype=dtype), torch.randn(512, 1024, dtype=dtype)
    return lambda: left @ right


def lstm_step(dtype: torch.dtype) -> Step:
    """Return forward and backward of an LSTM over seven segments."""
    layer, inputs = nn.LSTM(192, 192, batch_first=True), torch.randn(256, 7, 192)

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
        48, context_length=168, segment_length=24, network=Network(hidden_size=192), training=training
    )
    return training_step(model.set_params(**settings).fit(df))


def textbook_step(precision: str) -> Step:
    """Return a training step of the textbook's forecaster."""
    from tsseq2seq import Network

    textbook = Network(hidden_size=WIDTH, num_layers=LAYERS, residual=None)
    return default_step(precision, segment_length=1, network=textbook, training__teacher_forcing=1.0)


def activation(function: Callable[[torch.Tensor], torch.Tensor]) -> Step:
    """Return a function of a chunk of additive attention's activations."""
    hidden = torch.randn(2**20)
    return lambda: function(hidden)


STEPS = {"default": default_step, "textbook": textbook_step}
NAMES = {"default": "default", "textbook": "textbook's"}
ROUNDS_OF = {"default": ROUNDS, "textbook": 5}


def compare(first: Step, second: Step, rounds: int = ROUNDS) -> tuple[float, float, float]:
    """Return milliseconds of both, and the median over rounds of second / first."""
    seconds = turn_about({"first": first, "second": second}, rounds, warm_ups=3)
    one, other = (1e3 * statistics.median(values) for values in seconds.values())
    return one, other, median_ratio(seconds["second"], seconds["first"])


def milliseconds_and_pages(step: Step, rounds: int, kept: bool) -> tuple[float, float]:
    """Return the median duration of a step in this process, and the pages that it is given."""
    from tsseq2seq.hardware.denormals import denormals_flushed
    from tsseq2seq.hardware.heap import freed_memory_kept

    seconds = []
    with denormals_flushed(), freed_memory_kept() if kept else nullcontext():
        for turn in range(rounds + 3):
            if turn == 3:
                before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
            begun = time.perf_counter()
            step()
            seconds.append(time.perf_counter() - begun)
    pages = (resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) / rounds
    return 1e3 * statistics.median(seconds[3:]), pages


def in_fresh_processes(step: str, precision: str) -> tuple[list[object], list[object]]:
    """Return rows of a table: durations with memory handed back and kept; pages that a step is given."""
    runs = []
    for _ in range(PROCESSES):
        pair = []
        for memory in ("back", "kept"):
            command = [sys.executable, __file__, "--alone", step, precision, memory]
            output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            pair.append([float(number) for number in output.split()])
        runs.append(pair)
    (back, back_pages), (kept, kept_pages) = np.median(runs, axis=0)
    ratio = statistics.median(second[0] / first[0] for first, second in runs)
    name = f"{NAMES[step]} training step, {precision}"
    return row(name, back, kept, ratio), [name, f"{back_pages:.0f}", f"{kept_pages:.0f}"]


def row(name: str, one: float, other: float, ratio: float) -> list[object]:
    """Return a row of a table."""
    return [name, f"{one:.1f}", f"{other:.1f}", f"{ratio:.2f}"]


def main() -> None:
    """Measure, and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--alone", nargs=3, metavar=("STEP", "PRECISION", "MEMORY"), help="print this alone")
    alone = parser.parse_args().alone
    torch.manual_seed(0)
    if alone is not None:
        kind, precision, memory = alone
        print(*milliseconds_and_pages(STEPS[kind](precision), ROUNDS_OF[kind], memory == "kept"))
        return
    rows = [
        row("matrix product", *compare(matrix_product(torch.float32), matrix_product(torch.bfloat16))),
        row("LSTM step", *compare(lstm_step(torch.float32), lstm_step(torch.bfloat16))),
    ]
    with as_in_fit():
        for kind, make in STEPS.items():
            found = compare(make("float32"), make("bf16"), ROUNDS_OF[kind])
            rows.append(row(f"{NAMES[kind]} training step", *found))
    both = [in_fresh_processes(kind, precision) for kind in STEPS for precision in ("float32", "bf16")]
    slopes = row("2²⁰ activations", *compare(activation(torch.tanh), activation(torch.sigmoid)))
    body = "\n\n".join(
        [
            table(["", "tanh, ms", "logistic function, ms", "ratio, median of rounds"], [slopes]),
            table(["", "float32, ms", "bf16, ms", "ratio, median of rounds"], rows),
            table(["", "handed back, ms", "kept, ms", "ratio"], [times for times, _ in both]),
            table(["pages given to a step", "handed back", "kept"], [pages for _, pages in both]),
        ]
    )
    print(body)
    write_section("Choices for the processor", "benchmarks/processor.py", body)


if __name__ == "__main__":
    main()
