"""The tables of ``small_series.py``: errors and seconds of each model, from the records."""

from __future__ import annotations

import numpy as np
import pandas as pd
from peers.records import Run

NONE = "—"


def means(runs: list[Run]) -> pd.DataFrame:
    """Return each model's MASE on each series, the mean over cutoffs and seeds; NaN if a run failed."""
    frame = pd.DataFrame(
        {
            "series": [run.settings["series"] for run in runs],
            "model": [run.label for run in runs],
            "mase": [run.scores.get("mase", np.nan) for run in runs],
        }
    )
    wide = frame.pivot_table(
        index="series",
        columns="model",
        values="mase",
        aggfunc=lambda each: each.mean(skipna=False),
        dropna=False,
    )
    return wide.reindex(index=frame["series"].unique(), columns=frame["model"].unique())


def error_rows(errors: pd.DataFrame, runs: list[Run]) -> list[list[object]]:
    """Return the lines of the table of errors, and its summary."""
    rows: list[list[object]] = []
    labels = [str(label) for label in errors]
    for name in map(str, errors.index):
        own = [run for run in runs if run.settings["series"] == name]
        count = len({run.settings["cutoff"] for run in own})
        rows.append([name, count, *[_error_cell(errors[label][name], own, label) for label in labels]])
    ranks = errors.rank(axis=1)
    sums = {
        "mean": errors.mean(skipna=False).map("{:.3f}".format),
        "median": errors.median(skipna=False).map("{:.3f}".format),
        "mean rank": ranks.mean(skipna=False).map("{:.2f}".format),
        "series won": errors.eq(errors.min(axis=1), axis=0).sum().map(str),
    }
    complete = errors.notna().all()
    for title, cells in sums.items():
        rows.append([title, "", *[cells[label] if complete[label] else NONE for label in labels]])
    return rows


def _error_cell(error: float, own: list[Run], label: str) -> str:
    mine = [run for run in own if run.label == label]
    failed = [run for run in mine if run.error]
    if failed:
        return f"failed ({len(failed)} of {len(mine)}): {failed[0].reason}"
    return f"{error:.3f}"


def seconds_rows(errors: pd.DataFrame, runs: list[Run]) -> list[list[object]]:
    """Return the lines of the table of seconds: the median run's, to fit and to forecast."""
    rows: list[list[object]] = []
    for name in errors.index:
        cells = []
        for label in errors:
            spent = [
                run.measured["fit_seconds"] + run.measured["predict_seconds"]
                for run in runs
                if run.settings["series"] == name and run.label == label and not run.error
            ]
            cells.append(f"{np.median(spent):.2f}" if spent else NONE)
        rows.append([name, *cells])
    return rows
