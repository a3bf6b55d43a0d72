"""Length normalisation and coverage, against the formulas of the paper worked by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from tsseq2seq.decoding.penalties import NORMALIZATIONS, coverage_score, length_divisor


@pytest.mark.parametrize(
    ("length", "normalization", "strength", "expected"),
    [
        (1, "average", 1.0, 1.0),
        (7, "average", 1.0, 7.0),
        (9, "average", 0.5, 3.0),
        (7, "average", 0.0, 1.0),
        (1, "gnmt", 0.6, 1.0),
        (7, "gnmt", 1.0, 2.0),
        (25, "gnmt", 0.2, 5**0.2),  # Wu et al. 2016: (5 + |Y|)^α / (5 + 1)^α
        (19, "gnmt", 2.0, 16.0),
        (7, None, 1.0, 1.0),
    ],
)
def test_divisors(length, normalization, strength, expected):
    assert length_divisor(length, normalization, strength) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("normalization", NORMALIZATIONS)
@pytest.mark.parametrize("strength", [0.0, 0.3, 1.0, 2.0])
def test_divisors_never_fall(normalization, strength):
    # what the exact stop rests on
    divisors = [length_divisor(length, normalization, strength) for length in range(1, 50)]
    assert divisors[0] == 1
    assert divisors == sorted(divisors)


def test_coverage_of_the_paper():
    rng = np.random.default_rng(0)
    coverage, mask = rng.uniform(0, 2, (2, 3, 5)), rng.random((2, 5)) < 0.6
    expected = [
        [
            sum(math.log(min(c, 1)) for c, m in zip(query, mask[row], strict=True) if m)
            for query in coverage[row]
        ]
        for row in range(2)
    ]
    ours = coverage_score(torch.from_numpy(coverage), torch.from_numpy(mask))
    np.testing.assert_allclose(ours, expected, rtol=1e-12)


def test_coverage_without_a_mask_counts_every_place():
    coverage = torch.tensor([[[0.5, 0.25, 3.0]]], dtype=torch.float64)
    assert coverage_score(coverage, None).item() == pytest.approx(math.log(0.125))


def test_coverage_is_unchanged_by_padding_whatever_stands_there():
    coverage = torch.rand(2, 3, 4, dtype=torch.float64)
    mask = torch.ones(2, 4, dtype=torch.bool)
    for poison in (0.0, 1e9, float("nan"), float("inf")):
        padded = torch.cat([coverage, torch.full((2, 3, 2), poison, dtype=torch.float64)], dim=2)
        wide = torch.cat([mask, torch.zeros(2, 2, dtype=torch.bool)], dim=1)
        assert torch.equal(coverage_score(padded, wide), coverage_score(coverage, mask))


def test_coverage_of_what_nobody_looked_at_is_finite():
    nothing = torch.zeros(1, 1, 2)
    assert coverage_score(nothing, None).item() == pytest.approx(2 * math.log(1e-6))


def test_coverage_of_an_all_masked_row_is_zero():
    assert coverage_score(torch.zeros(1, 2, 3), torch.zeros(1, 3, dtype=torch.bool)).tolist() == [[0.0, 0.0]]


def test_coverage_is_never_positive():
    assert (coverage_score(torch.rand(4, 5, 6) * 3, None) <= 0).all()
