"""Optimisers by name."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

import torch
from torch import nn

__all__ = ["OPTIMIZERS", "build_optimizer", "takes_momentum"]

OPTIMIZERS: dict[str, type[torch.optim.Optimizer]] = {
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "sgd": torch.optim.SGD,
    "adagrad": torch.optim.Adagrad,
    "rmsprop": torch.optim.RMSprop,
}


def takes_momentum(optimizer: str | type[torch.optim.Optimizer]) -> bool:
    """Return whether an optimiser's constructor takes a momentum.

    Examples
    --------
    >>> takes_momentum("sgd"), takes_momentum("adamw")
    (True, False)
    """
    optimizer_class = OPTIMIZERS[optimizer] if isinstance(optimizer, str) else optimizer
    return "momentum" in inspect.signature(optimizer_class).parameters


def build_optimizer(
    parameters: Iterable[nn.Parameter],
    optimizer: str | type[torch.optim.Optimizer],
    *,
    learning_rate: float,
    weight_decay: float,
    momentum: float,
) -> torch.optim.Optimizer:
    """Build an optimiser.

    Parameters
    ----------
    parameters
        The weights.
    optimizer
        A name in ``OPTIMIZERS``, or a class.
    learning_rate, weight_decay, momentum
        Passed on if the class's constructor takes them.

    Examples
    --------
    >>> weight = nn.Parameter(torch.zeros(1))
    >>> sgd = build_optimizer([weight], "sgd", learning_rate=0.1, weight_decay=0, momentum=0.9)
    >>> sgd.defaults["momentum"]
    0.9
    """
    optimizer_class = OPTIMIZERS[optimizer] if isinstance(optimizer, str) else optimizer
    accepted = inspect.signature(optimizer_class).parameters
    options: dict[str, Any] = {"lr": learning_rate, "weight_decay": weight_decay, "momentum": momentum}
    if optimizer_class in (torch.optim.Adam, torch.optim.AdamW, torch.optim.SGD):
        # one kernel over all weights; on CPUs as well
        options["fused"] = True
    options = {name: value for name, value in options.items() if name in accepted}
    return optimizer_class(list(parameters), **options)
