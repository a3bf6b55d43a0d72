"""Gaps are filled along lines, as pandas fills them, and series end with their last value."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch
from hypothesis import given
from hypothesis import strategies as st

from tsseq2seq.data.panel.gap_filling import filled_to_the_end

ROWS = st.lists(
    st.lists(st.one_of(st.none(), st.floats(-1e3, 1e3, width=32)), min_size=9, max_size=9),
    min_size=1,
    max_size=5,
)


@given(ROWS)
def test_it_is_the_interpolation_of_pandas(rows: list[list[float | None]]) -> None:
    values = np.array(rows, dtype=float)
    observed = ~np.isnan(values)
    # what is written where nothing was observed does not matter
    numbers = torch.from_numpy(np.where(observed, values, 1e6))
    filled, lengths = filled_to_the_end(numbers, torch.from_numpy(observed))
    for row, one in enumerate(values):
        known = pd.Series(one).interpolate().to_numpy()
        seen = np.flatnonzero(observed[row])
        inside = known[seen[0] : seen[-1] + 1] if len(seen) else known[:0]
        assert int(lengths[row]) == len(inside)
        if len(inside):
            np.testing.assert_allclose(filled[row, -len(inside) :], inside, atol=1e-3, rtol=1e-5)
            np.testing.assert_allclose(filled[row, : -len(inside)], inside[0])
        else:
            assert not filled[row].any()


def test_what_has_no_gaps_is_left_as_it_is() -> None:
    values = torch.randn(3, 7)
    filled, lengths = filled_to_the_end(values, torch.ones(3, 7, dtype=torch.bool))
    assert filled is values
    assert lengths.tolist() == [7, 7, 7]
