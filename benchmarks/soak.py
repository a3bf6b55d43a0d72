"""Whether memory stays flat: over a long training, and over many predictions of every estimator.

    python benchmarks/soak.py          # two trainings of an hour, 10,000 predictions of each: hours
    python benchmarks/soak.py --minutes 1 --predictions 200 --dry-run

Resident memory is read from Linux at regular times; ``memory_over_time.svg`` shows it. A run is flat where
the median of its last quarter is at most 2 % and 10 MiB above that of its second: what is allocated once
comes in the first.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import threading
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from every_estimator import WORKLOADS
from measuring import MIB, resident
from report import RELIABILITY, table, write_section

from tsseq2seq import Training

PICTURE = Path(__file__).parent / "memory_over_time.svg"
SHORT = Training(max_steps=5, progress=False)
#: Trained for so long; the others only predict.
TRAINED = ("forecaster", "translator")
_SAMPLES = 200
_SHARE, _LEAST = 0.02, 10 * MIB


@dataclass(frozen=True)
class Course:
    """Resident memory in bytes, by the share of the run that was over."""

    label: str
    work: str
    places: list[float]
    memory: list[int]

    @property
    def growth(self) -> float:
        """Bytes between the second quarter and the last, by their medians."""
        quarter = max(1, len(self.memory) // 4)
        return statistics.median(self.memory[-quarter:]) - statistics.median(
            self.memory[quarter : 2 * quarter]
        )

    @property
    def flat(self) -> bool:
        """Whether memory did not grow."""
        return self.growth <= _SHARE * statistics.median(self.memory) + _LEAST


def over_training(name: str, seconds: float) -> Course:
    """Fit for so long, and read the memory meanwhile."""
    workload, memory, over = WORKLOADS[name], list[int](), threading.Event()
    model = workload.make(Training(max_time=seconds, max_steps=10**9, progress=False))
    data = workload.data()

    def watch() -> None:
        while not over.wait(seconds / _SAMPLES):
            memory.append(resident())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        model.fit(*data)
    finally:
        over.set()
        watcher.join()
    places = [(number + 1) / len(memory) for number in range(len(memory))]
    return Course(name, f"{model.n_steps_:,} steps", places, memory)


def over_predictions(name: str, count: int) -> Course:
    """Predict so often, and read the memory in between."""
    workload = WORKLOADS[name]
    data = workload.data()
    model = workload.make(SHORT).fit(*data)
    places, memory = list[float](), list[int]()
    every = max(1, count // _SAMPLES)
    for number in range(count):
        workload.use(model, data)
        if number % every == 0:
            places.append((number + 1) / count)
            memory.append(resident())
    return Course(name, f"{count:,} predictions", places, memory)


def report(courses: Sequence[Course]) -> str:
    """Return the table and a sentence on it."""
    rows: list[list[object]] = [
        [
            course.label,
            course.work,
            f"{statistics.median(course.memory[: max(1, len(course.memory) // 4)]) / MIB:.0f}",
            f"{max(course.memory) / MIB:.0f}",
            f"{course.growth / MIB:+.1f}" if course.flat else f"**{course.growth / MIB:+.1f}**",
        ]
        for course in courses
    ]
    flat = sum(course.flat for course in courses)
    header = ["", "work", "first quarter, MiB", "highest, MiB", "growth, MiB"]
    verdict = f"Memory stayed flat in {flat} of {len(courses)} runs."
    return f"{table(header, rows)}\n\n{verdict}\n\n![Memory over time]({PICTURE.name})"


def draw(courses: Sequence[Course], path: Path) -> None:
    """Write the plot as an SVG file."""
    import matplotlib
    from matplotlib.figure import Figure

    from tsseq2seq.plotting.style import style

    figure = Figure(figsize=(9, 5.2), layout="constrained")
    ax = figure.subplots()
    style(ax)
    ax.set(xlabel="share of the run", ylabel="resident memory beyond that at the start, MiB")
    for course in courses:
        beyond = [(value - course.memory[0]) / MIB for value in course.memory]
        ax.plot(course.places, beyond, label=f"{course.label}, {course.work}", linewidth=1.2)
    ax.legend(fontsize=8)
    with matplotlib.rc_context({"svg.hashsalt": "tsseq2seq", "svg.fonttype": "none"}):
        figure.savefig(path, metadata={"Date": None})


def main() -> None:
    """Measure, and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60, help="of each training; 0: none")
    parser.add_argument("--predictions", type=int, default=10_000, help="of each estimator; 0: none")
    parser.add_argument("--only", nargs="+", choices=WORKLOADS, default=list(WORKLOADS))
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument(
        "--dry-run", action="store_true", help="leave RELIABILITY.md and the picture as they are"
    )
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    works: list[Callable[[], Course]] = []
    for name in arguments.only:
        if arguments.minutes and name in TRAINED:
            works.append(lambda name=name: over_training(name, 60 * arguments.minutes))
        if arguments.predictions:
            works.append(lambda name=name: over_predictions(name, arguments.predictions))
    courses = []
    for work in works:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a training this short deserves some
            begun = time.perf_counter()
            courses.append(work())
        gc.collect()
        last = courses[-1]
        seconds = time.perf_counter() - begun
        print(f"{last.label}  {last.work}  {last.growth / MIB:+.1f} MiB  {seconds:.0f} s", flush=True)
    body = report(courses)
    print(f"\n{body}")
    if not arguments.dry_run:
        draw(courses, PICTURE)
        write_section("Long runs", "benchmarks/soak.py", body, page=RELIABILITY)


if __name__ == "__main__":
    main()
