"""What becomes of saved models that were changed: 10,000 mutations of all estimators are loaded.

Every one must end in a model or in a ModelFileError, within seconds and within twice the size of its files in
memory, besides a constant; a change without checksums that fit must be seen; and no code may run.

python benchmarks/fuzz_models.py [--mutations 10000] [--seed 0]
"""

from __future__ import annotations

import argparse
import collections
import os
import random
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import report
from model_mutations import CONSTANT, MUTATIONS, SECONDS, Files, Outcome, load_measured
from tiny_models import TINY

RELIABILITY = Path(__file__).parent / "RELIABILITY.md"
_CHUNK = 1000
_MOST_TOLD = 10
# What a file that runs code would have to do.
_FORBIDDEN = (
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "subprocess.Popen",
    "pickle.find_class",
    "socket.connect",
)

_FAULTS = (
    f"A fault is an error that is no ModelFileError, more than {SECONDS:g} s of the processor, more memory "
    f"than twice the files and {CONSTANT // 2**20} MB, a change without fitting checksums that is not seen, "
    "or code that runs. What is signed has checksums that fit, as by somebody who knows the format; it may "
    "load, as other numbers may be a model too."
)

Row = tuple[str, str, Outcome, str | None]


def made(folder: Path) -> dict[str, Files]:
    """Save a model of every kind."""
    for name, tiny in TINY.items():
        tiny.fitted().save(folder / name, **tiny.options)
    return {name: Files.of(folder / name) for name in TINY}


_ran: list[str] = []


def _watch(event: str, _: tuple[object, ...]) -> None:
    if event in _FORBIDDEN:
        _ran.append(event)  # an exception would look like a refusal


def loaded(models: dict[str, Files], numbers: range, seed: int) -> list[Row]:
    """Load the mutations of these numbers."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "model"
        for files in models.values():  # what is imported at first use counts as memory of no mutation
            files.write(folder)
            load_measured(folder)
        sys.addaudithook(_watch)
        return [_loaded_one(models, folder, random.Random(f"{seed} {number}")) for number in numbers]


def _loaded_one(models: dict[str, Files], folder: Path, rng: random.Random) -> Row:
    name, kind = rng.choice(list(models)), rng.choice(list(MUTATIONS))
    files = MUTATIONS[kind](models[name], rng)
    files.write(folder)
    _ran.clear()
    outcome = load_measured(folder)
    fault = outcome.fault(files, models[name], unsigned="signed" not in kind)
    fault = f"ran {_ran[0]}" if _ran else fault
    # errors of many classes cannot travel between processes
    plain = Outcome(outcome.loaded, None, outcome.seconds, outcome.bytes)
    return name, kind, plain, None if fault is None else f"{name}, {kind}: {fault}"


def _rows(mutations: int, seed: int) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        models = made(Path(folder))
    chunks = [range(first, min(first + _CHUNK, mutations)) for first in range(0, mutations, _CHUNK)]
    # a process for each chunk: one that dies takes no others with it, and its hook ends with it
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn"), max_tasks_per_child=1) as pool:
        for future in [pool.submit(loaded, models, numbers, seed) for numbers in chunks]:
            yield from future.result()


def told(rows: list[Row]) -> str:
    """Return the section."""
    counts = collections.Counter((kind, outcome.loaded) for _, kind, outcome, _ in rows)
    of_kind = collections.defaultdict(list)
    for _, kind, outcome, _ in rows:
        of_kind[kind].append(outcome)
    table = report.table(
        ["mutation", "tried", "refused", "loaded", "seconds at most", "MB at most"],
        [
            [
                kind,
                len(outcomes),
                counts[kind, False],
                counts[kind, True],
                f"{max(one.seconds for one in outcomes):.2f}",
                f"{max(one.bytes for one in outcomes) / 2**20:.0f}",
            ]
            for kind, outcomes in sorted(of_kind.items())
        ],
    )
    faults = [fault for *_, fault in rows if fault is not None]
    said = "\n".join(f"- {fault}" for fault in faults[:_MOST_TOLD])
    first = f"{len(rows):,} mutations of {len(TINY)} models of all estimators; faults: **{len(faults)}**."
    return f"{first}\n\n{_FAULTS}\n\n{table}\n\n{said}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mutations", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    section = told(list(_rows(options.mutations, options.seed)))
    print(section)
    report.write_section("Changed models", "benchmarks/fuzz_models.py", section, page=RELIABILITY)
