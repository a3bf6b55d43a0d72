"""Point forecasts of M4 Hourly: the error (OWA) over the time to train, this library and others.

Each run is a training of its own with its own budget, turn about; see ``peers``. What has been run is
in ``records/m4_seconds.jsonl`` and is not run again; the tables and the plot are made from that file.

    export TSSEQ2SEQ_PEERS=.peers/bin/python                # peers/__init__.py says how to make it
    python benchmarks/m4_seconds.py                         # the test part, written to RESULTS.md
    python benchmarks/m4_seconds.py --only ours --budgets 900
    python benchmarks/m4_seconds.py --redraw
    python benchmarks/m4_seconds.py --validation --only ours --budgets 60 --set network__cell=gru

``--validation`` holds out the last 48 hours of the training part and never reads the test part.
"""

from __future__ import annotations

import argparse
import dataclasses
import statistics
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from m4_hourly import HORIZON, SEASON, data, errors, owa
from peers.contest import Task, Terms, add_options, is_dry, open_records, recorded, turned
from peers.contestants import PEERS, Contestant, ours
from peers.frames import series_of
from peers.launch import Result
from peers.protocol import Series
from peers.records import Run, notes
from report import table, write_section
from seconds_plot import Line, draw
from settings import add_settings, parsed

#: Settings of ours, chosen with ``--validation``, where a forecast begins at the same hour as in the test.
OURS: dict[str, object] = {"scaling": "log1p", "stride": 24, "training__learning_rate": 6e-3}
#: A network learns little more in a longer time, and several are better: one for about so many seconds
#: of a thread.
MEMBER_SECONDS = 75
#: Several differ in turn in what they add their output to, one in its scaling and one in its cell.
UNLIKE: list[dict[str, object]] = [
    {},
    {"network__residual_weights": "learned"},
    {"network__residual": None, "network__cell": "gru"},
    {"scaling": "window"},
]
#: What they have in common; a single one has the default width, with which it learns more in its time.
SEVERAL: dict[str, object] = {"network__hidden_size": 256}

BUDGETS = (10.0, 25.0, 60.0, 120.0, 300.0, 600.0)
RIVALS = (
    "neuralforecast_lstm", "neuralforecast_deepar_horizon", "neuralforecast_nhits", "darts_block_rnn",
    "darts_rnn", "gluonts_deepar", "gluonts_deepar_default", "statsmodels_ets", "seasonal_naive",
)  # fmt: skip
OWN, REFERENCE = "tsseq2seq", PEERS["seasonal_naive"].label
# A peer with quantiles is scored by its median.
LEVELS = [0.1, 0.5, 0.9]
# NeuralForecast's LSTM after 378 s, as it was measured when the library was designed.
REACHED, REACHED_SECONDS = 0.658, 15.0
#: The OWA wanted after so many seconds.
WANTED = {300.0: 0.41, 900.0: 0.36}
PLOT = Path(__file__).with_name("error_over_seconds.svg")
NONE = "—"


@dataclass(frozen=True)
class Part:
    """What to train on and what to forecast; series of the same order in all."""

    train: pd.DataFrame
    test: pd.DataFrame
    series: Series

    @classmethod
    def read(cls, validation: bool, count: int | None) -> Part:
        """Read M4 Hourly, or its first ``count`` series."""
        train, test = data(validation)
        if count is not None:
            kept = train["unique_id"].unique()[:count]
            train, test = (frame[frame["unique_id"].isin(kept)] for frame in (train, test))
        return cls(train, test, series_of(train))

    def score(self, task: Task, result: Result) -> dict[str, float]:
        """Return the errors of a forecast; of quantiles, those of the median."""
        assert result.forecast is not None
        median = result.forecast[..., LEVELS.index(0.5)] if task.contestant.quantiles else result.forecast
        smape, mase = errors(self.train, self.test, median)
        return {"sMAPE": smape, "MASE": mase, "OWA": owa(smape, mase)}


@dataclass(frozen=True)
class Cell:
    """Runs of a contestant with one budget over seeds, as medians; NaN where all failed."""

    owa: float
    seconds: float
    steps: float
    failed: int

    @classmethod
    def of(cls, runs: Sequence[Run]) -> Cell:
        """Sum up runs."""
        good = [run for run in runs if run.error is None]

        def middle(values: list[float]) -> float:
            return statistics.median(values) if values else float("nan")

        return cls(
            middle([run.scores["OWA"] for run in good]),
            middle([run.measured["fit_seconds"] for run in good]),
            middle([run.measured.get("steps", 0) for run in good]),
            len(runs) - len(good),
        )

    def shown(self, text: str) -> str:
        """Return a text about it for a table, with the failures."""
        if np.isnan(self.owa):
            return "failed"
        return f"{text} ({self.failed} failed)" if self.failed else text


#: By label and budget; the budget is None where a contestant takes its own time.
Cells = dict[tuple[str, float | None], Cell]


def gathered(runs: Sequence[Run]) -> Cells:
    """Sum up the runs by label and budget."""
    groups: dict[tuple[str, float | None], list[Run]] = {}
    for run in runs:
        groups.setdefault((run.label, run.seconds), []).append(run)
    return {key: Cell.of(group) for key, group in groups.items()}


def contestants(settings: Mapping[str, object], seconds: float, threads: int) -> dict[str, Contestant]:
    """Return the contestants with a budget, by name."""
    count = round(seconds * threads / MEMBER_SECONDS)
    several: dict[str, object] = {}
    if count > 1:
        several = SEVERAL | {"unlike": [UNLIKE[place % len(UNLIKE)] for place in range(count)]}
    chosen = OURS | several | dict(settings)
    own = dataclasses.replace(ours("Point", chosen), label=OWN)
    return {"ours": own} | {name: PEERS[name] for name in RIVALS}


def tasks(
    budgets: Sequence[float],
    seeds: Sequence[int],
    only: Collection[str],
    settings: Mapping[str, object],
    threads: int,
) -> list[Task]:
    """Return all runs: budgets from short to long, contestants turn about; the untimed ones once a seed."""
    planned, turn = [], 0
    for budget in sorted(budgets):
        for seed in seeds:
            present = [who for name, who in contestants(settings, budget, threads).items() if name in only]
            first = budget == min(budgets)
            planned += [Task(who, budget, seed) for who in turned(present, turn) if who.timed or first]
            turn += 1
    return planned


def columns(cells: Cells) -> list[float | None]:
    """Return the budgets there are, rising; None, the own time, is the last."""
    budgets = {budget for _, budget in cells}
    return [*sorted(b for b in budgets if b is not None), *([None] if None in budgets else [])]


def tables(cells: Cells) -> str:
    """Return the table of errors and the one of seconds and steps."""
    budgets = columns(cells)
    header = ["OWA after"] + ["its own time" if budget is None else f"{budget:g} s" for budget in budgets]
    accuracy: list[list[object]] = []
    work: list[list[object]] = []
    for label in dict.fromkeys(label for label, _ in cells):
        row = [cells.get((label, budget)) for budget in budgets]
        accuracy.append([label, *(NONE if cell is None else cell.shown(f"{cell.owa:.3f}") for cell in row)])
        spent = [
            NONE if cell is None
            else cell.shown(f"{cell.seconds:.1f} s" + (f", {cell.steps:.0f}" if cell.steps else ""))
            for cell in row
        ]  # fmt: skip
        work.append([label, *spent])
    shown = table(header, accuracy)
    return f"{shown}\n\n{table(['seconds to fit, steps', *header[1:]], work)}"


def rivals(cells: Cells, budget: float) -> dict[str, float]:
    """Return the OWA of the others at a time; NaN after a failure, untimed ones after their own time."""
    found = {label: cell.owa for (label, at), cell in cells.items() if at == budget and label != OWN}
    late = {label: cell.owa for (label, at), cell in cells.items() if at is None and cell.seconds <= budget}
    return found | {label: value for label, value in late.items() if label != REFERENCE}


def lead(cells: Cells) -> list[str]:
    """Return sentences, one for each budget: whether ours is the lowest, and whether the bar is met."""
    lines, states = [], []
    timed = {PEERS[name].label for name in RIVALS if PEERS[name].timed}
    for budget in columns(cells):
        own = cells.get((OWN, budget))
        if budget is None or own is None or np.isnan(own.owa):
            continue
        others = {label: value for label, value in rivals(cells, budget).items() if not np.isnan(value)}
        missing = sorted(timed - set(others))
        best = min(others, key=others.__getitem__, default=None)
        if best is None:
            continue
        lowest = own.owa < others[best]
        states.append((budget, "not met" if not lowest else "open" if missing else "met"))
        lines.append(
            f"After {budget:g} s: {OWN} {own.owa:.3f}, the lowest of the others {others[best]:.3f} ({best}): "
            + ("ours is lowest" if lowest else "ours is not lowest")
            + (f", without {', '.join(missing)}." if missing else ".")
        )
    counted = {budget: state for budget, state in states if 10 <= budget <= 600}
    state = "met" if set(BUDGETS) <= set(counted) else "open"
    for possible in ("open", "not met"):
        state = possible if possible in counted.values() else state
    return [*lines, f"Bar: the lowest OWA at every time from 10 s to 10 minutes: **{state}**."]


def reach(cells: Cells) -> list[str]:
    """Return sentences on the smallest budget with which each reaches the OWA of REACHED."""
    times = {}
    for label in dict.fromkeys(label for label, budget in cells if budget is not None):
        mine = {budget: cell.owa for (who, budget), cell in cells.items() if who == label}
        there = [budget for budget, value in mine.items() if budget is not None and value <= REACHED]
        times[label] = min(there, default=None)
    said = [f"{label} {NONE if time is None else f'{time:g} s'}" for label, time in times.items()]
    own = times.get(OWN)
    tried = any(who == OWN and at is not None and at <= REACHED_SECONDS for who, at in cells)
    state = "met" if own is not None and own <= REACHED_SECONDS else "not met" if tried else "open"
    lines = [f"The smallest of these times after which OWA is at most {REACHED}: {', '.join(said) or NONE}."]
    if (REFERENCE, None) in cells:
        lines[0] += f" {REFERENCE[0].upper()}{REFERENCE[1:]} has {cells[REFERENCE, None].owa:.3f}."
    return [*lines, f"Bar: ours reaches {REACHED} within {REACHED_SECONDS:g} s: **{state}**."]


def wanted(cells: Cells, two: Cells) -> list[str]:
    """Return sentences on whether the errors wanted are reached, with two threads if that was run."""
    lines = []
    for budget, most in WANTED.items():
        cell, on = two.get((OWN, budget)), "two threads"
        if cell is None:
            cell, on = cells.get((OWN, budget)), "one thread"
        said = "not measured, **open**"
        if cell is not None and np.isnan(cell.owa):
            said = f"failed with {on}, **open**"
        elif cell is not None:
            said = f"{cell.owa:.4f} with {on}, **{'met' if cell.owa <= most else 'not met'}**"
        lines.append(f"Bar: an OWA of at most {most:g} after {budget:g} s of two cores: {said}.")
    return lines


def drawing(cells: Cells) -> list[Line]:
    """Return the lines of the plot, over the seconds that were really used."""
    lines = []
    for label in dict.fromkeys(label for label, _ in cells):
        own = [cell for (who, _), cell in cells.items() if who == label and not np.isnan(cell.owa)]
        points = sorted((cell.seconds, cell.owa) for cell in own)
        if points:
            lines.append(Line(label, [s for s, _ in points], [o for _, o in points]))
    return lines


def parse() -> tuple[argparse.Namespace, dict[str, object]]:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--budgets", type=float, nargs="+", default=list(BUDGETS), metavar="SECONDS")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    add_options(parser, ["ours", *RIVALS])
    add_settings(parser)
    arguments = parser.parse_args()
    if arguments.redraw and arguments.validation:
        parser.error("--redraw shows what is recorded, and validation runs are not")
    return arguments, parsed(arguments, parser)


def main() -> None:
    """Run what is not recorded yet, and report."""
    arguments, settings = parse()
    records = open_records("m4_seconds", arguments)
    everyone = contestants(settings, 0, arguments.threads)
    if not arguments.redraw:
        part = Part.read(arguments.validation, arguments.series)
        only = arguments.only or list(everyone)
        flushed = not arguments.keep_denormals
        terms = Terms(part.series, HORIZON, LEVELS, arguments.threads, flushed)
        again = [everyone[name].label for name in arguments.again]
        planned = tasks(arguments.budgets, arguments.seeds, only, settings, arguments.threads)
        recorded(planned, terms, records, part.score, again=again)
    labels = [who.label for who in everyone.values()]
    runs = records.newest(labels, threads=arguments.threads, flush_denormals=not arguments.keep_denormals)
    if not runs:
        raise SystemExit(f"{records.path}: there is no run to show")
    cells = gathered(runs)
    name = "validation" if arguments.validation else "test"
    two = gathered(records.newest([OWN], threads=2, flush_denormals=not arguments.keep_denormals))
    verdicts = "\n\n".join([*lead(cells), *reach(cells), *wanted(cells, two)])
    body = (
        f"M4 Hourly, {name} part, season {SEASON}, horizon {HORIZON}; each cell is a training of its own, "
        f"medians over seeds. Point forecasts; medians of those that forecast distributions.\n\n"
        f"{tables(cells)}\n\n{verdicts}\n\n{notes(runs)}"
    )
    print(f"\n{body}", flush=True)
    if not is_dry(arguments):
        draw(drawing(cells), PLOT, own=OWN, reference=REFERENCE)
        picture = f"![OWA over seconds of training]({PLOT.name})"
        write_section("Accuracy against training time", "benchmarks/m4_seconds.py", f"{picture}\n\n{body}")


if __name__ == "__main__":
    main()
