"""The options of the command ``anomalies`` that no other command has."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from typer import Option

from tsseq2seq.cli import options

__all__ = ["Model", "SeriesTable", "Shown", "WindowLearning"]

_COLUMN = "COLUMN"
_LONGEST = 100_000

Model = Annotated[
    Path | None,
    Option(
        metavar="FOLDER",
        help="Folder of the model. If it holds one, DATA is scored by it; if not, the model fitted on DATA "
        "is saved there. Default: not kept.",
    ),
]


@dataclass(frozen=True, kw_only=True)
class SeriesTable:
    """The role of each column: time stamp, target, series."""

    time_col: Annotated[
        str | None, Option(metavar=_COLUMN, help="Column of time stamps: dates or integers.")
    ] = None
    target_col: Annotated[
        list[str] | None,
        Option(
            metavar=_COLUMN,
            help="Column of values. Several have one score: repeat the option or separate names by commas.",
        ),
    ] = None
    id_col: Annotated[
        str | None, Option(metavar=_COLUMN, help="Column of series names, if there are several series.")
    ] = None
    weight_col: Annotated[str | None, options.WEIGHT_COL] = None
    freq: Annotated[
        str | None,
        Option(
            metavar="STEP",
            help="Frequency: h, D, W-SUN, MS …; a number for integer time stamps. Default: inferred.",
        ),
    ] = None

    def as_table(self) -> options.Table:
        """Return the roles without covariates, as other commands have them."""
        return options.Table(**vars(self))


@dataclass(frozen=True, kw_only=True)
class Shown(options.Shown):
    """What of the anomalies is printed and drawn."""

    series: Annotated[
        list[str] | None,
        Option(
            metavar="NAME",
            help="Series to print and to draw. Default: all, and the first six. For several, repeat the "
            "option or separate names by commas.",
        ),
    ] = None


@dataclass(frozen=True, kw_only=True)
class WindowLearning:
    """The autoencoder and its training."""

    window_length: Annotated[
        int | None,
        Option(
            min=2,
            max=_LONGEST,
            metavar="N",
            help="Time steps of a window. Default: the longest season of which there are eight.",
        ),
    ] = None
    false_alarms: Annotated[
        float | None,
        Option(
            metavar="SHARE",
            help="Share of usual time steps that may count as anomalies, such as 0.001. Default: 0.01.",
        ),
    ] = None
    latent_size: Annotated[
        int | None,
        Option(
            min=1,
            metavar="N",
            help="Numbers that a window is written by; the fewer, the less that is unusual passes. Default: "
            "from the data.",
        ),
    ] = None
    noise: Annotated[
        float | None,
        Option(metavar="SHARE", help="Share of the values that training hides at random. Default: 0."),
    ] = None
    members: Annotated[
        int | None, Option(min=1, metavar="N", help="Networks to train; their mean counts. Default: 1.")
    ] = None
    max_steps: Annotated[
        int | None, Option(min=1, metavar="N", help="Training steps. Without it: from the data.")
    ] = None
    max_time: Annotated[float | None, Option(metavar="SECONDS", help="Time of the fit at the most.")] = None
    seed: Annotated[
        int | None,
        Option(
            min=0,
            metavar="N",
            help="Random seed; the same seed gives the same scores on the same machine. Default: 0.",
        ),
    ] = None
    device: Annotated[
        str | None, Option(metavar="NAME", help="Where to compute: auto, cpu, cuda, cuda:1 … Default: auto.")
    ] = None
