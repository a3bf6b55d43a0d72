"""A contest: runs in processes of their own, one after the other, turn about.

:func:`contest` runs them; :func:`recorded` leaves out those that are recorded and records the others.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from report import machine

from peers.contestants import Contestant
from peers.launch import Result, interpreters, launch
from peers.protocol import Job, Series
from peers.records import RECORDS, Records, Run

Launcher = Callable[..., Result]

#: Seconds after which a run without a given time is ended.
LONGEST = 3 * 3600.0


@dataclass(frozen=True)
class Task:
    """Who runs, with how many seconds to train, from which seed.

    A contestant that is not ``timed`` takes its own time, whatever ``seconds`` are.
    """

    contestant: Contestant
    seconds: float
    seed: int

    @property
    def budget(self) -> float | None:
        """The seconds; None where the contestant takes its own time."""
        return self.seconds if self.contestant.timed else None


@dataclass(frozen=True)
class Terms:
    """What is the same for all: data, horizon, the quantiles of those that have them, threads."""

    series: Series
    horizon: int
    quantiles: Sequence[float]
    threads: int
    flush_denormals: bool


def turned(contestants: Sequence[Contestant], turn: int) -> list[Contestant]:
    """Return them in the order of a turn: each turn begins with another one."""
    first = turn % len(contestants)
    return [*contestants[first:], *contestants[:first]]


def contest(tasks: Sequence[Task], terms: Terms, launcher: Launcher) -> Iterator[tuple[Task, Result]]:
    """Run the tasks one after the other, each in a folder of its own that is removed at the end.

    Parameters
    ----------
    tasks
        Who, how long.
    terms
        The same for all.
    launcher
        Runs a job: ``peers.launch.launch``.
    """
    found = interpreters({task.contestant.environment for task in tasks})
    with tempfile.TemporaryDirectory() as place:
        data = Path(place) / "series.npz"
        terms.series.save(data)
        for number, task in enumerate(tasks):
            folder = Path(place) / str(number)
            folder.mkdir()
            entry = task.contestant
            job = Job(
                data=str(data),
                folder=str(folder),
                horizon=terms.horizon,
                seconds=task.seconds,
                quantiles=list(terms.quantiles) if entry.quantiles else [],
                seed=task.seed,
                threads=terms.threads,
                flush_denormals=terms.flush_denormals,
                settings=entry.settings,
            )
            limit = {} if entry.timed else {"timeout": LONGEST}
            yield task, launcher(entry, found[entry.environment], job, **limit)


def show(result: Result, cells: Iterable[object]) -> None:
    """Print a line about a result as soon as it is there; its error goes to stderr."""
    print(*cells, sep="  ", flush=True)
    if result.error:
        print(result.error, file=sys.stderr, flush=True)


def recorded(
    tasks: Sequence[Task],
    terms: Terms,
    records: Records,
    score: Callable[[Task, Result], dict[str, float]],
    *,
    again: Collection[str] = (),
    whole: bool = False,
    launcher: Launcher = launch,
) -> None:
    """Run the tasks that are not recorded yet, and record them.

    Parameters
    ----------
    tasks, terms
        As in :func:`contest`.
    records
        Of earlier runs; each run is added as it ends.
    score
        Returns the errors of a forecast, by name.
    again
        Labels of contestants that run even if they are recorded.
    whole
        Whether all tasks of a seed run if one of them does, so that they stand side by side.
    launcher
        Runs a job.
    """
    if not tasks:
        return
    versions = packages({task.contestant.environment for task in tasks})
    planned = [(task, _planned(task, terms, versions[task.contestant.environment])) for task in tasks]
    wanted = [run.label in again or not records.has(run) for _, run in planned]
    seeds = {run.seed for (_, run), one in zip(planned, wanted, strict=True) if one}
    left = [
        (task, run)
        for (task, run), one in zip(planned, wanted, strict=True)
        if one or (whole and run.seed in seeds)
    ]
    if not left:
        return
    # without the date, and without the threads of this process
    where = re.sub(r", \d+ threads", "", machine().rsplit("; ", 1)[0])

    runs = contest([task for task, _ in left], terms, launcher)
    for (task, result), (_, known) in zip(runs, left, strict=True):
        run = dataclasses.replace(
            known,
            versions=result.record.get("versions", {}),
            scores={} if result.forecast is None else score(task, result),
            measured=_measured(result),
            error=result.error,
            date=datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
            machine=where,
        )
        records.add(run)
        show(result, _cells(run))


def _cells(run: Run) -> list[str]:
    budget = "its own time" if run.seconds is None else f"{run.seconds:g} s"
    figures = [f"{name} {value:.4g}" for name, value in (*run.scores.items(), *run.measured.items())]
    return [run.label, budget, f"seed {run.seed}", *(["failed"] if run.error else figures)]


def packages(environments: set[str]) -> dict[str, str]:
    """Return the library of each environment, with its version: an environment is named after it."""
    code = "import sys; from importlib.metadata import version; print(version(sys.argv[1]))"
    found = {}
    for name, interpreter in interpreters(environments).items():
        if name in environments:
            asked = subprocess.run([interpreter, "-c", code, name], capture_output=True, text=True)
            found[name] = f"{name} {asked.stdout.strip() or 'not installed'}"
    return found


def _planned(task: Task, terms: Terms, package: str) -> Run:
    return Run(
        task.contestant.label, task.contestant.settings, package, task.budget, task.seed,
        terms.threads, terms.flush_denormals,
    )  # fmt: skip


def _measured(result: Result) -> dict[str, float]:
    return {name: value for name, value in result.record.items() if isinstance(value, int | float)}


def add_options(parser: argparse.ArgumentParser, names: Collection[str]) -> None:
    """Add the options of a recorded contest.

    Parameters
    ----------
    parser
        Gets them.
    names
        Of the contestants.
    """
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--keep-denormals", action="store_true", help="run the peers as they come")
    parser.add_argument("--only", nargs="+", choices=sorted(names), metavar="NAME",
                        help=f"run these alone, of {', '.join(names)}")  # fmt: skip
    parser.add_argument("--again", nargs="+", default=[], choices=sorted(names), metavar="NAME",
                        help="run these even if they are recorded")  # fmt: skip
    parser.add_argument("--redraw", action="store_true", help="run nothing: tables from the records alone")
    parser.add_argument("--series", type=int, metavar="N", help="the first N series; implies --dry-run")
    parser.add_argument("--dry-run", action="store_true", help="leave RESULTS.md and the records as they are")


def is_dry(arguments: argparse.Namespace) -> bool:
    """Whether neither RESULTS.md nor the records are to be written: all the data, the test part, or not."""
    validation = getattr(arguments, "validation", False)
    return bool(arguments.dry_run or arguments.series is not None or validation)


def open_records(name: str, arguments: argparse.Namespace) -> Records:
    """Return the records of a script; a dry run begins without any and keeps its own in memory."""
    return Records(RECORDS / f"{name}.jsonl" if arguments.redraw or not is_dry(arguments) else None)
