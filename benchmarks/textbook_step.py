"""A teacher-forced training step of the textbook model against the bare ``nn.LSTM`` loop.

Segment 1, LSTM 2×128, context 168, horizon 48, batch 256, float32: the same sizes, the same
optimiser, turn about in one run; medians. The bare loop has its batch ready and no scaling. It is
measured as a tutorial writes it, and with denormals flushed as the library does.

    python benchmarks/textbook_step.py
"""

from __future__ import annotations

import argparse
import statistics
import threading
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
import torch
from measuring import Step, training_step
from report import table, write_section
from torch import nn

BATCH, CONTEXT, HORIZON, WIDTH, LAYERS = 256, 168, 48, 128, 2


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


def flushing(step: Callable[[], None]) -> Callable[[], None]:
    """Return a step that runs in one lasting thread that flushes denormals, as training does."""
    wanted, done = threading.Semaphore(0), threading.Semaphore(0)

    def loop() -> None:
        torch.set_flush_denormal(True)
        while True:
            wanted.acquire()
            step()
            done.release()

    threading.Thread(target=loop, daemon=True).start()

    def once() -> None:
        wanted.release()
        done.acquire()

    return once


def main() -> None:
    """Measure turn about, and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    torch.manual_seed(0)
    plain, flushed, ours = "bare nn.LSTM loop", "the same, denormals flushed", "tsseq2seq"
    steps = {plain: bare_step(), flushed: flushing(bare_step()), ours: flushing(our_step())}
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for step in steps.values():
        step()
    for _ in range(rounds):
        for name, step in steps.items():
            begun = time.perf_counter()
            step()
            seconds[name].append(time.perf_counter() - begun)
    rows = []
    for name, values in seconds.items():
        ratio = statistics.median(our / other for our, other in zip(seconds[ours], values, strict=True))
        middle = statistics.median(values)
        rows.append([name, f"{1e3 * middle:.0f}", f"{BATCH / middle:.0f}", f"{ratio:.3f}"])
    header = ["", "step, ms (median)", "windows/s", "ours / this, median of rounds"]
    body = table(header, rows) + f"\n\n{rounds} rounds. The bar is 1.10 times the bare loop."
    print(body)
    write_section("Training step of the textbook model", "benchmarks/textbook_step.py", body)


if __name__ == "__main__":
    main()
