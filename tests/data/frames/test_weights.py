"""Weights of rows: they follow their rows, and rows without a target need none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsseq2seq.data.frames.columns import Columns, columns_from_parts, columns_to_parts
from tsseq2seq.data.frames.long_frame import read_long_frame, take_series, without_last_steps
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.panel import make_panel
from tsseq2seq.errors import DataError, ParameterError, ParameterTypeError

COLUMNS = Columns(weight="w")
WEIGHT = st.floats(0, 1e6, allow_subnormal=False) | st.integers(0, 9)


def frame_of(weights: list[float]) -> pd.DataFrame:
    """Two series; each value is the number of its row, by which its weight is found again."""
    count = len(weights)
    rows = np.arange(count)
    return pd.DataFrame(
        {"unique_id": np.where(rows % 2, "b", "a"), "ds": rows // 2, "y": rows * 1.0, "w": weights}
    )


@given(st.lists(WEIGHT, min_size=4, max_size=12), st.randoms(use_true_random=False))
def test_weights_stay_with_their_rows(weights: list[float], dice) -> None:
    df = frame_of(weights)
    order = [*range(2), *dice.sample(range(2, len(df)), len(df) - 2)]  # series keep their order
    if not any(weights):
        with pytest.raises(DataError, match="weight_col 'w' is 0 in every row"):
            read_long_frame(df.iloc[order], COLUMNS)
        return
    frame = read_long_frame(df.iloc[order], COLUMNS)
    assert frame.columns == Columns()
    if len(set(map(float, weights))) == 1:
        assert frame.weights is None
        return
    scaled = np.array(weights, dtype=float) / max(weights)
    later = without_last_steps(frame, Frequency.parse(1), 1)
    for part in (frame, later, take_series(frame, np.array([1]))):
        np.testing.assert_allclose(
            part.weights, scaled[part.targets[:, 0].astype(int)], rtol=1e-6, atol=1e-37
        )
    panel = make_panel(frame, Frequency.parse(1))
    values = np.concatenate([panel.original(series)[:, 0] for series in range(panel.count)])
    np.testing.assert_allclose(panel.weights.numpy(), scaled[values.astype(int)], rtol=1e-6, atol=1e-37)
    assert panel.without_series().weights is None
    assert panel.unweighted().weights is None


def test_gaps_and_missing_targets_have_no_weight_of_their_own() -> None:
    df = pd.DataFrame({"ds": [0, 1, 4], "y": [1.0, np.nan, 3.0], "w": [1.0, np.nan, 2.0]})
    panel = make_panel(read_long_frame(df, COLUMNS), Frequency.parse(1))
    assert panel.weights.tolist()[0] == 0.5
    assert panel.weights.tolist()[4] == 1.0
    assert read_long_frame(df.assign(w=[1.0, 7.0, 1.0]), COLUMNS).weights is None
    with pytest.raises(DataError, match=r"weight_col 'w' is nan at 4 \(row 2\)"):
        read_long_frame(df.assign(w=[1.0, np.nan, np.nan]), COLUMNS)


def test_the_role_is_one_of_the_columns(unchecked_types) -> None:
    columns = Columns.of(id_col="shop", time_col="day", target_col="sales", weight_col="worth")
    assert columns.quantities == ("sales", "worth")
    assert columns.unweighted.quantities == ("sales",)
    assert columns_from_parts(columns_to_parts(columns)) == columns.unweighted
    with pytest.raises(ParameterTypeError, match="weight_col is 3"):
        Columns.of(id_col=None, time_col="day", target_col="sales", weight_col=3)
    with pytest.raises(ParameterError, match="in time_col and in weight_col"):
        Columns.of(id_col=None, time_col="day", target_col="sales", weight_col="day")
