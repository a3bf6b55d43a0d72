"""The jobs of the commands that evaluate: backtest, leaderboard, diagnose."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pandas as pd

import tsseq2seq
from tsseq2seq.cli import options, outputs, show
from tsseq2seq.cli.contents import stem
from tsseq2seq.cli.history import HistoryTable, read_history
from tsseq2seq.cli.look import look_of
from tsseq2seq.cli.model_names import NETWORK, parse_model, parse_models
from tsseq2seq.cli.models import check_levels, make_model
from tsseq2seq.cli.results import check_results
from tsseq2seq.cli.times import write_times
from tsseq2seq.cli.wording import as_options
from tsseq2seq.data.frames.columns import FORECAST, Columns
from tsseq2seq.errors import ParameterError

__all__ = ["backtest", "diagnose", "leaderboard"]


def backtest(
    *,
    data: Path,
    horizon: int,
    cutoffs: options.Cutoffs,
    results: options.Results,
    shown: options.Shown,
    table: options.Table,
    reading: options.Reading,
    learning: options.Learning,
    model_name: str,
) -> None:
    """Forecast the end of a file, print the errors, and write forecasts and true values."""
    name = parse_model(model_name, "--model-name")
    check_results(results, {"DATA": data})
    levels = check_levels(learning)
    history = read_history(data, table, reading)
    look = look_of(history, shown, label=stem(data), drawn=results.plot is not None)
    from tsseq2seq.cli.scores import score

    model = _model(name, horizon, history.columns, table.freq, learning)
    column = FORECAST
    if name != NETWORK:
        from tsseq2seq.cli.baselines import baseline_levels, check_baseline, forecast_column

        check_baseline(name, history.columns, learning)
        levels, column = baseline_levels(learning), forecast_column(model)
    forecasts = tsseq2seq.backtest(model, history.frame, levels=levels, **_windows(cutoffs))
    if name != NETWORK:
        forecasts = _held(forecasts, history, column, learning)
    if results.output is not None:
        outputs.write_table(
            forecasts,
            results.output,
            times=[history.columns.time, "cutoff"],
            style=history.style,
            formulas_as_text=results.formulas_as_text,
        )
    if results.plot is not None:
        from tsseq2seq.cli.picture import draw_backtest

        look = dataclasses.replace(look, column=column)
        draw_backtest(results.plot, history.frame, forecasts, history.columns, look)
    back = (cutoffs.windows - 1) * (cutoffs.step or horizon) + horizon
    scores, seasons = score(
        forecasts, history.frame, history.columns, freq=table.freq, back=back, name=column
    )
    _tell_windows(forecasts, history, seasons)
    show.put(show.format_scores(scores))


def leaderboard(
    *,
    data: Path,
    horizon: int,
    cutoffs: options.Cutoffs,
    results: options.Results,
    table: options.Table,
    reading: options.Reading,
    learning: options.Learning,
    models: str,
) -> None:
    """Rank the network and statistical methods, and print the ranking and its verdict."""
    check_results(results, {"DATA": data})
    names, levels = parse_models(models), check_levels(learning)
    history = read_history(data, table, reading)
    if len(history.columns.targets) > 1:
        raise ParameterError("--target-col has several columns; a leaderboard compares forecasts of one")
    windows = _windows(cutoffs) | ({"refit": True} if cutoffs.refit_every is None else {})
    board = tsseq2seq.leaderboard(
        history.frame,
        [_model(name, horizon, history.columns, table.freq, learning) for name in names],
        levels=levels,
        metrics=("mase", "smape", "rmse", *(() if levels is None else ("coverage", "interval_score"))),
        **windows,
    )
    if results.output is not None:
        outputs.write_table(board.scores, results.output, formulas_as_text=results.formulas_as_text)
    if results.plot is not None:
        from tsseq2seq.cli.picture import draw_board

        draw_board(results.plot, board)
    show.put(show.format_scores(board.scores))
    if board.verdict:
        show.put(as_options(board.verdict))


def diagnose(
    *,
    data: Path,
    horizon: int,
    table: options.Table,
    reading: options.Reading,
    learning: options.Learning,
) -> None:
    """Print a description of a file, and an estimate of the time and memory of training."""
    history = read_history(data, table, reading)
    found = make_model(horizon, history.columns, table.freq, learning).diagnose(history.frame)
    show.put(as_options(str(found)))


def _windows(cutoffs: options.Cutoffs) -> dict[str, Any]:
    refit = False if cutoffs.refit_every is None else cutoffs.refit_every
    return {"windows": cutoffs.windows, "step": cutoffs.step, "refit": refit}


def _model(name: str, horizon: int, columns: Columns, freq: str | None, learning: options.Learning) -> Any:  # noqa: ANN401 (a forecaster or a baseline)
    if name == NETWORK:
        return make_model(horizon, columns, freq, learning)
    from tsseq2seq.cli.baselines import make_baseline

    return make_baseline(name, horizon, columns, freq, learning)


def _held(
    forecasts: pd.DataFrame, history: HistoryTable, column: str, learning: options.Learning
) -> pd.DataFrame:
    """Return a statistical method's forecasts above the floor that the values before all cutoffs show."""
    from tsseq2seq.cli.baselines import held

    first = history.frame[history.columns.time] <= forecasts["cutoff"].min()
    known = history.frame.loc[first, history.columns.targets[0]]
    return held(forecasts, known, name=column, given=learning)


def _tell_windows(forecasts: pd.DataFrame, history: HistoryTable, seasons: dict[str, int]) -> None:
    """Report the number of forecasts, their cutoffs, and the seasonal period of MASE."""
    keys = ["cutoff"] if history.columns.id is None else [history.columns.id, "cutoff"]
    count = len(forecasts.drop_duplicates(keys))
    cutoffs = write_times(forecasts["cutoff"].sort_values(), history.style)
    periods = ", ".join(str(season) for season in dict.fromkeys(seasons.values()))
    show.tell(
        f"{count:,} forecasts, after {cutoffs.iloc[0]} to {cutoffs.iloc[-1]}; MASE by a season of {periods}"
    )
