"""Residual bases against index arithmetic on the whole sequence of values."""

from __future__ import annotations

import pytest
import torch

from tsseq2seq.nn.residuals import build_residual

ROWS, STEPS, TARGETS = 2, 7, 2
each_residual = pytest.mark.parametrize(
    ("name", "lag"), [("season", 1), ("season", 3), ("season", 5), ("segment", 4), ("value", 4)]
)
each_length = pytest.mark.parametrize("length", [1, 3])


def build(name, lag, length):
    return build_residual(name, lag=lag, length=length, targets=TARGETS)


def timeline(residual, queries=1):
    """The values of ``reach`` context segments and of all steps, as (B, Q, reach + T, D)."""
    return torch.randn(ROWS, queries, residual.reach + STEPS, residual.length * TARGETS)


def expected_base(name, residual, values, step):
    """``values`` (…, reach + T, D) one after the other; step 0 has index ``reach``."""
    if name == "season":
        return values[..., step, :]  # reach segments before index reach + step
    before = values[..., residual.reach + step - 1, :]
    if name == "segment":
        return before
    last_value = before.unflatten(-1, (residual.length, TARGETS))[..., -1, :]
    return torch.cat([last_value] * residual.length, dim=-1)


@each_residual
@each_length
@pytest.mark.parametrize("queries", [1, 3])
def test_a_step_reads_the_season_the_segment_or_the_value_before(name, lag, length, queries):
    residual = build(name, lag, length)
    values = timeline(residual, queries)
    history = values[:, :, : residual.reach - 1]
    for step in range(STEPS):
        base, history = residual.step(values[:, :, residual.reach - 1 + step], history)
        assert torch.equal(base, expected_base(name, residual, values, step))
        assert history.shape == (ROWS, queries, residual.reach - 1, length * TARGETS)


@each_residual
@each_length
def test_run_equals_the_steps(name, lag, length):
    residual = build(name, lag, length)
    values = timeline(residual)
    previous = values[:, 0, residual.reach - 1 : -1]
    bases, after = residual.run(previous, values[:, :, : residual.reach - 1])
    history = values[:, :, : residual.reach - 1]
    for step in range(STEPS):
        base, history = residual.step(previous[:, step : step + 1], history)
        assert torch.equal(bases[:, step : step + 1], base)
    assert torch.equal(after, history)


@each_residual
@each_length
def test_parallel_bases_come_from_the_end_of_the_context(name, lag, length):
    residual = build(name, lag, length)
    values = timeline(residual)
    recent = values[:, 0, : residual.reach]
    bases = residual.parallel(recent, torch.arange(STEPS))
    for step in range(STEPS):
        within_the_context = step % residual.reach
        assert torch.equal(bases[:, step], expected_base(name, residual, values[:, 0], within_the_context))


@each_residual
@each_length
def test_the_first_bases_of_both_decoding_forms_agree(name, lag, length):
    residual = build(name, lag, length)
    values = timeline(residual)
    first, _ = residual.step(values[:, :, residual.reach - 1], values[:, :, : residual.reach - 1])
    assert torch.equal(first, residual.parallel(values[:, 0, : residual.reach], torch.tensor([0])))


def test_values_leaves_masks_and_covariates_out():
    segments = torch.randn(ROWS, 4, 2 * 3 * TARGETS + 5)
    assert torch.equal(build("segment", 1, 3).values(segments), segments[..., : 3 * TARGETS])


@pytest.mark.parametrize("name", ["segment", "value"])
def test_only_a_season_looks_further_back_than_one_segment(name):
    assert build(name, 7, 1).reach == 1
    assert build("season", 7, 1).reach == 7
