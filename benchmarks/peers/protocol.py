"""The protocol between the benchmark and a runner: a job in, a forecast and a record out.

Runners import this under their own interpreters: the standard library and numpy suffice.
"""

from __future__ import annotations

import dataclasses
import json
import platform
import resource
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Series:
    """Many series: their names, and the values of each from the first step to the last."""

    ids: list[str]
    values: list[np.ndarray]

    def save(self, path: Path) -> None:
        """Write them to an ``.npz`` file."""
        lengths = [len(y) for y in self.values]
        np.savez(path, ids=np.array(self.ids), lengths=lengths, y=np.concatenate(self.values))

    @classmethod
    def load(cls, path: str | Path) -> Series:
        """Read what :meth:`save` wrote."""
        with np.load(path) as file:
            values = np.split(file["y"], np.cumsum(file["lengths"])[:-1])
            return cls(file["ids"].tolist(), values)


@dataclass(frozen=True)
class Job:
    """What a runner is to do.

    Parameters
    ----------
    data
        Path of the training series, see :class:`Series`.
    folder
        Where the runner writes ``forecast.npy`` and ``record.json``, and may drop whatever it likes.
    horizon
        Steps to forecast.
    seconds
        Time to train, from the call of ``fit`` (or what stands for it) to its return.
    quantiles
        Probabilities to forecast. Empty: a point forecast.
    seed, threads
        Of the run.
    flush_denormals
        Whether a peer's numbers below 1e-38 are taken for 0. Long recurrences make many, which costs
        an LSTM on a CPU up to four fifths of its speed. This library flushes them by itself; peers
        do not, so that this favours them.
    settings
        What the contestant sets; the runner says what they mean.
    """

    data: str
    folder: str
    horizon: int
    seconds: float
    quantiles: list[float] = field(default_factory=list)
    seed: int = 0
    threads: int = 2
    flush_denormals: bool = True
    settings: dict[str, Any] = field(default_factory=dict)

    def series(self) -> Series:
        """Read the training series."""
        return Series.load(self.data)

    def write(self) -> Path:
        """Write the job into its folder, and return the file."""
        file = Path(self.folder) / "job.json"
        file.write_text(json.dumps(dataclasses.asdict(self)), encoding="utf-8")
        return file

    @classmethod
    def read(cls, file: str | Path) -> Job:
        """Read what :meth:`write` wrote."""
        return cls(**json.loads(Path(file).read_text(encoding="utf-8")))


class Record(dict[str, object]):
    """The record of a run: seconds, memory, steps, versions; written as JSON."""

    def versions(self, *packages: str) -> None:
        """Note the versions of packages, and of Python."""
        self["versions"] = {"python": platform.python_version()} | {p: metadata.version(p) for p in packages}

    @contextmanager
    def measured(self, work: str) -> Iterator[None]:
        """Note the seconds of a part of the work, and the highest memory since the process began."""
        begun = time.perf_counter()
        yield
        self[f"{work}_seconds"] = time.perf_counter() - begun
        self[f"{work}_peak_mib"] = peak_mib()


def peak_mib() -> float:
    """Return the highest resident memory of this process so far, in MiB."""
    status = Path("/proc/self/status")
    if status.exists():
        # getrusage's mark would still be that of the process from which this one was forked
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 2**10
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


def set_up_torch(job: Job) -> None:
    """Set threads and denormals; the threads take the latter over when they start."""
    import torch

    torch.set_flush_denormal(job.flush_denormals)
    torch.set_num_threads(job.threads)


def serve(run: Callable[[Job, Record], np.ndarray]) -> None:
    """Do the job that the command line names.

    Parameters
    ----------
    run
        Gets the job and a record to fill; returns the forecast (series, horizon, quantiles), or
        (series, horizon) where the job names no quantiles.
    """
    job, record = Job.read(sys.argv[1]), Record()
    try:
        forecast = np.asarray(run(job, record), dtype=np.float64)
        expected = (len(job.series().ids), job.horizon, *([len(job.quantiles)] if job.quantiles else []))
        if forecast.shape != expected:
            raise ValueError(f"the forecast has shape {forecast.shape}; it must be {expected}")
        if not np.isfinite(forecast).all():
            raise ValueError(f"{np.count_nonzero(~np.isfinite(forecast))} forecast values are not finite")
        np.save(Path(job.folder) / "forecast.npy", forecast)
    except Exception:  # whatever it is, the table shows it
        record["error"] = traceback.format_exc()
    (Path(job.folder) / "record.json").write_text(json.dumps(record), encoding="utf-8")
