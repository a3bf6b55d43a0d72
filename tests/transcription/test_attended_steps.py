"""Attention over fewer steps, spread over those of the input."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from tsseq2seq.decoding.hypothesis import Hypothesis
from tsseq2seq.transcription.attended_steps import of_input_steps, spread


@given(length=st.integers(1, 30), stride=st.integers(1, 7), seed=st.integers(0, 99))
def test_weights_still_add_up_to_one_and_stay_where_they_were(length, stride, seed):
    steps = -(-length // stride)
    weights = torch.rand(3, steps, generator=torch.Generator().manual_seed(seed)).softmax(-1)
    found = spread(weights, length, stride)
    assert found.shape == (3, length)
    torch.testing.assert_close(found.sum(-1), torch.ones(3))
    for step in range(steps):
        part = found[:, step * stride : (step + 1) * stride]
        torch.testing.assert_close(part.sum(-1), weights[:, step])


def test_hypotheses_without_weights_stay_as_they_are():
    bare = Hypothesis((7, 2), -0.5, -0.25, (-0.3, -0.2), alignment=None, finished=True)
    weighed = Hypothesis((7, 2), -0.5, -0.25, (-0.3, -0.2), alignment=torch.ones(2, 1), finished=True)
    found = of_input_steps([None, bare, weighed], [3, 3, 2], 2)
    assert found[:2] == [None, bare]
    assert found[2].alignment.tolist() == [[0.5, 0.5], [0.5, 0.5]]
