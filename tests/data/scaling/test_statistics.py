"""Statistics that scalings share, against numpy in double precision."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tsseq2seq.data.scaling.statistics import (
    history_mean_and_deviation,
    lowest_value,
    mean_and_deviation,
    without_rounding,
)


@pytest.mark.parametrize("missing", [0.0, 0.4])
@pytest.mark.parametrize("size", [1e-30, 1.0, 1e30])
def test_mean_deviation_and_lowest_value_are_numpys(missing: float, size: float) -> None:
    rng = np.random.default_rng(0)
    values = (rng.normal(size=(4, 30, 2)) + 3) * size
    seen = rng.random(values.shape) >= missing
    numbers = torch.tensor(np.where(seen, values, 1e9), dtype=torch.float32)
    mask = torch.from_numpy(seen) if missing else None
    lowest = lowest_value(numbers, mask)
    mean, deviation = mean_and_deviation(numbers, mask, lowest)
    observed = np.where(seen, values, np.nan)
    np.testing.assert_allclose(lowest[:, 0], np.nanmin(observed, axis=1), rtol=1e-6)
    np.testing.assert_allclose(mean[:, 0], np.nanmean(observed, axis=1), rtol=1e-5)
    np.testing.assert_allclose(deviation[:, 0], np.nanstd(observed, axis=1), rtol=1e-5)


def test_of_nothing_the_lowest_value_is_zero_and_nothing_deviates() -> None:
    values, mask = torch.full((1, 3, 1), 7.0), torch.zeros(1, 3, 1, dtype=torch.bool)
    lowest = lowest_value(values, mask)
    assert lowest.item() == 0
    assert [part.item() for part in mean_and_deviation(values, mask, lowest)] == [0, 0]


def test_a_constant_deviates_by_exactly_nothing() -> None:
    values = torch.full((1, 7, 1), 0.1)
    mean, deviation = mean_and_deviation(values, None, lowest_value(values, None))
    assert (mean.item(), deviation.item()) == (values[0, 0, 0].item(), 0)


def test_the_values_given_are_left_as_they_are() -> None:
    values = torch.randn(2, 5, 1)
    before, mask = values.clone(), torch.rand(2, 5, 1) < 0.5
    mean_and_deviation(values, mask, lowest_value(values, mask))
    assert torch.equal(values, before)


def test_the_history_is_that_of_the_batch(series, batch_of) -> None:
    values = series["gaps"]
    batch = batch_of(values, 5)
    mean, deviation = history_mean_and_deviation(batch)
    origin, unit = batch.origin[:, None], batch.unit[:, None]
    assert (origin + unit * mean).item() == pytest.approx(np.nanmean(values), rel=1e-5)
    assert (unit * deviation).item() == pytest.approx(np.nanstd(values), rel=1e-5)


@pytest.mark.parametrize("scaling", ["series", "last"])
def test_scaling_by_the_history_needs_the_moments(scaling: str, batch_of, scale_of) -> None:
    with pytest.raises(ValueError, match="moments=True"):
        scale_of(batch_of(np.sin(np.arange(24.0)), 4, moments=False), scaling)


def test_what_float32_cannot_tell_from_zero_is_zero() -> None:
    origin = torch.tensor([1e8], dtype=torch.float64)
    values = torch.tensor([3.0, 20.0], dtype=torch.float64)
    assert without_rounding(values, origin).tolist() == [0.0, 20.0]
