"""A base that comes with the windows: its steps are read, whatever is decoded."""

from __future__ import annotations

import pytest
import torch

from tsseq2seq.nn.residuals import GivenBase, build_residual

BASES = torch.arange(24.0).reshape(2, 4, 3)


def test_it_is_built_by_its_name() -> None:
    residual = build_residual("smoothing", lag=7, length=3, targets=1)
    assert isinstance(residual, GivenBase)
    assert residual.given
    assert residual.reach == 0


def test_steps_are_those_asked_for() -> None:
    residual = GivenBase(length=3, targets=1)
    steps = torch.tensor([2, 0])
    assert torch.equal(residual.parallel(BASES, steps), BASES[:, [2, 0]])
    assert torch.equal(residual.base(BASES), BASES[:, 0])


@pytest.mark.parametrize("name", ["value", "segment", "season"])
def test_no_other_base_is_given(name: str) -> None:
    assert not build_residual(name, lag=2, length=3, targets=1).given
