"""Statistical methods, and the pretrained network, in the place of a network that is trained anew."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pandas as pd

import tsseq2seq
from tsseq2seq.cli import options
from tsseq2seq.cli.model_names import BASELINES, NETWORK, PRETRAINED
from tsseq2seq.cli.models import LEVELS, check_levels, parse_numbers_of
from tsseq2seq.data.frames.columns import FORECAST, Columns
from tsseq2seq.errors import ParameterError, require
from tsseq2seq.forecasting.bounds import check_bounds, find_bounds

__all__ = ["baseline_levels", "check_baseline", "forecast_column", "held", "make_baseline"]

# What statistical methods have too, or what the command does for them; and what training further has besides.
_SHARED = ("season", "floor", "ceiling", "levels", "device")
_OF_FINE_TUNING = ("max_steps", "max_time", "seed")


def make_baseline(
    name: str, horizon: int, columns: Columns, freq: str | None, given: options.Learning
) -> Any:  # noqa: ANN401 (one of several classes)
    """Return an unfitted statistical method, or the pretrained network.

    Raises
    ------
    MissingDependencyError
        If the package behind it is not installed.
    """
    if name in PRETRAINED:
        return _pretrained(name, horizon, columns, freq, given)
    baseline = getattr(tsseq2seq, BASELINES[name])
    if baseline.package is not None:
        # checked now: a network may be trained before the baseline runs
        require(baseline.package, extra="baselines", purpose=baseline.__name__)
    seasons = parse_numbers_of("--season", given.season)
    return baseline(
        horizon,
        season_length=None if seasons is None else round(min(seasons)),
        id_col=columns.id,
        time_col=columns.time,
        target_col=columns.targets[0],
        freq=freq,
    )


def _pretrained(
    name: str, horizon: int, columns: Columns, freq: str | None, given: options.Learning
) -> tsseq2seq.Seq2SeqForecaster:
    return tsseq2seq.Seq2SeqForecaster(
        horizon,
        weights=PRETRAINED[name],
        season_length=parse_numbers_of("--season", given.season),
        training=tsseq2seq.Training(max_steps=given.max_steps, max_time=given.max_time, device=given.device),
        id_col=columns.id,
        time_col=columns.time,
        target_col=columns.targets[0],
        freq=freq,
        floor=given.floor,
        ceiling=given.ceiling,
        seed=0 if given.seed is None else given.seed,
    )


def forecast_column(model: Any) -> str:  # noqa: ANN401 (one of several classes)
    """Return the column of a model's forecast."""
    return FORECAST if isinstance(model, tsseq2seq.Seq2SeqForecaster) else type(model).__name__


def check_baseline(name: str, columns: Columns, given: options.Learning) -> None:
    """Refuse what a statistical method has not: covariates, several targets, settings of the network.

    Raises
    ------
    ParameterError
        Naming the option.
    """
    instead = f"leave it out, or take --model-name {NETWORK}"
    for option, names in (("past", columns.past), ("future", columns.future), ("static", columns.static)):
        if names:
            raise ParameterError(f"--{option}-col is given, but {name} reads no covariates; {instead}")
    if columns.weight is not None:
        raise ParameterError(f"--weight-col is given, but {name} weighs all rows the same; {instead}")
    if len(columns.targets) > 1:
        raise ParameterError(f"--target-col has several columns, but {name} forecasts one; name one")
    for field in dataclasses.fields(given):
        value = getattr(given, field.name)
        shared = field.name in _SHARED or (field.name == "distribution" and value == "point")
        shared |= name == "fine-tuned" and field.name in _OF_FINE_TUNING
        if value != field.default and not shared:
            option = "--" + field.name.replace("_", "-")
            raise ParameterError(f"{option} is given, but {name} has no such setting; {instead}")


def baseline_levels(given: options.Learning) -> tuple[float, ...] | None:
    """Return the levels of a statistical method's intervals: those asked for, or that of the network."""
    levels = check_levels(given)
    return levels if levels is not None or given.distribution == "point" else LEVELS


def held(forecasts: pd.DataFrame, known: pd.Series, *, name: str, given: options.Learning) -> pd.DataFrame:
    """Return forecasts of a statistical method between floor and ceiling, as those of the network are.

    Parameters
    ----------
    forecasts
        With the column ``name`` and the bounds of its intervals.
    known
        The values known before.
    name
        Column of forecasts.
    given
        ``--floor`` and ``--ceiling``; without them the floor is 0 where no value known is below 0.
    """
    check_bounds(given.floor, given.ceiling)
    bounds = find_bounds(np.array([known.min()], dtype=float), floor=given.floor, ceiling=given.ceiling)
    columns = [column for column in forecasts.columns if column == name or column.startswith(f"{name}-")]
    values = bounds.hold(forecasts[columns].to_numpy(dtype=float)[..., None])[..., 0]
    return forecasts.assign(**dict(zip(columns, values.T, strict=True)))
