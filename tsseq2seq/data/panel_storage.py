"""A panel as plain values and tensors, for saved models."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from torch import Tensor

from tsseq2seq.data.frequency import Frequency
from tsseq2seq.data.panel import Panel
from tsseq2seq.errors import ParameterError

__all__ = ["panel_from_parts", "panel_to_parts"]

_TENSORS = ("values", "observed", "offsets", "location", "scale")


def panel_to_parts(panel: Panel) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Take a panel apart.

    Raises
    ------
    ParameterError
        If series are named by something other than text, integers or numbers.
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
    return meta, {f"panel.{name}": getattr(panel, name) for name in _TENSORS}


def panel_from_parts(meta: dict[str, Any], tensors: dict[str, Tensor]) -> Panel:
    """Put a panel together again."""
    starts = _index_from_parts(meta["starts"])
    alias = meta["frequency"]
    datetimes = isinstance(starts, pd.DatetimeIndex)
    return Panel(
        **{name: tensors[f"panel.{name}"] for name in _TENSORS},
        ids=pd.Index(meta["ids"]),
        starts=starts,
        frequency=Frequency.parse(alias if datetimes else int(alias)),
        targets=tuple(meta["targets"]),
        named=meta["named"],
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
