"""A step computes in the precision that the settings mean, which is found once."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from tsseq2seq.hardware import devices
from tsseq2seq.training import step
from tsseq2seq.training.step import GradientSteps, make_optimizer, precision_of
from tsseq2seq.training.training import Training


class Product:
    """Notes in which type its module multiplies."""

    def __init__(self, width: int) -> None:
        self.module = nn.Linear(width, width)
        self.device = torch.device("cpu")
        self.types: list[torch.dtype] = []

    def batch_loss(self, step: int, total: int) -> Tensor:
        outputs = self.module(torch.ones(2, self.module.in_features))
        self.types.append(outputs.dtype)
        return outputs.float().square().mean()

    def state(self) -> dict:
        raise AssertionError

    def load_state(self, state: dict) -> None:
        raise AssertionError

    def validate(self) -> None:
        return None


@pytest.mark.parametrize(("width", "dtype"), [(256, torch.bfloat16), (32, torch.float32)])
def test_auto_looks_at_the_largest_weight(
    monkeypatch: pytest.MonkeyPatch, width: int, dtype: torch.dtype
) -> None:
    monkeypatch.setattr(devices, "cpu_multiplies_bf16", lambda: True)
    objective, training = Product(width), Training(max_steps=1)
    assert precision_of(training, objective) == dtype
    make_step = GradientSteps(objective, make_optimizer(objective, training), training)
    for place in range(2):
        make_step(place, 2)
    assert objective.types == [dtype, dtype]


@pytest.mark.parametrize(("precision", "dtype"), [("float32", torch.float32), ("bf16", torch.bfloat16)])
def test_what_was_said_is_kept(precision: str, dtype: torch.dtype) -> None:
    objective, training = Product(4), Training(max_steps=1, precision=precision)
    GradientSteps(objective, make_optimizer(objective, training), training)(0, 1)
    assert objective.types == [dtype]


@pytest.mark.parametrize("norm", [1e-30, 0.5, 0.999, 1.001, 3.0, 1e30, float("inf"), float("nan"), 0.0])
def test_gradients_are_clipped_as_torch_does(norm: float) -> None:
    torch.manual_seed(0)
    weights = [nn.Parameter(torch.zeros(shape)) for shape in ((3, 4), (5,), (2,))]
    gradients = [torch.randn_like(weight) for weight in weights]
    length = torch.stack([gradient.norm() for gradient in gradients[:2]]).norm()
    clipped = []
    for clip in (step._clip, nn.utils.clip_grad_norm_):
        for weight, gradient in zip(weights, gradients, strict=True):
            weight.grad = gradient * (norm / length)
        weights[2].grad = None  # one that had no part in the loss
        clip(weights, 1.0)
        clipped.append([weight.grad for weight in weights[:2]])
    torch.testing.assert_close(*clipped, equal_nan=True)


def test_gradients_of_the_step_before_do_not_count() -> None:
    objective, training = Product(4), Training(max_steps=2, precision="float32", clip_norm=None)
    optimizer = make_optimizer(objective, training)
    for weight in objective.module.parameters():
        weight.grad = torch.full_like(weight, 1e6)
    outputs = objective.module(torch.ones(2, 4))
    expected = torch.autograd.grad(outputs.square().mean(), list(objective.module.parameters()))
    GradientSteps(objective, optimizer, training)(0, 2)
    for weight, gradient in zip(objective.module.parameters(), expected, strict=True):
        torch.testing.assert_close(weight.grad, gradient)
