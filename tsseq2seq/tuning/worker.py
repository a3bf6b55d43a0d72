"""Worker processes of a study on this machine: ``python -m tsseq2seq.tuning.worker FILE``.

They are separate processes rather than a pool: if one is killed the others continue, and scripts need no
``if __name__ == "__main__"``.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tsseq2seq.errors import TrainingError, TrainingWarning, warn
from tsseq2seq.tuning.progress import progress_bar, show_best
from tsseq2seq.tuning.quiet_optuna import quiet_optuna
from tsseq2seq.tuning.run_trials import run_trials
from tsseq2seq.tuning.study_setup import StudySetup, join_study

if TYPE_CHECKING:
    import optuna

__all__ = ["run_workers"]

_POLL_SECONDS = 0.5


def run_workers(
    study: optuna.Study,
    setup: StudySetup,
    *,
    jobs: int,
    trials: int | None,
    timeout: float | None,
    progress: bool | None,
) -> None:
    """Run the trials of a study in several processes.

    Parameters
    ----------
    study
        The study, in a storage that the processes can reach.
    setup
        The setup with which each process joins the study.
    jobs
        Number of processes.
    trials
        Number of trials of all processes. None: until ``timeout``.
    timeout
        Seconds after which no trial starts. None: no limit.
    progress
        Whether a bar is shown. None: on terminals.

    Raises
    ------
    TrainingError
        If all processes failed.

    Warns
    -----
    TrainingWarning
        If some failed.
    """
    shares = _shares(trials, jobs)
    before = _count_ended(study)
    with tempfile.TemporaryDirectory() as folder, progress_bar(trials, progress) as bar:
        processes = [
            _start(Path(folder) / f"{number}.pickle", setup, share, timeout, jobs)
            for number, share in enumerate(shares)
        ]
        try:
            while any(process.poll() is None for process in processes):
                time.sleep(_POLL_SECONDS)
                bar.update(_count_ended(study) - before - bar.n)
                show_best(bar, study)
        finally:
            for process in processes:
                process.terminate()
    _report_failures([process.returncode for process in processes], jobs)


def _report_failures(statuses: list[int], jobs: int) -> None:
    failed = [status for status in statuses if status != 0]
    if len(failed) == len(statuses):
        raise TrainingError(f"tune: all {jobs} workers failed; the first with exit status {failed[0]}")
    if failed:
        warn(
            f"tune: {len(failed)} of {jobs} worker processes failed (exit status {failed[0]}); the others "
            "went on",
            TrainingWarning,
        )


def _shares(trials: int | None, jobs: int) -> list[int | None]:
    """Return the number of trials of each process; the first ones get the remainder."""
    if trials is None:
        return [None] * jobs
    return [trials // jobs + (number < trials % jobs) for number in range(min(jobs, trials))]


def _start(
    file: Path, setup: StudySetup, trials: int | None, timeout: float | None, jobs: int
) -> subprocess.Popen[bytes]:
    import cloudpickle  # unlike pickle, it writes functions defined in a script

    file.write_bytes(cloudpickle.dumps((setup, trials, timeout)))
    # the cores that this process may use, if the system reports them
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    threads = max(1, cores // jobs)
    limit = os.environ.get("OMP_NUM_THREADS", "")
    threads = min(threads, int(limit)) if limit.isdecimal() else threads
    # the worker can import what this process can: of the current folder (-P) only where this one reads it
    path = os.pathsep.join(os.path.realpath(part) if part in ("", ".") else part for part in sys.path)
    environment = os.environ | {"OMP_NUM_THREADS": str(max(1, threads)), "PYTHONPATH": path}
    return subprocess.Popen([sys.executable, "-P", "-m", __name__, str(file)], env=environment)


def _count_ended(study: optuna.Study) -> int:
    return sum(trial.state.is_finished() for trial in study.get_trials(deepcopy=False))


def main() -> None:
    """Run a worker's share of the trials."""
    import pickle

    setup, trials, timeout = pickle.loads(Path(sys.argv[1]).read_bytes())
    with quiet_optuna():
        study, objective = join_study(setup)
        run_trials(study, objective, trials=trials, timeout=timeout, progress=False)


if __name__ == "__main__":
    main()
