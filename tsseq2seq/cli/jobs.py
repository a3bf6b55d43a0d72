"""What the commands do.

Torch is loaded with the first name taken from ``tsseq2seq``; a file that cannot be used is refused
before that.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

import tsseq2seq
from tsseq2seq.cli import outputs, show
from tsseq2seq.cli.columns import Roles, find_roles, typed
from tsseq2seq.cli.tables import read_table
from tsseq2seq.errors import DataError, ModelFileError, ParameterError

__all__ = ["fit", "forecast", "predict"]

_LEVELS = (0.05, 0.5, 0.95)


@dataclass(frozen=True)
class _History:
    """Data that were read: the frame, its columns, and how its dates were written."""

    frame: pd.DataFrame
    roles: Roles
    style: str | None


def forecast(*, data: Path, output: Path | None, plot: Path | None, **options: Any) -> None:  # noqa: ANN401
    """Fit on a file and report the forecast; ``options`` are those of ``_train``."""
    _check_results(data, output, plot)
    model, history = _train(data=data, **options)
    _report(model.predict(), history, model, output, plot, title=data.name.partition(".")[0])


def fit(*, data: Path, model: Path, **options: Any) -> None:  # noqa: ANN401
    """Fit on a file and save the model; ``options`` are those of ``_train``."""
    outputs.check_folder(model)
    fitted, _ = _train(data=data, **options)
    fitted.save(model)
    show.tell(f"saved in {model}")


def predict(
    *, model: Path, data: Path | None, horizon: int | None, output: Path | None, plot: Path | None
) -> None:
    """Report the forecast of a saved model."""
    _check_results(data, output, plot)
    fitted = tsseq2seq.load(model)
    if not isinstance(fitted, tsseq2seq.Seq2SeqForecaster):
        raise ModelFileError(f"{model} is a {type(fitted).__name__}, which does not forecast")
    if fitted.fitted_.columns.covariates or len(fitted.fitted_.columns.targets) > 1:
        raise ParameterError(
            f"{model} has covariates or several targets, which the command knows nothing of; "
            f"use tsseq2seq.load({str(model)!r}).predict(…) in Python"
        )
    if data is None:
        history = _own_history(fitted)
        frame = fitted.predict(horizon=horizon)
    else:
        history = _read_like(fitted, data)
        frame = fitted.predict(history.frame, horizon=horizon)
    title = (model if data is None else data).name.partition(".")[0]
    _report(frame, history, fitted, output, plot, title=title)


def _check_results(data: Path | None, output: Path | None, plot: Path | None) -> None:
    """Refuse before the work what could not be written after it."""
    if output is not None:
        outputs.check_table(output)
    if plot is not None:
        outputs.check_picture(plot)
    outputs.check_together({"DATA": data, "--output": output, "--plot": plot})


def _train(
    *,
    data: Path,
    horizon: int,
    time_col: str | None,
    target_col: str | None,
    id_col: str | None,
    freq: str | None,
    context_length: int | None,
    segment_length: int | None,
    max_steps: int | None,
    max_time: float | None,
    seed: int,
    device: str,
    no_interval: bool,
) -> tuple[tsseq2seq.Seq2SeqForecaster, _History]:
    """Fit a model on a file, and say on standard error what was found in it and chosen."""
    table = read_table(data)
    roles = find_roles(table, time=time_col, target=target_col, id=id_col)
    frame, style = typed(table, roles)
    show.tell_data(data, frame, roles)
    model = tsseq2seq.Seq2SeqForecaster(
        horizon=horizon,
        context_length=context_length,
        segment_length=segment_length,
        output=tsseq2seq.Point() if no_interval else tsseq2seq.Quantiles(_LEVELS),
        training=tsseq2seq.Training(max_steps=max_steps, max_time=max_time, device=device),
        id_col=roles.id,
        time_col=roles.time,
        target_col=roles.target,
        freq=freq,
        seed=seed,
    )
    model.fit(frame)
    show.tell_model(model)
    return model, _History(frame, roles, style)


def _report(
    forecast: pd.DataFrame,
    history: _History,
    model: tsseq2seq.Seq2SeqForecaster,
    output: Path | None,
    plot: Path | None,
    *,
    title: str,
) -> None:
    """Write the files, then print the table."""
    roles = history.roles
    if output is not None:
        outputs.write_table(forecast, output, time=roles.time, style=history.style)
    if plot is not None:
        from tsseq2seq.cli.picture import draw, on_grid

        draw(plot, on_grid(history.frame, model.frequency_, roles), forecast, roles, title=title)
    print(show.format_forecast(forecast, roles, history.style))


def _own_history(model: tsseq2seq.Seq2SeqForecaster) -> _History:
    """Return the data that a model was fitted on."""
    columns, panel = model.fitted_.columns, model.fitted_.panel
    roles = Roles(columns.time, columns.targets[0], columns.id if panel.named else None)
    pieces = []
    for place, name in enumerate(panel.ids):
        piece = panel.frame(place, roles.time)
        pieces.append(piece if roles.id is None else piece.assign(**{roles.id: name}))
    return _History(pd.concat(pieces, ignore_index=True), roles, None)


def _read_like(model: tsseq2seq.Seq2SeqForecaster, data: Path) -> _History:
    """Read data with the columns that a model was fitted on."""
    columns, table = model.fitted_.columns, read_table(data)
    wanted = [columns.time, columns.targets[0], *([columns.id] if model.fitted_.panel.named else [])]
    for name in wanted:
        if name not in table.columns:
            there = ", ".join(repr(column) for column in table.columns[:12])
            raise DataError(f"{data} has no column {name!r}, which the model was fitted on; it has: {there}")
    roles = Roles(columns.time, columns.targets[0], columns.id if columns.id in table.columns else None)
    frame, style = typed(table, roles)
    return _History(frame, roles, style)
