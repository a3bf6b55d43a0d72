"""Single series with only the horizon set: our defaults against the defaults of other methods.

Six series, each forecast from its last cutoffs, a horizon apart; every model is fitted anew on what lies
before each of them. Each run is a process of its own, turn about; see ``peers``.

    export TSSEQ2SEQ_PEERS=.peers/bin/python               # peers/__init__.py says how to make it
    python benchmarks/small_series.py                      # the test cutoffs, written to RESULTS.md
    python benchmarks/small_series.py --validation --only ours ets --set training__max_steps=200

``--validation`` takes the cutoffs before those of the test, and cuts the series off where the test's first
horizon begins. Runs are recorded, so that a contest can be continued: ours run again by themselves when
the code that decides on forecasts changed, others with ``--again``. With ``--series`` or ``--only`` runs are
recorded and RESULTS.md stays as it is.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from fingerprint import fingerprint
from peers.contest import Task, Terms, recorded
from peers.contestants import Contestant
from peers.launch import Result
from peers.protocol import Series
from peers.records import RECORDS, Records, Run
from report import table, write_section
from settings import add_settings, parsed
from small_series_tables import error_rows, means, seconds_rows

OURS = "ours"
LABELS = {
    OURS: "tsseq2seq",
    "naive": "seasonal naive",
    "ets": "statsmodels ETS",
    "lstm": "NeuralForecast LSTM",
}
ENVIRONMENTS = {OURS: "tsseq2seq", "naive": "tsseq2seq", "ets": "statsmodels", "lstm": "neuralforecast"}
# What is drawn at random in them; the others always say the same.
SEEDED = (OURS, "lstm")
# What decides on our forecasts.
DECIDING = ("data", "nn", "decoding", "training", "smoothing", "forecasting", "forecaster.py", "settings.py")


@dataclass(frozen=True)
class Subject:
    """A series to forecast.

    Parameters
    ----------
    dataset, column
        Where it is.
    freq
        The step of its time stamps.
    season, horizon
        Steps. Of two seasons the shorter one is meant: 336 half-hours are too many for ETS.
    """

    dataset: str
    column: str
    freq: str
    season: int
    horizon: int

    def values(self) -> pd.Series:
        """Return the values on the grid; NaN where there is no row."""
        from tsseq2seq import datasets

        series = datasets.load(self.dataset).set_index("ds")[self.column]
        grid = series.asfreq(self.freq)
        if grid.notna().sum() != series.notna().sum():
            raise ValueError(f"{self.dataset} does not lie on a grid of {self.freq}")
        return grid


SUBJECTS = {
    "airline": Subject("air_passengers", "y", "MS", 12, 12),
    "ausbeer": Subject("ausbeer", "y", "QS", 4, 8),
    "taylor": Subject("taylor", "y", "30min", 48, 48),
    "taxi": Subject("taxi", "y", "30min", 48, 48),
    "gasoline": Subject("gasoline", "y", "W-FRI", 52, 13),
    "ILINet": Subject("ilinet", "% WEIGHTED ILI", "W-SUN", 52, 24),
}


def cutoffs(length: int, subject: Subject, windows: int, validation: bool) -> list[int]:
    """Return how many steps lie before each cutoff, the earliest first.

    The test's windows end with the series, the validation's where the test's begin. Four seasons and
    four horizons must lie before a cutoff.
    """
    end = length - validation * windows * subject.horizon
    wanted = [end - back * subject.horizon for back in range(windows, 0, -1)]
    return [cutoff for cutoff in wanted if cutoff >= 4 * max(subject.season, subject.horizon)]


def mase(known: np.ndarray, truth: np.ndarray, forecast: np.ndarray, season: int) -> float:
    """Return the mean absolute error over that of the seasonal naive method within what was known.

    Steps without a row do not count.
    """
    scale = np.nanmean(np.abs(known[season:] - known[:-season]))
    return float(np.nanmean(np.abs(truth - forecast)) / scale)


def code() -> str:
    """Return a fingerprint of our code, as far as forecasts depend on it."""
    return fingerprint(DECIDING)


@dataclass(frozen=True)
class Match:
    """The contest at one cutoff of a series."""

    name: str
    subject: Subject
    values: pd.Series
    cutoff: int

    @property
    def known(self) -> np.ndarray:
        """The values before the cutoff."""
        return self.values.to_numpy()[: self.cutoff]

    def contestant(self, model: str, changes: dict[str, object]) -> Contestant:
        """Return a model with all that its runner needs to know."""
        settings: dict[str, object] = {
            "model": model,
            "series": self.name,
            "cutoff": self.cutoff,
            "start": str(self.values.index[0]),
            "freq": self.subject.freq,
            "season": self.subject.season,
        }
        runner = "peers.small_series_models"
        return Contestant(
            LABELS[model], ENVIRONMENTS[model], runner, settings | changes, quantiles=False, timed=False
        )

    def score(self, task: Task, result: Result) -> dict[str, float]:
        """Return the error of a forecast."""
        if result.forecast is None:
            return {}
        truth = self.values.to_numpy()[self.cutoff : self.cutoff + self.subject.horizon]
        return {"mase": mase(self.known, truth, result.forecast[0], self.subject.season)}

    def terms(self, threads: int) -> Terms:
        """Return what is the same for all."""
        return Terms(Series([self.name], [self.known]), self.subject.horizon, [], threads, True)


def matches(names: Sequence[str], windows: int, validation: bool) -> list[Match]:
    """Return all cutoffs of the series; for a validation nothing of the test's windows is left."""
    found = []
    for name in names:
        subject = SUBJECTS[name]
        values = subject.values()
        chosen = cutoffs(len(values), subject, windows, validation)
        if validation:
            values = values[: len(values) - windows * subject.horizon]
        found += [Match(name, subject, values, cutoff) for cutoff in chosen]
    return found


def tasks(match: Match, arguments: argparse.Namespace, settings: dict[str, object]) -> list[Task]:
    """Return who runs at a cutoff, with which seeds."""
    short = {"max_steps": arguments.max_steps} if arguments.max_steps else {}
    changes: dict[str, dict[str, object]] = {model: {} for model in LABELS}
    changes["lstm"] = dict(short)
    changes[OURS] = short | {"code": code()} | ({"set": settings} if settings else {})
    return [
        Task(match.contestant(model, changes[model]), 0.0, seed)
        for model in arguments.only
        for seed in (arguments.seeds if model in SEEDED else arguments.seeds[:1])
    ]


def compete(
    found: list[Match], records: Records, arguments: argparse.Namespace, settings: dict[str, object]
) -> list[Run]:
    """Run what is not recorded, and return the last run of every task."""
    again = [LABELS[model] for model in arguments.again]
    runs = []
    for turn, match in enumerate(found):
        planned = tasks(match, arguments, settings)
        first = turn % len(planned)  # each turn begins with another one
        print(f"{match.name}, {match.cutoff} steps known", flush=True)
        order = planned[first:] + planned[:first]
        recorded(order, match.terms(arguments.threads), records, match.score, again=again)
        runs += [last(records, task, arguments.threads) for task in planned]
    return runs


def last(records: Records, task: Task, threads: int) -> Run:
    """Return the last run of a task."""
    entry = task.contestant
    wanted = (entry.label, entry.settings, task.seed, threads)
    return [run for run in records.runs if (run.label, run.settings, run.seed, run.threads) == wanted][-1]


def verdict(errors: pd.DataFrame) -> str:
    """Return a sentence on whom our defaults beat: on how many of the series, and on average."""
    own, lines = LABELS[OURS], []
    beaten: list[bool | None] = []  # None: not known
    for label in LABELS.values():
        if label == own:
            continue
        if own not in errors or label not in errors or bool(errors[[own, label]].isna().to_numpy().any()):
            lines.append(f"{label}: open, as not everything was measured.")
            beaten.append(None)
            continue
        won, averages = int((errors[own] < errors[label]).sum()), errors[[own, label]].mean()
        better = bool(averages[own] < averages[label])
        lines.append(
            f"{own} beats {label} on {won} of {len(errors)} series, and on average "
            f"({averages[own]:.3f} against {averages[label]:.3f}): {'yes' if better else 'no'}."
        )
        beaten.append(better and 2 * won > len(errors))
    complete = set(errors.index) == set(SUBJECTS) and None not in beaten
    state = "not met" if False in beaten else "met" if complete else "open"
    names = ", ".join(label for label in LABELS.values() if label != own)
    return "\n".join([*lines, f"Bar: ahead of each of {names} on most series and on average: **{state}**."])


def choices(runs: list[Run]) -> str:
    """Return what our defaults chose for each series, at its last cutoff."""
    names = ("season", "context", "segment", "width", "batch", "steps")
    newest = {str(run.settings["series"]): run for run in runs if run.label == LABELS[OURS] and not run.error}
    return "; ".join(
        f"{name}: " + ", ".join(f"{part} {run.measured[part]:g}" for part in names if part in run.measured)
        for name, run in newest.items()
    )


def notes(runs: list[Run], arguments: argparse.Namespace, settings: dict[str, object]) -> str:
    """Return settings, versions and machines, a line each."""
    chosen = ", ".join(f"{name}={value}" for name, value in settings.items())
    lines = [
        f"MASE: the mean over the last cutoffs (a horizon apart) and seeds {arguments.seeds}; each scaled by "
        "the seasonal naive error within what was known. Every model is fitted anew at each cutoff.",
        f"tsseq2seq: only `horizon` is set{f', and {chosen}' if chosen else ''}. It chose: {choices(runs)}.",
        "NeuralForecast LSTM: only `h` and `freq` are set (context 3·h, 1,000 steps); its seed "
        "is 1 + ours, as 1 is its default; numbers below 1e-38 are taken for 0, which favours it.",
        "statsmodels ETS: the form of the lowest AICc of 15 (6 where not all values are positive), season as "
        "below; one run, as for seasonal naive.",
        "Horizons and seasons in steps: "
        + ", ".join(f"{name} {s.horizon} and {s.season}" for name, s in SUBJECTS.items())
        + ". Half-hourly series have a season of 336 as well, which is too long for ETS.",
        "ILINet is the weighted percentage. Its four weeks without a row are no rows for tsseq2seq, and "
        "interpolated for the others; zeros, which stand for weeks without a report up to 2002, are left as "
        "they are for all.",
    ]
    for label in dict.fromkeys(run.label for run in runs):
        versions = dict.fromkeys(
            ", ".join(f"{name} {version}" for name, version in run.versions.items())
            for run in runs
            if run.label == label and run.versions
        )
        lines.append(f"{label}: {'; '.join(versions) or 'versions unknown'}.")
    where = "; ".join(sorted({run.machine for run in runs if run.machine}))
    dates = sorted({run.date[:10] for run in runs})
    when = " … ".join(dict.fromkeys((dates[0], dates[-1])))
    lines.append(f"{arguments.threads} threads each. Measured on {where}; {when}.")
    return "\n".join(f"- {line}" for line in lines)


def report(runs: list[Run], arguments: argparse.Namespace, settings: dict[str, object]) -> str:
    """Return tables, verdict and notes."""
    errors = means(runs)
    labels = [str(label) for label in errors]
    part = "cutoffs before the test's" if arguments.validation else "test cutoffs"
    return (
        f"MASE, {part}.\n\n{table(['series', 'cutoffs', *labels], error_rows(errors, runs))}\n\n"
        f"{verdict(errors)}\n\n"
        f"Seconds of a run, to fit and to forecast (median):\n\n"
        f"{table(['series', *labels], seconds_rows(errors, runs))}\n\n{notes(runs, arguments, settings)}"
    )


def parse() -> tuple[argparse.Namespace, dict[str, object]]:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--windows", type=int, default=5, help="cutoffs of each series")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--series", nargs="+", default=list(SUBJECTS), choices=SUBJECTS, metavar="NAME",
                        help=f"of {', '.join(SUBJECTS)}")  # fmt: skip
    parser.add_argument("--only", nargs="+", default=list(LABELS), choices=LABELS, metavar="MODEL",
                        help=f"of {', '.join(LABELS)}")  # fmt: skip
    parser.add_argument("--again", nargs="+", default=[], choices=LABELS, metavar="MODEL",
                        help="run these even if they are recorded")  # fmt: skip
    parser.add_argument("--max-steps", type=int, help="shorten all training; with --dry-run")
    parser.add_argument("--dry-run", action="store_true", help="leave RESULTS.md and records alone")
    add_settings(parser)
    arguments = parser.parse_args()
    if arguments.max_steps and not arguments.dry_run:
        parser.error("--max-steps goes with --dry-run: the models are compared as they come")
    return arguments, parsed(arguments, parser)


def main() -> None:
    """Run what is not recorded yet, and report."""
    arguments, settings = parse()
    records = Records(None if arguments.dry_run else RECORDS / "small_series.jsonl")
    found = matches(arguments.series, arguments.windows, arguments.validation)
    runs = compete(found, records, arguments, settings)
    body = report(runs, arguments, settings)
    print(f"\n{body}", flush=True)
    # RESULTS.md shows all of them
    whole = (set(arguments.series), set(arguments.only)) == (set(SUBJECTS), set(LABELS))
    if whole and not (arguments.validation or arguments.dry_run):
        write_section("Single series, defaults alone", "benchmarks/small_series.py", body)


if __name__ == "__main__":
    main()
