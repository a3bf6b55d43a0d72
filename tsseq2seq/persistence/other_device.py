"""A saved model on another device than that of its training."""

from __future__ import annotations

from typing import Any

import torch

__all__ = ["on_device"]


def on_device(value: Any, device: str | torch.device) -> Any:  # noqa: ANN401 (what JSON holds)
    """Return encoded parameters in which all settings that name a device name this one.

    Parameters
    ----------
    value
        What :func:`~tsseq2seq.persistence.encoding.encode` returned.
    device
        The device.

    Examples
    --------
    >>> on_device([{"settings": "Training", "fields": {"device": "cuda", "members": 2}}], "cpu")
    [{'settings': 'Training', 'fields': {'device': 'cpu', 'members': 2}}]
    """
    if isinstance(value, list):
        return [on_device(item, device) for item in value]
    if not isinstance(value, dict):
        return value
    changed = {key: on_device(item, device) for key, item in value.items()}
    fields = changed.get("fields")
    if set(changed) == {"settings", "fields"} and isinstance(fields, dict) and "device" in fields:
        changed["fields"] = fields | {"device": str(device)}
    return changed
