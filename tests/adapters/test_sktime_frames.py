"""sktime's containers become long frames, and nothing is mixed up or lost on the way."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsseq2seq.adapters.sktime_frames import Names, covariates_ahead, history_frame, series_of
from tsseq2seq.errors import DataError

LABELS = st.one_of(st.integers(0, 3), st.sampled_from(["y", "ds", "unique_id", "ds_", "0", "y_"]))


def panel(lengths: dict[object, int]) -> pd.DataFrame:
    rows = [
        (*(name if isinstance(name, tuple) else (name,)), t) for name, n in lengths.items() for t in range(n)
    ]
    return pd.DataFrame({0: np.arange(len(rows), dtype=float)}, pd.MultiIndex.from_tuples(rows))


@given(targets=st.lists(LABELS, min_size=1, unique=True), covariates=st.lists(LABELS, unique=True))
def test_no_two_columns_have_the_same_name(targets: list, covariates: list) -> None:
    names = Names.of(pd.DataFrame(columns=targets), pd.DataFrame(columns=covariates))
    all_names = [*names.targets, *names.covariates, "unique_id", "ds"]
    assert len(set(all_names)) == len(all_names)
    assert (len(names.targets), len(names.covariates)) == (len(targets), len(covariates))


def test_a_hierarchy_keeps_its_rows_and_is_padded_to_the_cutoff() -> None:
    y = panel({("a", 1): 4, ("a", 2): 2, ("b", 1): 4})
    frame = history_frame(y, None, Names.of(y, None), cutoff=3)
    ends = frame.groupby("unique_id")["ds"].max()
    assert ends.to_dict() == {"('a', 1)": 3, "('a', 2)": 3, "('b', 1)": 3}
    known = frame.dropna()
    assert known["y"].tolist() == y[0].tolist()
    assert list(series_of(y.index)) == [("a", 1), ("a", 2), ("b", 1)]
    assert series_of(y.droplevel([0, 1]).index) is None


def test_nothing_after_the_cutoff_is_returned() -> None:
    y = panel({"a": 6, "b": 6})
    frame = history_frame(y, None, Names.of(y, None), cutoff=2)
    assert frame["ds"].max() == 2
    assert frame["y"].tolist() == [0, 1, 2, 6, 7, 8]


def test_covariates_lie_beside_the_targets_of_their_row() -> None:
    y = panel({"a": 3, "b": 3})
    X = pd.DataFrame({"price": np.arange(6.0) * 10}, y.index).iloc[::-1]
    frame = history_frame(y, X, Names.of(y, X))
    assert (frame["price"] == frame["y"] * 10).all()
    with pytest.raises(DataError, match=r"X has no row for 'b', 2, where"):
        history_frame(y, X.iloc[1:], Names.of(y, X))


def test_what_is_asked_for_must_be_there_and_what_lies_between_may_be_missing() -> None:
    y = panel({"a": 3})
    X = pd.DataFrame({"price": [7.0, 9.0]}, pd.MultiIndex.from_tuples([("a", 3), ("a", 5)]))
    template = pd.DataFrame({"unique_id": "'a'", "ds": [3, 4, 5], "price": np.nan})
    names = Names.of(y, X)
    ahead = covariates_ahead(template, X, names, wanted=[3, 5])
    np.testing.assert_array_equal(ahead["price"], [7, np.nan, 9])
    with pytest.raises(DataError, match="\"'a'\", 4"):
        covariates_ahead(template, X, names, wanted=[4])
    with pytest.raises(DataError, match=r"X has 2 columns, .* fitted with 1"):
        covariates_ahead(template, X.assign(other=1.0), names, wanted=[3])
