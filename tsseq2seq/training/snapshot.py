"""Snapshots: everything that a training step changes (weights, optimiser, batches, random numbers)."""

from __future__ import annotations

import copy

import torch

from tsseq2seq.training.objective import Objective
from tsseq2seq.training.state import (
    State,
    load_optimizer_state,
    module_state,
    random_state,
    set_random_state,
)

__all__ = ["load_snapshot", "snapshot"]


def snapshot(objective: Objective, optimizer: torch.optim.Optimizer) -> State:
    """Return the state of everything that a training step changes."""
    return {
        "module": module_state(objective.module),
        "optimizer": copy.deepcopy(optimizer.state_dict()),
        "objective": objective.state(),
        "random": random_state(objective.device),
    }


def load_snapshot(objective: Objective, optimizer: torch.optim.Optimizer, state: State) -> None:
    """Restore what :func:`snapshot` returned."""
    objective.module.load_state_dict(state["module"])
    load_optimizer_state(optimizer, state["optimizer"])
    objective.load_state(state["objective"])
    set_random_state(state["random"], objective.device)
