"""Mean against numpy: divided by the mean size of the context, never centred, as counts need it."""

from __future__ import annotations

import numpy as np
import pytest
import torch


@pytest.mark.parametrize("name", ["noise", "gaps", "level", "negative", "large", "small"])
def test_it_equals_numpy(name: str, series, batch_of, scale_of, scaled) -> None:
    values = series[name]
    seen = values[~np.isnan(values)]
    batch = batch_of(values)
    np.testing.assert_allclose(scaled(batch, "mean"), seen / np.abs(seen).mean(), rtol=2e-6, atol=2e-6)
    scale = scale_of(batch, "mean")
    back = scale.inverse(scale.transform(batch.context))[batch.context_mask]
    np.testing.assert_allclose(back, seen, rtol=1e-6, atol=1e-6 * np.abs(seen).max())
    assert scale.original_unit.item() == pytest.approx(np.abs(seen).mean(), rel=1e-6)


def test_only_the_context_counts(batch_of, scaled) -> None:
    values = np.r_[np.full(30, 1000.0), 1.0, 2.0, 3.0]
    np.testing.assert_allclose(scaled(batch_of(values, 3), "mean"), [0.5, 1.0, 1.5], rtol=1e-6)


def test_zeros_stay_zeros(batch_of, scaled) -> None:
    values = np.array([7.0, 0.0, 3.0, 0.0, 0.0, 12.0])
    numbers = scaled(batch_of(values), "mean")
    assert (numbers[values == 0] == 0.0).all()
    assert (numbers[values > 0] > 0.0).all()


@pytest.mark.parametrize("older", [[], [5.0, 9.0]], ids=["never another", "others before"])
def test_a_context_of_zeros_is_no_flat_one_and_has_the_size_1(older: list[float], batch_of, scale_of) -> None:
    """A rare event may come: what the network says must not be replaced by the level."""
    scale = scale_of(batch_of(np.r_[older, np.zeros(6)], 6), "mean")
    assert not scale.flat.any()
    assert scale.original_unit.item() == 1.0
    assert scale.inverse(torch.tensor([[[0.0], [2.5]]])).flatten().tolist() == [0.0, 2.5]


def test_a_constant_is_a_level_like_any_other(batch_of, scale_of) -> None:
    scale = scale_of(batch_of(np.full(9, 4.0)), "mean")
    assert not scale.flat.any()
    assert scale.inverse(torch.tensor([[[1.0], [1.5]]])).flatten().tolist() == [4.0, 6.0]


def test_what_was_not_observed_comes_back_as_nothing_whatever_came_before(batch_of, scale_of) -> None:
    scale = scale_of(batch_of(np.full(9, np.nan)), "mean")
    assert scale.flat.all()
    assert scale.inverse(torch.ones(1, 2, 1)).isnan().all()
    scale = scale_of(batch_of(np.r_[5.0, 7.0, np.full(6, np.nan)], 4), "mean")
    assert scale.inverse(torch.ones(1, 2, 1)).flatten().tolist() == pytest.approx([7.0, 7.0])


def test_a_stretch_changes_nothing_and_a_shift_does(series, batch_of, scaled) -> None:
    values = np.abs(series["noise"]) + 1
    plain, stretched, shifted = (scaled(batch_of(v), "mean") for v in (values, 1000 * values, values + 5000))
    np.testing.assert_allclose(stretched, plain, rtol=2e-6)
    np.testing.assert_allclose(shifted, (values + 5000) / (values + 5000).mean(), rtol=2e-6)
    assert np.abs(shifted - plain).max() > 0.1


def test_the_order_of_the_context_does_not_matter(series, batch_of, scale_of) -> None:
    values = np.abs(series["noise"])
    order = np.random.default_rng(1).permutation(len(values))
    one, other = (scale_of(batch_of(v), "mean").original_unit for v in (values, values[order]))
    torch.testing.assert_close(one, other)


def test_counts_come_back_as_whole_numbers(batch_of, scale_of) -> None:
    counts = np.random.default_rng(0).poisson(300_000, size=60).astype(float)
    batch = batch_of(counts)
    scale = scale_of(batch, "mean")
    back = scale.inverse(scale.transform(batch.context)).round().flatten()
    np.testing.assert_array_equal(back, counts)
