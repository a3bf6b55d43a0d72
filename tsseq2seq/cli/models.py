"""Building a forecaster from the options of a command."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import tsseq2seq
from tsseq2seq.cli import options
from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.errors import ParameterError

if TYPE_CHECKING:
    import tsseq2seq.nn.outputs

__all__ = ["check_levels", "make_model", "parse_levels"]

_LEVELS = (90.0,)


def make_model(
    horizon: int, columns: Columns, freq: str | None, given: options.Learning
) -> tsseq2seq.Seq2SeqForecaster:
    """Return an unfitted forecaster with the settings of the options."""
    calendar: str | tsseq2seq.Calendar | None = "auto" if given.calendar else None
    return tsseq2seq.Seq2SeqForecaster(
        horizon=horizon,
        context_length=given.context_length,
        segment_length=given.segment_length,
        season_length=None if given.season is None else tuple(given.season),
        lags=None if given.lag is None else tuple(given.lag),
        stride=given.stride,
        output=_output(given),
        training=tsseq2seq.Training(
            max_steps=given.max_steps,
            max_time=given.max_time,
            members=given.members,
            device=given.device,
        ),
        past_covariates=columns.past,
        future_covariates=columns.future,
        static_covariates=columns.static,
        calendar=calendar if given.country is None else tsseq2seq.Calendar(country=given.country),
        id_col=columns.id,
        time_col=columns.time,
        target_col=columns.targets if len(columns.targets) > 1 else columns.targets[0],
        freq=freq,
        floor=given.floor,
        ceiling=given.ceiling,
        seed=given.seed,
    )


def check_levels(given: options.Learning) -> tuple[float, ...] | None:
    """Return the levels of ``--levels``; None: the model's own.

    Raises
    ------
    ParameterError
        If they are not percentages, or the distribution has no intervals.
    """
    levels = parse_levels(given.levels)
    if levels is not None and given.distribution == "point":
        raise ParameterError(f"--levels is {given.levels!r}, but --distribution point has no intervals")
    return levels


def parse_levels(text: str | None) -> tuple[float, ...] | None:
    """Parse percentages, separated by commas.

    Raises
    ------
    ParameterError
        If one is not a number between 0 and 100, or is repeated.

    Examples
    --------
    >>> parse_levels("80,97.5%")
    (80.0, 97.5)
    """
    if text is None:
        return None
    wanted = f"--levels is {text!r}; it must be different percentages between 0 and 100, such as 80,95"
    try:
        levels = tuple(float(piece.strip().removesuffix("%")) for piece in text.split(","))
    except ValueError as error:
        raise ParameterError(wanted) from error
    if not all(0 < level < 100 for level in levels) or len(set(levels)) < len(levels):
        raise ParameterError(wanted)
    return levels


def _output(given: options.Learning) -> tsseq2seq.nn.outputs.Output:
    levels = check_levels(given)
    if given.distribution in ("quantiles", "point") and given.centre != "median":
        raise ParameterError(
            f"--centre is {given.centre!r}, but --distribution {given.distribution} has no mean; take "
            "normal, student-t, negative-binomial or binned"
        )
    if given.distribution == "quantiles":
        return tsseq2seq.Quantiles(_probabilities(_LEVELS if levels is None else levels))
    if given.distribution == "point":
        return tsseq2seq.Point()
    outputs: dict[str, Callable[..., tsseq2seq.nn.outputs.Output]] = {
        "normal": tsseq2seq.Normal,
        "student-t": tsseq2seq.StudentT,
        "negative-binomial": tsseq2seq.NegativeBinomial,
        "binned": tsseq2seq.Binned,
    }
    return outputs[given.distribution](centre=given.centre)


def _probabilities(levels: tuple[float, ...]) -> tuple[float, ...]:
    """Return the probabilities of the median and of the bounds of each level."""
    bounds = {round((100 + side * level) / 200, 12) for level in levels for side in (-1, 1)}
    return tuple(sorted({0.5, *bounds}))
