"""The convolutional encoder against loops over steps and taps, in numpy."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tsseq2seq.nn.encoders import ConvolutionalEncoder
from tsseq2seq.nn.encoders.convolutional import receptive_field

STEPS, INPUTS, WIDTH = 9, 2, 3


def numbers(tensor):
    return tensor.detach().numpy()


def normalised(layer, states):
    """Layer norm of (S, E) by its definition."""
    centred = states - states.mean(-1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + layer.eps)
    return scaled * numbers(layer.weight) + numbers(layer.bias)


def convolved(layer, states, dilation, causal):
    """Σ over taps of W[:, :, tap] · state, where what is before the first or behind the last step is 0."""
    weight, bias = numbers(layer.weight), numbers(layer.bias)
    kernel_size = weight.shape[2]
    ahead = 0 if causal else (kernel_size - 1) * dilation // 2
    behind = (kernel_size - 1) * dilation - ahead
    outputs = []
    for step in range(len(states)):
        total = bias.copy()
        for tap in range(kernel_size):
            place = step - behind + tap * dilation
            if 0 <= place < len(states):
                total = total + weight[:, :, tap] @ states[place]
        outputs.append(total)
    return np.array(outputs)


def encoded_by_loops(encoder, inputs, causal):
    states = inputs @ numbers(encoder.read.weight).T + numbers(encoder.read.bias)
    for layer, block in enumerate(encoder.blocks):
        change = convolved(block.first, normalised(block.norm, states), 2**layer, causal)
        states = states + convolved(block.second, np.maximum(change, 0), 2**layer, causal)
    return normalised(encoder.norm, states)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("kernel_size", [1, 2, 3, 4])
@pytest.mark.parametrize("layers", [1, 3, 7])
def test_values_equal_those_of_loops_in_numpy(causal, kernel_size, layers):
    encoder = ConvolutionalEncoder(
        input_size=INPUTS, hidden_size=WIDTH, num_layers=layers, kernel_size=kernel_size, causal=causal
    ).double()
    inputs = torch.randn(2, STEPS, INPUTS, dtype=torch.float64)
    lengths = torch.tensor([STEPS, 4])
    ours = encoder(inputs, lengths).states
    for row, length in enumerate(lengths.tolist()):
        expected = encoded_by_loops(encoder, inputs[row, :length].numpy(), causal)
        np.testing.assert_allclose(numbers(ours[row, :length]), expected, rtol=1e-10, atol=1e-11)


@pytest.mark.parametrize("kernel_size", [1, 2, 3])
@pytest.mark.parametrize("layers", [1, 2, 3])
def test_a_state_depends_on_as_many_steps_as_the_receptive_field_says(kernel_size, layers):
    field = receptive_field(layers, kernel_size)
    steps = field + 5
    for causal in (True, False):
        encoder = ConvolutionalEncoder(
            input_size=INPUTS, hidden_size=64, num_layers=layers, kernel_size=kernel_size, causal=causal
        ).double()  # so wide that a ReLU is active on every path
        inputs = torch.randn(1, steps, INPUTS, dtype=torch.float64, requires_grad=True)
        place = steps - 1 if causal else steps // 2
        state = encoder(inputs).states[0, place]
        (seen,) = torch.autograd.grad((state * torch.randn(64, dtype=torch.float64)).sum(), inputs)
        assert int(seen[0].any(-1).sum()) == field


def test_a_deep_stack_takes_no_memory_for_what_lies_far_beyond_the_input():
    """The last of 60 dilations is 2⁵⁹; written out, its padding would fit into no memory."""
    encoder = ConvolutionalEncoder(input_size=INPUTS, hidden_size=WIDTH, num_layers=60)
    assert encoder(torch.randn(2, STEPS, INPUTS), torch.tensor([STEPS, 2])).states.isfinite().all()


def test_nothing_is_normalised_over_rows_or_time():
    """What another row or another far step holds does not matter."""
    encoder = ConvolutionalEncoder(input_size=INPUTS, hidden_size=WIDTH, causal=True).double()
    inputs = torch.randn(2, STEPS, INPUTS, dtype=torch.float64)
    other = inputs.clone()
    other[1] += 100
    other[0, -1] += 100
    assert torch.equal(encoder(inputs).states[0, :-1], encoder(other).states[0, :-1])
    assert torch.equal(encoder(inputs).states[0], encoder(torch.cat([inputs[:1], other[1:]])).states[0])
