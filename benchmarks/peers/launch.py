"""Running a contestant in a separate process, and reading what it wrote."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from peers.contestants import Contestant
from peers.protocol import Job

VARIABLE = "TSSEQ2SEQ_PEERS"
BENCHMARKS = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Result:
    """The result of a run: a forecast, or the reason why there is none."""

    contestant: Contestant
    forecast: np.ndarray | None = None
    record: dict[str, Any] = field(default_factory=dict)
    error: str | None = None


def interpreters(names: set[str]) -> dict[str, str]:
    """Return the interpreter of each environment, from the environment variable ``TSSEQ2SEQ_PEERS``.

    It holds one path for all peers, or ``gluonts=PATH,neuralforecast=PATH,darts=PATH``. This
    library runs under the interpreter that runs the benchmark.

    Parameters
    ----------
    names
        The environments needed.
    """
    value = os.environ.get(VARIABLE, "").strip()
    if not value and names - {"tsseq2seq"}:
        raise SystemExit(
            f"{VARIABLE} is not set: it must name the Python interpreter that has "
            f"{', '.join(sorted(names - {'tsseq2seq'}))} installed; benchmarks/peers/__init__.py says "
            "how to make such an environment"
        )
    if "=" in value:
        found = dict(item.strip().split("=", 1) for item in value.split(","))
    else:
        found = dict.fromkeys(names, value)
    found["tsseq2seq"] = sys.executable
    for name in sorted(names):
        if name not in found:
            raise SystemExit(f"{VARIABLE} is {value!r}, which names no interpreter for {name}")
        if not os.access(found[name], os.X_OK):
            raise SystemExit(f"{VARIABLE}: the interpreter for {name} is {found[name]}; there is none")
    return {name: str(Path(found[name]).absolute()) for name in names}


def launch(contestant: Contestant, interpreter: str, job: Job, timeout: float | None = None) -> Result:
    """Run a job.

    Parameters
    ----------
    contestant
        Who does it.
    interpreter
        Of its environment.
    job
        What to do; its folder must be there and empty.
    timeout
        Seconds after which it is ended. None: twenty times its training time and ten minutes.
    """
    threads = str(job.threads)
    # A peer sees the runners only; this library is the one beside them, not one installed elsewhere.
    paths = [BENCHMARKS] + [BENCHMARKS.parent] * (contestant.environment == "tsseq2seq")
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
        "OMP_NUM_THREADS": threads,
        "MKL_NUM_THREADS": threads,
        "OPENBLAS_NUM_THREADS": threads,
        "NUMEXPR_NUM_THREADS": threads,
        "CUDA_VISIBLE_DEVICES": "",
    }
    command = [interpreter, "-m", contestant.module, str(job.write())]
    limit = 20 * job.seconds + 600 if timeout is None else timeout
    folder = Path(job.folder)
    with (folder / "log.txt").open("w") as log:
        try:
            ended = subprocess.run(
                command, env=environment, cwd=folder, stdout=log, stderr=log, timeout=limit, check=False
            )
        except subprocess.TimeoutExpired:
            return Result(contestant, error=f"ended after {limit:g} s")
    return read(contestant, folder, ended.returncode)


def read(contestant: Contestant, folder: Path, status: int) -> Result:
    """Read the files that a runner wrote to its folder."""
    file = folder / "record.json"
    if not file.exists():
        log = (folder / "log.txt").read_text(errors="replace").strip()
        return Result(contestant, error=f"{log[-2000:]}\nexit status {status}".strip())
    record = json.loads(file.read_text(encoding="utf-8"))
    if "error" in record:
        return Result(contestant, record=record, error=record["error"].strip())
    return Result(contestant, np.load(folder / "forecast.npy"), record)
