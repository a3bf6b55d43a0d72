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


# --- the mean of several seasons ---------------------------------------------------------------------------

SEASONS = 3
each_lag = pytest.mark.parametrize("lag", [1, 2])


def mean_of(lag, length):
    return Residual("season", lag=lag, length=length, targets=TARGETS, seasons=SEASONS)


def observed_timeline(lag, length, observed=0.7):
    """Values and masks of a timeline, (B, SEASONS * lag + T, length, Y)."""
    shape = (ROWS, SEASONS * lag + STEPS, length, TARGETS)
    mask = torch.rand(shape) < observed
    return torch.randn(shape) * mask, mask


def packed(values, mask):
    return torch.cat([values.flatten(2), mask.float().flatten(2)], dim=-1)


def one_base(values, mask, lag, step):
    """The base of a step of one row and target, in plain loops over what was observed; (length,)."""
    levels, seasons = [], []
    for season in range(SEASONS):
        part = slice(step + season * lag, step + (season + 1) * lag)
        seen = values[part][mask[part]]
        levels.append(float(seen.mean()) if len(seen) else None)
        seasons.append((values[step + season * lag], mask[step + season * lag]))
    known = [level for level in levels if level is not None]
    base = []
    for place in range(values.shape[1]):
        deviations = [
            float(own[place]) - level
            for (own, there), level in zip(seasons, levels, strict=True)
            if there[place]
        ]
        mean = sum(deviations) / len(deviations) if deviations else 0.0
        base.append(mean + (known[-1] if known else 0.0))
    return torch.tensor(base)


def expected_mean(values, mask, lag, step):
    rows = [
        torch.stack([one_base(values[row, ..., y], mask[row, ..., y], lag, step) for y in range(TARGETS)], 1)
        for row in range(ROWS)
    ]
    return torch.stack(rows).flatten(1)


@each_lag
@each_length
@pytest.mark.parametrize("observed", [1.0, 0.7, 0.2, 0.0])
def test_the_mean_of_seasons_is_that_of_plain_loops(lag, length, observed):
    residual = mean_of(lag, length)
    values, mask = observed_timeline(lag, length, observed)
    segments = packed(values, mask)
    history = segments[:, None, : residual.reach - 1]
    for step in range(STEPS):
        base, history = residual.step(segments[:, None, residual.reach - 1 + step], history)
        torch.testing.assert_close(base[:, 0], expected_mean(values, mask, lag, step))


@each_lag
@each_length
def test_run_and_parallel_equal_the_steps_with_several_seasons(lag, length):
    residual = mean_of(lag, length)
    segments = packed(*observed_timeline(lag, length))
    history = segments[:, None, : residual.reach - 1]
    bases, after = residual.run(segments[:, residual.reach - 1 : -1], history)
    for step in range(STEPS):
        base, history = residual.step(segments[:, None, residual.reach - 1 + step], history)
        torch.testing.assert_close(bases[:, step : step + 1], base)
    assert torch.equal(after, history)
    first = residual.parallel(segments[:, : residual.reach], torch.arange(2 * lag))
    torch.testing.assert_close(first[:, 0], bases[:, 0])
    assert torch.equal(first[:, :lag], first[:, lag:]), "it repeats what the context ended with"


def test_one_season_of_a_mean_is_the_season():
    one = Residual("season", lag=2, length=1, targets=1, seasons=1)
    segments = torch.randn(ROWS, 4, 2)
    assert torch.equal(one.values(segments), segments[..., :1]), "no mask is carried along"


def test_a_trend_does_not_pull_the_mean_of_seasons_back():
    residual = Residual("season", lag=4, length=1, targets=1, seasons=SEASONS)
    pattern = torch.tensor([1.0, -2.0, 3.0, -2.0])
    values = torch.cat([pattern + 100 * season for season in range(SEASONS)])[None, :, None]
    base = residual.parallel(torch.cat([values, torch.ones_like(values)], dim=-1), torch.arange(4))
    torch.testing.assert_close(base.flatten(), pattern + 100 * (SEASONS - 1))


def test_seasons_before_the_context_are_left_out():
    residual = Residual("season", lag=1, length=2, targets=1, seasons=SEASONS)
    values = torch.tensor([[[0.0, 0.0], [0.0, 0.0], [5.0, 7.0]]])
    mask = torch.tensor([[[0.0, 0.0], [0.0, 0.0], [1.0, 1.0]]])
    base = residual.parallel(torch.cat([values, mask], dim=-1), torch.tensor([0]))
    assert base.flatten().tolist() == [5.0, 7.0]
