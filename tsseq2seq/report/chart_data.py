"""The series of the chart as JSON: small, and without any way to end the script that holds it."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd

from tsseq2seq.report.findings import Findings

__all__ = ["chart_data", "embedded"]

# Values of all series together, and of one: more make the page slow, and nobody sees them.
_MOST_VALUES, _MOST_OF_ONE = 600_000, 2_000
_LEAST_OF_ONE = 40


def chart_data(findings: Findings) -> dict[str, Any]:
    """Return the last values of each series, their forecasts and intervals.

    Returns
    -------
    dict
        ``series``: of each a name ``id``, time stamps ``t`` in seconds (or steps), values ``y``, forecasts
        ``f`` and, with intervals, ``lo`` and ``hi``, from the first step after the values on; ``dates``:
        whether the stamps are dates; ``level`` of the interval; ``left_out``: the values before those.
    """
    columns, horizon = findings.columns, findings.model.fitted_.horizon
    ids = findings.ids
    kept = min(_MOST_OF_ONE, max(_LEAST_OF_ONE, _MOST_VALUES // max(1, len(ids)) - 3 * horizon))
    level = findings.levels[-1] if findings.levels else None
    ends = None if level is None else [f"Seq2Seq-{side}-{level:g}" for side in ("lo", "hi")]
    known, made = (_by_series(frame, findings) for frame in (findings.history, findings.forecast))
    dates = isinstance(findings.forecast[columns.time].dtype, pd.DatetimeTZDtype) or (
        pd.api.types.is_datetime64_any_dtype(findings.forecast[columns.time])
    )
    series = []
    for name in ids:
        past, future = known[name].sort_values(columns.time).tail(kept), made[name]
        one = {
            "id": str(name),
            "t": _stamps(past[columns.time], dates) + _stamps(future[columns.time], dates),
            "y": _short(past[columns.targets[0]]),
            "f": _short(future["Seq2Seq"]),
        }
        if ends is not None:
            one |= {"lo": _short(future[ends[0]]), "hi": _short(future[ends[1]])}
        series.append(one)
    left_out = max(0, int(max(len(part) for part in known.values())) - kept)
    return {"series": series, "dates": dates, "level": level, "left_out": left_out}


def embedded(data: dict[str, Any]) -> str:
    r"""Return JSON that may stand inside a script: no ``<`` can end it.

    Examples
    --------
    >>> embedded({"id": "</script>"})
    '{"id":"\\u003c/script>"}'
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _by_series(frame: pd.DataFrame, findings: Findings) -> dict[Any, pd.DataFrame]:
    if not findings.has_ids:
        return {"": frame}
    return dict(iter(frame.groupby(findings.columns.id, sort=False)))


def _stamps(times: pd.Series, dates: bool) -> list[float]:
    if not dates:
        return [int(step) for step in times]
    naive = times.dt.tz_localize(None) if times.dt.tz is not None else times
    return [int(second) for second in naive.astype("datetime64[s]").astype("int64")]


def _short(values: pd.Series) -> list[float | None]:
    """Return values with five digits; None where there is none."""
    numbers = values.to_numpy(dtype=float)
    return [None if not np.isfinite(value) else float(f"{value:.5g}") for value in numbers]
