"""The maximum over valid steps, against a loop."""

from __future__ import annotations

import torch

from tsseq2seq.nn.context import MaxState
from tsseq2seq.nn.encoders import Encoded, length_mask


def test_it_is_the_largest_valid_value_of_each_unit():
    states = torch.randn(3, 5, 4, dtype=torch.float64) - 3  # all below the zeros of padding
    lengths = torch.tensor([5, 2, 0])
    mask = length_mask(lengths, 5)
    ours = MaxState(value_size=4)(Encoded.of(states, mask))
    for row, length in enumerate(lengths.tolist()):
        for unit in range(4):
            valid = [states[row, step, unit].item() for step in range(length)]
            assert ours[row, unit].item() == (max(valid) if valid else 0.0)
    assert torch.equal(MaxState(value_size=4)(Encoded.of(states[:1], None)), ours[:1])


def test_an_empty_row_has_finite_gradients():
    states = torch.randn(2, 3, 4, requires_grad=True)
    encoded = Encoded(states, torch.tensor([[False] * 3, [True, False, False]]), states[:, 0])
    MaxState(value_size=4)(encoded).square().sum().backward()
    assert not states.grad[0].any()
    assert states.grad[1, 0].all()
    assert not states.grad[1, 1:].any()
