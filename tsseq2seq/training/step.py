"""One gradient step, and the optimiser that makes it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tsseq2seq.training.devices import resolve_precision
from tsseq2seq.training.objective import Objective
from tsseq2seq.training.optimizers import build_optimizer, learning_rate_factor
from tsseq2seq.training.training import Training

__all__ = ["descend", "make_optimizer", "make_step", "precision_of", "rate_at", "with_precision"]


def make_optimizer(objective: Objective, training: Training) -> torch.optim.Optimizer:
    """Make the optimiser that the settings ask for."""
    return build_optimizer(
        objective.module.parameters(),
        training.optimizer,
        learning_rate=training.learning_rate,
        weight_decay=training.weight_decay,
        momentum=training.momentum,
    )


def make_step(
    objective: Objective, optimizer: torch.optim.Optimizer, training: Training, step: int, total: int
) -> Float[Tensor, ""]:
    """Make one gradient step and return its loss, detached."""
    for group in optimizer.param_groups:
        group["lr"] = rate_at(training, step, total)
    return descend(objective, optimizer, training, partial(objective.loss, step, total))


def rate_at(training: Training, step: int, total: int) -> float:
    """Return the learning rate of step ``step`` (from 0) of ``total``."""
    factor = learning_rate_factor(step, total, schedule=training.schedule, warmup=training.warmup)
    return training.learning_rate * factor


def precision_of(training: Training, objective: Objective) -> torch.dtype:
    """Return the type of the matrix products of a training's steps."""
    if training.precision != "auto":
        return resolve_precision(training.precision, objective.device)
    largest = max(weight.numel() for weight in objective.module.parameters())
    return resolve_precision("auto", objective.device, largest=largest)


def with_precision(training: Training, objective: Objective) -> Training:
    """Return the settings with what ``precision="auto"`` means here, so that no step has to find out."""
    bf16 = precision_of(training, objective) == torch.bfloat16
    return dataclasses.replace(training, precision="bf16" if bf16 else "float32")


def descend(
    objective: Objective,
    optimizer: torch.optim.Optimizer,
    training: Training,
    compute: Callable[[], Float[Tensor, ""]],
) -> Float[Tensor, ""]:
    """Go down the gradient of the loss that ``compute`` returns, at the optimiser's learning rate."""
    dtype = precision_of(training, objective)
    with torch.autocast(objective.device.type, dtype, enabled=dtype != torch.float32):
        loss = compute()
    for group in optimizer.param_groups:  # zero_grad, without its hooks, which cost more than this
        for weight in group["params"]:
            weight.grad = None
    loss.backward()
    if training.clip_norm is not None:
        nn.utils.clip_grad_norm_(objective.module.parameters(), training.clip_norm)
    optimizer.step()
    return loss.detach()
