"""The jobs of the forecasting commands: forecast, fit, predict, calibrate.

Files are checked first: the first name taken from ``tsseq2seq`` loads torch, which takes seconds.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

import tsseq2seq
from tsseq2seq.cli import options, outputs, show
from tsseq2seq.cli.columns import listed
from tsseq2seq.cli.contents import label
from tsseq2seq.cli.history import HistoryTable, fitted_history, read_future, read_history, read_history_for
from tsseq2seq.cli.models import check_levels, make_model, parse_levels
from tsseq2seq.cli.times import write_times
from tsseq2seq.errors import DataError, ModelFileError, ParameterError

__all__ = ["calibrate", "fit", "forecast", "predict"]


def forecast(
    *,
    data: Path,
    horizon: int,
    results: options.Results,
    future: options.FutureValues,
    table: options.Table,
    reading: options.Reading,
    learning: options.Learning,
) -> None:
    """Fit on a file and report the forecast."""
    _check_results(data, results, future)
    levels = check_levels(learning)
    history = read_history(data, table, reading)
    model = make_model(horizon, history.columns, table.freq, learning)
    _refuse_future(future, history, "name the future covariates with --future-col")
    future_values = None
    if history.columns.future:
        from tsseq2seq.cli.future import check_future, future_rows

        if future.future is None:
            _ask_for_future(future_rows(history, table.freq, horizon), future.future_template, history)
            return
        future_values = read_future(future.future, history, reading)
        check_future(future_values, history, table.freq, horizon)
    model.fit(history.frame)
    show.tell_model(model)
    _report(model.predict(future=future_values, levels=levels), history, model, results, _stem(data))


def fit(
    *,
    data: Path,
    horizon: int,
    model: Path,
    table: options.Table,
    reading: options.Reading,
    learning: options.Learning,
) -> None:
    """Fit on a file and save the model."""
    outputs.check_folder(model)
    if check_levels(learning) is not None and learning.distribution != "quantiles":
        raise ParameterError(
            f"--levels is {learning.levels!r}, but a model with --distribution {learning.distribution} gives "
            "any level; name them when it predicts"
        )
    history = read_history(data, table, reading)
    fitted = make_model(horizon, history.columns, table.freq, learning).fit(history.frame)
    show.tell_model(fitted)
    fitted.save(model)
    show.tell(f"saved in {model}")


def predict(
    *,
    model: Path,
    results: options.Results,
    future: options.FutureValues,
    reading: options.Reading,
    data: Path | None,
    horizon: int | None,
    levels: str | None,
) -> None:
    """Report the forecast of a saved model."""
    _check_results(data, results, future)
    percents = parse_levels(levels)
    fitted = _load(model)
    history = fitted_history(fitted) if data is None else read_history_for(fitted, data, reading)
    frame = None if data is None else history.frame
    _refuse_future(future, history, f"{model} was fitted without --future-col")
    if history.columns.future and future.future is None:
        _ask_for_future(fitted.future_frame(frame, horizon=horizon), future.future_template, history)
        return
    future_values = None if future.future is None else read_future(future.future, history, reading)
    result = fitted.predict(frame, future_values, horizon=horizon, levels=percents)
    _report(result, history, fitted, results, _stem(model if data is None else data))


def calibrate(*, data: Path, model: Path, reading: options.Reading, step: int | None) -> None:
    """Calibrate the intervals of a saved model on rows it was not trained on, and save it again."""
    fitted = _load(model)
    fitted.calibrate(read_history_for(fitted, data, reading).frame, step=step)
    assert fitted.conformal_ is not None
    windows, highest = int(fitted.conformal_.counts.min()), fitted.conformal_.highest_level
    fitted.save(model, optimizer_state=bool(fitted.optimizer_states_))
    show.tell(f"saved in {model}, with intervals from {windows:,} windows; --levels can be up to {highest}")


def _load(model: Path) -> tsseq2seq.Seq2SeqForecaster:
    fitted = tsseq2seq.load(model)
    if not isinstance(fitted, tsseq2seq.Seq2SeqForecaster):
        raise ModelFileError(f"{model} is a {type(fitted).__name__}, which does not forecast")
    return fitted


def _check_results(data: Path | None, results: options.Results, future: options.FutureValues) -> None:
    """Refuse, before any work, paths that could not be written after it."""
    if results.output is not None:
        outputs.check_table(results.output)
    if results.plot is not None:
        outputs.check_picture(results.plot)
    if future.future_template is not None:
        for option, given in (
            ("--future", future.future),
            ("--output", results.output),
            ("--plot", results.plot),
        ):
            if given is not None:
                raise ParameterError(
                    f"--future-template only writes the table to fill in; leave out {option}"
                )
        outputs.check_table(future.future_template, "--future-template")
    outputs.check_distinct(
        {
            "DATA": data,
            "--future": future.future,
            "--future-template": future.future_template,
            "--output": results.output,
            "--plot": results.plot,
        }
    )


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


def _report(
    forecast: pd.DataFrame,
    history: HistoryTable,
    model: tsseq2seq.Seq2SeqForecaster,
    results: options.Results,
    title: str,
) -> None:
    """Write the files, then print the table."""
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
        from tsseq2seq.cli.picture import draw, on_grid

        frame = on_grid(history.frame, model.frequency_, columns)
        draw(results.plot, frame, forecast, columns, title=title)
    show.put(show.format_forecast(forecast, columns, history.style))


def _stem(path: Path) -> str:
    return label(path) if path.name == "-" else path.name.partition(".")[0]
