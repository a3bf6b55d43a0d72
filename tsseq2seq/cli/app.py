"""The commands. Their options are in ``options``, what they do in ``jobs`` and ``studies``.

Those that translate are in ``translate``.

A command only gathers its options; it is run outside the parser, which has its own ways with errors
and interrupts.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer

from tsseq2seq.cli import options, translate
from tsseq2seq.cli.groups import takes_groups

__all__ = ["app", "parse"]

Job = Callable[[], None]

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Examples:\n\n\b\n"
    "  tsseq2seq forecast passengers.csv --horizon 12 --plot forecast.png\n"
    "  tsseq2seq fit passengers.csv --horizon 12 --model airline\n"
    "  tsseq2seq predict --model airline newer.csv --output forecast.csv\n"
    "  tsseq2seq leaderboard passengers.csv --horizon 12\n"
    "  tsseq2seq tune passengers.csv --horizon 12 --model airline\n"
    "  tsseq2seq translate fit pairs.tsv --model greek",
)
app.add_typer(translate.app, name="translate")


def parse(arguments: Sequence[str]) -> Job | int:
    """Read a command line.

    Parameters
    ----------
    arguments
        What stands behind the name of the command.

    Returns
    -------
    callable or int
        What remains to be done; or the exit status, where it was done by parsing (``--help``).
    """
    command = typer.main.get_command(app)
    job: Job | int = command.main(list(arguments), prog_name="tsseq2seq", standalone_mode=False)
    return job


def _do(module: str, job: str, given: dict[str, Any]) -> None:
    # imported only now: --help need not wait for pandas and torch
    getattr(importlib.import_module(f"tsseq2seq.cli.{module}"), job)(**given)


def _print_version(wanted: bool | None) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"tsseq2seq {version('tsseq2seq')}")
        raise typer.Exit


@app.callback()
def tsseq2seq(
    version: Annotated[
        bool | None,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version."),
    ] = None,
) -> None:
    """Forecast time series with an encoder-decoder network."""


@app.command(
    epilog="Examples:\n\n\b\n"
    "  tsseq2seq forecast passengers.csv --horizon 12 --output forecast.csv --plot forecast.png\n"
    "  tsseq2seq forecast passengers.csv --horizon 12 --levels 80,95 --calendar\n"
    "  tsseq2seq forecast sales.csv --horizon 14 --future-col price --future-template prices.csv\n"
    "  tsseq2seq forecast sales.csv --horizon 14 --future-col price --future prices.csv"
)
@takes_groups
def forecast(
    data: options.Data,
    horizon: options.Horizon,
    results: options.Results,
    future: options.FutureValues,
    table: options.Table,
    reading: options.Reading,
    learning: options.Learning,
) -> Job:
    """Fit a model on DATA and print its forecast.

    Columns and frequency are found in the data and reported, as is whatever else you leave open. The
    forecast has an interval that the truth should fall into nine times of ten.
    """
    return functools.partial(_do, "jobs", "forecast", locals())


@app.command(
    epilog="Examples:\n\n\b\n"
    "  tsseq2seq fit passengers.csv --horizon 12 --model airline\n"
    "  tsseq2seq fit sales.csv --horizon 14 --future-col price --model sales"
)
@takes_groups
def fit(
    data: options.Data,
    horizon: options.Horizon,
    model: options.Model,
    table: options.Table,
    reading: options.Reading,
    learning: options.Learning,
) -> Job:
    """Fit a model on DATA and save it.

    It is loaded by `tsseq2seq predict`, and in Python by `tsseq2seq.load`.
    """
    return functools.partial(_do, "jobs", "fit", locals())


@app.command(
    epilog="Examples:\n\n\b\n"
    "  tsseq2seq predict --model airline\n"
    "  tsseq2seq predict --model airline newer.csv --output forecast.csv --plot forecast.png\n"
    "  tsseq2seq predict --model sales --future-template prices.csv\n"
    "  tsseq2seq predict --model sales --future prices.csv"
)
@takes_groups
def predict(
    model: options.Model,
    results: options.Results,
    future: options.FutureValues,
    reading: options.Reading,
    data: options.NewData = None,
    horizon: options.OwnHorizon = None,
    levels: options.Levels = None,
) -> Job:
    """Print the forecast of a saved model.

    It starts from the end of DATA, which has the columns that the model was fitted on, or else from the
    end of the data of the fit.
    """
    return functools.partial(_do, "jobs", "predict", locals())


@app.command(
    epilog="Example:\n\n\b\n"
    "  tsseq2seq calibrate --model airline newer.csv --step 1\n"
    "  tsseq2seq predict --model airline newer.csv --levels 80"
)
@takes_groups
def calibrate(
    model: options.Model, data: options.UnseenData, reading: options.Reading, step: options.Step = None
) -> Job:
    """Let a saved model learn from DATA how wide its intervals must be.

    DATA is what the model was not trained on. The model is saved with intervals of any level, which hold
    as often as they say if what comes is like DATA (split conformal prediction).
    """
    return functools.partial(_do, "jobs", "calibrate", locals())


@app.command(
    epilog="Examples:\n\n\b\n"
    "  tsseq2seq backtest passengers.csv --horizon 12\n"
    "  tsseq2seq backtest passengers.csv --horizon 12 --windows 6 --refit-every 3 --output windows.csv"
)
@takes_groups
def backtest(
    data: options.Data,
    horizon: options.Horizon,
    cutoffs: options.Cutoffs,
    table: options.Table,
    reading: options.Reading,
    learning: options.Learning,
    output: options.Output = None,
    formulas_as_text: options.FormulasAsText = False,
) -> Job:
    """Forecast the end of DATA from several cutoffs and print how far off it was.

    The model knows nothing of what comes after a cutoff. Errors are means over all forecasts: MAE and RMSE
    in the data's units, sMAPE in percent, MASE against the seasonal naive method, and the share of the
    truth that lay in each interval. --output has the forecasts beside the truth.
    """
    return functools.partial(_do, "studies", "backtest", locals())


@app.command(
    epilog="Examples:\n\n\b\n"
    "  tsseq2seq leaderboard passengers.csv --horizon 12 --plot board.png\n"
    "  tsseq2seq leaderboard passengers.csv --horizon 12 --models seq2seq,seasonal-naive,theta --windows 6"
)
@takes_groups
def leaderboard(
    data: options.Data,
    horizon: options.Horizon,
    cutoffs: options.Cutoffs,
    results: options.Results,
    table: options.Table,
    reading: options.Reading,
    learning: options.Learning,
    models: options.Models = "seq2seq,seasonal-naive,naive2,theta,ets",
) -> Job:
    """Compare the network with statistical methods on DATA, from the same cutoffs.

    The best stands first, and a sentence says whether the network is worth it. --output has the scores.
    """
    return functools.partial(_do, "studies", "leaderboard", locals())


@app.command(epilog="Example:\n\n\b\n  tsseq2seq diagnose passengers.csv --horizon 12")
@takes_groups
def diagnose(
    data: options.Data,
    horizon: options.Horizon,
    table: options.Table,
    reading: options.Reading,
    learning: options.Learning,
) -> Job:
    """Say what is in DATA, and what training on it will take, before you train."""
    return functools.partial(_do, "studies", "diagnose", locals())


@app.command(
    epilog="Examples:\n\n\b\n"
    "  tsseq2seq tune passengers.csv --horizon 12 --trials 30 --model airline\n"
    "  tsseq2seq tune sales.csv --horizon 28 --max-time 60 --timeout 3600 --storage sqlite:///sales.db"
)
@takes_groups
def tune(
    data: options.Data,
    horizon: options.Horizon,
    search: options.SettingsSearch,
    table: options.Table,
    reading: options.Reading,
    learning: options.Learning,
    model: options.BestModel = None,
    output: options.Output = None,
) -> Job:
    """Search the settings of the model that forecast the end of DATA best.

    The first trial has the settings that the other options say. The best settings are printed, and with
    --model a model with them, fitted on all of DATA, is saved. The same command elsewhere, with the same
    --storage and --study, helps with the same search. --output has all trials.
    """
    return functools.partial(_do, "searches", "tune", locals())
