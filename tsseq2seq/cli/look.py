"""What a table and a plot show of a forecast, and under which title."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from tsseq2seq.cli import options
from tsseq2seq.cli.columns import listed
from tsseq2seq.cli.history import HistoryTable
from tsseq2seq.data.frames.columns import FORECAST
from tsseq2seq.errors import ParameterError, shown

__all__ = ["Look", "look_of"]


@dataclass(frozen=True)
class Look:
    """What is shown.

    Attributes
    ----------
    label
        Name of the data.
    title
        Title of the picture. None: the name of a series drawn alone, else the label.
    chosen
        Names of the series to print and to draw; none: those that come first.
    column
        Column of forecasts.
    """

    label: str
    title: str | None = None
    chosen: tuple[Any, ...] = ()
    column: str = FORECAST


def look_of(history: HistoryTable, given: options.Shown, *, label: str, drawn: bool) -> Look:
    """Return what ``--series`` and ``--title`` ask for.

    Parameters
    ----------
    history
        The series.
    given
        The options.
    label
        Name of the data.
    drawn
        Whether there is a plot.

    Raises
    ------
    ParameterError
        If there is no such series, or a title without a plot.
    """
    if given.title is not None and not drawn:
        raise ParameterError("--title is given, but there is no --plot to write it on")
    return Look(label, given.title, () if given.series is None else _chosen(history, given.series))


def _chosen(history: HistoryTable, texts: Sequence[str]) -> tuple[Any, ...]:
    if history.columns.id is None:
        raise ParameterError(f"--series is {shown(texts[0])}, but DATA is one series without a name")
    names = {str(name): name for name in pd.unique(history.frame[history.columns.id])}
    pieces = [[text] if text.strip() in names else text.split(",") for text in texts]
    wanted = [name.strip() for piece in pieces for name in piece]
    for name in wanted:
        if name not in names:
            raise ParameterError(f"--series has {shown(name)}, {_hint(name, list(names))}")
    return tuple(names[name] for name in dict.fromkeys(wanted))


def _hint(name: str, names: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, names, n=1)
    if near:
        return f"which is no series; did you mean {shown(near[0])}?"
    return f"but the series are {listed(names)}"
