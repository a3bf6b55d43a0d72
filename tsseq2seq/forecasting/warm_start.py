"""Warm start: checks before the training of a fitted forecaster continues.

The shape of the networks, the columns, the scaling and the coding of covariates must not change. The series,
their number and length, and all of :class:`~tsseq2seq.training.training.Training` but ``members`` may change.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from tsseq2seq.data.frames.long_frame import LongFrame
from tsseq2seq.data.grid.frequency import Frequency, FrequencyLike
from tsseq2seq.data.panel.history_times import check_history_times
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
from tsseq2seq.forecasting.demand_output import DEMAND_OUTPUTS
from tsseq2seq.forecasting.fitted import FittedSeries, make_checked_panel
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import Binned, Point
from tsseq2seq.training.continued import refuse_change, refuse_other_members
from tsseq2seq.training.optimizers import OPTIMIZERS

__all__ = ["check_optimizer", "panel_to_continue", "settings_to_continue"]


def panel_to_continue(
    previous: FittedSeries,
    frame: LongFrame,
    freq: FrequencyLike | Frequency | None,
    asked: ForecasterSettings,
) -> Panel:
    """Return the panel of the new frame, coded as in the earlier training.

    Raises
    ------
    ParameterError
        If columns or their roles have changed.
    DataError
        If the time step has changed.
    """
    old, new = previous.columns, frame.columns
    for role in ("targets", "past", "future", "static"):
        if getattr(old, role) != getattr(new, role):
            raise ParameterError(
                f"warm_start: the model was fitted with {role} {list(getattr(old, role))}, and now they are "
                f"{list(getattr(new, role))}; a network cannot take other columns"
            )
    # a scaling of None is the earlier one, which may exclude values
    panel = make_checked_panel(frame, freq, previous.coders, previous.resolved)
    if panel.frequency.alias != previous.panel.frequency.alias:
        raise DataError(
            f"warm_start: the model was fitted on steps of {previous.panel.frequency.alias!r}, and df has "
            f"steps of {panel.frequency.alias!r}"
        )
    positions = panel.frequency.positions(frame.times, frame.starts, frame.ids)
    check_history_times(previous.panel, frame, positions)
    return panel


def settings_to_continue(
    previous: FittedSeries, panel: Panel, asked: ForecasterSettings, *, lowest: np.ndarray
) -> ResolvedSettings:
    """Return the earlier resolved settings, with the new training, stride and bounds.

    ``lowest`` is the lowest value of each target now. A floor that the earlier data did not have is not found
    in the new ones: the networks learned from both.

    Raises
    ------
    ParameterError
        If a parameter that determines the networks has changed.
    """
    old = previous.resolved
    _refuse_change("horizon", asked.horizon, previous.horizon)
    for name in ("context_length", "segment_length", "scaling", "lags"):
        wanted = getattr(asked, name)
        if wanted is not None:
            _refuse_change(name, wanted, getattr(old, name))
    if asked.seasons is not None:
        _refuse_change("season_length", next(iter(asked.seasons), None), old.season_length)
    _refuse_change("calendar", asked.calendar, previous.coders.calendar)
    output = asked.output.for_season(old.season_length)
    if isinstance(output, Binned) and isinstance(old.output, Binned) and output.edges is None:
        output = dataclasses.replace(output, edges=old.output.edges)
    if output == Point() and old.output in DEMAND_OUTPUTS:
        output = old.output  # the data chose it
    _refuse_change("output", output, old.output)
    _refuse_change("network", _with_earlier_choices(asked.network, old.network), old.network)
    refuse_other_members(asked.training.members, len(previous.members))
    windows = count_windows(panel, old.context_length, asked.horizon)
    asked = dataclasses.replace(asked, output=output)
    training = resolve_training(asked, windows, -(-asked.horizon // old.segment_length))
    bounds = find_bounds(lowest, floor=asked.floor, ceiling=asked.ceiling)
    if asked.floor is None and old.bounds.floor:
        floor = np.minimum(bounds.floor, old.bounds.floor).tolist()
        bounds = dataclasses.replace(bounds, floor=tuple(floor))
    return dataclasses.replace(old, training=training, stride=asked.stride, bounds=bounds)


def _with_earlier_choices(network: Network, old: Network) -> Network:
    """Return the network with its open fields replaced by the earlier choices from the data."""
    choices: dict[str, Any] = {}
    if network.hidden_size is None:
        choices["hidden_size"] = old.hidden_size
    if network.num_positions is None and network.positions == old.positions:
        choices["num_positions"] = old.num_positions
    if network.first_state == old.first_state:  # True means "encoder", and False "zeros"
        choices["initial_state"] = old.initial_state
    if network.attention_size is None and network.attention == old.attention:
        choices["attention_size"] = old.attention_size
    if network.residual == "season":  # resolving may have replaced it
        choices |= {"residual": old.residual, "residual_weights": old.residual_weights}
    if network.residual_seasons is None and network.residual in ("season", old.residual):
        choices["residual_seasons"] = old.residual_seasons
    return dataclasses.replace(network, **choices)


def check_optimizer(previous: FittedSeries, asked: ForecasterSettings) -> None:
    """Refuse an optimiser that cannot use the state of the earlier one.

    Raises
    ------
    ParameterError
        If the optimisers are of different classes.
    """
    freeze, frozen = (list(one.freeze or ()) for one in (asked.training, previous.resolved.training))
    if sorted(freeze) != sorted(frozen):
        raise ParameterError(
            f"warm_start: freeze is {freeze}, but the optimizer_state is of a training with {frozen}; fit "
            "without optimizer_state, or set it back"
        )
    new, old = asked.training.optimizer, previous.resolved.training.optimizer
    new_class, old_class = (OPTIMIZERS[name] if isinstance(name, str) else name for name in (new, old))
    if new_class is not old_class:
        raise ParameterError(
            f"warm_start: optimizer is {new!r}, but the state is of {old!r}; fit without "
            "optimizer_state, or set it back"
        )


def _refuse_change(name: str, new: Any, old: Any) -> None:  # noqa: ANN401
    refuse_change(name, _by_name(new), _by_name(old))


def _by_name(value: Any) -> Any:  # noqa: ANN401
    """Return a scaling that has a name by its name, which means the same."""
    if isinstance(value, Scaling) and SCALINGS.get(value.name) == value:
        return value.name
    return value
