"""Residual bases against index arithmetic on the whole sequence of values."""

from __future__ import annotations

import pytest
import torch

from tsseq2seq.nn.residual import Residual

ROWS, STEPS, TARGETS = 2, 7, 2
each_kind = pytest.mark.parametrize(
    ("kind", "lag"), [("season", 1), ("season", 3), ("season", 5), ("segment", 4), ("value", 4)]
)
each_length = pytest.mark.parametrize("length", [1, 3])


def build(kind, lag, length):
    return Residual(kind, lag=lag, length=length, targets=TARGETS)


def timeline(residual, queries=1):
    """The values of ``lag`` context segments and of all steps, as (B, Q, lag + T, D)."""
    return torch.randn(ROWS, queries, residual.lag + STEPS, residual.length * TARGETS)


def expected_base(kind, residual, values, step):
    """``values`` (…, lag + T, D) one after the other; step 0 stands at place ``lag``."""
    if kind == "season":
        return values[..., step, :]  # lag segments before place lag + step
    before = values[..., residual.lag + step - 1, :]
    if kind == "segment":
        return before
    last_value = before.unflatten(-1, (residual.length, TARGETS))[..., -1, :]
    return torch.cat([last_value] * residual.length, dim=-1)


@each_kind
@each_length
@pytest.mark.parametrize("queries", [1, 3])
def test_step_reads_what_lies_a_season_a_segment_or_a_value_back(kind, lag, length, queries):
    residual = build(kind, lag, length)
    values = timeline(residual, queries)
    history = values[:, :, : residual.lag - 1]
    for step in range(STEPS):
        base, history = residual.step(values[:, :, residual.lag - 1 + step], history)
        assert torch.equal(base, expected_base(kind, residual, values, step))
        assert history.shape == (ROWS, queries, residual.lag - 1, length * TARGETS)


@each_kind
@each_length
def test_run_equals_the_steps(kind, lag, length):
    residual = build(kind, lag, length)
    values = timeline(residual)
    previous = values[:, 0, residual.lag - 1 : -1]
    bases, after = residual.run(previous, values[:, :, : residual.lag - 1])
    history = values[:, :, : residual.lag - 1]
    for step in range(STEPS):
        base, history = residual.step(previous[:, step : step + 1], history)
        assert torch.equal(bases[:, step : step + 1], base)
    assert torch.equal(after, history)


@each_kind
@each_length
def test_parallel_stays_with_what_the_context_ended_with(kind, lag, length):
    residual = build(kind, lag, length)
    values = timeline(residual)
    recent = values[:, 0, : residual.lag]
    bases = residual.parallel(recent, torch.arange(STEPS))
    for step in range(STEPS):
        within_the_context = step % residual.lag
        assert torch.equal(bases[:, step], expected_base(kind, residual, values[:, 0], within_the_context))


@each_kind
@each_length
def test_the_first_bases_of_both_decoding_forms_agree(kind, lag, length):
    residual = build(kind, lag, length)
    values = timeline(residual)
    first, _ = residual.step(values[:, :, residual.lag - 1], values[:, :, : residual.lag - 1])
    assert torch.equal(first, residual.parallel(values[:, 0, : residual.lag], torch.tensor([0])))


def test_values_leaves_masks_and_covariates():
    segments = torch.randn(ROWS, 4, 2 * 3 * TARGETS + 5)
    assert torch.equal(build("segment", 1, 3).values(segments), segments[..., : 3 * TARGETS])


@pytest.mark.parametrize("kind", ["segment", "value"])
def test_only_a_season_looks_further_back_than_one_segment(kind):
    assert build(kind, 7, 1).lag == 1
    assert build("season", 7, 1).lag == 7
