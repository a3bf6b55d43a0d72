"""The jobs that save a model: fit and calibrate.

Files are checked first: the first name taken from ``tsseq2seq`` loads torch, which takes seconds.
"""

from __future__ import annotations

from pathlib import Path

import tsseq2seq
from tsseq2seq.cli import options, outputs, show
from tsseq2seq.cli.checkpoint_options import Checkpointing, fit_with_checkpoints
from tsseq2seq.cli.history import read_history, read_history_for
from tsseq2seq.cli.models import check_levels, make_model
from tsseq2seq.cli.saved_models import kept_history, load_model, save_model
from tsseq2seq.errors import ParameterError

__all__ = ["calibrate", "fit"]


def fit(
    *,
    data: Path,
    horizon: int,
    model: Path,
    table: options.Table,
    reading: options.Reading,
    learning: options.Learning,
    checkpointing: Checkpointing,
    hold_out: int | None,
) -> None:
    """Fit on a file and save the model; with steps held out, print the errors there."""
    outputs.check_folder(model)
    check_levels(learning)
    history = read_history(data, table, reading)
    held = None
    if hold_out is not None:
        from tsseq2seq.cli import held_out

        held = held_out.hold_out(history, hold_out, horizon=horizon, freq=table.freq)
    fitted = make_model(horizon, history.columns, table.freq if held is None else held.freq, learning)
    if learning.levels is not None and not isinstance(fitted.output, tsseq2seq.Quantiles):
        raise ParameterError(
            f"--levels is {learning.levels!r}, but a model with --distribution {learning.distribution} gives "
            "any level; name them when it predicts"
        )
    fit_with_checkpoints(fitted, checkpointing, history.frame if held is None else held.before)
    show.tell_model(fitted)
    if held is not None:
        held_out.tell_errors(fitted, history, held)
    save_model(fitted, model, history=None if held is None else history)
    show.tell(f"saved in {model}{_next_step(model, hold_out)}")


def calibrate(*, data: Path | None, model: Path, reading: options.Reading, step: int | None) -> None:
    """Calibrate the intervals of a saved model on rows it was not trained on, and save it again."""
    fitted = load_model(model)
    history = kept_history(fitted, model) if data is None else read_history_for(fitted, data, reading)
    if history is None:
        raise ParameterError(
            f"DATA is not given, and {model} keeps no rows that it was not trained on: name a file with "
            "later rows, or fit with --hold-out N"
        )
    fitted.calibrate(history.frame, step=step)
    assert fitted.conformal_ is not None
    windows, highest = int(fitted.conformal_.counts.min()), fitted.conformal_.highest_level
    save_model(fitted, model, again=True)
    show.tell(f"saved in {model}, with intervals from {windows:,} windows; --levels can be up to {highest}")


def _next_step(model: Path, hold_out: int | None) -> str:
    if hold_out is None:
        return ""
    return (
        f", with the {hold_out:,} steps held out: calibrate --model {model} --step 1 takes them, and predict "
        "begins after them"
    )
