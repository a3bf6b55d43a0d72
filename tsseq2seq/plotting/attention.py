"""The heatmap of attention: where each step of the output looks in the input."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from tsseq2seq.errors import DataError, ParameterError, require, shown
from tsseq2seq.plotting.heatmap import Side, draw_heatmap
from tsseq2seq.plotting.lines import check_frame

if TYPE_CHECKING:
    import matplotlib.axes

__all__ = ["plot_attention"]

_MOST_WORDS = 80
# A longer word would touch its neighbours, and is slanted.
_UPRIGHT = 2
# What would not be seen. DejaVu Sans, matplotlib's own font, has these glyphs.
_VISIBLE = str.maketrans({" ": "␣", "\N{NO-BREAK SPACE}": "␣", "\t": "⇥", "\n": "↵"})


def plot_attention(
    attention: pd.DataFrame,
    *,
    series: object = None,
    sentence: int | None = None,
    id_col: str = "unique_id",
    ax: matplotlib.axes.Axes | None = None,
) -> matplotlib.axes.Axes:
    """Draw attention weights as a heatmap, the output downwards and the input from left to right.

    Of a forecaster, the steps of the horizon and those before it; of a translator, the words written
    and those read (or pieces of words, or characters, a blank as ``␣``). Up to 80 words all are named.

    Parameters
    ----------
    attention
        What :meth:`~tsseq2seq.Seq2SeqForecaster.attention` returned: ``step``, ``lag`` and ``weight``. Or
        what :meth:`~tsseq2seq.Seq2SeqTranslator.attention` returned: ``sentence``, ``step``, ``place``,
        ``target``, ``source`` and ``weight``. Whether there is a column ``lag`` decides.
    series
        Which series of a forecaster to draw. None: the first.
    sentence
        Which sentence of a translator to draw, by its number in the frame. None: the first.
    id_col
        The column of the series' name, if there is one.
    ax
        Where to draw. None: a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.

    Raises
    ------
    DataError
        If the frame lacks a column, has no rows of the series or sentence, or several for one cell.
    ParameterError
        If a series is given for a translator, or a sentence for a forecaster.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> rows = {"step": [1, 1, 2, 2], "lag": [2, 1, 2, 1], "weight": [0.3, 0.7, 0.6, 0.4]}
    >>> plot_attention(pd.DataFrame(rows), ax=Figure().subplots()).get_xlabel()
    'steps before the forecast'
    >>> words = {"source": ["good", "day"], "target": ["hello", "hello"], "weight": [0.8, 0.2]}
    >>> words |= {"sentence": [0, 0], "step": [1, 1], "place": [1, 2]}
    >>> plot_attention(pd.DataFrame(words), ax=Figure().subplots()).get_xlabel()
    'source'
    """
    if not {"lag", "place"} & set(attention.columns):
        there = ", ".join(repr(column) for column in attention.columns[:20])
        raise DataError(
            "attention has neither a column 'lag' (a forecaster's) nor 'place' (a translator's); "
            f"it has: {there}"
        )
    if "lag" not in attention.columns:
        if series is not None:
            raise ParameterError(
                f"plot_attention: series is {shown(series)}, but attention is a translator's, of sentences; "
                "choose one of them with sentence="
            )
        return _plot_words(attention, sentence, ax)
    if sentence is not None:
        raise ParameterError(
            f"plot_attention: sentence is {shown(sentence)}, but attention is a forecaster's, of series; "
            "choose one of them with series="
        )
    return _plot_steps(attention, series, id_col, ax)


def _plot_steps(
    attention: pd.DataFrame, series: object, id_col: str, ax: matplotlib.axes.Axes | None
) -> matplotlib.axes.Axes:
    """Draw what a forecaster attended to, the past to the left."""
    check_frame(attention, "attention", ["step", "lag", "weight"])
    if id_col in attention.columns:
        attention, series = _chosen(attention, id_col, series, "series")
    table = _table(attention, "lag").sort_index(axis=1, ascending=False)
    lags, steps = [str(lag) for lag in table.columns], [str(step) for step in table.index]
    ax = draw_heatmap(
        table.to_numpy(),
        rows=Side("step of the horizon", steps, every=max(1, len(steps) // 12), cell=0.16, most=6.2),
        columns=Side("steps before the forecast", lags, every=max(1, len(lags) // 12), cell=0.12, most=9.0),
        ax=ax,
    )
    if series is not None:
        ax.set_title(str(series), loc="left", fontsize="medium", parse_math=False)
    return ax


def _plot_words(
    attention: pd.DataFrame, sentence: int | None, ax: matplotlib.axes.Axes | None
) -> matplotlib.axes.Axes:
    """Draw what a translator attended to, the source above."""
    check_frame(attention, "attention", ["sentence", "step", "place", "target", "source", "weight"])
    attention, _ = _chosen(attention, "sentence", sentence, "sentence")
    table = _table(attention, "place")
    written, read = _names(attention, "step", "target"), _names(attention, "place", "source")
    ax = draw_heatmap(
        table.to_numpy(),
        rows=Side("target", written, every=math.ceil(len(written) / _MOST_WORDS), cell=0.2, most=16.0),
        columns=Side("source", read, every=math.ceil(len(read) / _MOST_WORDS), cell=0.2, most=16.0),
        ax=ax,
    )
    ax.xaxis.set_label_position("top")
    ax.xaxis.tick_top()
    ax.tick_params(labelsize="small")
    for label in ax.get_xticklabels():
        if len(label.get_text()) > _UPRIGHT:
            label.set(rotation=45, rotation_mode="anchor", ha="left", va="baseline")
    return ax


def _chosen(attention: pd.DataFrame, column: str, value: object, what: str) -> tuple[pd.DataFrame, object]:
    """Return the rows of one series or sentence, by default of the first, and which that is."""
    if value is None and len(attention):
        value = attention[column].iloc[0]
    rows = attention[attention[column] == value]
    if len(attention) and not len(rows):
        raise DataError(f"attention has no rows of {what} {shown(value)}")
    return rows, value


def _table(attention: pd.DataFrame, across: str) -> pd.DataFrame:
    """Return weights with a row for each step, both sides in increasing order."""
    if not len(attention):
        raise DataError("attention has no rows")
    repeated = attention.duplicated(["step", across])
    if repeated.any():
        step, other = attention.loc[repeated, ["step", across]].iloc[0]
        raise DataError(
            f"attention has several rows with step {shown(step)} and {across} {shown(other)}: more than one "
            "series or sentence?"
        )
    require("matplotlib", extra="plot", purpose="Plotting")
    return attention.set_index(["step", across])["weight"].unstack()  # noqa: PD010 (no aggregation)


def _names(attention: pd.DataFrame, number: str, name: str) -> list[str]:
    """Return the words of one side in their order, blanks made visible."""
    words = attention.drop_duplicates(number).sort_values(number)[name]
    return [str(word).translate(_VISIBLE) for word in words]
