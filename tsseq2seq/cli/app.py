"""The commands of the command line, and its parser.

Their options are in ``options``. Their work is done in ``jobs``, ``studies`` and ``searches``. The commands
that translate are in ``translate``, those that transcribe in ``transcribe``.

A command only returns the job to run. The job runs outside the parser, since typer handles errors and
interrupts in its own way.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer

from tsseq2seq.cli import anomaly_options, options, transcribe, translate
from tsseq2seq.cli.checkpoint_options import Checkpointing
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
    "  tsseq2seq report passengers.csv --horizon 12 --output report.html\n"
    "  tsseq2seq tune passengers.csv --horizon 12 --model airline\n"
    "  tsseq2seq anomalies taxi.csv --plot anomalies.png\n"
    "  tsseq2seq translate fit pairs.tsv --model greek\n"
    "  tsseq2seq transcribe fit lines texts.csv --model digits",
)
app.add_typer(translate.app, name="translate")
app.add_typer(transcribe.app, name="transcribe")


def parse(arguments: Sequence[str]) -> Job | int:
    """Read a command line.

    Parameters
    ----------
    arguments
        The words after ``tsseq2seq``.

    Returns
    -------
    callable or int
        The job to run; or the exit status, if parsing was all (``--help``).
    """
    command = typer.main.get_command(app)
    job: Job | int = command.main(list(arguments), prog_name="tsseq2seq", standalone_mode=False)
    return job


def _run_job(module: str, job: str, options: dict[str, Any]) -> None:
    # imported only now: --help need not wait for pandas and torch
    getattr(importlib.import_module(f"tsseq2seq.cli.{module}"), job)(**options)


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
    "  tsseq2seq forecast passengers.csv --horizon 12 --model-name theta\n"
    "  tsseq2seq forecast sales.csv --horizon 14 --future-col price --future-template prices.csv\n"
    "  tsseq2seq forecast sales.csv --horizon 14 --future-col price --future prices.csv"
)
@takes_groups
def forecast(
    data: options.Data,
    horizon: options.Horizon,
    results: options.Results,
    shown: options.Shown,
    future: options.FutureValues,
    table: options.Table,
    reading: options.Reading,
    learning: options.Learning,
    model_name: options.ModelName = "seq2seq",
) -> Job:
    """Fit a model on DATA and print its forecast.

    Columns, frequency and settings that no option gives are chosen from the data and reported. By default
    the forecast has an interval of level 90 %. Statistical methods take neither covariates nor the options of
    the network.
    """
    return functools.partial(_run_job, "jobs", "forecast", locals())


@app.command(
    epilog="Examples:\n\n\b\n"
    "  tsseq2seq fit passengers.csv --horizon 12 --model airline\n"
    "  tsseq2seq fit sales.csv --horizon 14 --future-col price --model sales\n"
    "  tsseq2seq fit passengers.csv --horizon 12 --hold-out 36 --model held\n"
    "  tsseq2seq fit sales.csv --horizon 14 --future-col price --model sales --checkpoint states"
)
@takes_groups
def fit(
    data: options.Data,
    horizon: options.Horizon,
    model: options.Model,
    table: options.Table,
    reading: options.Reading,
    learning: options.Learning,
    checkpointing: Checkpointing,
    hold_out: options.HoldOut = None,
) -> Job:
    """Fit a model on DATA and save it.

    To use the model, run `tsseq2seq predict`, or call `tsseq2seq.load` in Python.
    """
    return functools.partial(_run_job, "fits", "fit", locals())


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
    shown: options.Shown,
    future: options.FutureValues,
    reading: options.Reading,
    data: options.NewData = None,
    horizon: options.OwnHorizon = None,
    levels: options.Levels = None,
) -> Job:
    """Print the forecast of a saved model.

    The forecast starts after the end of DATA, or after the end of the data of the fit. DATA must have the
    columns that the model was fitted on.
    """
    return functools.partial(_run_job, "jobs", "predict", locals())


@app.command(
    epilog="Examples:\n\n\b\n"
    "  tsseq2seq calibrate --model airline newer.csv --step 1\n"
    "  tsseq2seq predict --model airline newer.csv --levels 80\n"
    "  tsseq2seq calibrate --model held --step 1"
)
@takes_groups
def calibrate(
    model: options.Model,
    reading: options.Reading,
    data: options.UnseenData = None,
    step: options.Step = None,
) -> Job:
    """Calibrate the intervals of a saved model on DATA, and save it.

    DATA must hold rows that the model was not trained on. Without it, the rows held out by `fit --hold-out`
    are taken. Afterwards `predict` gives split conformal
    intervals. One of level 80 contains 80 % of the true values, if later data are like DATA.
    """
    return functools.partial(_run_job, "fits", "calibrate", locals())


@app.command(
    epilog="Examples:\n\n\b\n"
    "  tsseq2seq backtest passengers.csv --horizon 12\n"
    "  tsseq2seq backtest passengers.csv --horizon 12 --windows 6 --refit-every 3 --output windows.csv\n"
    "  tsseq2seq backtest passengers.csv --horizon 12 --model-name theta --plot windows.png"
)
@takes_groups
def backtest(
    data: options.Data,
    horizon: options.Horizon,
    cutoffs: options.Cutoffs,
    results: options.Results,
    shown: options.Shown,
    table: options.Table,
    reading: options.Reading,
    learning: options.Learning,
    model_name: options.ModelName = "seq2seq",
) -> Job:
    """Forecast the end of DATA from several cutoffs and print the errors.

    The model is fitted before the cutoffs that it forecasts from. Errors are means over all forecasts: MAE
    and RMSE in the units of the data, sMAPE in percent, MASE relative to the seasonal naive method. The
    coverage is the share of true values inside an interval. --output gets the forecasts and the true values,
    --plot draws them.
    """
    return functools.partial(_run_job, "studies", "backtest", locals())


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
    models: options.Models = "seq2seq,smoothing,seasonal-naive,naive2,theta,ets",
) -> Job:
    """Compare the network with statistical methods on DATA, from the same cutoffs.

    By default the network is trained before each cutoff, since the statistical methods know what comes before
    each. The table lists the best model first. A sentence compares the network with the best statistical
    method. --output gets the scores.
    """
    return functools.partial(_run_job, "studies", "leaderboard", locals())


@app.command(epilog="Example:\n\n\b\n  tsseq2seq diagnose passengers.csv --horizon 12")
@takes_groups
def diagnose(
    data: options.Data,
    horizon: options.Horizon,
    table: options.Table,
    reading: options.Reading,
    learning: options.Learning,
) -> Job:
    """Describe DATA, and estimate the time and memory of training on it.

    Lengths, gaps, missing values and seasonal periods are printed, and the settings that would be chosen. A
    few training steps are run to measure their time.
    """
    return functools.partial(_run_job, "studies", "diagnose", locals())


@app.command(
    epilog="Examples:\n\n\b\n"
    "  tsseq2seq tune passengers.csv --horizon 12 --trials 30 --model airline\n"
    "  tsseq2seq tune passengers.csv --horizon 12 --trials 30 --write-settings best.json\n"
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
    write_settings: options.WrittenSettings = None,
    output: options.Output = None,
) -> Job:
    """Search for the settings with which the end of DATA is forecast best.

    The first trial has the settings that the other options give. The best settings are printed. With --model,
    a model with these settings is fitted on all of DATA and saved. With --write-settings they are written to
    a file, for --settings of the other commands. Run the command several times with the same --storage and
    --study to share the work of one search. --output gets all trials.
    """
    return functools.partial(_run_job, "searches", "tune", locals())


@app.command(
    epilog="Examples:\n\n\b\n"
    "  tsseq2seq report passengers.csv --horizon 12 --output report.html\n"
    "  tsseq2seq report sales.csv --horizon 14 --model-name pretrained --output sales.html"
)
@takes_groups
def report(
    data: options.Data,
    horizon: options.Horizon,
    output: options.Page,
    table: options.Table,
    reading: options.Reading,
    learning: options.Learning,
    title: options.PageTitle = None,
    windows: options.PageWindows = 3,
    model_name: options.ModelName = "seq2seq",
) -> Job:
    """Write a page on DATA, its forecast, and how good such forecasts were.

    The page is one file that fetches nothing: what is in the data, whether the network is worth it, a chart
    of each series that can be zoomed, errors and coverage by step, residuals, and all that was chosen.
    """
    return functools.partial(_run_job, "pages", "report", locals())


@app.command()
def demo() -> Job:
    """Forecast a series that comes with the package, in seconds."""
    return functools.partial(_run_job, "pages", "demo", {})


@app.command(
    epilog="Examples:\n\n\b\n"
    "  tsseq2seq anomalies taxi.csv --output scores.csv --plot anomalies.png\n"
    "  tsseq2seq anomalies taxi.csv --window-length 336 --false-alarms 0.001 --model taxi\n"
    "  tsseq2seq anomalies newer.csv --model taxi"
)
@takes_groups
def anomalies(
    data: options.Data,
    results: options.Results,
    shown: anomaly_options.Shown,
    table: anomaly_options.SeriesTable,
    reading: options.Reading,
    learning: anomaly_options.WindowLearning,
    checkpointing: Checkpointing,
    model: anomaly_options.Model = None,
) -> Job:
    """Find what is unusual in DATA, and print where.

    An autoencoder learns of DATA what windows of the series usually are, and writes each window again. The
    score of a time step is how far its value is from that, in units of the usual error. Scores above a
    threshold are anomalies. --output gets the score of each step, --plot draws the series with its anomalies.
    """
    return functools.partial(_run_job, "anomalies", "anomalies", locals())
