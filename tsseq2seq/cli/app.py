"""The commands and their options. What they do is in ``jobs``, imported when one is called.

A command only gathers its options; it is run outside the parser, which has its own ways with errors
and interrupts.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer

from tsseq2seq.cli import options

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
    "  tsseq2seq predict --model airline newer.csv --output forecast.csv",
)


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


def _do(job: str, given: dict[str, Any]) -> None:
    from tsseq2seq.cli import jobs

    getattr(jobs, job)(**given)


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
    epilog="Example:\n\n\b\n"
    "  tsseq2seq forecast passengers.csv --horizon 12 --output forecast.csv --plot forecast.png"
)
def forecast(
    data: options.Data,
    horizon: options.Horizon,
    output: options.Output = None,
    plot: options.Plot = None,
    time_col: options.TimeCol = None,
    target_col: options.TargetCol = None,
    id_col: options.IdCol = None,
    freq: options.Freq = None,
    context_length: options.ContextLength = None,
    segment_length: options.SegmentLength = None,
    max_steps: options.MaxSteps = None,
    max_time: options.MaxTime = None,
    seed: options.Seed = 0,
    device: options.Device = "auto",
    no_interval: options.NoInterval = False,
) -> Job:
    """Fit a model on DATA and print its forecast.

    Columns and frequency are found in the data and reported, as is whatever else you leave open. The
    forecast has an interval that the truth should fall into nine times of ten.
    """
    return functools.partial(_do, "forecast", locals())


@app.command(epilog="Example:\n\n\b\n  tsseq2seq fit passengers.csv --horizon 12 --model airline")
def fit(
    data: options.Data,
    horizon: options.Horizon,
    model: options.Model,
    time_col: options.TimeCol = None,
    target_col: options.TargetCol = None,
    id_col: options.IdCol = None,
    freq: options.Freq = None,
    context_length: options.ContextLength = None,
    segment_length: options.SegmentLength = None,
    max_steps: options.MaxSteps = None,
    max_time: options.MaxTime = None,
    seed: options.Seed = 0,
    device: options.Device = "auto",
    no_interval: options.NoInterval = False,
) -> Job:
    """Fit a model on DATA and save it.

    It is loaded by `tsseq2seq predict`, and in Python by `tsseq2seq.load`.
    """
    return functools.partial(_do, "fit", locals())


@app.command(
    epilog="Examples:\n\n\b\n"
    "  tsseq2seq predict --model airline\n"
    "  tsseq2seq predict --model airline newer.csv --output forecast.csv --plot forecast.png"
)
def predict(
    model: options.Model,
    data: options.NewData = None,
    horizon: options.OwnHorizon = None,
    output: options.Output = None,
    plot: options.Plot = None,
) -> Job:
    """Print the forecast of a saved model.

    It starts from the end of DATA, which has the columns that the model was fitted on, or else from the
    end of the data of the fit.
    """
    return functools.partial(_do, "predict", locals())
