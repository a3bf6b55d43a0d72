"""The notes below the tables of ``unfamiliar.py``: what was set, what failed, versions, machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from peers.records import Run
from unfamiliar_sets import SETS

METHOD = (
    "MASE: the mean over series, each scaled by the seasonal naive error within what was known (of lag 1 "
    "where there is no season). Weighted quantile loss: the mean over 0.1 … 0.9, summed over all series, "
    "so that large ones decide (in CIF 2016 one has 99 % of the weight); scaled: the mean over series, each "
    "by the scale of its MASE. Coverage: of the interval of 90 %, in percent. Missing values do not count. "
    "Single series have several cutoffs, a horizon apart: the mean over them.",
    "tsseq2seq: only `horizon` is set; tsseq2seq Quantiles: `output=Quantiles([0.05, …, 0.95])` as well.",
    "Seasonal naive, Smoothing, statsmodels and StatsForecast are told the season. statsmodels' ETS and "
    "Theta are this library's baselines of that name. Values missing in NN5 and ILINet are on the line "
    "between their neighbours for StatsForecast and NeuralForecast.",
    "NeuralForecast: LSTM as it comes; NHITS with `input_size=2*h`, which has no default. Both are padded "
    "where a series is shorter than a window, without which they refuse the panel. They forecast points, "
    "their seed is 1 + ours, and numbers below 1e-38 are taken for 0, which favours them.",
    "ETTh1: its seven columns, at the end of the rows that the standard task leaves unused.",
)


def notes(runs: Sequence[Run], left_out: Mapping[str, str], changes: Mapping[str, object]) -> str:
    """Return the notes, a line each.

    Parameters
    ----------
    runs
        Those of the tables.
    left_out
        Why models did not run, by label.
    changes
        Settings of ours that are tried out.
    """
    lines = list(METHOD)
    if changes:
        lines.append(
            "tsseq2seq with " + ", ".join(f"{name}={value}" for name, value in changes.items()) + "."
        )
    names = list(dict.fromkeys(str(run.settings["suite"]) for run in runs))
    each = (f"{name} {SETS[name].season} and {SETS[name].horizon}" for name in names)
    lines.append(f"Seasons and horizons in steps: {', '.join(each)}.")
    lines += [f"{label} did not run this time: {reason}." for label, reason in left_out.items()]
    for run in runs:
        where = f"{run.label} on {run.settings['suite']}, {run.settings['held_out']} steps held out"
        if run.error:
            lines.append(f"{where}, failed: {run.reason}")
        elif run.measured.get("fallbacks"):
            lines.append(f"{where}: seasonal naive in place of {run.measured['fallbacks']:g} failed fits.")
    return "\n".join(f"- {line}" for line in [*lines, *_origin(runs)])


def _origin(runs: Sequence[Run]) -> list[str]:
    lines = []
    for label in dict.fromkeys(run.label for run in runs):
        versions = dict.fromkeys(
            ", ".join(f"{name} {version}" for name, version in run.versions.items())
            for run in runs
            if run.label == label and run.versions
        )
        lines.append(f"{label}: {'; '.join(versions) or 'versions unknown'}.")
    threads = ", ".join(str(count) for count in sorted({run.threads for run in runs}))
    where = "; ".join(sorted({run.machine for run in runs if run.machine}))
    dates = sorted({run.date[:10] for run in runs})
    when = " … ".join(dict.fromkeys((dates[0], dates[-1])))
    return [*lines, f"Threads each: {threads}. Measured on {where}; {when}."]
