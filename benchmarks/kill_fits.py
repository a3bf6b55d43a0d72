"""What becomes of a fit that is killed again and again, and continued from its checkpoint.

python benchmarks/kill_fits.py [--kills 50]
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import signal
import sys
import tempfile
import time
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import every_estimator
import report
import torch

import tsseq2seq
from tsseq2seq import Training

PROCESSES = get_context("fork")
# Time in which a process that is killed has not even begun its fit.
BEGUN = 0.02


def training(folder: Path | None) -> Training:
    """Return settings with a state after each step, so that kills meet states that are being written."""
    every = None if folder is None else 1
    return Training(
        max_steps=40, members=2, progress=False, device="cpu", checkpoint=folder, checkpoint_every=every
    )


def fitted(work: every_estimator.Workload, folder: Path | None, resume: Path | None = None) -> Any:
    return work.make(training(folder)).fit(*work.data(), resume=resume)


def attempt(work: every_estimator.Workload, folder: Path, model: Path) -> BaseProcess:
    """Begin or continue a fit in another process, which saves the model at its end."""

    def run() -> None:
        torch.set_num_threads(1)
        begun = any(folder.glob("**/checkpoint.json"))
        fitted(work, folder, folder if begun else None).save(model)

    process = PROCESSES.Process(target=run)
    process.start()
    return process


def kill(process: BaseProcess) -> None:
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()


def differs(model: Any, expected: Any) -> bool:
    """Return whether a weight or a loss of the history is another."""
    ours, theirs = model.learned()[1], expected.learned()[1]
    same = ours.keys() == theirs.keys() and all(torch.equal(ours[name], theirs[name]) for name in ours)
    return not same or model.history_["loss"].tolist() != expected.history_["loss"].tolist()


def killed(work: every_estimator.Workload, kills: int, dice: random.Random) -> tuple[int, int, bool]:
    """Return how often a fit was killed, how often while a state was written, and whether it differs."""
    begun = time.monotonic()
    expected = fitted(work, None)
    seconds = time.monotonic() - begun
    with tempfile.TemporaryDirectory() as scratch:
        folder, model = Path(scratch) / "checkpoint", Path(scratch) / "model"
        done = writing = 0
        for number in itertools.count():
            process = attempt(work, folder, model)
            process.join(None if number >= kills else dice.uniform(BEGUN, 1.5 * seconds))
            if process.exitcode is not None:
                if process.exitcode:
                    return done, writing, True
                break
            kill(process)
            done += 1
            writing += any(path.name.startswith(".tsseq2seq-") for path in folder.glob("**/.*"))
        return done, writing, differs(tsseq2seq.load(model), expected)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=50)
    options = parser.parse_args()
    torch.set_num_threads(1)  # processes are forked beside no other threads
    dice, rows, lost, done = random.Random(0), [], 0, 0
    names = itertools.cycle(every_estimator.WORKLOADS)
    counts: dict[str, list[int]] = {name: [0, 0, 0, 0] for name in every_estimator.WORKLOADS}
    while done < options.kills:
        name = next(names)
        kills, writing, differ = killed(every_estimator.WORKLOADS[name], 3, dice)
        for place, value in enumerate((1, kills, writing, int(differ))):
            counts[name][place] += value
        done, lost = done + kills, lost + differ
        print(name, kills, writing, differ, flush=True)
    rows = [[name, *values] for name, values in counts.items() if values[0]]
    header = ["estimator", "fits", "kills", "of which while a state was written", "other results"]
    total = f"{done} kills at random moments of fits that store their state after each step"
    section = f"{total}: {lost} results differ.\n\n{report.table(header, rows)}"
    report.write_section("Killed fits", "benchmarks/kill_fits.py", section, page=report.RELIABILITY)
    sys.exit(bool(lost))


if __name__ == "__main__":
    main()
