"""The cost of scheduled sampling, of attention, and of everything outside the network in a training step.

    python benchmarks/step_costs.py
    python benchmarks/step_costs.py --parts sampling attention
    python benchmarks/step_costs.py --batch 8 --context 24 --horizon 8 --width 8 --series 10 --rounds 2 \\
        --fit-steps 5 --dry-run

Ratios are taken turn about in one run, medians over rounds.

- ``sampling``: scheduled sampling in two passes (``teacher_forcing=0.5``, the lowest probability at which two
  fused passes stand in for the loop) against teacher forcing, textbook shape: segment 1, LSTM 2×128, context
  168, horizon 48, batch 256, float32. Beside them the loop itself, which runs just below 0.5.
- ``attention``: additive attention against none, textbook shape and teacher forcing; and the difference of
  the highest resident memory of two processes that make the same steps with it and without.
- ``defaults``: additive attention against none at default settings on 414 hourly series of 960 steps, the
  size of M4 Hourly.
- ``smoothing``: a network that adds to exponential smoothing against one that adds to the season before, on
  the same series. The table that the smoothing is read from is filled once, before.
- ``outside``: a real ``fit`` at default settings on these series. Every moment of it is booked under one
  name. *Network* is the forward pass (encoder, bridge, attention, decoder, head), the elementwise loss and
  its mean, the backward pass, clipping, and the optimiser. *Outside* is all else that the training loop does:
  drawing windows (random numbers and the gather), scaling them and cutting them into segments with their
  covariates, reports and the progress bar, and the loop's own bookkeeping (learning rate, autocast, clocks,
  zeroing gradients). What ``fit`` does before and after the loop (reading the frame, choosing defaults,
  building the network) happens once, whatever the number of steps, and is told apart.
"""

from __future__ import annotations

import argparse
import functools
import json
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

import pandas as pd
from measuring import (
    MIB,
    PeakMemory,
    Step,
    as_in_fit,
    long_frame,
    median_ratio,
    met,
    training_step,
    turn_about,
)
from report import parts, table, write_section
from textbook_step import BATCH, CONTEXT, HORIZON, LAYERS, WIDTH

SAMPLING_BAR, ATTENTION_BAR, DEFAULTS_BAR, SMOOTHING_BAR = 1.6, 3.0, 1.2, 1.25
MEMORY_BAR, OUTSIDE_BAR = 1e9, 0.03
M4_SERIES, M4_STEPS = 414, 960
PARTS = ("sampling", "attention", "defaults", "smoothing", "outside", "logarithms")

NETWORK = ("forward", "loss", "backward", "clipping", "optimiser")
OUTSIDE = ("drawing windows", "scaling and segments", "reports", "the loop itself")
ONCE = "before and after the loop"


@dataclass(frozen=True)
class Shape:
    """Sizes of the textbook model and of its training data."""

    batch: int = BATCH
    context: int = CONTEXT
    horizon: int = HORIZON
    width: int = WIDTH
    layers: int = LAYERS
    series: int = 100

    def step(self, *, teacher_forcing: float = 1.0, attention: str | None = None) -> Step:
        """Return a training step."""
        from tsseq2seq import Network, Seq2SeqForecaster, Training

        training = Training(
            max_steps=1,
            batch_size=self.batch,
            precision="float32",
            teacher_forcing=teacher_forcing,
            progress=False,
        )
        network = Network(hidden_size=self.width, num_layers=self.layers, residual=None, attention=attention)
        model = Seq2SeqForecaster(
            self.horizon, context_length=self.context, segment_length=1, network=network, training=training
        )
        length = 3 * (self.context + self.horizon)
        return training_step(model.fit(long_frame(self.series, length)))


class Stopwatch:
    """Book time under the name of the innermost part that is open; every moment counts once."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self.clock = clock
        self.booked: dict[str | None, float] = defaultdict(float)  # None: no part was open
        self.part: str | None = None
        self.since = 0.0

    @property
    def seconds(self) -> dict[str, float]:
        """The seconds of each part."""
        return {part: seconds for part, seconds in self.booked.items() if part is not None}

    def timed(self, function: Callable[..., Any], name: str) -> Callable[..., Any]:
        """Return a function whose time is booked under a name."""
        clock, booked = self.clock, self.booked

        @functools.wraps(function)
        def call(*given: Any, **options: Any) -> Any:  # short: what it costs itself is booked too
            outer, self.part = self.part, name
            now = clock()
            booked[outer] += now - self.since
            self.since = now
            try:
                return function(*given, **options)
            finally:
                now = clock()
                booked[name] += now - self.since
                self.since, self.part = now, outer

        return call

    @contextmanager
    def watching(self, places: list[tuple[Any, str, str]]) -> Iterator[None]:
        """Time attributes of classes and modules inside: (owner, attribute, name)."""
        with ExitStack() as stack:
            for owner, attribute, name in places:
                function = self.timed(getattr(owner, attribute), name)
                stack.enter_context(mock.patch.object(owner, attribute, function))
            yield


def places_of_fit() -> list[tuple[Any, str, str]]:
    """Return which functions of ``fit`` belong to which part; what they call and is not here too."""
    import torch

    from tsseq2seq import Point, Seq2SeqForecaster
    from tsseq2seq.data.panel.windows import Windows
    from tsseq2seq.forecasting import model as series
    from tsseq2seq.forecasting.objective import SeriesObjective
    from tsseq2seq.forecasting.scaled_batch import ScaledBatch
    from tsseq2seq.training import run, step
    from tsseq2seq.training.progress import Progress

    return [
        (Seq2SeqForecaster, "fit", ONCE),
        (run.TrainingRun, "steps", "the loop itself"),
        (step.GradientSteps, "__call__", "the loop itself"),
        (run.TrainingRun, "_report", "reports"),
        (Progress, "update", "reports"),
        (SeriesObjective, "batch_loss", "drawing windows"),
        (Windows, "gather", "drawing windows"),
        (ScaledBatch, "of", "scaling and segments"),
        (series.SeriesModel, "losses", "scaling and segments"),
        (series.SeriesModel, "decode", "forward"),
        (Point, "elementwise_loss", "loss"),
        (series, "masked_mean", "loss"),
        (torch.Tensor, "backward", "backward"),
        (step, "_clip", "clipping"),
        (torch.optim.AdamW, "step", "optimiser"),
    ]


def m4_like(series: int, steps: int) -> pd.DataFrame:
    """Return as many hourly series as M4 Hourly has, and about as long."""
    return long_frame(series, steps)


def sampling(shape: Shape, rounds: int) -> str:
    """Measure scheduled sampling against teacher forcing."""
    works = {
        "teacher forcing": shape.step(),
        "scheduled sampling, two passes": shape.step(teacher_forcing=0.5),
        "scheduled sampling, the loop": shape.step(teacher_forcing=0.499),
    }
    with as_in_fit():
        seconds = turn_about(works, rounds)
    ratio = median_ratio(seconds["scheduled sampling, two passes"], seconds["teacher forcing"])
    bar = f"Bar: two passes at most {SAMPLING_BAR} times: {ratio:.2f}, {met(ratio, SAMPLING_BAR)}."
    return f"{ratios(seconds)}\n\n{bar}"


def attention(shape: Shape, rounds: int) -> str:
    """Measure additive attention against none at the textbook shape, time and memory."""
    works = {"no attention": shape.step(), "additive attention": shape.step(attention="additive")}
    with as_in_fit():
        seconds = turn_about(works, rounds)
    ratio = median_ratio(seconds["additive attention"], seconds["no attention"])
    bars = [f"Bar: at most {ATTENTION_BAR:g} times: {ratio:.2f}, {met(ratio, ATTENTION_BAR)}."]
    peaks = {kind: peak_in_a_process(kind, shape) for kind in ("none", "additive")}
    failed = [peak for peak in peaks.values() if isinstance(peak, str)]
    if failed:
        bars.append(f"Memory: failed: {failed[0]}.")
    else:
        extra = peaks["additive"] - peaks["none"]  # type: ignore[operator]
        bars.append(
            f"Highest memory of the steps {peaks['none'] / MIB:.0f} MiB without attention, "  # type: ignore[operator]
            f"{peaks['additive'] / MIB:.0f} MiB with it. Bar: at most {MEMORY_BAR / 1e9:g} GB more: "  # type: ignore[operator]
            f"{extra / 1e9:.3f} GB, {met(extra, MEMORY_BAR)}."
        )
    return f"{ratios(seconds)}\n\n" + " ".join(bars)


def peak_bytes(kind: str, shape: Shape, steps: int = 3) -> int:
    """Measure in this process: bytes that a model and its training steps need."""
    import tsseq2seq.training.loop  # noqa: F401 (imported before the mark is set)

    peak = PeakMemory()
    step = shape.step(attention=None if kind == "none" else kind)
    with as_in_fit():
        for _ in range(steps):
            step()
    return peak.beyond


def peak_in_a_process(kind: str, shape: Shape) -> int | str:
    """Return what :func:`peak_bytes` measures in a process of its own, or why it did not."""
    command = [sys.executable, __file__, "--peak", kind]
    for field in ("batch", "context", "horizon", "width", "series"):
        command += [f"--{field}", str(getattr(shape, field))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return f"exit status {done.returncode}: {last[:100]}"
    return int(json.loads(done.stdout.splitlines()[-1]))


def default_step(series: int, **network: Any) -> Step:
    """Return a training step at default settings, but for some of the network."""
    from tsseq2seq import Network, Seq2SeqForecaster, Training

    training = Training(max_steps=1, progress=False)
    model = Seq2SeqForecaster(HORIZON, network=Network(**network), training=training)
    return training_step(model.fit(m4_like(series, M4_STEPS)))


def defaults(series: int, rounds: int) -> str:
    """Measure additive attention against none at default settings."""
    works = {
        "no attention": default_step(series, attention=None),
        "additive attention": default_step(series, attention="additive"),
    }
    with as_in_fit():
        seconds = turn_about(works, rounds, warm_ups=3)
    ratio = median_ratio(seconds["additive attention"], seconds["no attention"])
    bar = f"Bar: at most {DEFAULTS_BAR} times: {ratio:.2f}, {met(ratio, DEFAULTS_BAR)}."
    return f"{ratios(seconds)}\n\n{bar}"


def smoothing(series: int, rounds: int) -> str:
    """Measure adding to exponential smoothing against adding to the season before, at default settings."""
    works = {
        "season before": default_step(series, residual="season"),
        "exponential smoothing": default_step(series, residual="smoothing"),
    }
    with as_in_fit():
        seconds = turn_about(works, rounds, warm_ups=3)
    ratio = median_ratio(seconds["exponential smoothing"], seconds["season before"])
    bar = f"Bar: at most {SMOOTHING_BAR} times: {ratio:.2f}, {met(ratio, SMOOTHING_BAR)}."
    return f"{ratios(seconds)}\n\n{bar}"


def ratios(seconds: dict[str, list[float]]) -> str:
    """Return a table of times, and of ratios to the first."""
    first = next(iter(seconds.values()))
    rows: list[list[object]] = [
        [name, f"{1e3 * statistics.median(values):.1f}", f"{median_ratio(values, first):.2f}"]
        for name, values in seconds.items()
    ]
    return table(["training step", "ms (median)", f"ratio, median of {len(first)} rounds"], rows)


def outside(series: int, steps: int | None, scaling: str | None = None) -> str:
    """Profile a fit at default settings, but for the scaling."""
    from tsseq2seq import Seq2SeqForecaster, Training

    df = m4_like(series, M4_STEPS)
    training = Training(max_steps=steps, progress=False)
    model = Seq2SeqForecaster(HORIZON, scaling=scaling, training=training)
    watch = Stopwatch()
    with watch.watching(places_of_fit()):
        model.fit(df)
    settings = (
        f"context {model.context_length_}, segment {model.segment_length_}, width "
        f"{model.network_.hidden_size}, batch {model.training_.batch_size}, {model.n_steps_} steps"
    )
    return f"{settings}.\n\n{outside_table(watch.seconds)}"


def outside_table(seconds: dict[str, float]) -> str:
    """Return the table of parts, and whether enough of the loop's time is spent in the network."""
    whole = sum(seconds.values())
    loop = sum(seconds.get(name, 0.0) for name in (*NETWORK, *OUTSIDE))
    rows: list[list[object]] = []
    for kind, names in (("network", NETWORK), ("outside", OUTSIDE)):
        for name in names:
            value = seconds.get(name, 0.0)
            rows.append([f"{kind}: {name}", f"{value:.2f}", f"{100 * value / loop:.2f}"])
    rows.append([ONCE, f"{seconds.get(ONCE, 0.0):.2f}", ""])
    share = sum(seconds.get(name, 0.0) for name in OUTSIDE) / loop
    with_once = 1 - sum(seconds.get(name, 0.0) for name in NETWORK) / whole
    return (
        f"{table(['part of fit', 'seconds', '% of the loop'], rows)}\n\nBar: at most {100 * OUTSIDE_BAR:g} % "
        f"of the loop's time outside the network: {100 * share:.2f} %, {met(share, OUTSIDE_BAR)}. Of the "
        f"whole call of `fit`, which took {whole:.1f} s, {100 * with_once:.2f} % were outside."
    )


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "--parts", nargs="+", default=list(PARTS), choices=PARTS, metavar="PART", help=str(PARTS)
    )
    parser.add_argument("--rounds", type=int, default=11)
    for field, value in (("batch", BATCH), ("context", CONTEXT), ("horizon", HORIZON), ("width", WIDTH)):
        parser.add_argument(f"--{field}", type=int, default=value, help="of the textbook model")
    parser.add_argument("--series", type=int, default=M4_SERIES)
    parser.add_argument("--fit-steps", type=int, help="steps of the profiled fit; the default is fit's own")
    parser.add_argument("--peak", choices=("none", "additive"), help="measure this memory here, print bytes")
    parser.add_argument("--dry-run", action="store_true", help="leave RESULTS.md as it is")
    return parser.parse_args()


def main() -> None:
    """Measure part by part, and report."""
    arguments = parse()
    sizes = {name: getattr(arguments, name) for name in ("batch", "context", "horizon", "width", "series")}
    shape = Shape(**sizes)
    if arguments.peak:
        print(peak_bytes(arguments.peak, shape))
        return
    textbook = (
        f"segment 1, LSTM {shape.layers} x {shape.width}, context {shape.context}, horizon {shape.horizon}, "
        f"batch {shape.batch}, float32"
    )
    like_m4 = f"{arguments.series} hourly series of {M4_STEPS} steps, horizon {HORIZON}, all else default"
    works: dict[str, tuple[str, Callable[[], str]]] = {
        "sampling": (f"Scheduled sampling, {textbook}", lambda: sampling(shape, arguments.rounds)),
        "attention": (f"Additive attention, {textbook}", lambda: attention(shape, arguments.rounds)),
        "defaults": (
            f"Additive attention at default settings, {like_m4}",
            lambda: defaults(arguments.series, 3 * arguments.rounds),
        ),
        "smoothing": (
            f"A base of exponential smoothing, {like_m4}",
            lambda: smoothing(arguments.series, 3 * arguments.rounds),
        ),
        "outside": (
            f"A `fit` at default settings, {like_m4}",
            lambda: outside(arguments.series, arguments.fit_steps),
        ),
        "logarithms": (
            f"The same, of logarithms, {like_m4}",
            lambda: outside(arguments.series, arguments.fit_steps, "log1p"),
        ),
    }
    sections = parts(works[part] for part in arguments.parts)
    if not arguments.dry_run:
        write_section("Costs of a training step", "benchmarks/step_costs.py", "\n\n".join(sections))


if __name__ == "__main__":
    main()
