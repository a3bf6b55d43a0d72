"""What a command that forecasts leaves: files, a picture and a table on standard output."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from tsseq2seq.cli import options, outputs, show
from tsseq2seq.cli.history import HistoryTable
from tsseq2seq.cli.look import Look
from tsseq2seq.data.grid.frequency import Frequency

__all__ = ["check_results", "report"]


def check_results(results: options.Results, files: Mapping[str, Path | None]) -> None:
    """Refuse, before any work, paths that could not be written after it.

    Parameters
    ----------
    results
        What is to be written.
    files
        The other files of the command, by option.
    """
    if results.output is not None:
        outputs.check_table(results.output)
    if results.plot is not None:
        outputs.check_picture(results.plot)
    outputs.check_distinct({**files, "--output": results.output, "--plot": results.plot})


def report(
    forecast: pd.DataFrame,
    history: HistoryTable,
    frequency: Frequency,
    results: options.Results,
    look: Look,
) -> None:
    """Write the files, then print the table.

    Parameters
    ----------
    forecast, history
        All of them.
    frequency
        The grid of the history.
    results
        What is to be written.
    look
        What is printed and drawn.
    """
    columns = history.columns
    if results.output is not None:
        outputs.write_table(
            forecast,
            results.output,
            times=[columns.time],
            style=history.style,
            formulas_as_text=results.formulas_as_text,
        )
    if results.plot is not None:
        from tsseq2seq.cli.picture import draw

        draw(results.plot, history.frame, forecast, columns, frequency, look)
    show.put(show.format_forecast(forecast, columns, history.style, chosen=look.chosen))
