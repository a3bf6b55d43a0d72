"""One training step: loss, gradients, clipping, and the optimiser's update."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tsseq2seq.hardware.devices import resolve_precision
from tsseq2seq.training.learning_rate import learning_rate
from tsseq2seq.training.objective import Objective
from tsseq2seq.training.optimizers import build_optimizer
from tsseq2seq.training.training import Training

__all__ = ["GradientSteps", "make_optimizer", "precision_of"]


def make_optimizer(objective: Objective, training: Training) -> torch.optim.Optimizer:
    """Make the optimiser that the settings ask for."""
    return build_optimizer(
        [weight for weight in objective.module.parameters() if weight.requires_grad],
        training.optimizer,
        learning_rate=training.learning_rate,
        weight_decay=training.weight_decay,
        momentum=training.momentum,
    )


def precision_of(training: Training, objective: Objective) -> torch.dtype:
    """Return the data type of the matrix products in training steps."""
    if training.precision != "auto":
        return resolve_precision(training.precision, objective.device)
    largest = max(weight.numel() for weight in objective.module.parameters())
    return resolve_precision("auto", objective.device, largest_weight=largest)


class GradientSteps:
    """Make training steps, one kernel at a time.

    Parameters
    ----------
    objective
        Has the module, and computes losses.
    optimizer
        The optimiser of the module's parameters.
    training
        The settings.
    """

    def __init__(self, objective: Objective, optimizer: torch.optim.Optimizer, training: Training) -> None:
        self.objective = objective
        self.optimizer = optimizer
        self.training = training
        self.weights = [weight for group in optimizer.param_groups for weight in group["params"]]
        dtype = precision_of(training, objective)
        self.precision = torch.autocast(objective.device.type, dtype, enabled=dtype != torch.float32)

    def __call__(self, step: int, total: int) -> Float[Tensor, ""]:
        """Make step ``step`` (from 0) of ``total`` and return its loss, detached."""
        self.set_learning_rate(step, total)
        return self.descend(partial(self.objective.batch_loss, step, total))

    def set_learning_rate(self, step: int, total: int) -> float:
        """Set the optimiser's learning rate for step ``step`` (from 0) of ``total``, and return it."""
        rate = learning_rate(self.training, step, total)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        return rate

    def descend(self, compute: Callable[[], Float[Tensor, ""]]) -> Float[Tensor, ""]:
        """Update the weights by the gradients of ``compute()``'s loss; return the loss, detached."""
        with self.precision:
            loss = compute()
        for weight in self.weights:  # zero_grad without its hooks, which take longer than this loop
            weight.grad = None
        loss.backward()
        if self.training.clip_norm is not None:
            _clip(self.weights, float(self.training.clip_norm))
        self.optimizer.step()
        return loss.detach()


def _clip(weights: list[Tensor], max_norm: float) -> None:
    """Scale gradients down to a norm, as ``clip_grad_norm_`` does, but on a CPU only if theirs is larger.

    Multiplying by 1 would be another pass over all gradients.
    """
    norm = nn.utils.get_total_norm([weight.grad for weight in weights if weight.grad is not None])
    # on other devices the comparison would wait for the device
    if norm.device.type != "cpu" or not norm <= max_norm:
        nn.utils.clip_grads_with_norm_(weights, max_norm, norm)
