"""Tensors of numbers known beforehand."""

from __future__ import annotations

import torch

from tsseq2seq.nn.outputs.constants import constant


def test_it_lies_where_another_tensor_does() -> None:
    like = torch.zeros(2, dtype=torch.float64)
    found = constant([0.1, 2.0], like)
    assert (found.tolist(), found.dtype, found.device) == ([0.1, 2.0], torch.float64, like.device)
    assert constant((0.1, 2.0), like, torch.float32).dtype == torch.float32


def test_it_is_made_once() -> None:
    like = torch.zeros(1)
    assert constant([0.3, 4.0], like) is constant((0.3, 4.0), like)
    assert constant([0.3, 4.0], like) is not constant([0.3, 5.0], like)


def test_what_is_made_while_forecasting_serves_in_training() -> None:
    with torch.inference_mode():
        made = constant([1.0, 7.5], torch.zeros(1))
    weight = torch.ones(2, requires_grad=True)
    (weight * made).sum().backward()
    assert weight.grad is not None
    assert weight.grad.tolist() == [1.0, 7.5]
