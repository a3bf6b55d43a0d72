"""The mean of several past seasons against plain loops over what was observed."""

from __future__ import annotations

import pytest
import torch

from tsseq2seq.nn.residuals import MeanOfSeasons

ROWS, STEPS, TARGETS, SEASONS = 2, 7, 2, 3
each_length = pytest.mark.parametrize("length", [1, 3])
each_lag = pytest.mark.parametrize("lag", [1, 2])


def mean_of(lag, length):
    return MeanOfSeasons(lag=lag, length=length, targets=TARGETS, seasons=SEASONS)


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


def test_a_trend_does_not_pull_the_mean_of_seasons_back():
    residual = MeanOfSeasons(lag=4, length=1, targets=1, seasons=SEASONS)
    pattern = torch.tensor([1.0, -2.0, 3.0, -2.0])
    values = torch.cat([pattern + 100 * season for season in range(SEASONS)])[None, :, None]
    base = residual.parallel(torch.cat([values, torch.ones_like(values)], dim=-1), torch.arange(4))
    torch.testing.assert_close(base.flatten(), pattern + 100 * (SEASONS - 1))


def test_seasons_before_the_context_are_left_out():
    residual = MeanOfSeasons(lag=1, length=2, targets=1, seasons=SEASONS)
    values = torch.tensor([[[0.0, 0.0], [0.0, 0.0], [5.0, 7.0]]])
    mask = torch.tensor([[[0.0, 0.0], [0.0, 0.0], [1.0, 1.0]]])
    base = residual.parallel(torch.cat([values, mask], dim=-1), torch.tensor([0]))
    assert base.flatten().tolist() == [5.0, 7.0]
