"""Workers that take turns: each lives as long as the benchmark, and works only while it is asked.

For work of a few milliseconds. A process for each turn would spend its time on imports; two libraries
in one process would share threads, allocator and settings. So each has a process of its own, which
waits at its standard input while another one works.

A question is a line of JSON, ``{"do": NAME, ...}``, and so is the answer. Runners import this under
their own interpreters: the standard library suffices.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any

BENCHMARKS = Path(__file__).resolve().parents[1]
Answer = dict[str, Any]

#: What seconds are: those on the wall, or those of the process on all its processors.
CLOCKS = {"wall": time.perf_counter, "processor": time.process_time}


class WorkerError(RuntimeError):
    """An error of a worker, or its end."""


class Worker:
    """A process that answers questions.

    Parameters
    ----------
    interpreter
        The Python that runs it.
    module
        What it runs: a module that calls :func:`serve`.
    folder
        Where its log goes.
    threads
        How many it may use.
    paths
        Where it finds modules.
    timeout
        Seconds that an answer may take.
    """

    def __init__(
        self,
        interpreter: str,
        module: str,
        folder: Path,
        *,
        threads: int,
        paths: Iterable[Path] = (BENCHMARKS,),
        timeout: float = 600.0,
    ) -> None:
        self.module = module
        self.timeout = timeout
        self.log = folder / f"{module}.log"
        names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")
        environment = os.environ | dict.fromkeys(names, str(threads))
        environment |= {"PYTHONPATH": os.pathsep.join(map(str, paths)), "CUDA_VISIBLE_DEVICES": ""}
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [interpreter, "-m", module],
                env=environment,
                cwd=folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def ask(self, do: str, **arguments: object) -> Answer:
        """Have something done, and return the answer.

        Raises
        ------
        WorkerError
            With what the worker raised, or the end of its log if it ended.
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        timer = threading.Timer(self.timeout, self.process.kill)
        timer.start()
        try:
            self.process.stdin.write(json.dumps({"do": do, **arguments}) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        finally:
            timer.cancel()
        if not line:
            status = self.process.wait()
            log = self.log.read_text(errors="replace").strip()[-2000:]
            raise WorkerError(f"{self.module} ended with status {status} when asked to {do}\n{log}")
        answer = json.loads(line)
        if "error" in answer:
            raise WorkerError(f"{self.module} failed when asked to {do}\n{answer['error']}")
        return dict(answer)

    def __enter__(self) -> Worker:
        """Return the worker."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the process."""
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):  # it ended before it read the last question
                    pipe.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def serve(actions: dict[str, Callable[..., Answer]]) -> None:
    """Answer the questions at the standard input until it is closed.

    Parameters
    ----------
    actions
        What can be asked, by name; each gets the question's other fields.
    """
    # what a library prints must not get between the answers
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        question = json.loads(line)
        try:
            answer = actions[question.pop("do")](**question)
        except Exception:  # whatever it is, the benchmark shows it
            answer = {"error": traceback.format_exc()}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


@contextmanager
def timed(answer: Answer, clock: str = "wall") -> Iterator[None]:
    """Note the seconds that something takes, by one of ``CLOCKS``."""
    now = CLOCKS[clock]
    begun = now()
    yield
    answer["seconds"] = now() - begun


def turns(
    workers: dict[str, Worker],
    rounds: int,
    question: Callable[[int], dict[str, Any]],
    *,
    same_work: bool = True,
) -> dict[str, list[Answer]]:
    """Ask all workers the same, in turn, one at a time.

    Parameters
    ----------
    workers
        By name.
    rounds
        How often, after one round that is not counted.
    question
        Makes the question of a round.
    same_work
        Whether all must have done the same amount of it.

    Returns
    -------
    dict
        The answers of each worker, by round.

    Raises
    ------
    WorkerError
        If two workers did not do the same amount of work, by the ``tokens`` in their answers.
    """
    answers: dict[str, list[Answer]] = {name: [] for name in workers}
    for place in range(rounds + 1):
        asked = question(place)
        given = {name: worker.ask(**asked) for name, worker in workers.items()}
        tokens = {name: answer["tokens"] for name, answer in given.items()}
        if same_work and len(set(tokens.values())) > 1:
            raise WorkerError(f"the work was not the same for {asked}: tokens {tokens}")
        if place:
            for name, answer in given.items():
                answers[name].append(answer)
    return answers
