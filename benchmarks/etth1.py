"""ETTh1, seven channels that share one model: MSE and MAE at 96, 192, 336 and 720 hours.

The standard protocol: 12, 4 and 4 months of 30 days to train on, to choose settings on and to test on;
all channels standardised by their mean and deviation in the training rows; every window whose targets
lie in its part counts, and may look back into the part before. The network never trains on validation
rows.

    python benchmarks/etth1.py                              # the test part, written to RESULTS.md
    python benchmarks/etth1.py --validation --every 24 --horizons 96 --set network__dropout=0.3
    python benchmarks/etth1.py --cross-validate --every 24 --horizons 96 720 --set network__hidden_size=64
    python benchmarks/etth1.py --cross-validate --every 24 --horizons 96 720 --variant four

``--validation`` scores the validation part, ``--cross-validate`` blocks of the training and validation rows,
each held out in turn (see ``etth1_blocks``); neither reads the test part. SegRNN's and PatchTST's figures are
the published ones, not measured here.
"""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from typing import Any

import numpy as np
import pandas as pd
from etth1_blocks import blocks
from etth1_settings import CONTEXT, VARIANTS, forecaster, listed
from report import table, write_section
from settings import add_settings, parsed

HORIZONS = [96, 192, 336, 720]
TRAINING_ROWS = 8640
PARTS = {"validation": (8640, 11520), "test": (11520, 14400)}  # rows of the targets, the end excluded
# Published, at a context of 720: Lin et al. 2023 (MSE and MAE) and the design's list (MSE).
SEGRNN = {96: (0.351, 0.392), 192: (0.392, 0.414), 336: (0.423, 0.433), 720: (0.466, 0.472)}
PATCHTST = {96: 0.375, 192: 0.418, 336: 0.462, 720: 0.495}
AVERAGE_BAR = 0.39
# Rows of a frame of forecasts: about 100 MB.
ROWS = 1_000_000
NONE = "—"
HEADER = ["horizon", "seed", "fit, s", "steps", "windows", "MSE", "SegRNN", "PatchTST", "",
          "MAE", "SegRNN", ""]  # fmt: skip


@dataclass(frozen=True)
class Score:
    """The score of a horizon and a seed; ``reason`` says why there is none."""

    horizon: int
    seed: int
    mse: float = np.nan
    mae: float = np.nan
    windows: int = 0
    seconds: float = 0.0
    steps: int = 0
    reason: str | None = None

    def row(self) -> list[object]:
        """Return a line of the table."""
        if self.reason is not None:
            return [self.horizon, self.seed, *[NONE] * (len(HEADER) - 3), f"failed: {self.reason}"]
        (mse, mae), patch = SEGRNN.get(self.horizon, (np.nan, np.nan)), PATCHTST.get(self.horizon, np.nan)
        return [
            self.horizon, self.seed, f"{self.seconds:.1f}", self.steps, self.windows,
            f"{self.mse:.3f}", f"{mse:.3f}", f"{patch:.3f}", said(self.mse, mse),
            f"{self.mae:.3f}", f"{mae:.3f}", said(self.mae, mae),
        ]  # fmt: skip


def said(value: float, bar: float) -> str:
    """Say whether a figure is at or below a published one, to its three digits."""
    if np.isnan(value) or np.isnan(bar):
        return NONE
    return "met" if round(value, 3) <= bar else "not met"


def standardised(values: pd.DataFrame, rows: int) -> pd.DataFrame:
    """Scale columns by the mean and the population deviation of their first rows."""
    known = values[:rows]
    return (values - known.mean()) / known.std(ddof=0)


def data() -> pd.DataFrame:
    """Return the channels, standardised, by time."""
    from tsseq2seq import datasets

    values = datasets.load("etth1").drop(columns="unique_id").set_index("ds")
    return standardised(values, TRAINING_ROWS)


def long(values: pd.DataFrame) -> pd.DataFrame:
    """Return each channel as a series; its name is a column of its own too, for a static covariate."""
    melted = values.reset_index().melt("ds", var_name="unique_id", value_name="y")
    return melted.assign(channel=melted["unique_id"])


def forecasts(
    model: Any, values: pd.DataFrame, part: tuple[int, int], every: int = 1, rows: int = ROWS
) -> Iterator[pd.DataFrame]:
    """Forecast all windows whose targets lie in a part, some at a time.

    Parameters
    ----------
    model
        A fitted forecaster.
    values
        The channels by time.
    part
        First row of the targets, and the one after the last.
    every
        Steps between windows, counted back from the last one.
    rows
        Of a frame, about.

    Yields
    ------
    pandas.DataFrame
        What ``predict_cutoffs`` returns.
    """
    first, end = part
    history = long(values[:end])
    windows = -(-(end - first - model.horizon + 1) // every)
    some = max(1, rows // (model.horizon * values.shape[1]))
    for skip in range(0, windows, some):
        yield model.predict_cutoffs(history, windows=min(some, windows - skip), step=every, skip=skip)


def errors(frames: Iterable[pd.DataFrame], channels: int, horizon: int) -> tuple[float, float, int]:
    """Return MSE and MAE over all windows, steps and channels, and the number of windows."""
    squared = absolute = 0.0
    count = 0
    for frame in frames:
        error = (frame["y"] - frame["Seq2Seq"]).to_numpy()
        squared += float(error @ error)
        absolute += float(np.abs(error).sum())
        count += len(error)
    return squared / count, absolute / count, count // (channels * horizon)


def run(
    values: pd.DataFrame,
    horizon: int,
    seed: int,
    arguments: argparse.Namespace,
    several: Sequence[Mapping[str, object]],
) -> Score:
    """Train on the training rows, and score a part."""
    part = PARTS["validation" if arguments.validation else "test"]
    try:
        model = forecaster(horizon, arguments.seconds, seed, several)
        begun = time.perf_counter()
        model.fit(long(values[:TRAINING_ROWS]))
        seconds = time.perf_counter() - begun
        mse, mae, windows = errors(forecasts(model, values, part, arguments.every), values.shape[1], horizon)
    except Exception as error:  # whatever it is, the table shows it
        traceback.print_exc(file=sys.stderr)
        reason = f"{type(error).__name__}: {error}".splitlines()[0].replace("|", "/")[:100]
        return Score(horizon, seed, reason=reason)
    return Score(horizon, seed, mse, mae, windows, seconds, model.n_steps_)


def cross_validated(
    values: pd.DataFrame,
    horizon: int,
    seed: int,
    arguments: argparse.Namespace,
    several: Sequence[Mapping[str, object]],
) -> list[object]:
    """Hold out each block of the rows before the test part in turn; return a line of errors."""
    errors_of = []
    for block in blocks(len(values)):
        model = forecaster(horizon, arguments.seconds, seed, several)
        context = CONTEXT
        pieces = block.pieces(values, least=context + horizon)
        frames = [long(piece).assign(piece=place) for place, piece in enumerate(pieces)]
        train = pd.concat(frames, ignore_index=True)
        train["unique_id"] += " " + train.pop("piece").astype(str)
        model.fit(train)
        windows = block.windows(context, horizon, arguments.every)
        frame = model.predict_cutoffs(long(values[: block.end]), windows=windows, step=arguments.every)
        errors_of.append(errors([frame], values.shape[1], horizon)[:2])
    means = np.mean(errors_of, axis=0)
    return [horizon, seed, *(f"{mse:.3f}" for mse, _ in errors_of), *(f"{mean:.3f}" for mean in means)]


def verdict(scores: list[Score]) -> str:
    """Compare the means over seeds with the bars."""
    failed = {score.horizon for score in scores if score.reason is not None}
    means = {
        horizon: np.mean([(s.mse, s.mae) for s in scores if s.horizon == horizon], axis=0)
        for horizon in dict.fromkeys(score.horizon for score in scores)
        if horizon not in failed
    }
    complete = all(horizon in means for horizon in HORIZONS)
    lines = []
    for place, name in enumerate(("MSE", "MAE")):
        below = [h for h in HORIZONS if h in means and said(means[h][place], SEGRNN[h][place]) == "met"]
        missed = [h for h in HORIZONS if h in means and h not in below]
        state = "not met" if missed else "met" if complete else "open"
        lines.append(
            f"Bar: {name} at or below SegRNN's at every horizon: **{state}** "
            f"({len(below)} of {len(HORIZONS)})."
        )
    mse, mae = np.mean(list(means.values()), axis=0) if complete else (np.nan, np.nan)
    state = "open" if not complete else "met" if mse <= AVERAGE_BAR else "not met"
    figures = f" ({mse:.4f}; MAE {mae:.4f}; SegRNN's {_average(0):.3f} and {_average(1):.3f})" * complete
    lines.append(f"Bar: an average MSE of at most {AVERAGE_BAR:.2f}: **{state}**{figures}.")
    return "\n".join(lines)


def _average(place: int) -> float:
    return float(np.mean([figures[place] for figures in SEGRNN.values()]))


def contest(
    values: pd.DataFrame, arguments: argparse.Namespace, several: Sequence[Mapping[str, object]]
) -> str:
    """Run all horizons and seeds with these settings, and return table, verdict and settings."""
    scores = []
    for seed in arguments.seeds:
        for horizon in arguments.horizons:
            scores.append(run(values, horizon, seed, arguments, several))
            print(*scores[-1].row(), sep="  ", flush=True)
    rows = [score.row() for score in scores]
    return f"{table(HEADER, rows)}\n\n{verdict(scores)}\n\n{listed(several)}; all else default."


def parse() -> tuple[argparse.Namespace, dict[str, object]]:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=float, default=600, help="to train, for each horizon, at most")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--horizons", type=int, nargs="+", default=HORIZONS)
    parser.add_argument("--every", type=int, default=1, help="score every so many windows only")
    parser.add_argument("--cross-validate", action="store_true", help="hold out blocks before the test part")
    parser.add_argument(
        "--variant", choices=sorted(VARIANTS), help="this alone; with --validation or --dry-run"
    )
    parser.add_argument("--dry-run", action="store_true", help="leave RESULTS.md as it is")
    add_settings(parser)
    arguments = parser.parse_args()
    if arguments.every < 1:
        parser.error(f"--every is {arguments.every}; it must be 1 or more")
    arguments.validation |= arguments.cross_validate
    if arguments.every > 1 and not (arguments.validation or arguments.dry_run):
        parser.error("--every goes with --validation or --dry-run: on the test part all windows count")
    if arguments.variant and not (arguments.validation or arguments.dry_run):
        parser.error("--variant goes with --validation or --dry-run: RESULTS.md shows all of them")
    if set(arguments.horizons) != set(HORIZONS) and not (arguments.validation or arguments.dry_run):
        parser.error("--horizons goes with --validation or --dry-run: RESULTS.md shows all of them")
    return arguments, parsed(arguments, parser)


def main() -> None:
    """Run, and report."""
    arguments, settings = parse()
    values = data()
    if arguments.validation:
        values = values[: PARTS["validation"][1]]
    label, several = VARIANTS[arguments.variant or "days"]
    if settings:
        label, several = f"{label}, as set", [own | settings for own in several]
    if arguments.cross_validate:
        print("horizon, seed, MSE of each block, mean MSE, mean MAE", label, settings, sep="; ", flush=True)
        for seed in arguments.seeds:
            for horizon in arguments.horizons:
                print(*cross_validated(values, horizon, seed, arguments, several), sep="  ", flush=True)
        return
    part = "validation" if arguments.validation else "test"
    thinned = f", every {arguments.every} windows" if arguments.every > 1 else ""
    body = (
        f"Trained on the first 12 months alone, at most {arguments.seconds:g} s for each horizon; {part} "
        f"part{thinned}, standardised, over all channels. SegRNN's and PatchTST's figures are the published "
        f"ones; comparisons are to their three digits, of means over seeds. tsseq2seq "
        f"{metadata.version('tsseq2seq')}."
    )
    chosen = [(label, several)] if arguments.variant or settings else VARIANTS.values()
    for title, networks in chosen:
        body += f"\n\n### {title}\n\n{contest(values, arguments, networks)}"
    print(f"\n{body}", flush=True)
    if not (arguments.validation or arguments.dry_run):
        write_section("ETTh1", "benchmarks/etth1.py", body)


if __name__ == "__main__":
    main()
