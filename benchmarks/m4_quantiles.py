"""M4 Hourly in quantiles, side by side: this library and others, trained for the same time.

Each run is a process of its own, one after the other, in turn for every seed; see ``peers``.

    export TSSEQ2SEQ_PEERS=.peers/bin/python                # peers/__init__.py says how to make it
    python benchmarks/m4_quantiles.py                       # the test part, written to RESULTS.md
    python benchmarks/m4_quantiles.py --validation --peers --outputs Quantiles StudentT

``--validation`` holds out the last 48 hours of the training part and never reads the test part.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Sequence
from typing import Any

import numpy as np
from m4_hourly import HORIZON, data, errors, owa
from peers.contest import Task, Terms, contest, show, turned
from peers.contestants import PEERS, Contestant, ours
from peers.launch import Result, launch
from peers.protocol import Series
from report import table, write_section
from settings import add_settings, parsed

LEVELS = [round(0.1 * tenth, 1) for tenth in range(1, 10)]
RIVALS = [name for name, peer in PEERS.items() if peer.quantiles]
NONE = "—"
HEADER = ["", "seed", "fit, s", "steps", "windows/s", "414 forecasts, s", "peak MiB",
          "weighted quantile loss", "within 0.1 … 0.9, %", "OWA of the median"]  # fmt: skip


def weighted_quantile_loss(truth: np.ndarray, forecast: np.ndarray, levels: Sequence[float]) -> float:
    """Return the mean over levels of twice the pinball loss, summed, over the sum of |truth|.

    Parameters
    ----------
    truth
        Values (series, horizon).
    forecast
        Quantiles (series, horizon, levels).
    levels
        Their probabilities.
    """
    losses = []
    for place, level in enumerate(levels):
        error = truth - forecast[..., place]
        pinball = np.where(error >= 0, level * error, (level - 1) * error)
        losses.append(2 * pinball.sum() / np.abs(truth).sum())
    return float(np.mean(losses))


class Part:
    """The training series and the true values of the part to forecast."""

    def __init__(self, validation: bool) -> None:
        self.train, self.test = data(validation)
        groups = self.train.groupby("unique_id", sort=False)["y"]
        self.series = Series([str(name) for name, _ in groups], [y.to_numpy() for _, y in groups])
        self.truth = self.test["y"].to_numpy().reshape(-1, HORIZON)

    def score(self, result: Result) -> float | None:
        """Return the weighted quantile loss. None: the run failed, or has no quantiles."""
        if result.forecast is None or not result.contestant.quantiles:
            return None
        return weighted_quantile_loss(self.truth, result.forecast, LEVELS)

    def row(self, result: Result, seed: int) -> list[object]:
        """Return a line of the table."""
        label, record = result.contestant.label, result.record
        if result.forecast is None:
            reason = (result.error or "").splitlines()[-1].replace("|", "/")[:100]
            return [label, seed, *[NONE] * (len(HEADER) - 3), f"failed: {reason}"]
        loss, inside, median = self.score(result), NONE, result.forecast
        if result.contestant.quantiles:
            low, high = result.forecast[..., 0], result.forecast[..., -1]
            inside = f"{100 * np.mean((self.truth >= low) & (self.truth <= high)):.0f}"
            median = result.forecast[..., LEVELS.index(0.5)]
        rate = record["steps"] * record["batch"] / record["fit_seconds"]
        return [
            label, seed, f"{record['fit_seconds']:.1f}", record["steps"], f"{rate:.0f}",
            f"{record['predict_seconds']:.2f}", f"{record['predict_peak_mib']:.0f}",
            NONE if loss is None else f"{loss:.4f}", inside,
            f"{owa(*errors(self.train, self.test, median)):.3f}",
        ]  # fmt: skip


def compete(part: Part, entries: list[Contestant], arguments: argparse.Namespace) -> list[tuple[int, Result]]:
    """Run every contestant with every seed, in turn; the first contestant changes from seed to seed."""
    tasks = [
        Task(entry, arguments.seconds, seed)
        for turn, seed in enumerate(arguments.seeds)
        for entry in turned(entries, turn)
    ]
    terms = Terms(part.series, HORIZON, LEVELS, arguments.threads, not arguments.keep_denormals)
    results = []
    for task, result in contest(tasks, terms, launch):
        results.append((task.seed, result))
        show(result, part.row(result, task.seed))
    return results


def verdict(part: Part, results: list[tuple[int, Result]]) -> str:
    """Say whether the first of ours is below every DeepAR, by the median over seeds."""
    losses: dict[str, list[float]] = {}
    failed = set()
    for _, result in results:
        loss, entry = part.score(result), result.contestant
        if loss is not None:
            losses.setdefault(entry.label, []).append(loss)
        elif entry.quantiles:
            failed.add(entry.label)
    middle = {label: statistics.median(values) for label, values in losses.items()}
    own = next((label for label in middle if label.startswith("tsseq2seq")), None)
    rivals = [label for label in middle if "DeepAR" in label]
    unheard = [name for name in ("GluonTS", "NeuralForecast") if not any(r.startswith(name) for r in rivals)]
    said = "not measured"
    if own and rivals:
        best = min(rivals, key=middle.__getitem__)
        met = "not met" if middle[own] >= middle[best] else "open" if failed or unheard else "met"
        said = f"{own} {middle[own]:.4f}, the best of them {middle[best]:.4f} ({best}): **{met}**"
    if failed:
        said += f"; failed runs of {', '.join(sorted(failed))} leave it open"
    elif unheard:
        said += f"; without {' and '.join(unheard)} it stays open"
    return f"Bar: a weighted quantile loss below every DeepAR's after the same time. {said}."


def versions_of(record: dict[str, Any]) -> dict[str, str]:
    """Return the versions that a run noted; none, if it failed before."""
    return record.get("versions", {})


def notes(results: list[tuple[int, Result]], arguments: argparse.Namespace) -> str:
    """Return settings and versions, a line each."""
    lines = []
    for entry, record in {r.contestant.label: (r.contestant, r.record) for _, r in results}.values():
        settings = ", ".join(f"{name}={value}" for name, value in entry.settings.items()) or "none"
        versions = ", ".join(f"{package} {version}" for package, version in versions_of(record).items())
        lines.append(f"- {entry.label}: {settings}; all else default. {versions or 'Versions unknown'}.")
    kept = "kept" if arguments.keep_denormals else "flushed"
    lines.append(f"- {arguments.threads} threads each; denormals of the peers {kept}.")
    return "\n".join(lines)


def parse() -> tuple[argparse.Namespace, dict[str, object]]:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=float, default=120, help="to train, for everyone")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument(
        "--outputs", nargs="*", default=["Quantiles"], help="of ours: Quantiles StudentT Normal"
    )
    parser.add_argument("--peers", nargs="*", default=RIVALS, choices=sorted(PEERS), metavar="PEER",
                        help=f"any of {', '.join(PEERS)}")  # fmt: skip
    parser.add_argument("--keep-denormals", action="store_true", help="run the peers as they come")
    parser.add_argument("--dry-run", action="store_true", help="leave RESULTS.md as it is")
    add_settings(parser)
    arguments = parser.parse_args()
    return arguments, parsed(arguments, parser)


def main() -> None:
    """Run, and report."""
    arguments, settings = parse()
    entries = [ours(output, settings) for output in arguments.outputs]
    entries += [PEERS[name] for name in arguments.peers]
    part = Part(arguments.validation)
    results = compete(part, entries, arguments)
    name = "validation" if arguments.validation else "test"
    shown = table(HEADER, [part.row(result, seed) for seed, result in results])
    body = (
        f"Quantiles 0.1 … 0.9, {arguments.seconds:g} s of training each, turn about; {name} part.\n\n"
        f"{shown}\n\n{verdict(part, results)}\n\n{notes(results, arguments)}"
    )
    print(f"\n{body}", flush=True)
    if not (arguments.validation or arguments.dry_run):
        write_section("M4 Hourly in quantiles, side by side", "benchmarks/m4_quantiles.py", body)


if __name__ == "__main__":
    main()
