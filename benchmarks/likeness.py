"""How like the world are the generated series? Distributions of features, by frequency, beside real panels.

    TSSEQ2SEQ_DATA=… python benchmarks/likeness.py             (ten minutes)
    TSSEQ2SEQ_DATA=… python benchmarks/likeness.py --quick     (nothing is forecast or written)

Real series are read without their last horizon. Nothing of them enters the generator; what they taught is
written in docs/generated_series.md.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from likeness_features import FEATURES, Example, features, forecast_errors
from likeness_plot import draw
from report import table, write_section
from unfamiliar_sets import SETS

from tsseq2seq.pretraining.generator import Generator

PLOT = Path(__file__).with_name("likeness.svg")
#: The sets of each frequency, and the steps to forecast of generated ones.
FREQUENCIES = {
    "yearly": (("m1_yearly",), 6),
    "quarterly": (("tourism_quarterly", "m1_quarterly"), 8),
    "monthly": (("cif2016", "tourism_monthly", "m1_monthly"), 18),
    "daily": (("nn5_daily",), 56),
}
# Series of one generated panel, so that there are many panels.
_OF_PANEL = 8
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
#: Fewer known values of a feature say nothing.
FEWEST = 20


def real(frequency: str, most: int) -> list[Example]:
    """Return series of real panels without their last horizons, so many of each at most."""
    found = []
    for name in FREQUENCIES[frequency][0]:
        of = SETS[name]
        series = of.read().series.values
        rows = np.random.default_rng(0).permutation(len(series))[:most]
        found += [Example(series[row][: -of.horizon], of.season, of.horizon, name) for row in rows]
    return found


def generated(frequency: str, like: list[Example], count: int) -> list[Example]:
    """Return so many generated series, few of a panel, each panel as long as some real series."""
    horizon = FREQUENCIES[frequency][1]
    found: list[Example] = []
    for seed in range(count // _OF_PANEL):
        length = len(like[seed * 7919 % len(like)].values)
        panel = Generator(
            series=_OF_PANEL, shortest=length, longest=length, frequencies={frequency: 1.0}
        ).panel(seed)
        period = min(panel.periods, default=1)
        for values, family in zip(panel.values, panel.families, strict=True):
            found.append(Example(values, period, horizon, f"generated: {family}"))
    return found


def described(examples: list[Example], *, forecasts: bool) -> pd.DataFrame:
    """Return features, a row for each series, and its source."""
    frame = pd.DataFrame([features(example) for example in examples])
    frame.insert(0, "source", [example.source for example in examples])
    if forecasts:
        # smoothing learns of the whole panel, so that generated series learn together
        together = [Example(e.values, e.period, e.horizon, e.source.partition(":")[0]) for e in examples]
        frame = frame.join(forecast_errors(together))
    return frame


def distance(one: pd.Series, other: pd.Series) -> float:
    """Return the largest difference of two distribution functions (Kolmogorov and Smirnov)."""
    from scipy.stats import ks_2samp

    one, other = one.dropna(), other.dropna()
    return float(ks_2samp(one, other).statistic) if min(len(one), len(other)) >= FEWEST else np.nan


def told_apart(ours: pd.DataFrame, theirs: pd.DataFrame) -> tuple[float, pd.Series]:
    """Return how well a forest tells generated series from real ones, and the real share it sees by family.

    The first is the area under its curve on series it was not grown with: 0.5, not at all; 1, always.
    """
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    both = pd.concat([ours, theirs], ignore_index=True)
    inputs = both.drop(columns="source").fillna(-9.0).clip(-50, 50)
    is_real = ~both["source"].str.startswith("generated")
    forest = RandomForestClassifier(300, min_samples_leaf=5, class_weight="balanced", random_state=0)
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    found = cross_val_predict(forest, inputs, is_real, cv=folds, method="predict_proba")
    seen = pd.Series(found[:, 1], both.index)
    families = seen[~is_real].groupby(both["source"]).mean()
    return float(roc_auc_score(is_real, seen)), families.rename(lambda name: name.partition(": ")[2])


def quantiles(values: pd.Series) -> str:
    found = values.dropna()
    return " ".join(f"{found.quantile(q):.2f}" for q in QUANTILES) if len(found) >= FEWEST else ""


def compared(ours: pd.DataFrame, theirs: pd.DataFrame) -> str:
    """Return a table of the features' distributions."""
    rows: list[list[object]] = []
    for name in ours.columns.drop("source"):
        apart = distance(ours[name], theirs[name])
        if np.isfinite(apart):
            rows.append([name, quantiles(theirs[name]), quantiles(ours[name]), f"{apart:.2f}"])
    return table(["feature", "real", "generated", "distance"], rows)


def family_table(families: dict[str, pd.Series]) -> str:
    """Return how real each family looks, by frequency."""
    shares = pd.DataFrame(families).sort_index()
    rows = [[name, *(f"{share:.2f}" for share in row)] for name, row in shares.T.items()]
    return (
        "### How real each family looks\n\nThe mean probability of being real that a forest gives to series "
        "it was not grown with; 0.5 is the best there is.\n\n" + table(["family", *shares], rows)
    )


def introduction() -> str:
    legend = "\n".join(f"- *{name}*: {meaning}" for name, meaning in FEATURES.items())
    return (
        "Quantiles (10, 25, 50, 75, 90 %) of features of series, real ones without their last horizon and "
        "generated ones of like lengths, and the largest difference of their distribution functions. What "
        "was learned from it is told in [docs/generated_series.md](../docs/generated_series.md).\n\n"
        f"{legend}\n\n![Features of real and generated series]({PLOT.name})"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--series", type=int, default=300, help="of each set, at most")
    parser.add_argument("--frequencies", nargs="+", default=list(FREQUENCIES), choices=list(FREQUENCIES))
    parser.add_argument("--quick", action="store_true", help="forecast nothing, write nothing")
    options = parser.parse_args()
    parts, families, frames = [], {}, {}
    for frequency in options.frequencies:
        theirs = real(frequency, options.series)
        both = (theirs, generated(frequency, theirs, 3 * options.series))
        found, ours = (described(examples, forecasts=not options.quick) for examples in both)
        area, families[frequency] = told_apart(ours, found)
        frames[frequency] = (found, ours)
        said = f"{len(found)} real and {len(ours)} generated series; told apart with an area of {area:.2f}."
        parts.append(f"### {frequency.capitalize()}\n\n{said}\n\n{compared(ours, found)}")
        print(parts[-1], "\n", flush=True)
    parts.append(family_table(families))
    print(parts[-1])
    if not options.quick:
        draw(frames, PLOT)
        body = "\n\n".join([introduction(), *parts])
        write_section("Likeness of generated series", "benchmarks/likeness.py", body)


if __name__ == "__main__":
    main()
