"""The readout against its formula in numpy."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tsseq2seq.nn.readout import READS, Readout, reads


@pytest.mark.parametrize(("previous_size", "context_size"), [(3, 0), (0, 2), (3, 2)])
def test_it_is_the_larger_of_each_pair_of_a_linear_layer(previous_size, context_size):
    readout = Readout(4, previous_size=previous_size, context_size=context_size).double()
    hidden, previous, context = (torch.randn(*s, dtype=torch.float64) for s in ((2, 5, 4), (2, 5, 3), (2, 2)))
    ours = readout(hidden, previous, context)
    weight, bias = readout.linear.weight.detach().numpy(), readout.linear.bias.detach().numpy()
    for row in range(2):
        for query in range(5):
            parts = [hidden[row, query].numpy()]
            parts += [previous[row, query].numpy()] * bool(previous_size)
            parts += [context[row].numpy()] * bool(context_size)
            units = weight @ np.concatenate(parts) + bias
            expected = [max(units[2 * unit], units[2 * unit + 1]) for unit in range(4)]
            np.testing.assert_allclose(ours[row, query].detach().numpy(), expected, rtol=1e-12)


@pytest.mark.parametrize("name", READS)
def test_what_is_read_is_said_by_name(name):
    assert reads("previous", name) == (name in ("previous", "previous+context"))
    assert reads("context", name) == (name in ("context", "previous+context"))
