"""A step computes in the precision that the settings mean, which is found once."""

from __future__ import annotations

from contextlib import AbstractContextManager

import pytest
import torch
from torch import Tensor, nn

from tsseq2seq.training import devices
from tsseq2seq.training.step import make_optimizer, make_step, precision_of, with_precision
from tsseq2seq.training.training import Training


class Product:
    """Notes in which type its module multiplies."""

    def __init__(self, width: int) -> None:
        self.module = nn.Linear(width, width)
        self.device = torch.device("cpu")
        self.types: list[torch.dtype] = []

    def loss(self, step: int, total: int) -> Tensor:
        outputs = self.module(torch.ones(2, self.module.in_features))
        self.types.append(outputs.dtype)
        return outputs.float().square().mean()

    def rehearsed(self) -> AbstractContextManager[None]:
        raise AssertionError

    def validate(self) -> None:
        return None


@pytest.mark.parametrize(("width", "dtype"), [(256, torch.bfloat16), (32, torch.float32)])
def test_auto_looks_at_the_largest_weight(
    monkeypatch: pytest.MonkeyPatch, width: int, dtype: torch.dtype
) -> None:
    monkeypatch.setattr(devices, "cpu_multiplies_bf16", lambda: True)
    objective, training = Product(width), Training(max_steps=1)
    settled = with_precision(training, objective)
    assert precision_of(training, objective) == precision_of(settled, objective) == dtype
    assert settled.precision == ("bf16" if dtype == torch.bfloat16 else "float32")
    for each in (training, settled):
        make_step(objective, make_optimizer(objective, each), each, 0, 1)
    assert objective.types == [dtype, dtype]


@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_what_was_said_is_kept(precision: str) -> None:
    training = Training(max_steps=1, precision=precision)
    assert with_precision(training, Product(4)) == training


def test_gradients_of_the_step_before_do_not_count() -> None:
    objective, training = Product(4), Training(max_steps=2, precision="float32", clip_norm=None)
    optimizer = make_optimizer(objective, training)
    for weight in objective.module.parameters():
        weight.grad = torch.full_like(weight, 1e6)
    outputs = objective.module(torch.ones(2, 4))
    expected = torch.autograd.grad(outputs.square().mean(), list(objective.module.parameters()))
    make_step(objective, optimizer, training, 0, 2)
    for weight, gradient in zip(objective.module.parameters(), expected, strict=True):
        torch.testing.assert_close(weight.grad, gradient)
