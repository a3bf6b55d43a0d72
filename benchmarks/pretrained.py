"""The weights that come with the package: forecasts without training, beside classical methods.

    python benchmarks/pretrained.py --validation            # cutoffs before the last horizons
    python benchmarks/pretrained.py --why "what changed"    # the last horizons: a look, which is counted

Sets, cutoffs, records and counted looks are those of ``unfamiliar.py``. Published figures are of the models'
own papers or of their leaderboards, for the same last horizons.
"""

from __future__ import annotations

import argparse
import statistics
import time
import warnings
from collections.abc import Sequence

import numpy as np
import pandas as pd
import unfamiliar
import unfamiliar_tables as tables
from measuring import met
from peers.records import RECORDS, Records
from report import write_section
from smoothing_speed import monthly
from unfamiliar_models import FINE_TUNED, MODELS, PRETRAINED, SMOOTHING, absent
from unfamiliar_sets import FIVE, SETS

#: Panels of the development suite.
PANELS = (*FIVE, "m1_yearly", "nn5_daily")
CONTESTANTS = (
    "pretrained", "fine_tuned", "smoothing", "naive", "ets", "theta", "auto_ets", "optimised_theta",
    "auto_ces",
)  # fmt: skip
#: MASE of the last horizons as published, with millions of parameters.
PUBLISHED = {
    "TiRex (35 M)": {
        "tourism_monthly": 1.449, "tourism_quarterly": 1.606, "cif2016": 0.927, "m1_monthly": 1.060,
        "m1_quarterly": 1.674,
    },
}  # fmt: skip
ZERO_SHOT_BAR, FINE_TUNED_BAR, BEHIND_BAR = 0.76, 0.73, 1.01
COVERAGE_BAR = (75.0, 85.0)
SECONDS_BAR, LOADING_BAR = 2.0, 0.2
SERIES, LENGTH, HORIZON = 1000, 200, 24
ROUNDS = 5


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--validation", action="store_true", help="cutoffs before the last horizons")
    parser.add_argument("--windows", type=int, metavar="N", help="cutoffs of a validation")
    parser.add_argument("--sets", nargs="+", default=list(PANELS), choices=SETS, metavar="NAME")
    parser.add_argument("--why", default="", help="the change that a look at the last horizons judges")
    parser.add_argument("--dry-run", action="store_true", help="leave RESULTS.md and records alone")
    return parser.parse_args()


def compete(asked: argparse.Namespace) -> list[object]:
    """Run what is not recorded, as ``unfamiliar.py`` does."""
    terms = argparse.Namespace(
        **vars(asked), only=list(CONTESTANTS), seeds=[0], threads=1, again=[], redraw=False, max_steps=None
    )
    records = Records(None if asked.dry_run else RECORDS / "unfamiliar.jsonl")
    left_out = {MODELS[name].label: reason for name, reason in absent(list(CONTESTANTS)).items()}
    for label, reason in left_out.items():
        print(f"{label} is left out: {reason}", flush=True)
    return list(unfamiliar.compete(records, terms, {}, left_out))


def published(mases: pd.DataFrame) -> pd.DataFrame:
    """Return the scores with published ones beside them."""
    for label, figures in PUBLISHED.items():
        mases[label] = pd.Series(figures).reindex(mases.index)
    return mases


def verdict(mases: pd.DataFrame) -> list[str]:
    """Return a line for each bar of accuracy."""
    means, lines = tables.geometric_means(mases, FIVE), []
    for label, bar in ((PRETRAINED, ZERO_SHOT_BAR), (FINE_TUNED, FINE_TUNED_BAR)):
        value = means.get(label, np.nan)
        lines.append(
            f"{label}: geometric mean of MASE relative to seasonal naive over the five panels at most {bar}: "
            + ("open." if np.isnan(value) else f"{value:.3f}, {met(value, bar)}.")
        )
    for label, base in ((PRETRAINED, SMOOTHING), (FINE_TUNED, PRETRAINED)):
        if label in mases and base in mases:
            ratios = (mases[label] / mases[base]).dropna()
            lines.append(
                f"{label} nowhere more than 1 % behind {base}: at most {ratios.max():.3f} times "
                f"({ratios.idxmax()}), {met(float(ratios.max()), BEHIND_BAR)}."
            )
    return lines


def covered(coverages: pd.DataFrame) -> str:
    """Return a line on the coverage of the pretrained network's intervals."""
    low, high = COVERAGE_BAR
    own = coverages[PRETRAINED].dropna() if PRETRAINED in coverages else pd.Series(dtype=float)
    outside = own[(own < low) | (own > high)]
    listed = ", ".join(f"{name} {value:.0f}" for name, value in outside.items()) or "none"
    return f"Sets on which 80 % do not hold {low:g} to {high:g}: {listed}, {met(len(outside), 0)}."


def speed() -> list[str]:
    """Return lines on seconds, on one core."""
    import torch

    from tsseq2seq import Seq2SeqForecaster
    from tsseq2seq.forecasting.pretrained_weights import pretrained_model, weights_path

    torch.set_num_threads(1)
    data, seconds, loading = monthly(SERIES, LENGTH), [], []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        model = pretrained_model("small")
        loading.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        Seq2SeqForecaster.pretrained().predict(data, horizon=HORIZON)
        seconds.append(time.perf_counter() - begun)
    parameters = sum(weight.numel() for weight in model.parameters())
    middle, loaded = statistics.median(seconds), statistics.median(loading)
    return [
        f"{SERIES:,} series of {LENGTH} values, horizon {HORIZON}, one core, frames included: {middle:.2f} s "
        f"(median of {ROUNDS}; the first call {seconds[0]:.2f} s), {met(middle, SECONDS_BAR)}.",
        f"Loading the weights: {loaded:.3f} s, {met(loaded, LOADING_BAR)}.",
        f"{parameters:,} parameters, {weights_path('small').stat().st_size / 1e6:.1f} MB.",
    ]


def main() -> None:
    """Compete, and report."""
    asked = arguments()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        runs: Sequence[object] = compete(asked)
    mases, losses, scaled, coverages = (
        tables.means(runs, name)  # type: ignore[arg-type]
        for name in ("mase", "wql", "sql", "coverage80")
    )
    if not asked.validation:
        mases = published(mases)
    part = "cutoffs before the last horizons" if asked.validation else "last horizons"
    lines = [*verdict(mases), covered(coverages), *speed()]
    body = "\n\n".join(
        [
            f"MASE, {part}.", tables.score_table(mases, "{:.3f}", lambda name: [], []),
            f"Weighted quantile loss, {part}.", tables.score_table(losses, "{:.4f}", lambda name: [], []),
            f"Scaled quantile loss, {part}.", tables.score_table(scaled, "{:.3f}", lambda name: [], []),
            "Coverage of the interval of 80 %.", tables.plain_table(coverages, "{:.0f}"),
            "\n".join(f"- {line}" for line in lines),
        ]
    )  # fmt: skip
    print(body, flush=True)
    if not (asked.validation or asked.dry_run or set(asked.sets) < set(PANELS)):
        write_section("Without training", "benchmarks/pretrained.py", body)


if __name__ == "__main__":
    main()
