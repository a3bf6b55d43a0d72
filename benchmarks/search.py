"""The gain of a hyperparameter search on M4 Hourly, and of NeuralForecast's AutoLSTM in the same time.

    export TSSEQ2SEQ_PEERS=.peers/bin/python    # peers/__init__.py says how to make it
    python benchmarks/search.py                # half an hour of search for each, written to RESULTS.md
    python benchmarks/search.py --only peer    # one of the two again; the other's result is on record
    python benchmarks/search.py --seconds 60 --each 5 --series 20 --dry-run

``tune`` with its default space searches for a forecaster that trains ``--each`` seconds; every trial is
scored on the last 48 hours of the training part. Then the settings given and the settings found are trained
for the same time on all of the training part and forecast the test part. What the trials' networks would
have said of the test part is kept beside, for the rank correlation; nothing is chosen by it.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import functools
import json
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from m4_hourly import HORIZON, data, errors, owa
from measuring import met
from peers.contestants import Contestant
from peers.frames import series_of
from peers.launch import interpreters, launch
from peers.protocol import Job
from peers.records import RECORDS
from report import table, write_section

TEST = "test OWA"
RECORD = RECORDS / "search.json"
PEER = Contestant(
    "NeuralForecast AutoLSTM", "neuralforecast", "peers.neuralforecast_search", {}, quantiles=False
)


class Clock:
    """Seconds of a search: of ``trials``, of scores and preparation ``beside`` training, of our ``test``."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(("trials", "beside", "test"), 0.0)

    def timing(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function, with its seconds added to those of ``name``; pruned trials count too."""

        @functools.wraps(function)
        def timed(*arguments: Any, **options: Any) -> Any:
            begun = time.perf_counter()
            try:
                return function(*arguments, **options)
            finally:
                self.seconds[name] += time.perf_counter() - begun

        return timed

    def overhead(self, spent: float) -> float:
        """Return the share of a search that trained nothing; what we test is no part of it."""
        search = spent - self.seconds["test"]
        return 1 - (self.seconds["trials"] - self.seconds["beside"]) / search


def forecaster(seconds: float, train: pd.DataFrame, test: pd.DataFrame, clock: Clock) -> Any:
    """Return the default forecaster; its trials are also scored on the test part, for us to look at."""
    from tsseq2seq import Seq2SeqForecaster, Training
    from tsseq2seq.forecasting.forecast_columns import forecast_columns

    class Watched:
        """A problem whose outcomes have the OWA of the test part beside the scores, and that is timed."""

        def __init__(self, problem: Any) -> None:
            self.problem = problem
            for name in ("_scores", "_untrained"):
                setattr(problem, name, clock.timing("beside", getattr(problem, name)))
            self.timed = clock.timing("trials", problem.run)

        def __getattr__(self, name: str) -> Any:
            return getattr(self.problem, name)

        def run(self, estimator: Any, metrics: Sequence[str], watch: Any) -> Any:
            outcome = self.timed(estimator, metrics, watch)
            score = clock.timing("test", self.tested)(outcome.fitted)
            return dataclasses.replace(outcome, scores=outcome.scores | {TEST: score})

        def tested(self, fitted: Any) -> float:
            windows = fitted.forecast_windows(fitted.read(train), None, HORIZON)
            said = forecast_columns(fitted, windows, conformal=None, levels=[], paths=1, seed=0)
            return owa(*errors(train, test, said["Seq2Seq"]))

    class WatchedForecaster(Seq2SeqForecaster):
        """The forecaster, with a problem that is watched."""

        def tuning_problem(self, df: Any, **options: Any) -> Any:
            return Watched(super().tuning_problem(df, **options))

    return WatchedForecaster(HORIZON, training=Training(max_time=seconds, progress=False))


@dataclass(frozen=True)
class SearchOutcome:
    """The result of a search: trials that ended, the OWA of the test part, and what to say of it.

    ``seconds``, ``each`` and ``threads`` are those of the command line; ``date`` is when it ended, empty
    where that was not kept.
    """

    trials: float
    owa: float
    said: str
    seconds: float
    each: float
    threads: int
    date: str = ""

    @classmethod
    def ended(cls, trials: float, score: float, said: str, arguments: argparse.Namespace) -> SearchOutcome:
        """Return the outcome of a search that has just ended."""
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        return cls(trials, score, said, arguments.seconds, arguments.each, arguments.threads, now)


def ours(train: pd.DataFrame, test: pd.DataFrame, arguments: argparse.Namespace) -> SearchOutcome:
    """Search, and train the settings given and those found for the same time."""
    from sklearn.base import clone

    from tsseq2seq import tune

    clock = Clock()
    model = forecaster(arguments.each, train, test, clock)
    begun = time.perf_counter()
    found = tune(model, train, trials=None, timeout=arguments.seconds, windows=1, refit=False)
    spent = time.perf_counter() - begun
    scores = found.trials.set_index("number")["mase"]
    rows: list[list[object]] = []
    tested: list[float] = []
    for label, settings, trial in (("as given", {}, 0), ("found", found.best_params, scores.idxmin())):
        estimator = clone(model).set_params(**settings).fit(train)
        smape, mase = errors(train, test, estimator.predict()["Seq2Seq"].to_numpy().reshape(-1, HORIZON))
        tested.append(owa(smape, mase))
        rows.append([label, f"{scores[trial]:.4f}", f"{smape:.2f}", f"{mase:.3f}", f"{tested[-1]:.3f}"])
    states = ", ".join(f"{count} {state}" for state, count in found.trials["state"].value_counts().items())
    better = "met" if found.best_params and tested[1] < tested[0] else "not met"
    said = (
        f"{table(['settings', 'validation MASE', 'test sMAPE', 'test MASE', 'test OWA'], rows)}\n\n"
        f"{len(found.trials)} trials in {spent:.0f} s: {states}. {correlated(found, scores)}\n\n"
        f"Found: `{found.best_params or 'the settings as given'}`.\n\n"
        f"Bar: after {arguments.each:g} s of training each, the settings found have a lower OWA of the test "
        f"part than those given: **{better}**.\n\n"
        f"Bar: at most 5 % of the search outside training (looks at the validation part, its scores, "
        f"preparation, the study): {100 * clock.overhead(spent):.1f} %, {met(clock.overhead(spent), 0.05)}."
    )
    return SearchOutcome.ended(int((found.trials["state"] == "complete").sum()), tested[1], said, arguments)


def correlated(found: Any, scores: pd.Series) -> str:
    """Return a sentence on the rank correlation of validation and test errors over the completed trials."""
    tested = pd.Series({trial.number: trial.user_attrs.get(TEST, np.nan) for trial in found.study.trials})
    pairs = pd.DataFrame({"validation": scores, "test": tested}).dropna()
    rank = pairs["validation"].corr(pairs["test"], method="spearman")
    return f"Spearman's correlation of validation MASE and test OWA over {len(pairs)} trials: {rank:.2f}."


def peer(train: pd.DataFrame, test: pd.DataFrame, arguments: argparse.Namespace) -> SearchOutcome | str:
    """Run NeuralForecast's search in a process of its own; a text says why it failed."""
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "series.npz"
        series_of(train).save(path)
        folder = Path(place) / "run"
        folder.mkdir()
        job = Job(
            data=str(path), folder=str(folder), horizon=HORIZON, seconds=arguments.seconds, quantiles=[],
            seed=0, threads=arguments.threads, flush_denormals=True, settings={},
        )  # fmt: skip
        result = launch(PEER, interpreters({"neuralforecast"})["neuralforecast"], job)
    if result.forecast is None:
        return f"failed: {result.error}"
    smape, mase = errors(train, test, result.forecast)
    versions = ", ".join(f"{name} {version}" for name, version in result.record["versions"].items())
    return SearchOutcome.ended(
        result.record["trials"],
        owa(smape, mase),
        f"{PEER.label} ({versions}): {result.record['trials']:g} trials ended in "
        f"{result.record['fit_seconds']:.0f} s with the last fit; sMAPE {smape:.2f}, MASE {mase:.3f}, "
        f"OWA {owa(smape, mase):.3f} of the test part.",
        arguments,
    )


def verdict(own: SearchOutcome, other: SearchOutcome | str) -> str:
    """Compare the searches."""
    if isinstance(other, str):
        return f"{PEER.label} {other}\n\nBar: more trials and a lower OWA than {PEER.label}: **open**."
    state = "met" if own.trials > other.trials and own.owa < other.owa else "not met"
    return (
        f"{other.said}\n\nBar: more trials ended ({own.trials:g} against {other.trials:g}) and a lower OWA "
        f"({own.owa:.3f} against {other.owa:.3f}) in the same time: **{state}**."
    )


def recorded(arguments: argparse.Namespace) -> dict[str, SearchOutcome | str]:
    """Return the recorded results of searches of the same length."""
    if arguments.dry_run or not RECORD.exists():
        return {}
    found: dict[str, SearchOutcome | str] = {
        name: run if isinstance(run, str) else SearchOutcome(**run)
        for name, run in json.loads(RECORD.read_text()).items()
    }
    wanted = (arguments.seconds, arguments.each, arguments.threads)
    return {
        name: run
        for name, run in found.items()
        if isinstance(run, str) or (run.seconds, run.each, run.threads) == wanted
    }


def record(results: Mapping[str, SearchOutcome | str]) -> None:
    """Record the results of the searches."""
    plain = {name: run if isinstance(run, str) else dataclasses.asdict(run) for name, run in results.items()}
    RECORD.write_text(json.dumps(plain, indent=1) + "\n")


def report(results: Mapping[str, SearchOutcome | str], arguments: argparse.Namespace) -> str:
    """Return the section for RESULTS.md."""
    own, other = results["ours"], results.get("peer", "has not run")
    assert isinstance(own, SearchOutcome)
    dates = {name: run.date for name, run in results.items() if isinstance(run, SearchOutcome) and run.date}
    ended = ", ".join(f"{name} {date}" for name, date in dates.items())
    return (
        f"M4 Hourly; {arguments.seconds:g} s of search each, {arguments.threads} threads, seed 0; trials of "
        f"ours train {arguments.each:g} s, are scored on the last {HORIZON} hours of the training part and "
        f"pruned by the median; the other searches its default space, without inputs that are longer than "
        f"the series. Ended: {ended}.\n\n{own.said}\n\n{verdict(own, other)}"
    )


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=float, default=1800, help="of search, for each")
    parser.add_argument("--each", type=float, default=60, help="seconds that a trial trains")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", choices=RUNS, help="run one, and take the other from its record")
    parser.add_argument("--series", type=int, metavar="N", help="the first N series; with --dry-run")
    parser.add_argument("--dry-run", action="store_true", help="leave RESULTS.md and the record as they are")
    arguments = parser.parse_args()
    if arguments.series is not None and not arguments.dry_run:
        parser.error("--series goes with --dry-run")
    return arguments


RUNS: dict[str, Callable[[pd.DataFrame, pd.DataFrame, argparse.Namespace], SearchOutcome | str]] = {
    "ours": ours,
    "peer": peer,
}


def main() -> None:
    """Run the searches of the command line, and report."""
    arguments = parse()
    import torch

    torch.set_num_threads(arguments.threads)
    train, test = data(False)
    if arguments.series is not None:
        kept = train["unique_id"].unique()[: arguments.series]
        train, test = (frame[frame["unique_id"].isin(kept)] for frame in (train, test))
    results = recorded(arguments)
    for name, run in RUNS.items():
        if arguments.only in (None, name):
            results[name] = run(train, test, arguments)
            print(results[name], flush=True)
            if not arguments.dry_run:
                record(results)
    if "ours" not in results:
        return
    body = report(results, arguments)
    print(body, flush=True)
    if not arguments.dry_run:
        write_section("Searching settings", "benchmarks/search.py", body)


if __name__ == "__main__":
    main()
