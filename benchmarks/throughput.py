"""Training windows a second of this library and others, as ratios, and the memory that they take.

The textbook shape: LSTM 2x128, context 168, horizon 48, 256 windows a step, on M4 Hourly. Every round
runs every contestant once, turn about; a ratio is one of two runs of a round. The time of the first
steps, which set things up, is left out. The runs are in ``records/throughput.jsonl``; a round that is
complete there is not run again, and the tables are made from that file.

    export TSSEQ2SEQ_PEERS=.peers/bin/python                # peers/__init__.py says how to make it
    python benchmarks/throughput.py
    python benchmarks/throughput.py --only ours_float32 neuralforecast_lstm --rounds 1     # a dry run
"""

from __future__ import annotations

import argparse
import dataclasses
import statistics
from collections.abc import Collection, Sequence

from m4_hourly import HORIZON
from m4_seconds import LEVELS, Part
from peers.contest import Task, Terms, add_options, is_dry, open_records, recorded, turned
from peers.contestants import PEERS, Contestant, ours
from peers.records import Run, notes
from report import table, write_section

TEXTBOOK: dict[str, object] = {
    "context_length": 168,
    "segment_length": 1,
    "network__hidden_size": 128,
    "network__num_layers": 2,
    "training__batch_size": 256,
    "training__teacher_forcing": 1.0,
}


def own(label: str, settings: dict[str, object]) -> Contestant:
    """Return a contestant that is this library, with a label."""
    return dataclasses.replace(ours("Point", settings), label=f"tsseq2seq {label}")


GLUONTS = PEERS["gluonts_deepar"]
CONTESTANTS = {
    "ours_float32": own("textbook, float32", TEXTBOOK | {"training__precision": "float32"}),
    "ours_bf16": own("textbook, bf16", TEXTBOOK | {"training__precision": "bf16"}),
    "ours_default": own("defaults", {}),
    "neuralforecast_lstm": PEERS["neuralforecast_lstm"],
    "neuralforecast_deepar": PEERS["neuralforecast_deepar"],
    "darts_block_rnn": PEERS["darts_block_rnn"],
    "darts_rnn": PEERS["darts_rnn"],
    "gluonts_deepar": dataclasses.replace(
        GLUONTS, label=f"{GLUONTS.label}, batch 256", settings=GLUONTS.settings | {"batch_size": 256}
    ),
    "neuralforecast_nhits": PEERS["neuralforecast_nhits"],
}
BASE = CONTESTANTS["neuralforecast_lstm"].label
#: How many times the windows a second of NeuralForecast's LSTM are wanted.
BARS = {"ours_float32": 0.8, "ours_bf16": 1.8, "ours_default": 20.0}
NONE = "—"


def windows_per_second(run: Run) -> float | None:
    """Return the rate after the first steps, or with them where there are no others; None: it failed."""
    if run.error:
        return None
    did = run.measured
    steps, seconds = did.get("train_steps", did["steps"]), did.get("train_seconds", did["fit_seconds"])
    return steps * did["batch"] / seconds


def ratios(runs: Sequence[Run], label: str) -> list[float]:
    """Return windows a second over those of BASE in the same round, for the rounds that have both."""
    rates = {(run.label, run.seed): windows_per_second(run) for run in runs}
    pairs = [(rates.get((label, turn)), rates.get((BASE, turn))) for turn in sorted({r.seed for r in runs})]
    return [rate / base for rate, base in pairs if rate is not None and base is not None]


def speed(runs: Sequence[Run]) -> str:
    """Return the table of windows a second."""
    rows: list[list[object]] = []
    for label, mine in _by_label(runs).items():
        rates = [rate for rate in map(windows_per_second, mine) if rate is not None]
        if not rates:
            rows.append([label, NONE, NONE, f"failed: {mine[-1].reason}", NONE, NONE])
            continue
        found = ratios(runs, label)
        good = [run for run in mine if not run.error]
        rows.append([
            label,
            f"{good[-1].measured['batch']:g}",
            f"{statistics.median(run.measured['steps'] for run in good):.0f}",
            f"{statistics.median(rates):.0f}",
            f"{statistics.median(found):.2f}" if found else NONE,
            f"{min(found):.2f} … {max(found):.2f}" if found else NONE,
        ])  # fmt: skip
    header = [
        "",
        "windows a step",
        "steps",
        "windows/s (median)",
        f"ratio to {BASE}, median of rounds",
        "range",
    ]
    return table(header, rows)


def memory(runs: Sequence[Run]) -> str:
    """Return the table of memory and of the time to forecast; medians over rounds."""
    rows: list[list[object]] = []
    for label, mine in _by_label(runs).items():
        good = [run for run in mine if not run.error]
        if not good:
            rows.append([label, f"failed: {mine[-1].reason}", NONE, NONE])
            continue
        middle = {
            name: statistics.median(run.measured[name] for run in good)
            for name in ("fit_peak_mib", "predict_peak_mib", "predict_seconds")
        }
        rows.append([
            label, f"{middle['fit_peak_mib']:.0f}", f"{middle['predict_peak_mib']:.0f}",
            f"{middle['predict_seconds']:.2f}",
        ])  # fmt: skip
    return table(["", "peak until fitted, MiB", "peak until forecast, MiB", "414 forecasts, s"], rows)


def verdicts(runs: Sequence[Run]) -> str:
    """Return a sentence for each bar: whether it is met."""
    lines = []
    for name, bar in BARS.items():
        label = CONTESTANTS[name].label
        found = ratios(runs, label)
        said = "not measured, **open**"
        if found:
            middle = statistics.median(found)
            said = f"{middle:.2f}, **{'met' if middle >= bar else 'not met'}**"
        lines.append(f"Bar: {label} at least {bar:g} times {BASE}: {said}.")
    return "\n\n".join(lines)


def tasks(rounds: int, seconds: float, only: Collection[str]) -> list[Task]:
    """Return the runs; the number of a round is its seed, and each begins with another contestant."""
    present = [who for name, who in CONTESTANTS.items() if name in only]
    return [Task(who, seconds, turn) for turn in range(rounds) for who in turned(present, turn)]


def _by_label(runs: Sequence[Run]) -> dict[str, list[Run]]:
    return {label: [r for r in runs if r.label == label] for label in dict.fromkeys(r.label for r in runs)}


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=20, help="to train, for everyone")
    add_options(parser, list(CONTESTANTS))
    arguments = parser.parse_args()
    # a round that is not whole has no place beside those that are
    arguments.dry_run = arguments.dry_run or arguments.only is not None
    return arguments


def main() -> None:
    """Run what is not recorded yet, and report."""
    arguments = parse()
    records = open_records("throughput", arguments)
    flushed = not arguments.keep_denormals
    if not arguments.redraw:
        part = Part.read(False, arguments.series)
        terms = Terms(part.series, HORIZON, LEVELS, arguments.threads, flushed)
        planned = tasks(arguments.rounds, arguments.seconds, arguments.only or list(CONTESTANTS))
        again = [CONTESTANTS[name].label for name in arguments.again]
        recorded(planned, terms, records, part.score, again=again, whole=True)
    labels = [who.label for who in CONTESTANTS.values()]
    found = records.newest(labels, threads=arguments.threads, flush_denormals=flushed)
    runs = [run for run in found if run.seconds == arguments.seconds and run.seed < arguments.rounds]
    if not runs:
        raise SystemExit(f"{records.path}: there is no run to show")
    begun = f"{arguments.rounds} rounds of {arguments.seconds:g} s of training each, turn about; M4 Hourly."
    fast = f"{begun}\n\n{speed(runs)}\n\n{verdicts(runs)}\n\n{notes(runs)}"
    small = (
        f"The runs of the section Throughput: {begun} The peak is the highest resident memory of the "
        f"process, imports and data included; distributions by their quantiles.\n\n{memory(runs)}"
    )
    print(f"\n{fast}\n\n{small}", flush=True)
    if not is_dry(arguments):
        write_section("Throughput", "benchmarks/throughput.py", fast)
        write_section("Memory", "benchmarks/throughput.py", small)


if __name__ == "__main__":
    main()
