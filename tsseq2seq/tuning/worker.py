"""Worker processes of one study on this machine: ``python -m tsseq2seq.tuning.worker FILE``.

They are plain processes, so that one that is killed takes no other with it, and a script needs no guard.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tsseq2seq.errors import TrainingError, TrainingWarning
from tsseq2seq.tuning.running import progress_bar, show_best

if TYPE_CHECKING:
    import optuna

__all__ = ["run_workers"]

_POLL_SECONDS = 0.5


def run_workers(
    study: optuna.Study,
    call: tuple[Any, Sequence[Any], dict[str, Any]],
    *,
    jobs: int,
    trials: int | None,
    progress: bool | None,
) -> None:
    """Run the trials of a study in several processes, each of which calls ``tune``.

    Parameters
    ----------
    study
        It is watched; its storage is one that the processes can reach.
    call
        The estimator, the data and the options of ``tune``.
    jobs
        Number of processes.
    trials
        Those of all together. None: until the time in the options is over.
    progress
        Whether a bar is shown.

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
    before = _ended(study)
    with tempfile.TemporaryDirectory() as place, progress_bar(trials, progress) as bar:
        processes = [
            _start(Path(place) / f"{number}.pickle", call, share, jobs) for number, share in enumerate(shares)
        ]
        try:
            while any(process.poll() is None for process in processes):
                time.sleep(_POLL_SECONDS)
                bar.update(_ended(study) - before - bar.n)
                show_best(bar, study)
        finally:
            for process in processes:
                process.terminate()
    failed = [process.returncode for process in processes if process.returncode != 0]
    if len(failed) == len(processes):
        raise TrainingError(f"tune: all {jobs} workers failed; the first with exit status {failed[0]}")
    if failed:
        warnings.warn(
            f"tune: {len(failed)} of {jobs} worker processes failed (exit status {failed[0]}); the others "
            "went on",
            TrainingWarning,
            stacklevel=3,
        )


def _shares(trials: int | None, jobs: int) -> list[int | None]:
    """Share trials out, the first ones getting what is left over."""
    if trials is None:
        return [None] * jobs
    return [trials // jobs + (place < trials % jobs) for place in range(min(jobs, trials))]


def _start(
    file: Path, call: tuple[Any, Sequence[Any], dict[str, Any]], trials: int | None, jobs: int
) -> subprocess.Popen[bytes]:
    import cloudpickle  # writes functions of a script, too

    estimator, data, options = call
    file.write_bytes(cloudpickle.dumps((estimator, data, options | {"trials": trials})))
    # those that this process may use, where a system tells
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    threads = max(1, cores // jobs)
    given = os.environ.get("OMP_NUM_THREADS", "")
    threads = min(threads, int(given)) if given.isdecimal() else threads
    # what this process can import, the other one can
    path = os.pathsep.join(part for part in sys.path if part)
    environment = os.environ | {"OMP_NUM_THREADS": str(max(1, threads)), "PYTHONPATH": path}
    return subprocess.Popen([sys.executable, "-m", __name__, str(file)], env=environment)


def _ended(study: optuna.Study) -> int:
    return sum(trial.state.is_finished() for trial in study.get_trials(deepcopy=False))


def main() -> None:
    """Do a worker's share."""
    import pickle

    from tsseq2seq.tuning.tune import tune

    estimator, data, options = pickle.loads(Path(sys.argv[1]).read_bytes())
    # that no trial ended well is said by who started the workers
    with contextlib.suppress(TrainingError):
        tune(estimator, *data, **options, jobs=1, refit=False, progress=False)


if __name__ == "__main__":
    main()
