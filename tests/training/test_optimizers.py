"""Optimisers by name and learning-rate curves, against torch's own."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from tsseq2seq.training.optimizers import OPTIMIZERS, build_optimizer


def quadratic_after(optimizer: torch.optim.Optimizer, weight: nn.Parameter, steps: int = 20) -> torch.Tensor:
    for _ in range(steps):
        optimizer.zero_grad()
        (weight - torch.tensor([1.0, -2.0])).square().sum().backward()
        optimizer.step()
    return weight.detach()


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("adam", lambda w: torch.optim.Adam(w, lr=0.1, weight_decay=0.01)),
        ("adamw", lambda w: torch.optim.AdamW(w, lr=0.1, weight_decay=0.01)),
        ("sgd", lambda w: torch.optim.SGD(w, lr=0.1, momentum=0.5, weight_decay=0.01)),
        ("adagrad", lambda w: torch.optim.Adagrad(w, lr=0.1, weight_decay=0.01)),
        ("rmsprop", lambda w: torch.optim.RMSprop(w, lr=0.1, momentum=0.5, weight_decay=0.01)),
    ],
)
def test_named_optimisers_step_as_torch_s(name: str, reference) -> None:
    ours, theirs = nn.Parameter(torch.zeros(2)), nn.Parameter(torch.zeros(2))
    built = build_optimizer([ours], name, learning_rate=0.1, weight_decay=0.01, momentum=0.5)
    torch.testing.assert_close(quadratic_after(built, ours), quadratic_after(reference([theirs]), theirs))


def test_every_name_builds() -> None:
    for name, kind in OPTIMIZERS.items():
        weight = nn.Parameter(torch.zeros(1))
        assert type(build_optimizer([weight], name, learning_rate=1, weight_decay=0, momentum=0)) is kind


def test_any_torch_optimiser_gets_the_options_it_takes() -> None:
    weight = nn.Parameter(torch.zeros(1))
    built = build_optimizer([weight], torch.optim.RAdam, learning_rate=0.3, weight_decay=0.1, momentum=0.9)
    assert isinstance(built, torch.optim.RAdam)
    assert built.defaults["lr"] == 0.3
    assert built.defaults["weight_decay"] == 0.1
    assert "momentum" not in built.defaults
