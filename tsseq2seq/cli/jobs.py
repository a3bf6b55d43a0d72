"""The jobs that print a forecast: forecast and predict.

Files are checked first: the first name taken from ``tsseq2seq`` loads torch, which takes seconds.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pandas as pd

from tsseq2seq.cli import options, outputs, show
from tsseq2seq.cli.columns import listed
from tsseq2seq.cli.contents import stem
from tsseq2seq.cli.history import HistoryTable, fitted_history, read_future, read_history, read_history_for
from tsseq2seq.cli.look import look_of
from tsseq2seq.cli.model_names import NETWORK, parse_model
from tsseq2seq.cli.models import check_levels, make_model, parse_levels
from tsseq2seq.cli.results import check_results, report
from tsseq2seq.cli.saved_models import kept_history, load_model
from tsseq2seq.cli.times import write_times
from tsseq2seq.data.frames.columns import FORECAST
from tsseq2seq.errors import DataError, ParameterError

__all__ = ["forecast", "predict"]


def forecast(
    *,
    data: Path,
    horizon: int,
    results: options.Results,
    shown: options.Shown,
    future: options.FutureValues,
    table: options.Table,
    reading: options.Reading,
    learning: options.Learning,
    model_name: str,
) -> None:
    """Fit on a file and report the forecast."""
    _check_files(data, results, future)
    name = parse_model(model_name, "--model-name")
    check_levels(learning)
    history = read_history(data, table, reading)
    look = look_of(history, shown, label=stem(data), drawn=results.plot is not None)
    _refuse_future(future, history, "name the future covariates with --future-col")
    if name == NETWORK:
        made = _by_network(history, horizon, table, reading, learning, future)
    else:
        made = _by_baseline(name, history, horizon, table, learning)
    if made is None:
        return
    model, result, column = made
    report(result, history, model.frequency_, results, dataclasses.replace(look, column=column))


def predict(
    *,
    model: Path,
    results: options.Results,
    shown: options.Shown,
    future: options.FutureValues,
    reading: options.Reading,
    data: Path | None,
    horizon: int | None,
    levels: str | None,
) -> None:
    """Report the forecast of a saved model."""
    _check_files(data, results, future)
    percents = parse_levels(levels)
    fitted = load_model(model)
    history = kept_history(fitted, model) if data is None else read_history_for(fitted, data, reading)
    frame = None if history is None else history.frame
    if history is None:
        history = fitted_history(fitted)
    named = model if data is None else data
    look = look_of(history, shown, label=stem(named), drawn=results.plot is not None)
    _refuse_future(future, history, f"{model} was fitted without --future-col")
    if history.columns.future and future.future is None:
        _ask_for_future(fitted.future_frame(frame, horizon=horizon), future.future_template, history)
        return
    future_values = None if future.future is None else read_future(future.future, history, reading)
    result = fitted.predict(frame, future_values, horizon=horizon, levels=percents)
    report(result, history, fitted.frequency_, results, look)


def _by_network(
    history: HistoryTable,
    horizon: int,
    table: options.Table,
    reading: options.Reading,
    learning: options.Learning,
    future: options.FutureValues,
) -> tuple[Any, pd.DataFrame, str] | None:
    """Return the fitted network, its forecast and that one's column; None: the future is asked for."""
    model = make_model(horizon, history.columns, table.freq, learning)
    values = None
    if history.columns.future:
        from tsseq2seq.cli.future import check_future, future_rows

        if future.future is None:
            _ask_for_future(future_rows(history, table.freq, horizon), future.future_template, history)
            return None
        values = read_future(future.future, history, reading)
        check_future(values, history, table.freq, horizon)
    model.fit(history.frame)
    show.tell_model(model)
    return model, model.predict(future=values, levels=check_levels(learning)), FORECAST


def _by_baseline(
    name: str, history: HistoryTable, horizon: int, table: options.Table, learning: options.Learning
) -> tuple[Any, pd.DataFrame, str]:
    """Return the fitted statistical method, its forecast and that one's column."""
    from tsseq2seq.cli.baselines import (
        baseline_levels,
        check_baseline,
        forecast_column,
        held,
        make_baseline,
    )

    check_baseline(name, history.columns, learning)
    model = make_baseline(name, horizon, history.columns, table.freq, learning).fit(history.frame)
    show.tell_baseline(name, model)
    column, known = forecast_column(model), history.frame[history.columns.targets[0]]
    result = model.predict(levels=baseline_levels(learning))
    return model, held(result, known, name=column, given=learning), column


def _check_files(data: Path | None, results: options.Results, future: options.FutureValues) -> None:
    """Refuse, before any work, paths that could not be written after it."""
    files = {"DATA": data, "--future": future.future, "--future-template": future.future_template}
    if future.future_template is not None:
        given = {"--future": future.future, "--output": results.output, "--plot": results.plot}
        for option, path in given.items():
            if path is not None:
                raise ParameterError(
                    f"--future-template only writes the table to fill in; leave out {option}"
                )
        outputs.check_table(future.future_template, "--future-template")
    check_results(results, files)


def _refuse_future(future: options.FutureValues, history: HistoryTable, why: str) -> None:
    """Refuse a file of future covariates if the history has none."""
    given = {"--future": future.future, "--future-template": future.future_template}
    for option, path in given.items():
        if path is not None and not history.columns.future:
            raise ParameterError(f"{option} is given, but there are no future columns; {why}")


def _ask_for_future(rows: pd.DataFrame, template: Path | None, history: HistoryTable) -> None:
    """Write the rows to fill in to a template; without one, raise an error that describes them."""
    columns = history.columns
    if template is None:
        times = write_times(rows[columns.time].sort_values(), history.style)
        count = 1 if columns.id is None else rows[columns.id].nunique()
        series = f" of {count:,} series" if count > 1 else ""
        raise DataError(
            f"the values of {listed(columns.future)}{series} are needed from {times.iloc[0]} to "
            f"{times.iloc[-1]}: give them with --future FILE; --future-template FILE writes the table to "
            "fill in"
        )
    outputs.write_table(rows, template, times=[columns.time], style=history.style)
    show.tell(
        f"wrote {template} with {len(rows):,} rows; fill in {listed(columns.future)}, then use --future"
    )
