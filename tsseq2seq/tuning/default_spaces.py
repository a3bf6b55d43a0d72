"""The default search spaces of forecasters, translators, and of what labels sequences."""

from __future__ import annotations

import dataclasses
from typing import Any

from tsseq2seq.data.scaling.registry import SCALINGS
from tsseq2seq.data.scaling.unscaled import Unscaled
from tsseq2seq.errors import ParameterError
from tsseq2seq.forecasting.admitted_scalings import admitted_scalings
from tsseq2seq.forecasting.defaults import ResolvedSettings
from tsseq2seq.labelling.defaults import ResolvedLabelSettings
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import Output
from tsseq2seq.training.teacher_forcing import Linear, is_scheduled_sampling
from tsseq2seq.training.training import Training
from tsseq2seq.translation.defaults import ResolvedTokenSettings

__all__ = ["label_space", "series_space", "token_space"]

_MOST_SEGMENTS = 5
_OF_RECURRENCE = ("network__cell", "network__bidirectional")


def series_space(
    resolved: ResolvedSettings, *, horizon: int, typical: int, least: float, seasons_given: bool
) -> dict[str, Any]:
    """Return the default space of a forecaster, by nested name.

    Parameters
    ----------
    resolved
        The forecaster's resolved settings.
    horizon
        Time steps forecast.
    typical
        Median length of the histories, in time steps.
    least
        The lowest value in the data; scalings that need higher values are left out.
    seasons_given
        Whether the forecaster's settings ask for the mean of several seasons.
    """
    from optuna.distributions import FloatDistribution

    space: dict[str, Any] = {
        "context_length": _contexts(resolved, horizon, typical),
        "segment_length": _segments(resolved, horizon),
        "scaling": _scalings(resolved.output, least),
        "network__attention": [None, "dot", "additive"],
        "training__teacher_forcing": _teacher_forcing(resolved.output),
        "training__weight_decay": FloatDistribution(1e-4, 1.0, log=True),
        **_networks(resolved.network.hidden_size or 128, bidirectional=False),
        **_optimisation(resolved.training.batch_size or 128),
    }  # fmt: skip
    # several seasons need a seasonal base, so only one of the two is searched
    if resolved.network.residual_weights == "learned":
        pass  # the weights of the seasons are learned
    elif seasons_given:
        space["network__residual_seasons"] = [1, 2, 3]
    else:
        space["network__residual"] = [None, "segment", *(["season"] if resolved.season_length else [])]
    if resolved.season_length:
        space["stride"] = [1, resolved.season_length]
    if resolved.lags:
        space["lags"] = {"none": [], "seasons": list(resolved.lags)}
    if not resolved.output.sampled and not resolved.output.single_values:
        space["network__decoding"] = ["autoregressive", "parallel"]
    return _fed(_searched(space, resolved.network), resolved.network, resolved.training)


def token_space(resolved: ResolvedTokenSettings) -> dict[str, Any]:
    """Return the default space of a translator, without the settings of its tokenisers."""
    from optuna.distributions import FloatDistribution

    space = {
        "network__attention": _attentions(resolved.network),
        "network__input_feeding": [False, True],
        "training__teacher_forcing": {"truth": 1.0, "mostly truth": 0.9, "less and less": Linear(1.0, 0.5)},
        "output__label_smoothing": FloatDistribution(0.0, 0.2),
        **_networks(resolved.network.hidden_size or 128, bidirectional=True),
        **_optimisation(resolved.training.batch_size or 64),
    }
    return _fed(_searched(space, resolved.network), resolved.network, resolved.training)


def label_space(resolved: ResolvedLabelSettings) -> dict[str, Any]:
    """Return the default space of a classifier or a tagger, without the settings of reading."""
    space = {
        **_networks(resolved.network.hidden_size or 64, bidirectional=True),
        **_optimisation(resolved.training.batch_size or 64),
    }
    if resolved.network.encoder != "recurrent":
        space = {name: entry for name, entry in space.items() if name not in _OF_RECURRENCE}
    if resolved.per_step:
        space["crf"] = [False, True]
    else:
        space["network__context"] = ["last", "mean", "max", "attention"]
    return _searched(space, resolved.network)


def _attentions(network: Network) -> list[str]:
    """Return the usual attentions, and the network's own if it is another."""
    usual = ["general", "dot", "additive", "multihead"]
    own = network.attention
    return usual if own is None or own in usual else [*usual, own]


def _searched(space: dict[str, Any], network: Network) -> dict[str, Any]:
    """Leave out values that the other settings of the network refuse, and settings with a single value."""
    given = dataclasses.replace(network, attention_size=None)  # where it was left open, a trial has its own
    for name in ("attention", "decoding", "bidirectional", "input_feeding"):
        key = f"network__{name}"
        if key in space:
            space[key] = [value for value in space[key] if _is_accepted(given, name, value)]
    return {name: entry for name, entry in space.items() if not _has_one_value(entry)}


def _fed(space: dict[str, Any], network: Network, training: Training) -> dict[str, Any]:
    """Leave out scheduled sampling beside decoders that are fed no outputs, or such decoders beside it.

    What the estimator has stays.
    """
    forcing, decoding, residual = "training__teacher_forcing", "network__decoding", "network__residual"
    if is_scheduled_sampling(training.teacher_forcing):
        space.pop(decoding, None)
        if not network.feed_output and residual in space:
            # only the base is made of the output before
            space[residual] = [name for name in space[residual] if name is not None]
    elif forcing in space and (not network.feed_output or "parallel" in space.get(decoding, [])):
        space[forcing] = {
            name: value for name, value in space[forcing].items() if not is_scheduled_sampling(value)
        }
    return {name: entry for name, entry in space.items() if not _has_one_value(entry)}


def _is_accepted(network: Network, name: str, value: Any) -> bool:  # noqa: ANN401
    try:
        dataclasses.replace(network, **{name: value})
    except ParameterError:
        return False
    return True


def _networks(width: int, *, bidirectional: bool) -> dict[str, Any]:
    from optuna.distributions import FloatDistribution, IntDistribution

    # multiples of 16 can be divided among attention heads
    low, high = max(16, width // 4 // 16 * 16), 4 * width
    space: dict[str, Any] = {
        "network__cell": ["lstm", "gru"],
        "network__hidden_size": IntDistribution(low, low + (high - low) // 16 * 16, step=16),
        "network__num_layers": IntDistribution(1, 3 if bidirectional else 2),
        "network__dropout": FloatDistribution(0.0, 0.5),
    }
    return space | ({"network__bidirectional": [False, True]} if bidirectional else {})


def _optimisation(batch: int) -> dict[str, Any]:
    from optuna.distributions import FloatDistribution

    return {
        "training__learning_rate": FloatDistribution(3e-4, 1e-2, log=True),
        "training__batch_size": sorted({max(8, batch // 4), max(8, batch // 2), batch, 2 * batch}),
    }


def _contexts(resolved: ResolvedSettings, horizon: int, typical: int) -> list[int]:
    season, default = resolved.season_length or 1, resolved.context_length
    seasonal = {3 * season, 7 * season, 14 * season}
    candidates = {horizon, 2 * horizon, *seasonal, default // 2, default, 2 * default}
    longest = max((typical - horizon) // 2, default)
    shortest = max(1, resolved.segment_length)
    return sorted(length for length in candidates if shortest <= length <= longest)


def _segments(resolved: ResolvedSettings, horizon: int) -> list[int]:
    if resolved.output.single_values:
        return [1]
    season = resolved.season_length or 1
    lengths = [part for part in range(1, min(season, horizon) + 1) if season % part == 0]
    return sorted({*lengths[-_MOST_SEGMENTS:], resolved.segment_length})


def _scalings(output: Output, least: float) -> list[str]:
    # unscaled values are left out of the default space
    return [
        name for name in admitted_scalings(output) if name != Unscaled.name and SCALINGS[name].above < least
    ]


def _teacher_forcing(output: Output) -> dict[str, Any]:
    # sampled and quantile outputs need one of these for intervals that hold; see ``resolve_training``
    if output.sampled:
        return {"truth": 1.0}
    if output.probabilities:
        return {"free running": 0.0}
    return {"free running": 0.0, "less and less truth": Linear(), "truth": 1.0}


def _has_one_value(entry: object) -> bool:
    return isinstance(entry, list | dict) and len(entry) < 2
