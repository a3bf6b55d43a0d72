"""The state of a training: everything that the rest of the training depends on.

Each object that changes during a training returns its state as plain values and tensors (``state()``) and
sets it again (``load_state()``): the module, the optimiser, the batches to come, averages, random numbers,
the record. A training that is interrupted after n steps and continued for m more in another process has the
same result, bit for bit, as one of n + m steps. Schedules need no state: they are functions of the step.
"""

from __future__ import annotations

import copy
from typing import Any, Protocol, TypeAlias, runtime_checkable

import torch
from torch import nn

from tsseq2seq.nests import map_nest

__all__ = [
    "State",
    "Stateful",
    "load_optimizer_state",
    "module_state",
    "random_state",
    "set_random_state",
]

#: Numbers, strings, None and tensors in dicts, lists and tuples; see :mod:`~tsseq2seq.training.state_file`.
State: TypeAlias = dict[str, Any]


@runtime_checkable
class Stateful(Protocol):
    """An object that changes during a training."""

    def state(self) -> State:
        """Return the state, with copies of tensors."""
        ...

    def load_state(self, state: State) -> None:
        """Continue from a state."""
        ...


def module_state(module: nn.Module) -> State:
    """Return copies of a module's weights and buffers."""
    return dict(map_nest(lambda tensor: tensor.detach().clone(), dict(module.state_dict())))


def load_optimizer_state(optimizer: torch.optim.Optimizer, state: State) -> None:
    """Give an optimiser the state of another one, but keep its options (learning rate and so on)."""
    options = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": copy.deepcopy(state["state"]), "param_groups": options})
    optimizer.zero_grad(set_to_none=True)


def random_state(device: torch.device) -> State:
    """Return the states of torch's default random number generators: the CPU's, and the device's.

    Examples
    --------
    >>> state = random_state(torch.device("cpu"))
    >>> first = torch.rand(1)
    >>> set_random_state(state, torch.device("cpu"))
    >>> bool(torch.rand(1) == first)
    True
    """
    on_device = torch.cuda.get_rng_state(device) if device.type == "cuda" else None
    return {"cpu": torch.get_rng_state(), "device": on_device}


def set_random_state(state: State, device: torch.device) -> None:
    """Set the states of torch's default random number generators."""
    torch.set_rng_state(state["cpu"])
    if state["device"] is not None:
        torch.cuda.set_rng_state(state["device"], device)
