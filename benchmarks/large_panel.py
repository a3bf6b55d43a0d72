"""A large panel: from the frame to the first training step, and what a step costs.

    python benchmarks/large_panel.py                             # 100,000 series of 1,000 steps
    python benchmarks/large_panel.py --profile                   # where time and memory go, by source line
    python benchmarks/large_panel.py --series 500 --steps 300 --rounds 2 --repeats 1 --dry-run

The frame is a user's: names as text (and once as categories), hourly stamps, float64. ``fit`` with one
training step and defaults otherwise is timed from call to return. Peak memory is the process' highest
resident memory inside ``fit`` (Linux's ``VmHWM``, whose mark is reset once the frame is there) less what
was resident before, and is told in multiples of the panel's tensor: series × steps × 4 bytes. Every run has
a process of its own. Then training steps of one network on 1/100, 1/10 and all of the series are timed turn
about, on panels that differ in nothing else.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from measuring import MIB, PeakMemory, long_frame, median_ratio, met, training_step, turn_about
from report import table, write_section

HORIZON = 48
SECONDS_BAR, MEMORY_BAR = 30.0, 5.0
# "Independent of the number of series", with room for what the processor's caches do.
STEP_BAR = 1.10
IDS = ("text", "category")


def first_step(series: int, steps: int, ids: str) -> dict[str, float]:
    """Measure in this process: seconds of ``fit`` with one step, and bytes beyond the frame."""
    from tsseq2seq import Seq2SeqForecaster, Training

    df = long_frame(series, steps, ids)
    model = Seq2SeqForecaster(HORIZON, training=Training(max_steps=1, progress=False))
    peak = PeakMemory()
    begun = time.perf_counter()
    model.fit(df)
    seconds = time.perf_counter() - begun
    return {"seconds": seconds, "beyond": peak.beyond, "frame": int(df.memory_usage(deep=False).sum())}


def sizes(series: int) -> list[int]:
    """Return a hundredth, a tenth and the whole of the number of series."""
    return sorted({max(1, series // 100), max(1, series // 10), series})


def step_seconds(series: int, steps: int, rounds: int) -> dict[str, list[float]]:
    """Measure in this process: training steps of the same network on more and more series."""
    from tsseq2seq import Network, Seq2SeqForecaster, Training

    # what the defaults choose for many hourly series; on few they would choose a smaller network
    training = Training(max_steps=1, batch_size=256, teacher_forcing=0.0, progress=False)
    works = {}
    for count in sizes(series):
        model = Seq2SeqForecaster(
            HORIZON,
            context_length=168,
            segment_length=24,
            network=Network(hidden_size=192),
            training=training,
        )
        works[str(count)] = training_step(model.fit(long_frame(count, steps, "category")))
    return turn_about(works, rounds, warm_ups=3)


class Sampler(threading.Thread):
    """Samples the main thread: its line in the package, and the peak memory since the last sample."""

    def __init__(self, interval: float = 0.01) -> None:
        import tsseq2seq

        super().__init__(daemon=True)
        self.package = Path(tsseq2seq.__file__).parent
        self.interval = interval
        self.watched = threading.get_ident()
        self.peak = PeakMemory()
        self.seconds: dict[str, float] = {}
        self.bytes: dict[str, int] = {}
        self.stopping = threading.Event()

    def run(self) -> None:
        """Sample until stopped."""
        last = time.perf_counter()
        while not self.stopping.wait(self.interval):
            place = self.place()
            now = time.perf_counter()
            self.seconds[place] = self.seconds.get(place, 0.0) + now - last
            self.bytes[place] = max(self.bytes.get(place, 0), self.peak.beyond)
            self.peak.reset()
            last = now

    def place(self) -> str:
        """Return the innermost line of the package that the main thread is in."""
        frame = sys._current_frames().get(self.watched)
        while frame is not None:
            path = Path(frame.f_code.co_filename)
            if path.is_relative_to(self.package):
                return f"{path.relative_to(self.package)}:{frame.f_lineno} {frame.f_code.co_name}"
            frame = frame.f_back
        return "elsewhere"


def profile(series: int, steps: int, ids: str, lines: int = 25) -> str:
    """Return the lines of the package at which ``fit`` spends time and reaches its highest memory."""
    from tsseq2seq import Seq2SeqForecaster, Training

    df = long_frame(series, steps, ids)
    model = Seq2SeqForecaster(HORIZON, training=Training(max_steps=1, progress=False))
    sampler = Sampler()
    sampler.start()
    model.fit(df)
    sampler.stopping.set()
    sampler.join()
    tensor = 4 * series * steps
    rows: list[list[object]] = [
        [place, f"{seconds:.2f}", f"{sampler.bytes[place] / MIB:.0f}", f"{sampler.bytes[place] / tensor:.1f}"]
        for place, seconds in sorted(sampler.seconds.items(), key=lambda item: -item[1])[:lines]
    ]
    return table(["line", "seconds", "peak beyond the frame, MiB", "in tensors"], rows)


def in_a_process(only: str, arguments: argparse.Namespace) -> dict[str, Any]:
    """Return a measurement of this script in a separate process, or the reason why it failed."""
    command = [sys.executable, __file__, "--only", only]
    for option in ("series", "steps", "rounds"):
        command += [f"--{option}", str(getattr(arguments, option))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return {"failed": f"exit status {done.returncode}: {last.replace('|', '/')[:100]}"}
    return json.loads(done.stdout.splitlines()[-1])


def first_step_section(results: dict[str, list[dict[str, Any]]], tensor: int) -> str:
    """Return the table of runs from frame to first step, and whether the bars hold."""
    rows: list[list[object]] = []
    for ids, runs in results.items():
        failed = [run["failed"] for run in runs if "failed" in run]
        if failed:
            rows.append([ids, "-", "-", "-", f"failed: {failed[0]}"])
            continue
        seconds = statistics.median(run["seconds"] for run in runs)
        beyond = max(run["beyond"] for run in runs)
        rows.append(
            [
                ids,
                f"{runs[0]['frame'] / MIB:.0f}",
                f"{seconds:.1f} (bar {SECONDS_BAR:g}: {met(seconds, SECONDS_BAR)})",
                f"{beyond / MIB:.0f}",
                f"{beyond / tensor:.2f} (bar {MEMORY_BAR:g}: {met(beyond / tensor, MEMORY_BAR)})",
            ]
        )
    header = ["names", "frame, MiB", "seconds", "peak beyond the frame, MiB", "in tensors"]
    return table(header, rows) + f"\n\nThe tensor has {tensor / MIB:.0f} MiB."


def step_section(seconds: dict[str, Any]) -> str:
    """Return the table of training steps by number of series, and whether the cost is independent of it."""
    if "failed" in seconds:
        return f"Training steps: failed: {seconds['failed']}"
    names = sorted(seconds, key=int)
    least = seconds[names[0]]
    rows: list[list[object]] = [
        [name, f"{1e3 * statistics.median(seconds[name]):.1f}", f"{median_ratio(seconds[name], least):.3f}"]
        for name in names
    ]
    ratio = median_ratio(seconds[names[-1]], least)
    shown = table(["series", "training step, ms (median)", f"ratio to {names[0]} series"], rows)
    return (
        f"{shown}\n\n{len(least)} rounds, turn about. Bar: a step costs the same however many series there "
        f"are, at most {STEP_BAR:.2f} times as much: {ratio:.3f}, {met(ratio, STEP_BAR)}."
    )


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--series", type=int, default=100_000)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=40, help="of training steps")
    parser.add_argument("--repeats", type=int, default=3, help="processes for each kind of frame")
    parser.add_argument("--ids", nargs="+", default=list(IDS), choices=IDS)
    parser.add_argument("--only", choices=[*IDS, "steps"], help="measure this in this process, print JSON")
    parser.add_argument("--profile", action="store_true", help="print where time and memory go, and end")
    parser.add_argument("--dry-run", action="store_true", help="leave RESULTS.md as it is")
    return parser.parse_args()


def main() -> None:
    """Measure, and report."""
    arguments = parse()
    series, steps = arguments.series, arguments.steps
    if arguments.only == "steps":
        print(json.dumps(step_seconds(series, steps, arguments.rounds)))
        return
    if arguments.only:
        print(json.dumps(first_step(series, steps, arguments.only)))
        return
    if arguments.profile:
        print(profile(series, steps, arguments.ids[0]))
        return
    results: dict[str, list[dict[str, Any]]] = {ids: [] for ids in arguments.ids}
    for _ in range(arguments.repeats):
        for ids, runs in results.items():
            runs.append(in_a_process(ids, arguments))
            print(ids, runs[-1], flush=True)
    body = (
        f"{series:,} hourly series of {steps:,} steps; `Seq2SeqForecaster({HORIZON}, "
        "training=Training(max_steps=1))`, all else default; median seconds and highest memory of "
        f"{arguments.repeats} processes.\n\n{first_step_section(results, 4 * series * steps)}\n\n"
        "Training steps of a network of the default size (context 168, segment 24, width 192, batch 256):\n\n"
        f"{step_section(in_a_process('steps', arguments))}"
    )
    print(f"\n{body}")
    if not arguments.dry_run:
        write_section("A large panel", "benchmarks/large_panel.py", body)


if __name__ == "__main__":
    main()
