"""Learned mixes of seasons against the plain mean, and against loops over numpy arrays."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tsseq2seq.nn.residuals import LearnedSeasons, MeanOfSeasons

ROWS, SEASONS, TARGETS = 3, 4, 2
each_shape = pytest.mark.parametrize(("lag", "length"), [(1, 3), (2, 2), (3, 1)])
each_share = pytest.mark.parametrize("observed", [1.0, 0.6, 0.1])


def build(lag, length, ahead=1, *, random=True):
    learned = LearnedSeasons(lag=lag, length=length, targets=TARGETS, seasons=SEASONS, ahead=ahead)
    if random:
        torch.nn.init.normal_(learned.shapes)
        torch.nn.init.normal_(learned.levels)
    return learned


def segments_of(lag, length, observed, more=0):
    """Segments with their masks, (B, reach + more, 2 * length * Y), as one array of values and one of masks."""
    shape = (ROWS, SEASONS * lag + more, length, TARGETS)
    mask = np.random.default_rng(1).random(shape) < observed
    values = np.random.default_rng(2).normal(size=shape) * mask
    packed = np.concatenate([values.reshape(*shape[:2], -1), mask.reshape(*shape[:2], -1)], axis=-1)
    return torch.tensor(packed, dtype=torch.float32), values, mask


def expected(learned, values, mask, ahead):
    """The bases of one season ahead from the last reach segments; (B, lag, length, Y), in plain loops."""
    lag, length = learned.lag, learned.length
    shapes, levels = learned.shapes.detach().numpy()[ahead], learned.levels.detach().numpy()[ahead]
    bases = np.zeros((ROWS, lag, length, TARGETS))
    for row in range(ROWS):
        for y in range(TARGETS):
            v = values[row, ..., y].reshape(SEASONS, lag, length)
            m = mask[row, ..., y].reshape(SEASONS, lag, length)
            level = np.array([v[n][m[n]].mean() if m[n].any() else np.nan for n in range(SEASONS)])
            known = level[~np.isnan(level)]
            last = known[-1] if len(known) else 0.0
            level = np.where(np.isnan(level), last, level)
            own = last + np.sum(levels * (level - last))
            for phase in range(lag):
                for place in range(length):
                    seen = m[:, phase, place]
                    deviation = v[:, phase, place] - level
                    mean = deviation[seen].mean() if seen.any() else 0.0
                    filled = np.where(seen, deviation, mean)
                    bases[row, phase, place, y] = own + mean + np.sum(shapes * filled)
    return torch.tensor(bases, dtype=torch.float32).flatten(2)


@each_shape
@each_share
def test_untrained_it_is_the_mean_of_the_seasons(lag, length, observed):
    mean = MeanOfSeasons(lag=lag, length=length, targets=TARGETS, seasons=SEASONS)
    learned = build(lag, length, ahead=2, random=False)
    segments, _, _ = segments_of(lag, length, observed, more=5)
    assert torch.equal(learned.values(segments), mean.values(segments))
    history, previous = segments[:, None, : learned.reach - 1], segments[:, learned.reach - 1 : -1]
    for found, wanted in zip(learned.run(previous, history), mean.run(previous, history), strict=True):
        torch.testing.assert_close(found, wanted)
    recent, t = segments[:, : learned.reach], torch.arange(2 * lag)
    torch.testing.assert_close(learned.parallel(recent, t), mean.parallel(recent, t))


@each_shape
@each_share
def test_learned_weights_are_those_of_plain_loops(lag, length, observed):
    learned = build(lag, length, ahead=3)
    segments, values, mask = segments_of(lag, length, observed)
    found = learned.parallel(segments, torch.arange(3 * lag))
    for ahead in range(3):
        wanted = expected(learned, values, mask, ahead)
        torch.testing.assert_close(found[:, ahead * lag : (ahead + 1) * lag], wanted, atol=1e-4, rtol=1e-4)


@each_shape
def test_run_equals_the_steps(lag, length):
    learned = build(lag, length)
    segments, _, _ = segments_of(lag, length, 0.6, more=6)
    history = segments[:, None, : learned.reach - 1]
    bases, after = learned.run(segments[:, learned.reach - 1 : -1], history)
    for step in range(6):
        base, history = learned.step(segments[:, None, learned.reach - 1 + step], history)
        torch.testing.assert_close(bases[:, step : step + 1], base)
    assert torch.equal(after, history)


@each_shape
def test_queries_do_not_meet(lag, length):
    learned = build(lag, length)
    queries = [segments_of(lag, length, share)[0] for share in (1.0, 0.6)]
    both = torch.stack(queries, dim=1)
    base, _ = learned.step(both[:, :, -1], both[:, :, :-1])
    for place, query in enumerate(queries):
        alone, _ = learned.step(query[:, None, -1], query[:, None, :-1])
        torch.testing.assert_close(base[:, place : place + 1], alone)


@each_shape
def test_a_shift_of_all_values_shifts_the_bases(lag, length):
    learned = build(lag, length, ahead=2)
    segments, _, mask = segments_of(lag, length, 0.6)
    moved = segments.clone()
    width = length * TARGETS
    moved[..., :width] += 100 * segments[..., width:]
    seen = torch.tensor(mask.reshape(ROWS, -1, TARGETS).any(1))
    shift = 100.0 * seen[:, None, None].expand(-1, 2 * lag, length, -1).flatten(2)
    t = torch.arange(2 * lag)
    torch.testing.assert_close(
        learned.parallel(moved, t), learned.parallel(segments, t) + shift, atol=1e-3, rtol=1e-4
    )


def test_gradients_reach_both_kinds_of_weights():
    learned = build(2, 2, ahead=2, random=False)
    segments, _, _ = segments_of(2, 2, 0.8)
    learned.parallel(segments, torch.arange(4)).square().sum().backward()
    assert (learned.shapes.grad.abs() > 0).all()
    assert (learned.levels.grad.abs() > 0).any(dim=1).all()


def test_bases_stay_in_float32_under_autocast():
    learned = build(1, 3)
    segments, _, _ = segments_of(1, 3, 1.0)
    exact = learned.parallel(segments, torch.tensor([0]))
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(learned.parallel(segments, torch.tensor([0])), exact)
