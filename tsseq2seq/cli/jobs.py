"""What the commands that forecast do.

Torch is loaded with the first name taken from ``tsseq2seq``; a file that cannot be used is refused
before that.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

import tsseq2seq
from tsseq2seq.cli import options, outputs, show
from tsseq2seq.cli.history import History, own_history, read_future, read_history, read_like
from tsseq2seq.cli.models import check_levels, make_model, read_levels
from tsseq2seq.errors import ModelFileError, ParameterError

__all__ = ["fit", "forecast", "predict"]


def forecast(
    *,
    data: Path,
    horizon: int,
    results: options.Results,
    future: options.FutureValues,
    table: options.Table,
    learning: options.Learning,
) -> None:
    """Fit on a file and report the forecast."""
    _check_results(data, results, future)
    levels = check_levels(learning)
    history = read_history(data, table)
    model = make_model(horizon, history.roles, table.freq, learning)
    known = None
    if history.roles.future:
        from tsseq2seq.cli.future import check_future, future_rows, missing_future

        if future.future is None:
            rows = future_rows(history, table.freq, horizon)
            if future.future_template is None:
                raise missing_future(rows, history.roles, history.style)
            _write_template(rows, future.future_template, history)
            return
        known = read_future(future.future, history)
        check_future(known, history, table.freq, horizon)
    else:
        _refuse_future(future, "name the columns that are known of the time to forecast with --future-col")
    model.fit(history.frame)
    show.tell_model(model)
    _report(model.predict(future=known, levels=levels), history, model, results, _stem(data))


def fit(
    *, data: Path, horizon: int, model: Path, table: options.Table, learning: options.Learning
) -> None:
    """Fit on a file and save the model."""
    outputs.check_folder(model)
    if check_levels(learning) is not None and learning.distribution != "quantiles":
        raise ParameterError(
            f"--levels is {learning.levels!r}, but a model with --distribution {learning.distribution} gives "
            "any level; name them when it predicts"
        )
    history = read_history(data, table)
    fitted = make_model(horizon, history.roles, table.freq, learning).fit(history.frame)
    show.tell_model(fitted)
    fitted.save(model)
    show.tell(f"saved in {model}")


def predict(
    *,
    model: Path,
    results: options.Results,
    future: options.FutureValues,
    data: Path | None,
    horizon: int | None,
    levels: str | None,
) -> None:
    """Report the forecast of a saved model."""
    _check_results(data, results, future)
    percents = read_levels(levels)
    fitted = tsseq2seq.load(model)
    if not isinstance(fitted, tsseq2seq.Seq2SeqForecaster):
        raise ModelFileError(f"{model} is a {type(fitted).__name__}, which does not forecast")
    history = own_history(fitted) if data is None else read_like(fitted, data)
    frame = None if data is None else history.frame
    known = None
    if history.roles.future:
        if future.future is None:
            rows = fitted.future_frame(frame, horizon=horizon)
            if future.future_template is None:
                from tsseq2seq.cli.future import missing_future

                raise missing_future(rows, history.roles, history.style)
            _write_template(rows, future.future_template, history)
            return
        known = read_future(future.future, history)
    else:
        _refuse_future(future, f"{model} was fitted without --future-col")
    result = fitted.predict(frame, known, horizon=horizon, levels=percents)
    _report(result, history, fitted, results, _stem(model if data is None else data))


def _check_results(data: Path | None, results: options.Results, future: options.FutureValues) -> None:
    """Refuse before the work what could not be written after it."""
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
                raise ParameterError(f"--future-template only writes the table to fill in; leave out {option}")
        outputs.check_table(future.future_template, "--future-template")
    outputs.check_together(
        {
            "DATA": data,
            "--future": future.future,
            "--future-template": future.future_template,
            "--output": results.output,
            "--plot": results.plot,
        }
    )


def _refuse_future(future: options.FutureValues, why: str) -> None:
    option = "--future" if future.future is not None else "--future-template"
    if future.future is not None or future.future_template is not None:
        raise ParameterError(f"{option} is given, but there are no future columns; {why}")


def _write_template(rows: pd.DataFrame, path: Path, history: History) -> None:
    outputs.write_table(rows, path, times=[history.roles.time], style=history.style)
    names = ", ".join(repr(name) for name in history.roles.future)
    show.tell(f"wrote {path} with {len(rows):,} rows; fill in {names} and give it with --future")


def _report(
    forecast: pd.DataFrame,
    history: History,
    model: tsseq2seq.Seq2SeqForecaster,
    results: options.Results,
    title: str,
) -> None:
    """Write the files, then print the table."""
    roles = history.roles
    if results.output is not None:
        outputs.write_table(forecast, results.output, times=[roles.time], style=history.style)
    if results.plot is not None:
        from tsseq2seq.cli.picture import draw, on_grid

        frame = on_grid(history.frame, model.frequency_, roles)
        draw(results.plot, frame, forecast, roles, title=title)
    print(show.format_forecast(forecast, roles, history.style))


def _stem(path: Path) -> str:
    return path.name.partition(".")[0]
