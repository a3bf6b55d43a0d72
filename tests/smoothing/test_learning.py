"""What panels teach: methods that serve, rehearsals that can be trusted, the shape of errors, and its storage."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tsseq2seq.smoothing.base import SmoothingBase
from tsseq2seq.smoothing.error_shape import ErrorShape
from tsseq2seq.smoothing.learning import learned_weights
from tsseq2seq.smoothing.methods import Methods
from tsseq2seq.smoothing.rehearsal import Rehearsal, rehearsal_cutoffs, typical_change
from tsseq2seq.smoothing.series_block import Spans, series_blocks
from tsseq2seq.smoothing.smoothed_block import SmoothedBlock
from tsseq2seq.smoothing.storage import smoothing_from_parts, smoothing_to_parts


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def rehearsal(count: int) -> Rehearsal:
    """Three methods with equal errors until now, of which the second forecasts what comes."""
    outcomes = torch.randn(count, 2)
    forecasts = torch.stack([outcomes + 2, outcomes, outcomes - 3], dim=2)
    return Rehearsal(forecasts, torch.zeros(count, 3), outcomes, torch.ones(count, 2, dtype=torch.bool))


def test_the_method_that_serves_gets_the_weight() -> None:
    found = learned_weights(rehearsal(200), generator=generator()).of(torch.zeros(3, dtype=torch.float64))
    assert found[1] > 0.6  # of a third
    assert found[1] > 3 * max(found[0], found[2])


def test_few_origins_teach_nothing() -> None:
    found = learned_weights(rehearsal(49), generator=generator())
    assert not found.prior.any()
    assert found.log_sharpness.exp().item() == pytest.approx(12)


def test_outcomes_that_are_missing_teach_nothing() -> None:
    known = rehearsal(200)
    observed = torch.ones(200, 2, dtype=torch.bool)
    observed[:, 1] = False
    wild = known.outcomes.clone()
    wild[:, 1] = 1e5
    weights = [
        learned_weights(
            Rehearsal(known.forecasts, known.logarithms, outcomes, observed), generator=generator()
        )
        for outcomes in (known.outcomes, wild)
    ]
    assert torch.equal(weights[0].prior, weights[1].prior)


def test_origins_lie_after_the_first_seasons_and_before_a_whole_horizon(panel_of) -> None:
    (block,) = series_blocks(panel_of([np.arange(40.0), [*np.arange(30.0), np.nan, np.nan], [1.0, 2.0]]))
    smoothed = SmoothedBlock.of(block, (4,), 5, Methods())
    rows, cutoffs = rehearsal_cutoffs(smoothed, 4, 5, most=1000, generator=generator())
    pairs = {(int(block.series[row]), cutoff) for row, cutoff in zip(rows, cutoffs.tolist(), strict=True)}
    assert pairs == {(0, o) for o in range(12, 36)} | {(1, o) for o in range(12, 26)}
    fewer, _ = rehearsal_cutoffs(smoothed, 4, 5, most=7, generator=generator())
    assert len(fewer) == 7


def test_a_rehearsal_of_next_to_no_change_stays_finite(panel_of) -> None:
    """Of 1e-44, in whose units float32 cannot hold a forecast of 1."""
    (block,) = series_blocks(panel_of([np.tile([0.0, 1.0, 2.0, 1.0], 12)]))
    block.values[0, 8] = 1e-44
    rows, cutoffs = torch.zeros(20, dtype=torch.long), torch.arange(12, 32)
    scale = typical_change(block.values, block.observed, 4)[rows, cutoffs - 1]
    found = Rehearsal.of(SmoothedBlock.of(block, (4,), 3, Methods()), rows, cutoffs, scale, 3)
    assert len(found.forecasts) > 0
    assert found.forecasts.isfinite().all()
    assert found.outcomes.isfinite().all()


def test_typical_changes_are_those_of_mase() -> None:
    rng = np.random.default_rng(0)
    values, observed = rng.normal(size=(3, 20)), rng.random((3, 20)) < 0.8
    found = typical_change(torch.from_numpy(values), torch.from_numpy(observed), 4)
    gaps = np.where(observed, values, np.nan)
    for step in range(20):
        for row in range(3):
            changes = np.abs(gaps[row, 4 : step + 1] - gaps[row, : max(0, step - 3)])
            wanted = np.nanmean(changes) if (~np.isnan(changes)).any() else 0.0
            assert found[row, step].item() == pytest.approx(wanted)


def test_a_block_has_each_span_from_its_first_value_on(panel_of) -> None:
    panel = panel_of([[np.nan, 5.3, 0.0, np.nan, 7.0], [np.nan] * 3, [2.0, 4.0, 6.0, 8.0]])
    spans = Spans(torch.tensor([0, 1, 2, 2]), torch.tensor([0, 0, 1, 0]), torch.tensor([5, 3, 3, 1]))
    (block,) = series_blocks(panel, spans)
    found = {int(span): row for row, span in enumerate(block.span)}
    assert set(found) == {0, 2, 3}  # one without a value is in none
    unit = panel.unit[:, 0]
    wanted = {0: (1, [5.3, 0, 0, 7]), 2: (1, [4.0, 6.0]), 3: (0, [2.0])}
    for span, (start, values) in wanted.items():
        row = found[span]
        assert int(block.start[row]) == start
        assert int(block.ends[row]) == len(values)
        numbers = block.values[row, : len(values)] * unit[block.series[row]]
        np.testing.assert_allclose(numbers, values, rtol=1e-6)
        assert not block.observed[row, len(values) :].any()
    assert block.values[found[0], 1] == 0  # exactly
    assert block.lengths[found[0]] == 4


def test_growth_never_falls_and_quantiles_are_those_of_the_errors() -> None:
    rng = np.random.default_rng(0)
    errors = torch.from_numpy(rng.normal(size=(4000, 4)) * np.sqrt([1, 2, 1.5, 4]))
    shape = ErrorShape.learned(errors, torch.ones_like(errors), 4)
    assert (shape.growth.diff() >= 0).all()
    offsets = shape.offsets([0.1, 0.5, 0.9], 4)
    np.testing.assert_allclose(offsets[:, 2] / offsets[0, 2], shape.growth / shape.growth[0])
    np.testing.assert_allclose(offsets[3], np.quantile(errors[:, 3], [0.1, 0.5, 0.9]), atol=0.12)


def test_without_errors_they_grow_as_those_of_a_random_walk() -> None:
    empty = torch.zeros(0, 4, dtype=torch.float64)
    offsets = ErrorShape.learned(empty, empty, 4).offsets([0.001, 0.1, 0.9, 0.999], 9)
    np.testing.assert_allclose(offsets[:, 2] / offsets[0, 2], np.sqrt(np.arange(1, 10)), rtol=1e-6)
    np.testing.assert_allclose(offsets[:, :2], -offsets[:, [3, 2]], atol=1e-9)
    assert (np.diff(offsets, axis=1) > 0).all()


def test_one_wild_error_does_not_widen_the_others() -> None:
    errors = torch.from_numpy(np.random.default_rng(0).normal(size=(100, 2)))
    wild = errors.clone()
    wild[0] = 1e30
    one, other = (
        ErrorShape.learned(e, torch.ones_like(e), 2).offsets([0.9, 0.999], 2) for e in (errors, wild)
    )
    assert (other / one < 30).all()


def test_what_was_learned_survives_its_parts(panel_of) -> None:
    rng = np.random.default_rng(0)
    panel = panel_of(20 + rng.normal(size=(4, 50)).cumsum(1))
    base = SmoothingBase.learned(panel, (4,), 3, seed=1)
    again = smoothing_from_parts(*smoothing_to_parts(base))
    assert again.methods == base.methods
    one, other = (each.forecast(panel, 5, probabilities=[0.1, 0.9]) for each in (base, again))
    np.testing.assert_array_equal(one, other)


def test_the_seed_decides_what_is_learned(panel_of) -> None:
    panel = panel_of(20 + np.random.default_rng(0).normal(size=(4, 50)).cumsum(1))
    one, same, other = (SmoothingBase.learned(panel, (), 3, seed=seed) for seed in (1, 1, 2))
    assert one.weights.prior.equal(same.weights.prior)
    assert not one.weights.prior.equal(other.weights.prior)
