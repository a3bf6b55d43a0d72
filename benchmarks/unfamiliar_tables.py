"""The tables of ``unfamiliar.py``: scores and seconds of each model on each set, averages, the bars."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from measuring import met
from peers.records import Run
from report import table
from unfamiliar_models import NAIVE, OURS, OURS_QUANTILES
from unfamiliar_sets import FIVE

NONE = "—"
#: The bars: of the geometric mean over the five panels; how far from the first still counts as first, and
#: on how many of them; between which percentages the coverage of an interval of 90 % lies.
MEAN_BAR, NEAR, FIRST_BAR, COVERAGE_BAR = 0.74, 1.01, 4, (85.0, 95.0)


def means(runs: Sequence[Run], score: str) -> pd.DataFrame:
    """Return a score of each model (columns) on each set (rows): the mean over cutoffs and seeds.

    NaN where a run failed, or the model has no such score; models that have it nowhere are left out.
    """
    frame = _long(runs, [run.scores.get(score, np.nan) for run in runs])
    return _wide(frame, lambda each: each.mean(skipna=False))


def seconds(runs: Sequence[Run]) -> pd.DataFrame:
    """Return the median seconds of each model on each set, to fit and to forecast."""
    spent = [
        np.nan if run.error else run.measured["fit_seconds"] + run.measured.get("predict_seconds", 0.0)
        for run in runs
    ]
    return _wide(_long(runs, spent), lambda each: each.median())


def relative(scores: pd.DataFrame) -> pd.DataFrame:
    """Return scores divided by those of seasonal naive; none, if it did not run."""
    if NAIVE not in scores:
        return scores.iloc[:, :0]
    return scores.div(scores[NAIVE], axis=0)


def geometric_means(scores: pd.DataFrame, sets: Sequence[str]) -> pd.Series:
    """Return the geometric mean of each model relative to seasonal naive; NaN where a set is missing."""
    ratios = relative(scores)
    if not set(sets) <= set(ratios.index):
        return pd.Series(np.nan, index=ratios.columns)
    return np.exp(np.log(ratios.loc[list(sets)]).mean(skipna=False))


def mean_ranks(scores: pd.DataFrame) -> pd.Series:
    """Return the mean rank over sets of the models that have a score on all of them; NaN for the others."""
    complete = scores.loc[:, scores.notna().all()]
    return complete.rank(axis=1).mean().reindex(scores.columns)


def score_table(
    scores: pd.DataFrame, form: str, lead: Callable[[str], list[object]], heads: list[str]
) -> str:
    """Return a table of scores with averages below.

    Parameters
    ----------
    scores
        Sets × models.
    form
        How a score is written.
    lead, heads
        Cells of a set before its scores, and their titles.
    """
    labels = [str(label) for label in scores]
    rows = [[name, *lead(str(name)), *_cells(scores.loc[name], form)] for name in scores.index]
    every = [str(name) for name in scores.index]
    sums = {"mean rank": (mean_ranks(scores), "{:.2f}")}
    for title, sets in (("five panels", FIVE), ("all sets", every)):
        means_of = geometric_means(scores, sets).reindex(scores.columns)
        if means_of.notna().any():
            sums[f"geometric mean relative to {NAIVE}, {title}"] = (means_of, "{:.3f}")
    rows += [[title, *[""] * len(heads), *_cells(values, how)] for title, (values, how) in sums.items()]
    return table(["set", *heads, *labels], rows)


def plain_table(values: pd.DataFrame, form: str) -> str:
    """Return a table of sets and models without averages."""
    rows = [[name, *_cells(values.loc[name], form)] for name in values.index]
    return table(["set", *map(str, values)], rows)


def verdict(mases: pd.DataFrame, losses: pd.DataFrame, scaled: pd.DataFrame, coverages: pd.DataFrame) -> str:
    """Return a line for each bar of our defaults, and whether it is met.

    Parameters
    ----------
    mases, losses, scaled, coverages
        MASE, weighted and scaled quantile loss, and coverage: sets × models.
    """
    lines = [
        _mean_line(mases), _first_line(mases), _naive_line(mases), _loss_line(losses, "Weighted"),
        _loss_line(scaled, "Scaled"), _coverage_line(coverages),
    ]  # fmt: skip
    return "\n".join(f"- {line}" for line in lines)


def _mean_line(mases: pd.DataFrame) -> str:
    said = f"Geometric mean of MASE relative to {NAIVE} over the five panels at most {MEAN_BAR}"
    value = geometric_means(mases, FIVE).get(OURS, np.nan)
    return f"{said}: " + ("open." if np.isnan(value) else f"{value:.3f}, {met(value, MEAN_BAR)}.")


def _first_line(mases: pd.DataFrame) -> str:
    said = f"First, or within 1 % of the first, on at least {FIRST_BAR} of the five panels"
    if OURS not in mases or not set(FIVE) <= set(mases.index) or mases[OURS].loc[list(FIVE)].isna().any():
        return f"{said}: open."
    five = mases.loc[list(FIVE)]
    rivals = five[[label for label in five if not str(label).startswith(OURS)]]
    won = int((five[OURS] <= NEAR * rivals.min(axis=1)).sum())
    return f"{said}: {won}, {met(-won, -FIRST_BAR)}."


def _naive_line(mases: pd.DataFrame) -> str:
    said = f"Never behind {NAIVE}"
    if OURS not in mases or relative(mases).empty or mases[[OURS, NAIVE]].isna().any(axis=None):
        return f"{said}: open."
    behind = [str(name) for name in mases.index if mases[OURS][name] > mases[NAIVE][name]]
    where = f"behind on {', '.join(behind)}" if behind else "on no set"
    return f"{said}: {where}, {met(len(behind), 0)}."


def _loss_line(losses: pd.DataFrame, kind: str) -> str:
    said = f"{kind} quantile loss first on average (geometric mean over all sets)"
    averages = geometric_means(losses, list(losses.index)).dropna()
    rivals = averages[[label for label in averages.index if not str(label).startswith(OURS)]]
    if OURS_QUANTILES not in averages or rivals.empty:
        return f"{said}: open."
    own, best = averages[OURS_QUANTILES], str(rivals.idxmin())
    return f"{said}: {own:.3f}, {best} {rivals[best]:.3f}, {met(own, rivals[best])}."


def _coverage_line(coverages: pd.DataFrame) -> str:
    low, high = COVERAGE_BAR
    said = f"Coverage of the interval of 90 % between {low:g} and {high:g} % on every set"
    own = coverages[OURS_QUANTILES].dropna() if OURS_QUANTILES in coverages else pd.Series(dtype=float)
    if own.empty:
        return f"{said}: open."
    outside = own[(own < low) | (own > high)]
    listed = ", ".join(f"{name} {value:.0f}" for name, value in outside.items())
    return f"{said}: {f'outside on {listed}' if listed else 'within on all'}, {met(len(outside), 0)}."


def _long(runs: Sequence[Run], values: Sequence[float]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "set": [run.settings["suite"] for run in runs],
            "model": [run.label for run in runs],
            "value": np.asarray(values, dtype=np.float64),
        }
    )


def _wide(frame: pd.DataFrame, average: Callable[[pd.Series], float]) -> pd.DataFrame:
    wide = frame.pivot_table(index="set", columns="model", values="value", aggfunc=average, dropna=False)
    wide = wide.reindex(index=frame["set"].unique(), columns=frame["model"].unique())
    return wide.loc[:, wide.notna().any()]


def _cells(values: pd.Series, form: str) -> list[str]:
    return [NONE if np.isnan(value) else form.format(value) for value in values]
