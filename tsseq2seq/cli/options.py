"""The options of the commands, each declared once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

_COLUMN = "COLUMN"

Data = Annotated[
    Path,
    Argument(metavar="DATA", help="CSV (also .csv.gz) or Parquet file: a row for each time and series."),
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
Output = Annotated[
    Path | None, Option(metavar="FILE", help="Write the forecast to this .csv, .csv.gz or .parquet file.")
]
Plot = Annotated[
    Path | None, Option(metavar="FILE", help="Draw the forecast into this .png, .svg or .pdf file.")
]
TimeCol = Annotated[str | None, Option(metavar=_COLUMN, help="Time stamps: dates or integers.")]
TargetCol = Annotated[str | None, Option(metavar=_COLUMN, help="What to forecast.")]
IdCol = Annotated[str | None, Option(metavar=_COLUMN, help="Names of the series, where there are several.")]
Freq = Annotated[
    str | None,
    Option(metavar="STEP", help="Step of time, such as h, D, W-SUN, MS; a number for integer time."),
]
ContextLength = Annotated[int | None, Option(min=1, metavar="N", help="Steps that the model reads.")]
SegmentLength = Annotated[int | None, Option(min=1, metavar="N", help="Values of one recurrent step.")]
MaxSteps = Annotated[int | None, Option(min=1, metavar="N", help="Training steps.")]
MaxTime = Annotated[float | None, Option(metavar="SECONDS", help="Time of training at the most.")]
Seed = Annotated[
    int,
    Option(min=0, metavar="N", help="The same seed gives the same forecast on the same machine."),
]
Device = Annotated[str, Option(metavar="NAME", help="auto, cpu, cuda, cuda:1 …")]
NoInterval = Annotated[bool, Option("--no-interval", help="Forecast one number a step, without an interval.")]
