"""The options of the commands, each declared once, and the groups in which commands take them."""

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
    "Horizon",
    "Learning",
    "Levels",
    "Model",
    "Models",
    "NewData",
    "Output",
    "OwnHorizon",
    "Plot",
    "Reading",
    "Results",
    "SettingsSearch",
    "Step",
    "Table",
    "UnseenData",
]

_COLUMN = "COLUMN"
_SEVERAL = "Several: repeat the option, or separate them by commas."

Data = Annotated[
    Path,
    Argument(
        metavar="DATA",
        help="CSV (also .csv.gz), Excel or Parquet file, or - for standard input: a row for each time and "
        "series.",
    ),
]
UnseenData = Annotated[
    Path,
    Argument(metavar="DATA", help="Rows after those of the fit (with their history), or other series."),
]
NewData = Annotated[
    Path | None,
    Argument(metavar="[DATA]", help="The history to forecast from. Without it: the data of the fit."),
]
Horizon = Annotated[int, Option(min=1, metavar="N", help="Steps to forecast.")]
OwnHorizon = Annotated[
    int | None,
    Option(min=1, metavar="N", help="Steps to forecast. Without it: as many as the model was trained for."),
]
Model = Annotated[Path, Option(metavar="FOLDER", help="Folder of the saved model.")]
BestModel = Annotated[
    Path | None, Option(metavar="FOLDER", help="Fit the best settings on all of DATA, and save the model.")
]
Models = Annotated[
    str,
    Option(
        metavar="NAMES",
        help="Separated by commas, of: seq2seq, seasonal-naive, naive2, theta, ets, sarimax.",
    ),
]
Output = Annotated[
    Path | None, Option(metavar="FILE", help="Write the table to this .csv, .csv.gz or .parquet file.")
]
FormulasAsText = Annotated[
    bool,
    Option(
        "--formulas-as-text",
        help="In a .csv, write ' before text that a spreadsheet would take for a formula, such as =A1.",
    ),
]
Plot = Annotated[Path | None, Option(metavar="FILE", help="Draw it into this .png, .svg or .pdf file.")]
Levels = Annotated[
    str | None,
    Option(metavar="PERCENT", help="Intervals, such as 80,95: the truth should lie in them so often."),
]
Step = Annotated[int | None, Option(min=1, metavar="N", help="Steps between cutoffs. Without it: a horizon.")]
Distribution: TypeAlias = Literal["quantiles", "normal", "student-t", "negative-binomial", "binned", "point"]


@dataclass(frozen=True, kw_only=True)
class Table:
    """Which column of the data plays which role."""

    time_col: Annotated[str | None, Option(metavar=_COLUMN, help="Time stamps: dates or integers.")] = None
    target_col: Annotated[list[str] | None, Option(metavar=_COLUMN, help=f"What to forecast. {_SEVERAL}")] = (
        None
    )
    id_col: Annotated[
        str | None, Option(metavar=_COLUMN, help="Names of the series, where there are several.")
    ] = None
    past_col: Annotated[
        list[str] | None,
        Option(metavar=_COLUMN, help=f"What else was measured, known up to the last row. {_SEVERAL}"),
    ] = None
    future_col: Annotated[
        list[str] | None,
        Option(metavar=_COLUMN, help=f"What is known of the time to forecast too (--future). {_SEVERAL}"),
    ] = None
    static_col: Annotated[
        list[str] | None, Option(metavar=_COLUMN, help=f"What never changes in a series. {_SEVERAL}")
    ] = None
    freq: Annotated[
        str | None,
        Option(metavar="STEP", help="Step of time, such as h, D, W-SUN, MS; a number for integer time."),
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

    context_length: Annotated[int | None, Option(min=1, metavar="N", help="Steps that the model reads.")] = (
        None
    )
    segment_length: Annotated[
        int | None, Option(min=1, metavar="N", help="Values of one recurrent step.")
    ] = None
    lag: Annotated[
        list[int] | None,
        Option(min=1, metavar="N", help=f"Let it see the value so many steps before each. {_SEVERAL}"),
    ] = None
    stride: Annotated[
        int,
        Option(min=1, metavar="N", help="Learn only from starts whole multiples of it before the end."),
    ] = 1
    distribution: Annotated[
        Distribution,
        Option(help="What intervals come from; negative-binomial is for counts, point gives none."),
    ] = "quantiles"
    levels: Levels = None
    calendar: Annotated[
        bool, Option("--calendar", help="Let the model see month, weekday, hour …, where they vary.")
    ] = False
    country: Annotated[
        str | None,
        Option(metavar="CODE", help="Let it see the calendar and public holidays: DE, US-CA …"),
    ] = None
    members: Annotated[
        int, Option(min=1, metavar="N", help="Networks trained apart; the median of them is the forecast.")
    ] = 1
    max_steps: Annotated[int | None, Option(min=1, metavar="N", help="Training steps.")] = None
    max_time: Annotated[
        float | None, Option(metavar="SECONDS", help="Time of training at the most; of each fit.")
    ] = None
    seed: Annotated[
        int,
        Option(min=0, metavar="N", help="The same seed gives the same forecast on the same machine."),
    ] = 0
    device: Annotated[str, Option(metavar="NAME", help="auto, cpu, cuda, cuda:1 …")] = "auto"


@dataclass(frozen=True, kw_only=True)
class SettingsSearch:
    """How settings are searched."""

    trials: Annotated[
        int | None, Option(min=1, metavar="N", help="Settings to try. Without it: 50, or until --timeout.")
    ] = None
    timeout: Annotated[float | None, Option(metavar="SECONDS", help="No trial begins after this time.")] = (
        None
    )
    metric: Annotated[
        str, Option(metavar="NAME", help="What must be small: mase, mae, smape, crps, seconds …")
    ] = "mase"
    windows: Annotated[
        int | None,
        Option(min=1, metavar="N", help="Cutoffs on which trials are scored. Without it: up to 3."),
    ] = None
    step: Step = None
    storage: Annotated[
        str | None,
        Option(metavar="URL", help="Where the study is kept: sqlite:///study.db, postgresql+psycopg://…"),
    ] = None
    study: Annotated[
        str | None,
        Option(metavar="NAME", help="Who gives the same name and storage works on the same study."),
    ] = None
    jobs: Annotated[int, Option(min=1, metavar="N", help="Processes on this machine.")] = 1
    heartbeat: Annotated[
        float,
        Option(min=1, metavar="SECONDS", help="A worker without a sign of life for twice as long is dead."),
    ] = 60.0


@dataclass(frozen=True, kw_only=True)
class FutureValues:
    """What is known of the time to forecast."""

    future: Annotated[
        Path | None,
        Option(metavar="FILE", help="The future columns over the horizon, with time stamps (and series)."),
    ] = None
    future_template: Annotated[
        Path | None,
        Option(metavar="FILE", help="Only write the table that --future wants, for you to fill in."),
    ] = None


@dataclass(frozen=True, kw_only=True)
class Results:
    """Where a forecast is written."""

    output: Output = None
    formulas_as_text: FormulasAsText = False
    plot: Plot = None


@dataclass(frozen=True, kw_only=True)
class Cutoffs:
    """From where a history is forecast."""

    windows: Annotated[
        int, Option(min=1, metavar="N", help="Cutoffs; the last lies a horizon before the end.")
    ] = 4
    step: Step = None
    refit_every: Annotated[
        int | None,
        Option(
            min=1, metavar="K", help="Fit anew at each K-th cutoff. Without it: once, before the first one."
        ),
    ] = None
