"""Standardisation: mean and deviation of the features of a fit."""

import json

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from tsseq2seq.data.sequences.feature_sequences import FeatureSequences
from tsseq2seq.data.sequences.standardisation import Standardisation


def test_every_step_counts_once_whatever_its_sequence():
    rng = np.random.default_rng(0)
    arrays = [rng.normal(3.0, 2.0, (length, 4)) for length in (1, 17, 5)]
    found = Standardisation.of(FeatureSequences.of(arrays))
    steps = np.concatenate(arrays).astype(np.float32)
    np.testing.assert_allclose(found.mean, steps.mean(0), rtol=1e-5)
    np.testing.assert_allclose(found.std, steps.std(0), rtol=1e-5)


@given(value=st.floats(-(2.0**100), 2.0**100, width=32), steps=st.integers(1, 9))
def test_a_constant_feature_becomes_zero_not_noise(value, steps):
    found = Standardisation.of(FeatureSequences.of([np.full((steps, 1), value)]))
    assert found.std.tolist() == [1.0]
    assert float(torch.tensor(value) - found.mean) == 0.0


def test_pixels_can_share_one_mean_and_one_deviation():
    picture = np.array([[0.0, 0.0, 8.0], [0.0, 4.0, 12.0]])
    found = Standardisation.of(FeatureSequences.of([picture]), shared=True)
    assert found.mean.tolist() == [4.0] * 3
    np.testing.assert_allclose(found.std, [picture.std()] * 3, rtol=1e-6)


def test_the_largest_numbers_stay_finite():
    found = Standardisation.of(FeatureSequences.of([np.array([[3.4e38], [-3.4e38]])]))
    assert bool(torch.isfinite(found.std).all())
    assert bool((found.std > 0).all())


def test_numbers_too_small_to_divide_by_count_as_constant():
    found = Standardisation.of(FeatureSequences.of([np.array([[1e-44], [-1e-44]])]))
    assert found.std.tolist() == [1.0]


def test_parts_survive_json_bit_for_bit():
    given = Standardisation(torch.tensor([0.1, -1e-7]), torch.tensor([1 / 3, 7e20]))
    restored = Standardisation.from_parts(json.loads(json.dumps(given.to_parts())))
    assert torch.equal(restored.mean, given.mean)
    assert torch.equal(restored.std, given.std)
