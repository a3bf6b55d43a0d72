"""Gaps against a loop."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tsseq2seq.smoothing.gaps import filled


@pytest.mark.parametrize("period", [1, 3, 50])
def test_gaps_are_filled_from_the_season_before_or_the_step_before(period: int, definitions) -> None:
    rng = np.random.default_rng(period)
    values, observed = rng.normal(size=(6, 30)), rng.random((6, 30)) < 0.6
    observed[:, 0] = True
    wanted = [
        definitions["fill_gaps"](np.where(seen, row, np.nan), period)
        for row, seen in zip(values, observed, strict=True)
    ]
    given = torch.from_numpy(np.where(observed, values, 0.0))
    before = given.clone()
    np.testing.assert_array_equal(filled(given, torch.from_numpy(observed), period), wanted)
    assert torch.equal(given, before)


def test_complete_values_are_returned_as_they_are() -> None:
    values = torch.randn(2, 5)
    assert filled(values, torch.ones(2, 5, dtype=torch.bool), 2) is values
