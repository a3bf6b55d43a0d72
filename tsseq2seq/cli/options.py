"""The options of the commands, each declared once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

Data = Annotated[Path, Argument(help="CSV (also .csv.gz) or Parquet file: one row for each time and series.")]
NewData = Annotated[
    Path | None, Argument(help="The history to forecast from. Without it: the data of the fit.")
]
Horizon = Annotated[int, Option(min=1, help="Steps to forecast.")]
OwnHorizon = Annotated[
    int | None, Option(min=1, help="Steps to forecast. Without it: as many as the model was trained for.")
]
Model = Annotated[Path, Option(help="Folder of the saved model.")]
Output = Annotated[Path | None, Option(help="Write the forecast to this .csv, .csv.gz or .parquet file.")]
Plot = Annotated[Path | None, Option(help="Draw the forecast into this .png, .svg or .pdf file.")]
TimeCol = Annotated[str | None, Option(help="Column of time stamps: dates or integers.")]
TargetCol = Annotated[str | None, Option(help="Column to forecast.")]
IdCol = Annotated[str | None, Option(help="Column of series names, where there are several series.")]
Freq = Annotated[str | None, Option(help="Step of time, such as h, D, W-SUN, MS; a number for integer time.")]
ContextLength = Annotated[int | None, Option(min=1, help="Steps that the model reads.")]
SegmentLength = Annotated[int | None, Option(min=1, help="Values of one recurrent step.")]
MaxSteps = Annotated[int | None, Option(min=1, help="Training steps.")]
MaxTime = Annotated[float | None, Option(help="Seconds of training at the most.")]
Seed = Annotated[int, Option(min=0, help="The same seed gives the same forecast on the same machine.")]
Device = Annotated[str, Option(help="auto, cpu, cuda, cuda:1 …")]
NoInterval = Annotated[bool, Option("--no-interval", help="Forecast one number a step, without an interval.")]
