"""States of optimisers, as plain values and tensors for saved models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

__all__ = ["states_from_parts", "states_to_parts"]


def states_to_parts(
    states: Sequence[dict[str, Any]],
) -> tuple[list[dict[str, Any]], dict[str, Tensor]]:
    """Split the ``state_dict`` of each member's optimiser into plain values and tensors.

    Returns
    -------
    parts
        The plain values of each member.
    tensors
        All tensors, named ``optimizer.member.weight.name``.

    Examples
    --------
    >>> weight = torch.nn.Parameter(torch.ones(2))
    >>> adam = torch.optim.Adam([weight])
    >>> weight.sum().backward(); adam.step()
    >>> parts, tensors = states_to_parts([adam.state_dict()])
    >>> sorted(tensors)
    ['optimizer.0.0.exp_avg', 'optimizer.0.0.exp_avg_sq', 'optimizer.0.0.step']
    """
    parts: list[dict[str, Any]] = []
    tensors: dict[str, Tensor] = {}
    for member, state in enumerate(states):
        plain: dict[str, dict[str, Any]] = {}
        for weight, values in state["state"].items():
            plain[str(weight)] = {}
            for name, value in values.items():
                if isinstance(value, Tensor):
                    tensors[f"optimizer.{member}.{weight}.{name}"] = value
                else:
                    plain[str(weight)][name] = value
        parts.append({"state": plain, "param_groups": state["param_groups"]})
    return parts, tensors


def states_from_parts(parts: list[dict[str, Any]], tensors: dict[str, Tensor]) -> tuple[dict[str, Any], ...]:
    """Undo :func:`states_to_parts`: return the ``state_dict`` of each member's optimiser."""
    states = []
    for member, part in enumerate(parts):
        state: dict[int, dict[str, Any]] = {int(key): dict(value) for key, value in part["state"].items()}
        for name, tensor in tensors.items():
            if name.startswith(f"optimizer.{member}."):
                _, _, weight, key = name.split(".", 3)
                state[int(weight)][key] = torch.clone(tensor)
        groups = [{k: tuple(v) if k == "betas" else v for k, v in g.items()} for g in part["param_groups"]]
        states.append({"state": state, "param_groups": groups})
    return tuple(states)
