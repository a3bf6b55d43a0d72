"""Going on with a trained forecaster: what must stay as it was, and what may change.

The networks' shape, the columns, the scaling and the way covariates become numbers stay; the series,
their number and length, and all of :class:`~tsseq2seq.training.training.Training` may change.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from tsseq2seq.data.frames.long_frame import LongFrame
from tsseq2seq.data.grid.frequency import Frequency, FrequencyLike
from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.data.scaling.base import Scaling
from tsseq2seq.data.scaling.registry import SCALINGS
from tsseq2seq.errors import DataError, ParameterError
from tsseq2seq.forecasting.bounds import find_bounds
from tsseq2seq.forecasting.defaults import (
    ForecasterSettings,
    ResolvedSettings,
    count_windows,
    resolve_training,
)
from tsseq2seq.forecasting.fitted import FittedSeries, make_checked_panel
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import Binned
from tsseq2seq.settings import Settings
from tsseq2seq.training.optimizers import OPTIMIZERS

__all__ = ["check_optimizer", "panel_to_continue", "settings_to_continue"]


def panel_to_continue(
    before: FittedSeries, frame: LongFrame, freq: FrequencyLike | Frequency | None, asked: ForecasterSettings
) -> Panel:
    """Lay the new frame on a grid of the step that the networks were trained on.

    Raises
    ------
    ParameterError
        If columns or roles have changed.
    DataError
        If the step of time has changed.
    """
    old, new = before.columns, frame.columns
    for role in ("targets", "past", "future", "static"):
        if getattr(old, role) != getattr(new, role):
            raise ParameterError(
                f"warm_start: the model was fitted with {role} {list(getattr(old, role))}, and now they are "
                f"{list(getattr(new, role))}; a network cannot take other columns"
            )
    # a scaling that is left open now is the one of before, with its conditions
    panel = make_checked_panel(frame, freq, before.coders, before.resolved)
    if panel.frequency.alias != before.panel.frequency.alias:
        raise DataError(
            f"warm_start: the model was fitted on steps of {before.panel.frequency.alias!r}, and df has "
            f"steps of {panel.frequency.alias!r}"
        )
    return panel


def settings_to_continue(
    before: FittedSeries, panel: Panel, asked: ForecasterSettings, *, lowest: np.ndarray
) -> ResolvedSettings:
    """Return the settings resolved before, with training, stride and bounds of the new one.

    ``lowest`` is the lowest value of each target now. A floor that was not found in the data of before is not
    found in those of now: both are what the networks learned from.

    Raises
    ------
    ParameterError
        If a parameter that shapes the networks is no longer what it was.
    """
    old = before.resolved
    _refuse_change("horizon", asked.horizon, before.horizon)
    for name in ("context_length", "segment_length", "scaling", "lags"):
        wanted = getattr(asked, name)
        if wanted is not None:
            _refuse_change(name, wanted, getattr(old, name))
    _refuse_change("calendar", asked.calendar, before.coders.calendar)
    output = asked.output
    if isinstance(output, Binned) and isinstance(old.output, Binned) and output.edges is None:
        output = dataclasses.replace(output, edges=old.output.edges)
    _refuse_change("output", output, old.output)
    _refuse_change("network", _as_decided(asked.network, old.network), old.network)
    if asked.training.members != len(before.members):
        raise ParameterError(
            f"warm_start: training has members={asked.training.members}, but the model has "
            f"{len(before.members)}"
        )
    windows = count_windows(panel, old.context_length, asked.horizon)
    training = resolve_training(asked, windows, -(-asked.horizon // old.segment_length))
    bounds = find_bounds(lowest, floor=asked.floor, ceiling=asked.ceiling)
    if asked.floor is None and old.bounds.floor:
        floor = np.minimum(bounds.floor, old.bounds.floor).tolist()
        bounds = dataclasses.replace(bounds, floor=tuple(floor))
    return dataclasses.replace(old, training=training, stride=asked.stride, bounds=bounds)


def _as_decided(network: Network, old: Network) -> Network:
    """Return the network with what the data decided when the old one was chosen."""
    decided: dict[str, Any] = {}
    if network.hidden_size is None:
        decided["hidden_size"] = old.hidden_size
    if network.attention_size is None and network.attention == old.attention:
        decided["attention_size"] = old.attention_size
    if network.residual == "season":  # None is a choice
        decided |= {"residual": old.residual, "residual_weights": old.residual_weights}
    if network.residual_seasons is None and network.residual in ("season", old.residual):
        decided["residual_seasons"] = old.residual_seasons
    return dataclasses.replace(network, **decided)


def check_optimizer(before: FittedSeries, asked: ForecasterSettings) -> None:
    """Refuse an optimiser that cannot take the state of the one before.

    Raises
    ------
    ParameterError
        If it is of another kind.
    """
    now, then = asked.training.optimizer, before.resolved.training.optimizer
    kinds = [OPTIMIZERS[kind] if isinstance(kind, str) else kind for kind in (now, then)]
    if kinds[0] is not kinds[1]:
        raise ParameterError(
            f"warm_start: optimizer is {now!r}, but the state is of {then!r}; fit without "
            "optimizer_state, or set it back"
        )


def _refuse_change(name: str, now: Any, before: Any) -> None:  # noqa: ANN401
    if _plain(now) != _plain(before):
        raise ParameterError(
            f"warm_start: {name} is {now!r}, but the model was fitted with {before!r}; fit without "
            "warm_start, or set it back"
        )


def _plain(value: Any) -> Any:  # noqa: ANN401
    """Return settings as what can be compared: a tuple that was saved comes back as a list."""
    if isinstance(value, Scaling) and SCALINGS.get(value.name) == value:
        return value.name  # as it may be given too
    if isinstance(value, Settings):
        return type(value), {name: _plain(field) for name, field in value.get_params(deep=False).items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
