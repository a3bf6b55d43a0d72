"""Text that the commands print: results on standard output, reports on standard error."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tsseq2seq.cli.columns import listed
from tsseq2seq.cli.contents import label
from tsseq2seq.cli.terminal import harmless
from tsseq2seq.cli.times import write_times
from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.errors import shown

if TYPE_CHECKING:
    import tsseq2seq.forecaster

__all__ = [
    "format_forecast",
    "format_scores",
    "put",
    "tell",
    "tell_baseline",
    "tell_data",
    "tell_model",
    "tell_titles",
    "training_steps",
]

_DIGITS = 5
_BREAKS = re.compile(r"[\n\t]")
_BOUND = re.compile(r"-(lo|hi)-[\d.]+$")


def format_forecast(
    forecast: pd.DataFrame, columns: Columns, style: str | None, *, chosen: tuple[Any, ...] = ()
) -> str:
    """Return the forecast of the chosen series, or of the first, as a table, and how many there are beside.

    Examples
    --------
    >>> frame = pd.DataFrame({"t": [1, 2], "Seq2Seq": [9.5, 10.25]})
    >>> print(format_forecast(frame, Columns(None, "t"), None))
    t  Seq2Seq
    1    9.500
    2   10.250
    """
    shown, more = forecast, 0
    if columns.id is not None:
        ids = forecast[columns.id]
        names = chosen or (ids.iloc[0],)
        shown = pd.concat([forecast[ids == name] for name in names])
        more = ids.nunique() - len(names)
    shown = shown.assign(**{columns.time: write_times(shown[columns.time], style)})
    numbers = [name for name in shown.columns if name not in (columns.id, columns.time)]
    # columns of the same target have the same number of decimals
    targets = [_BOUND.sub("", name) for name in numbers]
    groups = [[name for name, target in zip(numbers, targets, strict=True) if target == t] for t in targets]
    formats = {name: _decimals(shown[group]) for name, group in zip(numbers, groups, strict=True)}
    table = _aligned(shown, formats)
    if more:
        return f"{table}\n… and {more:,} more series; --output writes them all"
    return table


def format_scores(scores: pd.DataFrame) -> str:
    """Return scores as a table: a row for each model or target, a column for each metric.

    Examples
    --------
    >>> print(format_scores(pd.DataFrame({"target": ["load", "price"], "mae": [1234.5, 20.25]})))
    target     mae
      load  1234.5
     price    20.2
    """
    numbers = [name for name in scores.columns if pd.api.types.is_float_dtype(scores[name].dtype)]
    return _aligned(scores, {name: _decimals(scores[[name]]) for name in numbers})


def _aligned(frame: pd.DataFrame, formats: Mapping[str, str]) -> str:
    columns = []
    for name in frame.columns:
        cells = [f"{cell:{formats[name]}}" if name in formats else str(cell) for cell in frame[name]]
        # a cell is one line, as wide as it is shown
        lines = [_BREAKS.sub(" ", harmless(str(cell))) for cell in (name, *cells)]
        width = max(len(line) for line in lines)
        columns.append([line.rjust(width) for line in lines])
    return "\n".join("  ".join(row) for row in zip(*columns, strict=True))


def _decimals(frame: pd.DataFrame) -> str:
    """Return a format that shows the largest number with five digits, or a few more."""
    numbers = np.abs(frame.to_numpy(dtype=np.float64))
    largest = float(numbers[np.isfinite(numbers)].max(initial=0.0))
    if largest == 0 or not 1e-4 <= largest < 1e15:
        return f".{_DIGITS}g"
    return f".{max(0, _DIGITS - 1 - math.floor(math.log10(largest)))}f"


def tell(line: str) -> None:
    """Print a line on standard error."""
    print(harmless(line), file=sys.stderr, flush=True)


def tell_titles(count: int, first: str, where: str) -> None:
    """Say that lines above the names of the columns were left out."""
    lines = "first line is" if count == 1 else f"first {count} lines are"
    tell(f"note: the {lines} no part of the table in {where}, and left out: {shown(first)}")


def put(text: object) -> None:
    """Print a result on standard output."""
    print(harmless(str(text)))


def tell_data(
    path: Path,
    frame: pd.DataFrame,
    columns: Columns,
    *,
    numeric: Collection[str] = (),
    guessed: Collection[str] = (),
) -> None:
    """Report the rows read, the role of each column, and which covariates are categories."""
    series = 1 if columns.id is None else frame[columns.id].nunique()
    ids = () if columns.id is None else (columns.id,)
    used = {"id": ids, "time": (columns.time,), "target": columns.targets}
    parts = [
        f"{role} {listed(names)}{' (guessed)' if role in guessed else ''}"
        for role, names in used.items()
        if names
    ]
    for role in ("past", "future", "static"):
        names = getattr(columns, role)
        texts = [
            repr(name) if name in numeric else f"{name!r} ({_categories(frame[name])})" for name in names
        ]
        parts += [f"{role} {', '.join(texts)}"] if names else []
    parts += [] if columns.weight is None else [f"weight {columns.weight!r}"]
    name = label(path) if path.name == "-" else path.name
    tell(f"{name}: {len(frame):,} rows, {series:,} series; {', '.join(parts)}")


def _categories(column: pd.Series) -> str:
    count = column.nunique()
    return "1 category" if count == 1 else f"{count:,} categories"


def tell_model(model: tsseq2seq.forecaster.Seq2SeqForecaster) -> None:
    """Report the settings, the steps and time of training, and what was chosen from the data and why."""
    lags = f"lags {', '.join(map(str, model.lags_))}, " if model.lags_ else ""
    tell(
        f"frequency {model.frequency_.alias}, season {model.season_length_ or 'none'}, "
        f"context {model.context_length_}, segment {model.segment_length_}, {lags}"
        f"width {model.network_.hidden_size}; {training_steps(model.history_, model.training_.max_steps)}"
    )
    for sentence in model.choices_:
        tell(sentence)


def tell_baseline(name: str, baseline: Any) -> None:  # noqa: ANN401 (one of several classes)
    """Report the statistical method, or the pretrained network, and what it chose from the data."""
    season = baseline.season_length_ if (baseline.season_length_ or 1) > 1 else "none"
    tell(f"{name}: frequency {baseline.frequency_.alias}, season {season}")
    for sentence in getattr(baseline, "choices_", ()):
        tell(sentence)


def training_steps(history: pd.DataFrame, asked: int | None) -> str:
    """Return the number of training steps made, that asked for, and the time, as a text."""
    steps, seconds = 0, 0.0  # a time limit may end training before its first step
    if len(history):
        steps, seconds = int(history["step"].iloc[-1]), float(history["seconds"].iloc[-1])
    shown = f"{steps:,}" if asked in (None, steps) else f"{steps:,} of {asked:,}"
    return f"{shown} training steps in {seconds:.1f} s"
