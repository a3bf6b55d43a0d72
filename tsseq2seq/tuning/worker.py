"""Worker processes of one study on this machine: ``python -m tsseq2seq.tuning.worker FILE``.

They are plain processes, so that one that is killed takes no other with it, and a script needs no guard.
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
        It is watched; its storage is one that the processes can reach.
    setup
        What each process is told: how to join the study.
    jobs
        Number of processes.
    trials
        Those of all together. None: until ``timeout``.
    timeout
        Seconds after which no trial is begun. None: no limit.
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
    """Share trials out, the first ones getting what is left over."""
    if trials is None:
        return [None] * jobs
    return [trials // jobs + (number < trials % jobs) for number in range(min(jobs, trials))]


def _start(
    file: Path, setup: StudySetup, trials: int | None, timeout: float | None, jobs: int
) -> subprocess.Popen[bytes]:
    import cloudpickle  # writes functions of a script, too

    file.write_bytes(cloudpickle.dumps((setup, trials, timeout)))
    # those that this process may use, where a system tells
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    threads = max(1, cores // jobs)
    given = os.environ.get("OMP_NUM_THREADS", "")
    threads = min(threads, int(given)) if given.isdecimal() else threads
    # what this process can import, the other one can
    path = os.pathsep.join(part for part in sys.path if part)
    environment = os.environ | {"OMP_NUM_THREADS": str(max(1, threads)), "PYTHONPATH": path}
    return subprocess.Popen([sys.executable, "-m", __name__, str(file)], env=environment)


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
