"""The development suite: short and unfamiliar series, our defaults beside classical methods and networks.

Panels of competitions, six single series, M4 Hourly and ETTh1; each forecast from the last cutoffs, a
horizon apart, by models that are fitted anew at each of them with nothing set but the horizon (classical
methods are told the season). Each run is a process of its own, turn about; see ``peers``.

    export TSSEQ2SEQ_PEERS=.peers/bin/python               # peers/__init__.py says how to make it
    python benchmarks/unfamiliar.py --why "what changed"   # the last horizons, written to RESULTS.md
    python benchmarks/unfamiliar.py --validation --sets cif2016 --only ours --set network__hidden_size=64

Choices are made with ``--validation``, which takes the cutoffs before the last horizons. Each look at what
our models do on the last horizons is counted in records/unfamiliar_looks.jsonl. Runs are recorded, so that a
contest can be continued: ours run again by themselves when the code that decides on forecasts changed, others
with ``--again``. Peers whose environment is not there are left out with a line; their recorded runs stay in
the tables. With ``--sets`` or ``--only`` RESULTS.md stays as it is.
"""

from __future__ import annotations

import argparse
import functools
from collections.abc import Collection, Sequence
from pathlib import Path

import unfamiliar_tables as tables
from peers.contest import Task, Terms, recorded
from peers.launch import Result
from peers.records import RECORDS, Records, Run
from report import write_section
from settings import add_settings, parsed
from unfamiliar_looks import looks, note_looks
from unfamiliar_models import MODELS, OURS, absent
from unfamiliar_notes import notes
from unfamiliar_plot import draw
from unfamiliar_scores import QUANTILES, scores
from unfamiliar_sets import SETS, Cut, cuts

PLOT = Path(__file__).with_name("unfamiliar.svg")


def tasks(cut: Cut, arguments: argparse.Namespace, changes: dict[str, object]) -> list[Task]:
    """Return who runs at a cutoff, with which seeds."""
    return [
        Task(MODELS[name].contestant(cut, changes, arguments.max_steps), 0.0, seed)
        for name in arguments.only
        for seed in (arguments.seeds if MODELS[name].seeded else arguments.seeds[:1])
    ]


def same(run: Run, task: Task, threads: int, *, code: bool = True) -> bool:
    """Whether a run is one of a task; without ``code``, also of another state of the code."""
    settings = [
        {name: value for name, value in each.settings.items() if code or name != "code"}
        for each in (run, task.contestant)
    ]
    return settings[0] == settings[1] and (run.label, run.seed, run.threads) == (
        task.contestant.label, task.seed, threads,
    )  # fmt: skip


def newest(records: Records, task: Task, threads: int) -> Run | None:
    """Return the last run of a task: of the code as it is now, or else of an earlier state of it."""
    for code in (True, False):
        found = [run for run in records.runs if same(run, task, threads, code=code)]
        if found:
            return found[-1]
    return None


def score(cut: Cut, task: Task, result: Result) -> dict[str, float]:
    """Return the scores of a forecast."""
    if result.forecast is None:
        return {}
    return scores(cut.known.values, cut.truth, result.forecast, cut.of.season)


def looked_at(tasks: Sequence[Task], records: Records, arguments: argparse.Namespace) -> list[str]:
    """Return the labels of this library's own models that are about to run on last horizons."""
    own = [task for task in tasks if task.contestant.label.startswith(OURS)]
    again = [MODELS[name].label for name in arguments.again]
    return list(
        dict.fromkeys(
            task.contestant.label
            for task in own
            if task.contestant.label in again
            or not any(same(run, task, arguments.threads) for run in records.runs)
        )
    )


def compete(
    records: Records, arguments: argparse.Namespace, changes: dict[str, object], left_out: Collection[str]
) -> list[Run]:
    """Run what is not recorded, and return the last run of every task that has one."""
    again = [MODELS[name].label for name in arguments.again]
    runs, turn = [], 0
    for name in arguments.sets:
        planned = [
            (cut, tasks(cut, arguments, changes))
            for cut in cuts(name, validation=arguments.validation, windows=arguments.windows)
        ]
        able = [
            (cut, [task for task in each if task.contestant.label not in left_out]) for cut, each in planned
        ]
        if not arguments.redraw:
            every = [task for _, each in able for task in each]
            if not arguments.validation and (own := looked_at(every, records, arguments)):
                note_looks([name], own, arguments.why)
            for cut, each in able:
                print(f"{name}, {len(cut.known.ids)} series, {cut.held_out} steps held out", flush=True)
                first = turn % max(len(each), 1)  # each turn begins with another one
                turn += 1
                terms = Terms(cut.known, cut.of.horizon, QUANTILES, arguments.threads, True)
                order = each[first:] + each[:first]
                recorded(order, terms, records, functools.partial(score, cut), again=again)
        runs += [
            run for _, each in planned for task in each
            if (run := newest(records, task, arguments.threads)) is not None
        ]  # fmt: skip
    return runs


def report(
    runs: Sequence[Run], arguments: argparse.Namespace, changes: dict[str, object], left_out: dict[str, str]
) -> str:
    """Return tables, verdict and notes."""
    mases, losses, scaled, coverages = (
        tables.means(runs, name) for name in ("mase", "wql", "sql", "coverage")
    )
    part = "cutoffs before the last horizons" if arguments.validation else "last horizons"
    counted = looks()

    def lead(name: str) -> list[object]:
        cutoffs = {run.settings["held_out"] for run in runs if run.settings["suite"] == name}
        return [len(cutoffs), counted[name]]

    heads = ["cutoffs", "looks at the last horizon"]
    sections = [
        f"MASE, {part}.", tables.score_table(mases, "{:.3f}", lead, heads),
        f"Weighted quantile loss, {part}.", tables.score_table(losses, "{:.4f}", lead, heads),
        f"Scaled quantile loss, {part}.", tables.score_table(scaled, "{:.3f}", lead, heads),
        "Coverage of the interval of 90 %.", tables.plain_table(coverages, "{:.0f}"),
        "Seconds to fit and to forecast all series of a set (median over cutoffs).",
        tables.plain_table(tables.seconds(runs), "{:.2f}"),
        tables.verdict(mases, losses, scaled, coverages), notes(runs, left_out, changes),
    ]  # fmt: skip
    return "\n\n".join(sections)


def parse() -> tuple[argparse.Namespace, dict[str, object]]:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument(
        "--windows", type=int, metavar="N", help="cutoffs of each set, with --validation only"
    )
    parser.add_argument("--sets", nargs="+", default=list(SETS), choices=SETS, metavar="NAME",
                        help=f"of {', '.join(SETS)}")  # fmt: skip
    parser.add_argument("--only", nargs="+", default=list(MODELS), choices=MODELS, metavar="MODEL",
                        help=f"of {', '.join(MODELS)}")  # fmt: skip
    parser.add_argument("--again", nargs="+", default=[], choices=MODELS, metavar="MODEL",
                        help="run these even if they are recorded")  # fmt: skip
    parser.add_argument("--why", default="", help="the change that a look at the last horizons judges")
    parser.add_argument("--redraw", action="store_true", help="run nothing: tables from the records alone")
    parser.add_argument("--max-steps", type=int, help="shorten all training; with --dry-run")
    parser.add_argument("--dry-run", action="store_true", help="leave RESULTS.md and records alone")
    add_settings(parser)
    arguments = parser.parse_args()
    if arguments.max_steps and not arguments.dry_run:
        parser.error("--max-steps goes with --dry-run: the models are compared as they come")
    if arguments.windows is not None and not arguments.validation:
        parser.error("--windows goes with --validation: the last horizons are always the same")
    return arguments, parsed(arguments, parser)


def main() -> None:
    """Run what is not recorded yet, and report."""
    arguments, changes = parse()
    records = Records(None if arguments.dry_run else RECORDS / "unfamiliar.jsonl")
    left_out = {MODELS[name].label: reason for name, reason in absent(arguments.only).items()}
    for label, reason in left_out.items():
        print(f"{label} is left out: {reason}", flush=True)
    runs = compete(records, arguments, changes, left_out)
    if not runs:
        raise SystemExit("nothing ran, and nothing of it is recorded")
    body = report(runs, arguments, changes, left_out)
    print(f"\n{body}", flush=True)
    # RESULTS.md shows all of them
    whole = (set(arguments.sets), set(arguments.only)) == (set(SETS), set(MODELS))
    if whole and not (arguments.validation or arguments.dry_run):
        draw(tables.relative(tables.means(runs, "mase")), PLOT, own=OURS)
        body = f"![MASE relative to seasonal naive on each set]({PLOT.name})\n\n{body}"
        write_section("Unfamiliar series, defaults alone", "benchmarks/unfamiliar.py", body)


if __name__ == "__main__":
    main()
