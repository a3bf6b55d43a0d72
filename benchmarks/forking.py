"""Many forecast origins from one pass of the encoder ("forking sequences", Wen et al. 2017), single values.

An encoder that reads single values passes the origins of many windows in one run: 24 windows of 168 hours,
an hour apart, are 191 steps to encode instead of 4,032. All of them then share one scale, and their targets
overlap. Both ways train the same bare network (GRU 128, context 168, horizon 48, teacher forcing, absolute
error) on M4 Hourly without its last 48 hours, from the same weights, for the same seconds, turn about; those
48 hours are forecast, free running. A GRU, as the fused LSTM returns its cells of the last step alone.

    python benchmarks/forking.py
    python benchmarks/forking.py --seconds 10 --dry-run

Each series is scaled by its own mean and deviation, with which the origins of a row can be shared.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from m4_hourly import HORIZON, data, errors, owa
from report import table, write_section
from torch import Tensor, nn

CONTEXT, WIDTH, BATCH, ORIGINS = 168, 128, 256, 24
LEARNING_RATE = 2e-3


class Bare(nn.Module):
    """An encoder and a decoder of single values; every state of the encoder can be decoded from."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.GRU(1, WIDTH, batch_first=True)
        self.decoder = nn.GRU(1, WIDTH, batch_first=True)
        self.head = nn.Linear(WIDTH, 1)

    def forward(self, rows: Tensor, origins: int) -> Tensor:
        """Return the mean absolute error of windows an hour apart; a row holds all of theirs."""
        horizon = rows.shape[1] - CONTEXT - origins + 1
        states, _ = self.encoder(rows[:, : CONTEXT + origins - 1, None])
        first = states[:, CONTEXT - 1 :].reshape(1, -1, WIDTH).contiguous()
        future = rows[:, CONTEXT - 1 :].unfold(1, horizon + 1, 1).reshape(-1, horizon + 1)
        hidden, _ = self.decoder(future[:, :-1, None], first)
        return (self.head(hidden)[..., 0] + future[:, :-1] - future[:, 1:]).abs().mean()

    @torch.inference_mode()
    def forecast(self, context: Tensor, horizon: int) -> Tensor:
        """Forecast, free running."""
        _, state = self.encoder(context[..., None])
        previous, found = context[:, -1:], []
        for _ in range(horizon):
            hidden, state = self.decoder(previous[..., None], state)
            previous = previous + self.head(hidden)[..., 0]
            found.append(previous)
        return torch.cat(found, dim=1)


@dataclass(frozen=True)
class Scaled:
    """Series one after the other, each on its own scale."""

    values: Tensor
    starts: Tensor
    lengths: Tensor
    mean: Tensor
    deviation: Tensor

    @classmethod
    def of(cls, series: list[np.ndarray]) -> Scaled:
        """Scale series by their mean and deviation."""
        mean = torch.tensor([float(y.mean()) for y in series])
        deviation = torch.tensor([float(y.std()) or 1.0 for y in series])
        parts = [torch.tensor(y, dtype=torch.float32) for y in series]
        scaled = torch.cat([(y - m) / s for y, m, s in zip(parts, mean, deviation, strict=True)])
        lengths = torch.tensor([len(y) for y in series])
        return cls(scaled, lengths.cumsum(0) - lengths, lengths, mean, deviation)

    def rows(self, count: int, length: int, generator: torch.Generator) -> Tensor:
        """Draw rows of so many steps, each equally likely."""
        places = (self.lengths - length + 1).double()
        chosen = torch.multinomial(places, count, replacement=True, generator=generator)
        first = (torch.rand(count, generator=generator).double() * places[chosen]).long()
        return self.values[(self.starts[chosen] + first)[:, None] + torch.arange(length)]

    def tails(self) -> Tensor:
        """Return the last context of every series."""
        return self.values[(self.starts + self.lengths)[:, None] + torch.arange(-CONTEXT, 0)]

    def original(self, scaled: Tensor) -> np.ndarray:
        """Return forecasts in original units."""
        return (self.mean[:, None] + self.deviation[:, None] * scaled).double().numpy()


@dataclass(frozen=True)
class Way:
    """How windows are drawn: so many rows a step, of so many origins each."""

    label: str
    rows: int
    origins: int


#: The same windows a step, and the same work a step.
WAYS = (
    Way("a pass for each window", BATCH, 1),
    Way(f"{ORIGINS} origins a pass, as many windows a step", BATCH // ORIGINS + 1, ORIGINS),
    Way(f"{ORIGINS} origins a pass, four times the windows", 4 * BATCH // ORIGINS, ORIGINS),
)


def trained(series: Scaled, way: Way, seconds: float, seed: int) -> tuple[Bare, int, float]:
    """Train from a seed; return the network, its training steps and the windows trained on in a second."""
    torch.manual_seed(seed)
    model = Bare()
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, fused=True)
    steps, begun = 0, time.perf_counter()
    while (gone := (time.perf_counter() - begun) / seconds) < 1:
        optimizer.param_groups[0]["lr"] = LEARNING_RATE * 0.5 * (1 + np.cos(np.pi * gone))
        loss = model(series.rows(way.rows, CONTEXT + way.origins - 1 + HORIZON, generator), way.origins)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        steps += 1
    return model, steps, steps * way.rows * way.origins / (time.perf_counter() - begun)


def measure(seconds: float, seeds: list[int], score: Callable[[np.ndarray], float], series: Scaled) -> str:
    """Train each way from each seed, in turn; return the table and a sentence on it."""
    found: dict[str, list[tuple[int, float, float]]] = {way.label: [] for way in WAYS}
    for turn, seed in enumerate(seeds):
        for way in WAYS if turn % 2 == 0 else reversed(WAYS):
            model, steps, rate = trained(series, way, seconds, seed)
            error = score(series.original(model.forecast(series.tails(), HORIZON)))
            found[way.label].append((steps, rate, error))
            print(way.label, seed, *found[way.label][-1], sep="  ", flush=True)
    rows: list[list[object]] = []
    for label, runs in found.items():
        steps, rate, error = (statistics.median(values) for values in zip(*runs, strict=True))
        faster = statistics.median(
            own[1] / one[1] for own, one in zip(runs, found[WAYS[0].label], strict=True)
        )
        rows.append([label, f"{steps:.0f}", f"{rate:.0f}", f"{faster:.2f}", f"{error:.3f}"])
    header = ["", "steps", "windows/s", "times as many", "OWA, validation"]
    best = min(rows[1:], key=lambda row: float(str(row[-1])))
    kept = float(str(best[-1])) < float(str(rows[0][-1]))
    verdict = "a lower" if kept else "no lower"
    return f"{table(header, rows)}\n\nMany origins a pass lead to {verdict} error in the same time."


def main() -> None:
    """Measure, and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=float, default=90, help="to train, for each run")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--dry-run", action="store_true", help="leave RESULTS.md as it is")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.set_flush_denormal(True)
    train, test = data(validation=True)
    series = Scaled.of([y.to_numpy() for _, y in train.groupby("unique_id", sort=False)["y"]])
    said = measure(
        arguments.seconds, arguments.seeds, lambda forecast: owa(*errors(train, test, forecast)), series
    )
    body = f"{arguments.seconds:g} s of training each, seeds {arguments.seeds}, medians.\n\n{said}"
    print(f"\n{body}")
    if not arguments.dry_run:
        write_section("Many origins in one pass", "benchmarks/forking.py", body)


if __name__ == "__main__":
    main()
