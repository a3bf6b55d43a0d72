"""Logarithms counted from the lowest value against numpy in double precision."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tsseq2seq.data.scaling.logarithm import Logarithm


def logarithm_of(values: np.ndarray, *, scale: float = 1.0) -> tuple[Logarithm, torch.Tensor]:
    """Values in a panel's numbers, counted from the first value, and the logarithms of one context."""
    numbers = torch.tensor((values - values[0]) / scale, dtype=torch.float32).reshape(1, -1, 1)
    origin = torch.full((1, 1, 1), values[0], dtype=torch.float64)
    unit = torch.full((1, 1, 1), scale, dtype=torch.float64)
    return Logarithm.of(numbers.amin(1, keepdim=True), origin, unit), numbers


VALUES = {
    "counts": np.array([10.0, 3.0, 0.0, 1000.0, 7.0]),
    "wide": np.array([1e-3, 1e6, 5.0, 0.0]),
    "far from 0": 1e8 + np.arange(6.0),
    "near -1": np.array([-0.5, 3.0, -0.9]),
}


@pytest.mark.parametrize("values", VALUES.values(), ids=VALUES.keys())
@pytest.mark.parametrize("scale", [1.0, 37.5])
def test_it_is_the_logarithm_of_one_more_counted_from_the_lowest(values: np.ndarray, scale: float) -> None:
    logarithm, numbers = logarithm_of(values, scale=scale)
    expected = np.log1p(values) - np.log1p(values.min())
    found = logarithm.transform(numbers)
    np.testing.assert_allclose(found.flatten(), expected, rtol=2e-6, atol=1e-9)
    np.testing.assert_allclose(logarithm.inverse(found.double()).flatten(), values, rtol=1e-5, atol=1e-5)


def test_the_numbers_given_are_left_as_they_are() -> None:
    logarithm, numbers = logarithm_of(VALUES["counts"])
    before = numbers.clone()
    logarithm.transform(numbers)
    assert torch.equal(numbers, before)


def test_nothing_is_infinite() -> None:
    logarithm, _ = logarithm_of(VALUES["counts"])
    assert logarithm.inverse(torch.tensor([[[1e4]]], dtype=torch.float64)).isfinite().all()
    assert logarithm.transform(torch.tensor([[[-1e9]]])).isfinite().all()
