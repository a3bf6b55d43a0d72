"""What was chosen from the data, and why, in sentences: one for each choice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tsseq2seq.data.scaling.log1p import Log1p
from tsseq2seq.forecasting.defaults import ForecasterSettings, count_windows
from tsseq2seq.forecasting.fitted import FittedSeries
from tsseq2seq.smoothing.seasonal_indices import adjusting_cutoffs

__all__ = ["choices"]

# What the decoder adds to, by the name of the residual.
_BASES = {
    "smoothing": "the forecast of exponential smoothing",
    "value": "the last value",
    "segment": "the previous segment",
}


def choices(fitted: FittedSeries, asked: ForecasterSettings) -> tuple[str, ...]:
    """Return what was chosen from the data, a sentence for each choice.

    Parameters
    ----------
    fitted
        The fitted series.
    asked
        The settings as asked for; what was given in them is no choice.
    """
    if asked.weights is not None:
        return (*_season(fitted, asked), *_weights(fitted, asked))
    said = [
        *_season(fitted, asked),
        *_lengths(fitted, asked),
        *_scaling(fitted, asked),
        *_output(fitted, asked),
        *_network(fitted, asked),
        *_training(fitted, asked),
        *_share(fitted, asked),
    ]
    return tuple(said)


def _season(fitted: FittedSeries, asked: ForecasterSettings) -> Iterator[str]:
    periods = fitted.resolved.periods
    if asked.season_length is None:
        found = f"The data show {_seasons(periods)}." if periods else "The data show no season."
        yield found
        if fitted.resolved.group_periods:
            yield (
                f"A group of the series shows {_seasons(fitted.resolved.group_periods)}, the others do not: "
                "exponential smoothing gives them to the series that show them."
            )
    if not periods or not fitted.panel.count:
        return
    short = int((fitted.panel.lengths < adjusting_cutoffs(periods[-1])[0]).sum())
    if short:
        yield (
            f"{short:,} of {fitted.panel.count:,} series have fewer than two seasons of {periods[-1]} steps; "
            "of those nothing is known of that season but what the other series show."
        )


def _lengths(fitted: FittedSeries, asked: ForecasterSettings) -> Iterator[str]:
    resolved = fitted.resolved
    if asked.context_length is None or asked.segment_length is None:
        yield (
            f"The network reads {resolved.context_length} steps in segments of {resolved.segment_length}, to "
            f"forecast {fitted.horizon}."
        )
    if asked.lags is None and resolved.lags:
        yield f"Each step is read with the value {_listed(resolved.lags)} steps before."


def _scaling(fitted: FittedSeries, asked: ForecasterSettings) -> Iterator[str]:
    if asked.scaling is None and fitted.resolved.scaling == Log1p.name:
        yield "Values are forecast on a logarithmic scale: none is below 0, and changes grow with the level."


def _output(fitted: FittedSeries, asked: ForecasterSettings) -> Iterator[str]:
    chosen = type(fitted.resolved.output)
    if chosen is not type(asked.output):
        yield f"Most values are 0: the mean is forecast, of the distribution {chosen.__name__}."


def _network(fitted: FittedSeries, asked: ForecasterSettings) -> Iterator[str]:
    resolved = fitted.resolved
    network = resolved.network
    if asked.network.hidden_size is None and fitted.panel.count:
        windows = count_windows(fitted.panel, resolved.context_length, fitted.horizon)
        yield f"There are some {windows:,} windows to learn from: the network is {network.hidden_size} wide."
    if network.residual == asked.network.residual or network.residual is None:
        return
    base = _BASES.get(network.residual)
    if base is not None:
        yield f"The network adds to {base}."


def _training(fitted: FittedSeries, asked: ForecasterSettings) -> Iterator[str]:
    steps = fitted.resolved.training.max_steps
    if asked.training.max_steps is None and steps is not None:
        yield f"It is trained for at most {steps:,} steps, as many as so many windows can bear."


def _share(fitted: FittedSeries, asked: ForecasterSettings) -> Iterator[str]:
    if fitted.smoothing is None or asked.network_share is not None:
        return
    share = round(100 * fitted.network_share)
    yield (
        f"The forecast is {share} % the network's, and {100 - share} % exponential smoothing's: a half, "
        "moved by what each earned on steps held back, where series are enough to judge by."
    )
    if fitted.correction is not None:
        corrected = round(100 * fitted.correction.share)
        yield (
            f"Smoothing is corrected by the pretrained network, {corrected} % of the way: three quarters, "
            "moved by what both earned on the last horizons."
        )


def _weights(fitted: FittedSeries, asked: ForecasterSettings) -> Iterator[str]:
    further = "" if asked.weights == "pretrained" else ", trained further as far as that helped"
    yield f"The network's weights come with the package{further}; it adds to exponential smoothing."
    if asked.network_share is None:
        share = round(100 * fitted.network_share)
        yield (
            f"The forecast is {share} % the network's, and {100 - share} % exponential smoothing's alone: "
            "three quarters, moved by what each earned on the last horizons."
        )


def _seasons(periods: Sequence[int]) -> str:
    return f"{'a season' if len(periods) == 1 else 'seasons'} of {_listed(periods)} steps"


def _listed(numbers: Sequence[int]) -> str:
    return " and ".join(f"{number:,}" for number in numbers)
