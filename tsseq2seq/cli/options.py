"""The options of the forecasting commands, each declared once, in groups that commands share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from typer import Argument, Option

__all__ = [
    "BestModel",
    "Cutoffs",
    "Data",
    "Distribution",
    "FormulasAsText",
    "FutureValues",
    "HoldOut",
    "Horizon",
    "Learning",
    "Levels",
    "Model",
    "ModelName",
    "Models",
    "NewData",
    "Output",
    "OwnHorizon",
    "Plot",
    "Reading",
    "Results",
    "SettingsSearch",
    "Shown",
    "Step",
    "Table",
    "UnseenData",
    "WrittenSettings",
]

_COLUMN = "COLUMN"
# Beyond it no memory suffices, and no series is so long.
_MOST = 1_000_000
_SEVERAL = "For several, repeat the option or separate names by commas."

Data = Annotated[
    Path,
    Argument(
        metavar="DATA",
        help="CSV (also .csv.gz), Excel or Parquet file, or - for standard input: a row for each time and "
        "series.",
    ),
]
UnseenData = Annotated[
    Path | None,
    Argument(
        metavar="[DATA]",
        help="Later rows of the fitted series, with their history; or other series. Default: those held out.",
    ),
]
NewData = Annotated[
    Path | None,
    Argument(metavar="[DATA]", help="History to forecast from. Default: the data of the fit."),
]
Horizon = Annotated[int, Option(min=1, max=_MOST, metavar="N", help="Time steps to forecast.")]
OwnHorizon = Annotated[
    int | None,
    Option(
        min=1,
        max=_MOST,
        metavar="N",
        help="Time steps to forecast. Default: the horizon of the fit.",
    ),
]
Model = Annotated[Path, Option(metavar="FOLDER", help="Folder of the saved model.")]
BestModel = Annotated[
    Path | None,
    Option(metavar="FOLDER", help="Fit a model with the best settings on all of DATA, and save it here."),
]
WrittenSettings = Annotated[
    Path | None,
    Option(
        metavar="FILE", help="Write the best settings to this file, for --settings of the other commands."
    ),
]
_NAMES = "seq2seq, pretrained, fine-tuned, smoothing, seasonal-naive, naive2, theta, ets, sarimax"
Models = Annotated[str, Option(metavar="NAMES", help=f"Models to compare, separated by commas: {_NAMES}.")]
ModelName = Annotated[
    str, Option(metavar="NAME", help=f"What forecasts, a network or a statistical method: {_NAMES}.")
]
HoldOut = Annotated[
    int | None,
    Option(
        min=1,
        max=_MOST,
        metavar="N",
        help="Leave the last N steps of each series out of training, print the errors there, and keep them "
        "for calibrate.",
    ),
]
Output = Annotated[
    Path | None, Option(metavar="FILE", help="Write the table to this .csv, .csv.gz or .parquet file.")
]
Page = Annotated[Path, Option("--output", metavar="FILE", help="Write the page to this .html file.")]
PageTitle = Annotated[
    str | None, Option(metavar="TEXT", help="Heading of the page. Default: the file's name.")
]
PageWindows = Annotated[int, Option(min=1, max=_MOST, metavar="N", help="Number of cutoffs of the backtest.")]
FormulasAsText = Annotated[
    bool,
    Option(
        "--formulas-as-text",
        help="In a .csv, write ' before text that a spreadsheet would take for a formula, such as =A1.",
    ),
]
Plot = Annotated[
    Path | None, Option(metavar="FILE", help="Draw the result into this .png, .svg or .pdf file.")
]
Levels = Annotated[
    str | None,
    Option(metavar="PERCENT", help="Levels of the intervals in percent, such as 80,95."),
]
Step = Annotated[
    int | None,
    Option(min=1, max=_MOST, metavar="N", help="Time steps between cutoffs. Default: the horizon."),
]
Distribution: TypeAlias = Literal[
    "quantiles", "normal", "student-t", "negative-binomial", "zero-inflated", "tweedie", "binned", "point"
]


WEIGHT_COL = Option(
    metavar=_COLUMN, help="Column of how much each row counts in training; rows with 0 are read only."
)


@dataclass(frozen=True, kw_only=True)
class Table:
    """The role of each column: time stamp, target, series, covariate."""

    time_col: Annotated[
        str | None, Option(metavar=_COLUMN, help="Column of time stamps: dates or integers.")
    ] = None
    target_col: Annotated[
        list[str] | None, Option(metavar=_COLUMN, help=f"Column to forecast. {_SEVERAL}")
    ] = None
    id_col: Annotated[
        str | None, Option(metavar=_COLUMN, help="Column of series names, if there are several series.")
    ] = None
    past_col: Annotated[
        list[str] | None,
        Option(metavar=_COLUMN, help=f"Covariate known up to the last row of DATA. {_SEVERAL}"),
    ] = None
    future_col: Annotated[
        list[str] | None,
        Option(metavar=_COLUMN, help=f"Covariate known over the horizon too; see --future. {_SEVERAL}"),
    ] = None
    static_col: Annotated[
        list[str] | None,
        Option(metavar=_COLUMN, help=f"Covariate that is constant within a series. {_SEVERAL}"),
    ] = None
    weight_col: Annotated[str | None, WEIGHT_COL] = None
    freq: Annotated[
        str | None,
        Option(
            metavar="STEP",
            help="Frequency: h, D, W-SUN, MS …; a number for integer time stamps. Default: inferred.",
        ),
    ] = None


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How the file is written, where it does not tell."""

    sep: Annotated[
        str | None, Option(metavar="MARK", help="What separates fields: ',', ';', tab … Without it: found.")
    ] = None
    decimal: Annotated[
        str | None, Option(metavar="MARK", help="The decimal mark of numbers, . or , where they do not tell.")
    ] = None
    thousands: Annotated[
        str | None, Option(metavar="MARK", help="What separates their thousands, where they do not tell.")
    ] = None
    date_format: Annotated[
        str | None,
        Option(
            metavar="FORMAT",
            help="How dates are written, such as %d.%m.%y, or %G%V for ISO weeks. Without it: found.",
        ),
    ] = None
    time_zone: Annotated[
        str | None,
        Option(
            metavar="NAME",
            help="Where the clocks are that the time stamps go by, such as Europe/Berlin. Without it: the "
            "offset that is written, or UTC where it changes.",
        ),
    ] = None
    encoding: Annotated[
        str | None, Option(metavar="NAME", help="Encoding of the text, such as cp1252. Without it: UTF-8.")
    ] = None
    skip_rows: Annotated[
        int | None, Option(min=0, metavar="N", help="Lines above the names of the columns, to leave out.")
    ] = None
    sheet: Annotated[str | None, Option(metavar="NAME", help="Sheet of an Excel file.")] = None
    no_time: Annotated[
        bool, Option("--no-time", help="There are no time stamps: rows stand in order, one step apart.")
    ] = False
    wide: Annotated[
        bool,
        Option(
            "--wide", help="Each column is a series; or each row is one, with time stamps above the columns."
        ),
    ] = False


@dataclass(frozen=True, kw_only=True)
class Learning:
    """The model and its training."""

    context_length: Annotated[
        int | None,
        Option(
            min=1,
            max=_MOST,
            metavar="N",
            help="Last time steps before the cutoff, which the encoder reads. Default: from the data.",
        ),
    ] = None
    segment_length: Annotated[
        int | None,
        Option(
            min=1,
            max=_MOST,
            metavar="N",
            help="Values read or written in one recurrent step. Default: from the data.",
        ),
    ] = None
    season: Annotated[
        list[str] | None,
        Option(
            metavar="N",
            help="Steps after which a pattern repeats; 1: there is none. For several, repeat the option or "
            "separate numbers by commas: 7,365.25.",
        ),
    ] = None
    lag: Annotated[
        list[str] | None,
        Option(
            metavar="N", help="Also read the value N time steps before each step. Several as for --season."
        ),
    ] = None
    stride: Annotated[
        int | None,
        Option(
            min=1,
            max=_MOST,
            metavar="N",
            help="Train on every N-th window, counted back from the end of the series. Default: 1.",
        ),
    ] = None
    distribution: Annotated[
        Distribution | None,
        Option(
            help="Type of output, from which intervals come. For counts: negative-binomial, and where most "
            "are 0 zero-inflated; for amounts of which most are 0: tweedie. point has no intervals. Default: "
            "quantiles."
        ),
    ] = None
    centre: Annotated[
        Literal["median", "mean"] | None,
        Option(
            help="What the forecast is: of a distribution also the mean, such as expected demand. Default: "
            "median."
        ),
    ] = None
    floor: Annotated[
        float | None,
        Option(metavar="VALUE", help="Forecasts are not below. Without it: 0 where no value is below 0."),
    ] = None
    ceiling: Annotated[float | None, Option(metavar="VALUE", help="Forecasts are not above.")] = None
    levels: Levels = None
    calendar: Annotated[
        bool, Option("--calendar", help="Add the month, weekday, hour … of each time stamp as covariates.")
    ] = False
    country: Annotated[
        str | None,
        Option(metavar="CODE", help="Like --calendar, and add public holidays of a country: DE, US-CA …"),
    ] = None
    members: Annotated[
        int | None,
        Option(min=1, metavar="N", help="Networks to train; the forecast is their median. Default: 1."),
    ] = None
    max_steps: Annotated[
        int | None,
        Option(
            min=1,
            metavar="N",
            help="Training steps. Without it: 300 to 1,200, by the data; of many, all in --max-time.",
        ),
    ] = None
    max_time: Annotated[
        float | None,
        Option(
            metavar="SECONDS",
            help="Time of each fit at the most; few data take less, for they are soon learnt by heart.",
        ),
    ] = None
    seed: Annotated[
        int | None,
        Option(
            min=0,
            metavar="N",
            help="Random seed; the same seed gives the same forecast on the same machine. Default: 0.",
        ),
    ] = None
    device: Annotated[str, Option(metavar="NAME", help="Where to compute: auto, cpu, cuda, cuda:1 …")] = (
        "auto"
    )
    settings: Annotated[
        Path | None,
        Option(
            metavar="FILE",
            help="Settings that tune wrote with --write-settings, or a JSON file like it. Options given "
            "beside it win.",
        ),
    ] = None


@dataclass(frozen=True, kw_only=True)
class SettingsSearch:
    """The hyperparameter search."""

    trials: Annotated[
        int | None, Option(min=1, metavar="N", help="Trials to run. Default: 50; with --timeout, no limit.")
    ] = None
    timeout: Annotated[float | None, Option(metavar="SECONDS", help="Start no trial after this time.")] = None
    metric: Annotated[
        str, Option(metavar="NAME", help="Metric to minimise: mase, mae, smape, crps, seconds …")
    ] = "mase"
    windows: Annotated[
        int | None,
        Option(min=1, max=_MOST, metavar="N", help="Cutoffs on which trials are scored. Default: up to 3."),
    ] = None
    step: Step = None
    storage: Annotated[
        str | None,
        Option(
            metavar="URL",
            help="Database of the study: sqlite:///study.db, postgresql+psycopg://… Default: not kept.",
        ),
    ] = None
    study: Annotated[
        str | None,
        Option(metavar="NAME", help="Name of the study. Commands with the same name and --storage share it."),
    ] = None
    jobs: Annotated[int, Option(min=1, metavar="N", help="Worker processes on this machine.")] = 1
    heartbeat: Annotated[
        float,
        Option(
            min=1,
            metavar="SECONDS",
            help="Interval of the workers' signals. Without one for twice as long, a worker counts as dead.",
        ),
    ] = 60.0


@dataclass(frozen=True, kw_only=True)
class FutureValues:
    """Future covariates over the horizon."""

    future: Annotated[
        Path | None,
        Option(
            metavar="FILE",
            help="Values of the future columns over the horizon, with time stamps (and series names).",
        ),
    ] = None
    future_template: Annotated[
        Path | None,
        Option(metavar="FILE", help="Write the table that --future needs, to be filled in, and stop."),
    ] = None


@dataclass(frozen=True, kw_only=True)
class Results:
    """Where a forecast is written."""

    output: Output = None
    formulas_as_text: FormulasAsText = False
    plot: Plot = None


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What of the results is printed and drawn."""

    series: Annotated[
        list[str] | None,
        Option(metavar="NAME", help=f"Series to print and to draw. Default: the first. {_SEVERAL}"),
    ] = None
    title: Annotated[str | None, Option(metavar="TEXT", help="Title of the plot.")] = None


@dataclass(frozen=True, kw_only=True)
class Cutoffs:
    """The cutoffs of a backtest."""

    windows: Annotated[
        int,
        Option(
            min=1, max=_MOST, metavar="N", help="Number of cutoffs; the last lies one horizon before the end."
        ),
    ] = 4
    step: Step = None
    refit_every: Annotated[
        int | None,
        Option(
            min=1,
            metavar="K",
            help="Fit again at every K-th cutoff. Default: once, before the first; for leaderboard at each.",
        ),
    ] = None
