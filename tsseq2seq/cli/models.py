"""Building a forecaster from the options of a command."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, cast

import tsseq2seq
from tsseq2seq.cli import options
from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.errors import ParameterError, shown
from tsseq2seq.settings import replace_params

if TYPE_CHECKING:
    import tsseq2seq.nn.outputs

__all__ = [
    "LEVELS",
    "check_levels",
    "make_model",
    "parse_levels",
    "parse_numbers_of",
]

_DISTRIBUTION_OF = {"Quantiles": "quantiles", "Point": "point"}

# Beyond it the bounds are those of the numbers, and no data tell them.
_HIGHEST = 99.9999

#: Levels of the intervals, unless options say others.
LEVELS = (90.0,)


def make_model(
    horizon: int, columns: Columns, freq: str | None, given: options.Learning
) -> tsseq2seq.Seq2SeqForecaster:
    """Return an unfitted forecaster with the settings of the file, and over them those of the options.

    Raises
    ------
    TsSeq2SeqError
        If the file of settings or an option cannot be used.
    """
    from tsseq2seq.cli.settings_file import apply_settings, read_settings

    model = tsseq2seq.Seq2SeqForecaster(
        horizon=horizon,
        output=tsseq2seq.Quantiles(_probabilities(LEVELS)),
        training=tsseq2seq.Training(max_steps=None, device=given.device),
        past_covariates=columns.past,
        future_covariates=columns.future,
        static_covariates=columns.static,
        id_col=columns.id,
        time_col=columns.time,
        target_col=columns.targets if len(columns.targets) > 1 else columns.targets[0],
        weight_col=columns.weight,
        freq=freq,
    )
    if given.settings is not None:
        apply_settings(model, read_settings(given.settings), given.settings)
    model.set_params(output=_output(given, model.output), **_said(given))
    return model


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


def parse_numbers_of(
    option: str, texts: Sequence[str] | None, *, whole: bool = False
) -> tuple[Any, ...] | None:
    """Parse the numbers of a repeated option, which may hold several, separated by commas.

    Raises
    ------
    ParameterError
        If one is no number, or, with ``whole``, no whole one.

    Examples
    --------
    >>> parse_numbers_of("--season", ["7", "30.5,365.25"])
    (7.0, 30.5, 365.25)
    """
    if texts is None:
        return None
    kind = int if whole else float
    pieces = [piece.strip() for text in texts for piece in text.split(",")]
    try:
        return tuple(kind(piece) for piece in pieces)
    except ValueError as error:
        wanted = "whole numbers" if whole else "numbers"
        raise ParameterError(
            f"{option} is {shown(','.join(texts))}; it must be {wanted}, separated by commas"
        ) from error


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
    if not all(0 < level <= _HIGHEST for level in levels) or len(set(levels)) < len(levels):
        raise ParameterError(wanted)
    if min(levels) < 1 and "%" not in text:
        percent = ",".join(f"{100 * level if level < 1 else level:.10g}" for level in levels)
        raise ParameterError(
            f"--levels is {text!r}; levels are in percent, so that would be an interval of nearly no width: "
            f"--levels {percent}"
        )
    return levels


def _said(given: options.Learning) -> dict[str, Any]:
    """Return the settings that the options give, by name."""
    calendar: str | tsseq2seq.Calendar | None = "auto" if given.calendar else None
    if given.country is not None:
        calendar = tsseq2seq.Calendar(country=given.country)
    said = {
        "context_length": given.context_length,
        "segment_length": given.segment_length,
        "season_length": parse_numbers_of("--season", given.season),
        "lags": parse_numbers_of("--lag", given.lag, whole=True),
        "stride": given.stride,
        "training__max_steps": given.max_steps,
        "training__max_time": given.max_time,
        "training__members": given.members,
        "calendar": calendar,
        "floor": given.floor,
        "ceiling": given.ceiling,
        "seed": given.seed,
    }
    return {name: value for name, value in said.items() if value is not None}


def _output(given: options.Learning, settled: tsseq2seq.nn.outputs.Output) -> tsseq2seq.nn.outputs.Output:
    """Return the output that the options ask for; what they leave open is that of the file of settings."""
    levels = check_levels(given)
    if given.distribution is not None:
        return _named_output(given, levels)
    if levels is not None and isinstance(settled, tsseq2seq.Point):
        raise ParameterError(f"--levels is {given.levels!r}, but the settings are of a point forecast")
    if levels is not None and isinstance(settled, tsseq2seq.Quantiles):
        settled = tsseq2seq.Quantiles(_probabilities(levels))
    if given.centre is None:
        return settled
    if given.centre != "median" and not hasattr(settled, "centre"):
        raise ParameterError(_no_mean(given.centre, _DISTRIBUTION_OF[type(settled).__name__]))
    changes = {"centre": given.centre} if hasattr(settled, "centre") else {}
    return cast("tsseq2seq.nn.outputs.Output", replace_params(settled, changes))


def _named_output(given: options.Learning, levels: tuple[float, ...] | None) -> tsseq2seq.nn.outputs.Output:
    """Return the output of ``--distribution``."""
    assert given.distribution is not None
    centre = "median" if given.centre is None else given.centre
    if given.distribution in ("quantiles", "point") and centre != "median":
        raise ParameterError(_no_mean(centre, given.distribution))
    if given.distribution == "quantiles":
        return tsseq2seq.Quantiles(_probabilities(LEVELS if levels is None else levels))
    if given.distribution == "point":
        return tsseq2seq.Point("mae")
    outputs: dict[str, Callable[..., tsseq2seq.nn.outputs.Output]] = {
        "normal": tsseq2seq.Normal,
        "student-t": tsseq2seq.StudentT,
        "negative-binomial": tsseq2seq.NegativeBinomial,
        "zero-inflated": tsseq2seq.ZeroInflatedNegativeBinomial,
        "tweedie": tsseq2seq.Tweedie,
        "binned": tsseq2seq.Binned,
    }
    return outputs[given.distribution](centre=centre)


def _no_mean(centre: str, distribution: str) -> str:
    return (
        f"--centre is {centre!r}, but --distribution {distribution} has no mean; take normal, student-t, "
        "negative-binomial, zero-inflated, tweedie or binned"
    )


def _probabilities(levels: tuple[float, ...]) -> tuple[float, ...]:
    """Return the probabilities of the median and of the bounds of each level."""
    bounds = {round((100 + side * level) / 200, 12) for level in levels for side in (-1, 1)}
    return tuple(sorted({0.5, *bounds}))
