"""The records of a contest: a line of JSON for each run, so that a long contest can be continued.

Tables and plots are made from these lines alone, and can be made again without running anything.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

#: Where the files are: ``NAME.jsonl`` holds the runs of the script ``NAME.py``.
RECORDS = Path(__file__).resolve().parents[1] / "records"


@dataclass(frozen=True)
class Run:
    """A run and its result.

    Parameters
    ----------
    label
        Who ran, as tables name it.
    settings
        What the contestant sets.
    package
        The library and its version.
    seconds
        Time granted to train; None: what it takes.
    seed, threads, flush_denormals
        As in a job.
    versions
        Of all packages that the run noted.
    scores
        Errors of the forecast, by name.
    measured
        Seconds, steps, windows a step and memory, as the runner noted them.
    error
        Why there is no forecast; None: there is one.
    date, machine
        When and on what it ran.
    """

    label: str
    settings: dict[str, Any]
    package: str
    seconds: float | None
    seed: int
    threads: int
    flush_denormals: bool
    versions: dict[str, str] = field(default_factory=dict)
    scores: dict[str, float] = field(default_factory=dict)
    measured: dict[str, float] = field(default_factory=dict)
    error: str | None = None
    date: str = ""
    machine: str = ""

    @property
    def key(self) -> Hashable:
        """The key of the run: everything that was known before it ran."""
        settings = json.dumps(self.settings, sort_keys=True)
        return (
            self.label, settings, self.package, self.seconds, self.seed, self.threads, self.flush_denormals
        )  # fmt: skip

    @property
    def reason(self) -> str:
        """The end of the error, short enough for a line."""
        return (self.error or "").splitlines()[-1].replace("|", "/")[:100] if self.error else ""


class Records:
    """The runs in a file.

    Parameters
    ----------
    path
        The file; it need not be there. None: they are kept in memory only.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.runs: list[Run] = []
        lines = path.read_text(encoding="utf-8").splitlines() if path is not None and path.exists() else []
        for number, line in enumerate(lines, 1):
            try:
                self.runs.append(Run(**json.loads(line)))
            except (ValueError, TypeError) as error:
                raise SystemExit(f"{path}, line {number} is not the record of a run: {error}") from error

    def add(self, run: Run) -> None:
        """Append a run, to the file too."""
        self.runs.append(run)
        if self.path is not None:
            self.path.parent.mkdir(exist_ok=True)
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(dataclasses.asdict(run), ensure_ascii=False) + "\n")

    def has(self, run: Run) -> bool:
        """Whether a run with its key is there."""
        return any(run.key == other.key for other in self.runs)

    def newest(self, labels: Iterable[str], *, threads: int, flush_denormals: bool) -> list[Run]:
        """Return the last run of each label, time and seed; labels in their order, times rising."""
        places = {label: place for place, label in enumerate(labels)}
        last = {
            (run.label, run.seconds, run.seed): run
            for run in self.runs
            if run.label in places and run.threads == threads and run.flush_denormals == flush_denormals
        }
        return sorted(last.values(), key=lambda run: (places[run.label], run.seconds or 0.0, run.seed))


def notes(runs: list[Run]) -> str:
    """Return settings, versions, failures and machines of the runs, a line each."""
    lines = []
    for label in dict.fromkeys(run.label for run in runs):
        own = [run for run in runs if run.label == label]
        forms = list(dict.fromkeys(_settings(run) for run in own))
        for form in forms:
            alike = [run for run in own if _settings(run) == form]
            times = dict.fromkeys(f"{run.seconds:g} s" for run in alike if run.seconds is not None)
            which = f" ({', '.join(times)})" if len(forms) > 1 else ""
            versions = "; ".join(dict.fromkeys(_versions(run) for run in alike if run.versions))
            lines.append(f"{label}{which}: {form}; all else default. {versions or 'Versions unknown'}.")
    for run in runs:
        if run.error:
            time = "" if run.seconds is None else f", {run.seconds:g} s"
            lines.append(f"{run.label}{time}, seed {run.seed} failed: {run.reason}")
    seeds = ", ".join(str(seed) for seed in sorted({run.seed for run in runs}))
    threads = ", ".join(str(count) for count in sorted({run.threads for run in runs}))
    flushed = " and ".join(
        "flushed" if how else "kept" for how in sorted({run.flush_denormals for run in runs}, reverse=True)
    )
    lines.append(f"Seeds {seeds}; {threads} threads each; denormals of the peers {flushed}.")
    for machine in sorted({run.machine for run in runs}):
        dates = sorted({run.date[:10] for run in runs if run.machine == machine})
        lines.append(f"Measured on {machine}; {' … '.join(dict.fromkeys((dates[0], dates[-1])))}.")
    return "\n".join(f"- {line}" for line in lines)


def _settings(run: Run) -> str:
    return ", ".join(f"{name}={value}" for name, value in run.settings.items()) or "none"


def _versions(run: Run) -> str:
    return ", ".join(f"{package} {version}" for package, version in run.versions.items())
