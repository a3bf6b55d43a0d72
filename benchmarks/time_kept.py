"""Whether ``fit`` ends in ``max_time``: every estimator, alone, with validation, members and slow steps.

    python benchmarks/time_kept.py
    python benchmarks/time_kept.py --seconds 2 --only forecaster translator --dry-run

The bar for each fit is a tenth more than ``max_time``, and a second.
"""

from __future__ import annotations

import argparse
import dataclasses
import time
import warnings
from typing import Any

import torch
from every_estimator import WORKLOADS, widened
from report import RELIABILITY, table, write_section

from tsseq2seq import Training

PLAIN = Training(progress=False)
#: How each is trained; and how wide its networks are where they are not as wide as by default.
WAYS: dict[str, tuple[Training, int | None]] = {
    "alone": (PLAIN, None),
    "validation": (dataclasses.replace(PLAIN, validation_size=0.3), None),
    "validation at every step": (
        dataclasses.replace(PLAIN, validation_size=0.3, validation_every=1),
        None,
    ),
    "three members": (dataclasses.replace(PLAIN, members=3, validation_size=0.2), None),
    "slow steps": (dataclasses.replace(PLAIN, batch_size=256), 256),
    "slow steps and validation": (
        dataclasses.replace(PLAIN, batch_size=256, validation_size=0.3),
        256,
    ),
}


def bar(seconds: float) -> float:
    """Return how long a fit may take."""
    return 1.1 * seconds + 1


def took(name: str, way: str, seconds: float) -> tuple[float, int, str]:
    """Fit with a time limit; return the seconds, the training steps made, and why the training ended."""
    workload, (training, width) = WORKLOADS[name], WAYS[way]
    data = workload.data()
    model: Any = workload.make(dataclasses.replace(training, max_time=seconds))
    if width is not None:
        model = widened(model, width)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a training this short deserves some
        begun = time.perf_counter()
        model.fit(*data)
    return time.perf_counter() - begun, model.n_steps_, model.stopped_


def measure(names: list[str], seconds: list[float]) -> str:
    """Fit each in each way; return the table and a sentence on it."""
    rows: list[list[object]] = []
    late = 0
    for name in names:
        for limit in seconds:
            cells: list[object] = [name, f"{limit:g}"]
            for way in WAYS:
                found, steps, stopped = took(name, way, limit)
                late += found > bar(limit)
                text = f"{found:.1f}"
                cells.append(text if found <= bar(limit) else f"**{text}**")
                print(name, f"{limit:g} s", way, f"{found:.2f} s", steps, stopped, sep="  ", flush=True)
            rows.append(cells)
    fits = len(rows) * len(WAYS)
    verdict = f"{fits - late} of {fits} fits ended within a tenth and a second of `max_time`."
    return f"{table(['', '`max_time`', *WAYS], rows)}\n\nSeconds of `fit`. {verdict}"


def main() -> None:
    """Measure, and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=float, nargs="+", default=[2, 10], help="limits to be kept")
    parser.add_argument("--only", nargs="+", choices=WORKLOADS, default=list(WORKLOADS))
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--dry-run", action="store_true", help="leave RELIABILITY.md as it is")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    body = measure(arguments.only, arguments.seconds)
    print(f"\n{body}")
    if not arguments.dry_run:
        write_section("Time kept", "benchmarks/time_kept.py", body, page=RELIABILITY)


if __name__ == "__main__":
    main()
