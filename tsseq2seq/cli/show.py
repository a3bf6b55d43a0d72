"""What the commands print: the forecast on standard output, all else on standard error."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tsseq2seq.cli.columns import Roles
from tsseq2seq.cli.times import write_times

if TYPE_CHECKING:
    import tsseq2seq.forecaster

__all__ = ["format_forecast", "tell", "tell_data", "tell_model"]

_DIGITS = 5


def format_forecast(forecast: pd.DataFrame, roles: Roles, style: str | None) -> str:
    """Return the forecast of the first series as a table, and how many series follow.

    Examples
    --------
    >>> frame = pd.DataFrame({"t": [1, 2], "Seq2Seq": [9.5, 10.25]})
    >>> print(format_forecast(frame, Roles("t", "y"), None))
    t  Seq2Seq
    1    9.500
    2   10.250
    """
    shown, more = forecast, 0
    if roles.id is not None:
        ids = forecast[roles.id]
        shown, more = forecast[ids == ids.iloc[0]], ids.nunique() - 1
    shown = shown.assign(**{roles.time: write_times(shown[roles.time], style)})
    numbers = [name for name in shown.columns if name not in (roles.id, roles.time)]
    decimals = _decimals(shown[numbers].to_numpy())
    columns = []
    for name in shown.columns:
        cells = [f"{cell:{decimals}}" if name in numbers else str(cell) for cell in shown[name]]
        width = max(len(cell) for cell in [name, *cells])
        columns.append([cell.rjust(width) for cell in [name, *cells]])
    lines = ["  ".join(row) for row in zip(*columns, strict=True)]
    if more:
        lines.append(f"… and {more:,} more series; --output writes them all")
    return "\n".join(lines)


def _decimals(numbers: np.ndarray) -> str:
    """Return a format with which the largest number has five digits, or a few more."""
    largest = float(np.abs(numbers).max())
    if largest == 0 or not 1e-4 <= largest < 1e15:
        return f".{_DIGITS}g"
    return f".{max(0, _DIGITS - 1 - math.floor(math.log10(largest)))}f"


def tell(line: str) -> None:
    """Print a line on standard error."""
    print(line, file=sys.stderr, flush=True)


def tell_data(path: Path, frame: pd.DataFrame, roles: Roles) -> None:
    """Say what was read, and which columns were found."""
    series = 1 if roles.id is None else frame[roles.id].nunique()
    used = {"id": roles.id, "time": roles.time, "target": roles.target}
    names = ", ".join(
        f"{role} {name!r}{' (guessed)' if role in roles.guessed else ''}"
        for role, name in used.items()
        if name is not None
    )
    tell(f"{path.name}: {len(frame):,} rows, {series:,} series; {names}")


def tell_model(model: tsseq2seq.forecaster.Seq2SeqForecaster) -> None:
    """Say what was chosen from the data, and how long training took."""
    made, seconds = 0, 0.0  # a limit of time may end training before its first step
    if len(model.history_):
        made, seconds = int(model.history_["step"].iloc[-1]), float(model.history_["seconds"].iloc[-1])
    steps = f"{made:,}" if made == model.n_steps_ else f"{made:,} of {model.n_steps_:,}"
    tell(
        f"frequency {model.frequency_.alias}, season {model.season_length_ or 'none'}, "
        f"context {model.context_length_}, segment {model.segment_length_}, "
        f"width {model.network_.hidden_size}; {steps} training steps in {seconds:.1f} s"
    )
