"""The best weights against a loop over errors."""

from __future__ import annotations

import math

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from tsseq2seq.training.best_weights import BestWeights

errors = st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True, width=32))


@given(sequence=st.lists(errors, max_size=12), cut=st.integers(0, 12))
def test_the_lowest_error_keeps_its_weights_also_after_a_restart(sequence: list, cut: int) -> None:
    module, best = nn.Linear(1, 1), BestWeights()
    lowest, kept, since = math.inf, None, 0
    for step, error in enumerate(sequence):
        if step == cut:
            resumed = BestWeights()
            resumed.load_state(best.state())
            best = resumed
        nn.init.constant_(module.weight, step)
        better = best.update(module, error)
        expected = error is not None and error < lowest
        assert better == expected
        lowest, kept, since = (error, step, 0) if expected else (lowest, kept, since + 1)
        assert best.without_improvement == since
    assert best.error == lowest
    assert (best.weights is None) == (kept is None)
    if kept is not None:
        assert torch.equal(best.weights["weight"], torch.full((1, 1), float(kept)))


def test_the_kept_weights_do_not_follow_the_module() -> None:
    module, best = nn.Linear(1, 1), BestWeights()
    best.update(module, 1.0)
    before = best.weights["weight"].clone()
    nn.init.constant_(module.weight, 99.0)
    assert torch.equal(best.weights["weight"], before)
