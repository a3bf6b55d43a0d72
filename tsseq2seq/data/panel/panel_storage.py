"""Saving a panel and its coders: to plain values and tensors, and back."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pandas as pd
from torch import Tensor

from tsseq2seq.data.grid.calendar_table import calendar_table
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.features import Coders, FeatureCoder, Features
from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.data.panel.panel_checks import check_panel_parts
from tsseq2seq.errors import ParameterError

__all__ = ["coders_from_parts", "coders_to_parts", "panel_from_parts", "panel_to_parts"]

# The panel's tensors, with their names in saved files.
_TENSORS = {
    "values": "values",
    "observed": "observed",
    "offsets": "offsets",
    "origin": "location",
    "unit": "scale",
}
_ROLES = ("past", "future", "static")
_FEATURES = ("numbers", "mask", "codes")


def panel_to_parts(panel: Panel) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Return a panel as values that JSON can hold, and tensors by name.

    Raises
    ------
    ParameterError
        If the name of a series is neither text nor a number.
    """
    names = panel.ids.tolist()
    strange = [name for name in names if not isinstance(name, str | int | float)]
    if strange:
        raise ParameterError(
            f"series {strange[0]!r} is named by a {type(strange[0]).__name__}; a saved model can hold "
            "text and numbers"
        )
    meta = {
        "ids": names,
        "starts": _index_to_parts(panel.starts),
        "frequency": panel.frequency.alias,
        "targets": list(panel.targets),
        "named": panel.named,
    }
    tensors = {f"panel.{stored}": getattr(panel, name) for name, stored in _TENSORS.items()}
    for role in _ROLES:
        features = getattr(panel, role)
        if features is not None:
            tensors |= {f"panel.{role}.{name}": getattr(features, name) for name in _FEATURES}
    return meta, tensors


def panel_from_parts(meta: dict[str, Any], tensors: dict[str, Tensor], coders: Coders = Coders()) -> Panel:  # noqa: B008 (frozen)
    """Return the panel of parts; its calendar is computed again.

    Raises
    ------
    ModelFileError
        If the parts do not belong together.
    """
    check_panel_parts(meta, tensors, coders)
    starts = _index_from_parts(meta["starts"])
    alias = meta["frequency"]
    datetimes = isinstance(starts, pd.DatetimeIndex)
    roles: dict[str, Any] = {
        role: Features(**{name: tensors[f"panel.{role}.{name}"] for name in _FEATURES})
        for role in _ROLES
        if f"panel.{role}.codes" in tensors
    }
    parts: dict[str, Any] = {name: tensors[f"panel.{stored}"] for name, stored in _TENSORS.items()}
    frequency = Frequency.parse(alias if datetimes else int(alias))
    lengths = parts["offsets"].diff().numpy()
    return Panel(
        **parts,
        **roles,
        ids=pd.Index(meta["ids"]),
        starts=starts,
        frequency=frequency,
        targets=tuple(meta["targets"]),
        named=meta["named"],
        calendar=calendar_table(coders.calendar, starts, lengths, frequency, still=coders.still),
    )


def coders_to_parts(coders: Coders) -> dict[str, Any]:
    """Return the coders of covariates as plain values, and their calendar settings."""
    by_role = {role: getattr(coders, role) for role in _ROLES}
    parts = {role: dataclasses.asdict(coder) for role, coder in by_role.items() if coder is not None}
    return parts | {"calendar": coders.calendar, "still": list(coders.still)}


def coders_from_parts(parts: dict[str, Any]) -> Coders:
    """Return the coders of parts."""
    return Coders(
        **{
            role: FeatureCoder(
                numeric=tuple(part["numeric"]),
                means=tuple(part["means"]),
                spreads=tuple(part["spreads"]),
                categorical=tuple(part["categorical"]),
                categories=tuple(tuple(values) for values in part["categories"]),
                # what follows is not in models of the first format
                bounds=tuple((low, high) for low, high in part.get("bounds", ())),
                unvaried=tuple(part.get("unvaried", ())),
                blank=None if part.get("blank") is None else tuple(part["blank"]),
            )
            for role, part in parts.items()
            if role in _ROLES
        },
        calendar=parts.get("calendar"),
        still=tuple(parts.get("still", ())),
    )


def _index_to_parts(times: pd.Index) -> dict[str, Any]:
    if not isinstance(times, pd.DatetimeIndex):
        return {"values": times.to_numpy().tolist()}
    zone = None if times.tz is None else str(times.tz)
    return {"values": times.asi8.tolist(), "unit": times.unit, "zone": zone}


def _index_from_parts(parts: dict[str, Any]) -> pd.Index:
    values = np.array(parts["values"], dtype=np.int64)
    if "unit" not in parts:
        return pd.Index(values)
    times = pd.DatetimeIndex(values.view(f"datetime64[{parts['unit']}]"))
    return times if parts["zone"] is None else times.tz_localize("UTC").tz_convert(parts["zone"])
