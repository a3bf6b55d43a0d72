"""Optimisers by name, and the learning rate over the steps of training."""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterable
from typing import Any

import torch
from torch import nn

__all__ = ["OPTIMIZERS", "build_optimizer", "learning_rate_factor"]

OPTIMIZERS: dict[str, type[torch.optim.Optimizer]] = {
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "sgd": torch.optim.SGD,
    "adagrad": torch.optim.Adagrad,
    "rmsprop": torch.optim.RMSprop,
}


def build_optimizer(
    parameters: Iterable[nn.Parameter],
    optimizer: str | type[torch.optim.Optimizer],
    *,
    learning_rate: float,
    weight_decay: float,
    momentum: float,
) -> torch.optim.Optimizer:
    """Build an optimiser; a class gets those of the options that its constructor takes.

    Examples
    --------
    >>> weight = nn.Parameter(torch.zeros(1))
    >>> sgd = build_optimizer([weight], "sgd", learning_rate=0.1, weight_decay=0, momentum=0.9)
    >>> sgd.defaults["momentum"]
    0.9
    """
    kind = OPTIMIZERS[optimizer] if isinstance(optimizer, str) else optimizer
    known = inspect.signature(kind).parameters
    options: dict[str, Any] = {"lr": learning_rate, "weight_decay": weight_decay, "momentum": momentum}
    if kind in (torch.optim.Adam, torch.optim.AdamW, torch.optim.SGD):
        # one kernel over all weights; on CPUs as well
        options["fused"] = True
    return kind(list(parameters), **{name: value for name, value in options.items() if name in known})


def learning_rate_factor(step: int, total: int, *, schedule: str, warmup: float) -> float:
    """Return the share of the highest learning rate that step ``step`` (from 0) of ``total`` uses.

    Examples
    --------
    >>> [round(learning_rate_factor(s, 100, schedule="cosine", warmup=0.1), 3) for s in (0, 9, 55, 99)]
    [0.1, 1.0, 0.5, 0.0]
    """
    warm = int(warmup * total)
    if step < warm:
        return (step + 1) / warm
    if schedule == "constant":
        return 1.0
    done = (step - warm) / max(1, total - warm)
    return 0.5 * (1 + math.cos(math.pi * done)) if schedule == "cosine" else 1 - done
