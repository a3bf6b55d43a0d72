"""Weights of samples: read, refused, and in a unit in which losses have a weighted mean."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tsseq2seq.data.sample_weights import checked_weights, unit_weights
from tsseq2seq.errors import DataError

NUMBERS = st.floats(0, 1e300, allow_subnormal=False)


@given(st.lists(NUMBERS, min_size=1, max_size=8))
def test_ratios_are_kept_and_equal_weights_are_none(weights: list[float]) -> None:
    if not any(weights):
        with pytest.raises(DataError, match="sample_weight is zero for every pair"):
            checked_weights(weights, len(weights))
        return
    found = checked_weights(weights, len(weights))
    if len(set(weights)) == 1:
        assert found is None
    else:
        np.testing.assert_allclose(found.numpy(), np.array(weights) / max(weights), rtol=1e-6, atol=1e-37)


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 50), st.floats(-5, 5)), min_size=1, max_size=8))
def test_the_mean_of_weighted_losses_is_the_weighted_mean(rows: list[tuple[float, int, float]]) -> None:
    weights, counts, losses = (np.array(column, dtype=np.float64) for column in zip(*rows, strict=True))
    given_weights = torch.tensor(weights, dtype=torch.float32)
    if not float((given_weights.double() * torch.tensor(counts)).sum()) > 0:
        with pytest.raises(DataError, match=r"sample_weight is 0 for all \d+ pairs held out"):
            unit_weights(given_weights, torch.tensor(counts), "pairs held out")
        return
    found = unit_weights(given_weights, torch.tensor(counts), "pairs").double().numpy()
    mean = (found * counts * losses).sum() / counts.sum()
    assert mean == pytest.approx(np.average(losses, weights=weights * counts), rel=1e-4, abs=1e-5)


def test_no_weights_stay_none() -> None:
    assert checked_weights(None, 3) is None
    assert unit_weights(None, torch.ones(3), "pairs") is None
    assert checked_weights([], 0) is None
