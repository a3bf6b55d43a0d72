"""A teacher-forced training step of the textbook model against the bare ``nn.LSTM`` loop.

Segment 1, LSTM 2×128, context 168, horizon 48, batch 256, float32: the same sizes, the same
optimiser, turn about in one run; medians. The bare loop has its batch ready and no scaling. It is
measured as a tutorial writes it, with denormals flushed, and with freed memory kept too, which is how
the library prepares a processor.

    python benchmarks/textbook_step.py
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext

import numpy as np
import pandas as pd
import torch
from measuring import Step, as_in_fit, median_ratio, met, training_step, turn_about
from report import table, write_section
from torch import nn

BATCH, CONTEXT, HORIZON, WIDTH, LAYERS = 256, 168, 48, 128, 2
STEPS, BAR = 9, 1.05
BARE, FLUSHED, KEPT, OURS = NAMES = (
    "bare nn.LSTM loop",
    "the same, denormals flushed",
    "the same, freed memory kept too",
    "tsseq2seq",
)


class Bare(nn.Module):
    """The encoder and decoder ``nn.LSTM`` of a tutorial, and a linear layer."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.LSTM(2, WIDTH, LAYERS, batch_first=True)
        self.decoder = nn.LSTM(2, WIDTH, LAYERS, batch_first=True)
        self.head = nn.Linear(WIDTH, 1)

    def forward(self, context: torch.Tensor, previous: torch.Tensor) -> torch.Tensor:
        """Encode, and decode under teacher forcing."""
        _, state = self.encoder(context)
        return self.head(self.decoder(previous, state)[0])


def bare_step() -> Callable[[], None]:
    """Return a training step of the bare loop on a fixed batch."""
    model = Bare()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, fused=True)
    context, previous = torch.randn(BATCH, CONTEXT, 2), torch.randn(BATCH, HORIZON, 2)
    target = torch.randn(BATCH, HORIZON, 1)

    def step() -> None:
        loss = (model(context, previous) - target).abs().mean()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()

    return step


def our_step() -> Step:
    """Return a training step of the library: draw windows, scale, encode, decode, report nothing."""
    from tsseq2seq import Network, Seq2SeqForecaster, Training

    steps = np.arange(960)
    df = pd.concat(
        pd.DataFrame({"unique_id": i, "ds": steps, "y": np.sin(steps / 24 * 2 * np.pi + i) + 5})
        for i in range(100)
    )
    training = Training(
        max_steps=1, batch_size=BATCH, precision="float32", teacher_forcing=1.0, learning_rate=1e-3
    )
    network = Network(hidden_size=WIDTH, num_layers=LAYERS, residual=None)
    model = Seq2SeqForecaster(
        HORIZON, context_length=CONTEXT, segment_length=1, network=network, training=training
    ).fit(df)
    return training_step(model)


def milliseconds(name: str) -> float:
    """Return the median of the steps of a contestant in this process; the first ones do not count."""
    from tsseq2seq.hardware.denormals import denormals_flushed

    torch.manual_seed(0)
    step = our_step() if name == OURS else bare_step()
    inside = {BARE: nullcontext, FLUSHED: denormals_flushed}.get(name, as_in_fit)
    with inside():
        seconds = turn_about({name: step}, STEPS, warm_ups=2)[name]
    return 1e3 * statistics.median(seconds)


def in_a_process(name: str) -> float:
    """Return what :func:`milliseconds` measures in a fresh process."""
    command = [sys.executable, __file__, "--alone", name]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    """Measure turn about, and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--alone", choices=NAMES, help="measure this here, print milliseconds")
    arguments = parser.parse_args()
    if arguments.alone is not None:
        print(milliseconds(arguments.alone))
        return
    measured: dict[str, list[float]] = {name: [] for name in NAMES}
    for turn in range(arguments.rounds):
        for name in NAMES if turn % 2 == 0 else reversed(NAMES):
            measured[name].append(in_a_process(name))
    rows = []
    for name, values in measured.items():
        middle, ratio = statistics.median(values), median_ratio(measured[OURS], values)
        rows.append([name, f"{middle:.0f}", f"{1e3 * BATCH / middle:.0f}", f"{ratio:.3f}"])
    ratio = median_ratio(measured[OURS], measured[KEPT])
    header = ["", "step, ms (median)", "windows/s", "ours / this, median of rounds"]
    body = (
        f"{table(header, rows)}\n\n{arguments.rounds} rounds, each in a fresh process. Bar: at most {BAR} "
        f"times the bare loop on a processor prepared alike: {ratio:.3f}, {met(ratio, BAR)}."
    )
    print(body)
    write_section("Training step of the textbook model", "benchmarks/textbook_step.py", body)


if __name__ == "__main__":
    main()
