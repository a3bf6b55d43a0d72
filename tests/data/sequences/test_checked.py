"""Arrays that a user passes: what is taken, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

from tsseq2seq.data.sequences.checked import checked_arrays
from tsseq2seq.errors import DataError, ParameterTypeError


@pytest.mark.parametrize(
    "given",
    [
        [np.ones((3, 2))],
        (np.ones((3, 2), np.uint8),),
        [torch.ones(3, 2, requires_grad=True)],
        [pd.DataFrame(np.ones((3, 2)))],
        [[[1, 1], [1, 1], [1, 1]]],
        np.ones((1, 3, 2)),
        torch.ones(1, 3, 2),
    ],
)
def test_what_is_taken(given: object) -> None:
    (array,) = checked_arrays(given)
    assert array.dtype == np.float32
    assert (array == np.ones((3, 2))).all()


def test_one_dimension_is_one_feature() -> None:
    assert checked_arrays([np.arange(4)])[0].shape == (4, 1)


@pytest.mark.parametrize("given", ["text", {"a": 1}, {1}, 3, np.ones((3, 2)), pd.DataFrame(np.ones((3, 2)))])
def test_what_is_no_list_of_sequences_is_refused(given: object) -> None:
    with pytest.raises(ParameterTypeError, match="sources is"):
        checked_arrays(given)


@pytest.mark.parametrize(
    ("second", "named"),
    [
        (np.ones((2, 3)), "(2, 3)"),
        (np.ones((2, 2, 2)), "(2, 2, 2)"),
        (np.ones((0, 2)), "no steps"),
        (np.ones((2, 0)), "(2, 0)"),
        (np.array([["a", "b"]]), "<U1"),
        (np.array([[1.0, np.nan]]), "step 0, feature 1"),
        (np.array([[1.0, 2.0], [1e300, 0.0]]), "step 1, feature 0"),
        ([[1.0, 2.0], [1.0]], "differ in length"),
        ("abc", "str"),
        (np.array([[1j, 2.0]]), "complex"),
    ],
)
def test_the_first_sequence_at_fault_is_named(second: object, named: str) -> None:
    with pytest.raises(DataError) as caught:
        checked_arrays([np.ones((3, 2)), second, "later"])
    assert "sources[1]" in str(caught.value)
    assert named in str(caught.value)


def test_messages_show_shapes_rather_than_numbers() -> None:
    with pytest.raises(DataError) as caught:
        checked_arrays([np.full((100, 100, 30), 0.123)])
    assert "(100, 100, 30)" in str(caught.value)
    assert "0.123" not in str(caught.value)
    assert len(str(caught.value)) < 300


def test_the_width_of_the_fit_is_asked_for() -> None:
    with pytest.raises(DataError, match="as in the fit"):
        checked_arrays([np.ones((3, 2))], width=3)


def test_empty_sequences_may_be_allowed() -> None:
    assert checked_arrays([np.ones((0, 2))], allow_empty=True)[0].shape == (0, 2)
