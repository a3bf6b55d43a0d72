"""The heatmap of attention weights: output steps downwards, input steps from left to right."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tsseq2seq.errors import DataError, ParameterError, require, shown
from tsseq2seq.plotting.heatmap import Side, draw_heatmap
from tsseq2seq.plotting.lines import check_frame
from tsseq2seq.plotting.picture_above import checked_picture, draw_above
from tsseq2seq.plotting.style import of_several

if TYPE_CHECKING:
    import matplotlib.axes

__all__ = ["plot_attention"]

# Most words of one side that are all named.
_MOST_WORDS = 80
# Longest word that is written upright; longer ones are slanted, as they would overlap.
_UPRIGHT = 2
# Signs for blanks, which would be invisible. DejaVu Sans, matplotlib's default font, has these glyphs.
_VISIBLE = str.maketrans({" ": "␣", "\N{NO-BREAK SPACE}": "␣", "\t": "⇥", "\n": "↵"})


def plot_attention(
    attention: pd.DataFrame,
    *,
    series: object = None,
    sentence: int | None = None,
    picture: object = None,
    id_col: str = "unique_id",
    title: str | None = None,
    ax: matplotlib.axes.Axes | None = None,
) -> matplotlib.axes.Axes:
    """Draw attention weights as a heatmap, the output downwards and the input from left to right.

    For a forecaster, output and input are the time steps of the horizon and of the context. For a translator
    they are the tokens of target and source (words, pieces of words, or characters; a blank is shown as
    ``␣``), for a transcriber the tokens of the target and the steps of the array, for a synthesizer the
    frames and the tokens of the text. Up to 80 tokens all are named, of more only every second, third and so
    on.

    Parameters
    ----------
    attention
        What :meth:`~tsseq2seq.Seq2SeqForecaster.attention` returned: ``step``, ``lag`` and ``weight``. Or
        what :meth:`~tsseq2seq.Seq2SeqTranslator.attention` or that of a transcriber returned: ``sentence``,
        ``step``, ``place``, ``target``, ``source`` and ``weight``. A frame with a column ``lag`` is a
        forecaster's.
    series
        Which series of a forecaster to draw. None: the first.
    sentence
        Which sentence of a translator, or source of a transcriber, to draw, by its number in the frame. None:
        the first.
    picture
        The array (T, F) that a transcriber read, drawn above its weights with the steps from left to right
        and the first feature at the top. None: weights only.
    id_col
        Name of the column of series, which the frame of a single series may lack.
    title
        Title of the axes. None: the name of the series, and of how many it is the first.
    ax
        Axes to draw on. None: those of a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.

    Raises
    ------
    DataError
        If the frame lacks a column, has no rows of the series or sentence, or has several rows for one cell.
    ParameterError
        If a series is given for a translator, or a sentence or a picture for a forecaster.

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
        columns = ", ".join(repr(column) for column in attention.columns[:20])
        raise DataError(
            "attention has neither a column 'lag' (a forecaster's) nor 'place' (a translator's); "
            f"it has: {columns}"
        )
    if "lag" not in attention.columns:
        if series is not None:
            raise ParameterError(
                f"plot_attention: series is {shown(series)}, but attention is a translator's, of sentences; "
                "choose one of them with sentence="
            )
        return _plot_words(attention, sentence, ax, title, picture)
    if picture is not None:
        raise ParameterError(
            "plot_attention: picture is given, but attention is a forecaster's, of series; only what a "
            "transcriber read is drawn"
        )
    if sentence is not None:
        raise ParameterError(
            f"plot_attention: sentence is {shown(sentence)}, but attention is a forecaster's, of series; "
            "choose one of them with series="
        )
    return _titled(_plot_steps(attention, series, id_col, ax), title)


def _titled(ax: matplotlib.axes.Axes, title: str | None) -> matplotlib.axes.Axes:
    if title is not None:
        ax.set_title(title, loc="left", fontsize="medium", parse_math=False)
    return ax


def _plot_steps(
    attention: pd.DataFrame, series: object, id_col: str, ax: matplotlib.axes.Axes | None
) -> matplotlib.axes.Axes:
    """Draw the attention of a forecaster, the oldest time step on the left."""
    check_frame(attention, "attention", ["step", "lag", "weight"])
    count = 1
    if id_col in attention.columns:
        count = attention[id_col].nunique() if series is None else 1
        attention, series = _rows_of(attention, id_col, series, "series")
    table = _table(attention, "lag").sort_index(axis=1, ascending=False)
    lags, steps = [str(lag) for lag in table.columns], [str(step) for step in table.index]
    ax = draw_heatmap(
        table.to_numpy(),
        rows=Side("step of the horizon", steps, every=max(1, len(steps) // 12), cell=0.16, most=6.2),
        columns=Side("steps before the forecast", lags, every=max(1, len(lags) // 12), cell=0.12, most=9.0),
        ax=ax,
    )
    if series is not None:
        ax.set_title(of_several(series, count), loc="left", fontsize="medium", parse_math=False)
    return ax


def _plot_words(
    attention: pd.DataFrame,
    sentence: int | None,
    ax: matplotlib.axes.Axes | None,
    title: str | None,
    picture: object,
) -> matplotlib.axes.Axes:
    """Draw the attention of a translator or a transcriber, the source at the top."""
    check_frame(attention, "attention", ["sentence", "step", "place", "target", "source", "weight"])
    attention, _ = _rows_of(attention, "sentence", sentence, "sentence")
    table = _table(attention, "place")
    if picture is not None:
        return _plot_picture(attention, table, checked_picture(picture, table.shape[1]), ax, title)
    targets, sources = _names(attention, "step", "target"), _names(attention, "place", "source")
    ax = draw_heatmap(
        table.to_numpy(),
        rows=Side("target", targets, every=math.ceil(len(targets) / _MOST_WORDS), cell=0.2, most=16.0),
        columns=Side("source", sources, every=math.ceil(len(sources) / _MOST_WORDS), cell=0.2, most=16.0),
        ax=ax,
    )
    ax.xaxis.set_label_position("top")
    ax.xaxis.tick_top()
    ax.tick_params(labelsize="small")
    for label in ax.get_xticklabels():
        if len(label.get_text()) > _UPRIGHT:
            label.set(rotation=45, rotation_mode="anchor", ha="left", va="baseline")
    return _titled(ax, title)


def _plot_picture(
    attention: pd.DataFrame,
    table: pd.DataFrame,
    picture: np.ndarray,
    ax: matplotlib.axes.Axes | None,
    title: str | None,
) -> matplotlib.axes.Axes:
    """Draw the attention of a transcriber below what it read."""
    targets, steps = _names(attention, "step", "target"), _names(attention, "place", "source")
    ax = draw_heatmap(
        table.to_numpy(),
        rows=Side("target", targets, every=math.ceil(len(targets) / _MOST_WORDS), cell=0.3, most=16.0),
        columns=Side("step", steps, every=max(1, len(steps) // 12), cell=0.16, most=12.0),
        ax=ax,
    )
    return draw_above(ax, picture, title)


def _rows_of(attention: pd.DataFrame, column: str, value: object, role: str) -> tuple[pd.DataFrame, object]:
    """Return the rows of one series or sentence, by default the first, and its name or number."""
    if value is None and len(attention):
        value = attention[column].iloc[0]
    rows = attention[attention[column] == value]
    if len(attention) and not len(rows):
        raise DataError(f"attention has no rows of {role} {shown(value)}")
    return rows, value


def _table(attention: pd.DataFrame, across: str) -> pd.DataFrame:
    """Return weights with a row for each output step and a column for each input, both increasing."""
    if not len(attention):
        raise DataError("attention has no rows")
    repeated = attention.duplicated(["step", across])
    if repeated.any():
        step, column = attention.loc[repeated, ["step", across]].iloc[0]
        raise DataError(
            f"attention has several rows with step {shown(step)} and {across} {shown(column)}: more than one "
            "series or sentence?"
        )
    require("matplotlib", extra="plot", purpose="Plotting")
    return attention.set_index(["step", across])["weight"].unstack()  # noqa: PD010 (no aggregation)


def _names(attention: pd.DataFrame, number: str, name: str) -> list[str]:
    """Return the words of one side in their order, with signs for blanks."""
    words = attention.drop_duplicates(number).sort_values(number)[name]
    return [str(word).translate(_VISIBLE) for word in words]
