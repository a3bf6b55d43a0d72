"""The learning rate against torch's own schedulers."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from tsseq2seq.training.learning_rate import learning_rate_factor


@pytest.mark.parametrize("total", [1, 7, 100])
@pytest.mark.parametrize("warmup", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("schedule", ["cosine", "linear", "constant"])
def test_factor_against_torch_s_schedulers(schedule: str, warmup: float, total: int) -> None:
    weight = nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([weight], lr=1.0)
    warm = int(warmup * total)
    rest = max(1, total - warm)
    schedulers = torch.optim.lr_scheduler
    after = {
        "cosine": lambda: schedulers.CosineAnnealingLR(optimizer, rest),
        "linear": lambda: schedulers.LinearLR(optimizer, 1.0, 0.0, rest),
        "constant": lambda: schedulers.ConstantLR(optimizer, 1.0, 1),
    }[schedule]()
    expected = [(step + 1) / warm for step in range(warm)]
    for _ in range(total - warm):
        expected.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        after.step()
    got = [learning_rate_factor(s, total, schedule=schedule, warmup=warmup) for s in range(total)]
    assert got == pytest.approx(expected, abs=1e-6)
