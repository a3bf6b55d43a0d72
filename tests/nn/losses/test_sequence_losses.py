"""Losses of whole sequences: by hand, by finite differences, and blind to padding."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
import torch

from tsseq2seq.errors import ParameterError
from tsseq2seq.nn.losses import CoverageLoss, DecodedSequences, MonotonicAlignment, TransitionLoss
from tsseq2seq.nn.losses.ngrams import NGrams

VOCABULARY = 6
TARGET = torch.tensor([[4, 5, 2, 0], [5, 2, 0, 0], [4, 4, 5, 2]])
TARGET_MASK = torch.arange(4) < torch.tensor([[3], [2], [4]])
SOURCE_MASK = torch.arange(5) < torch.tensor([[5], [3], [1]])
FLAT, OFFSETS = torch.tensor([4, 5, 2, 5, 2, 4, 4, 5, 2]), torch.tensor([0, 3, 5, 9])


def decoded(seed: int = 0) -> DecodedSequences:
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(3, 4, VOCABULARY, dtype=torch.float64, generator=generator)
    energies = torch.randn(3, 4, 5, dtype=torch.float64, generator=generator)
    weights = energies.masked_fill(~SOURCE_MASK[:, None], -torch.inf).softmax(-1)
    source = torch.zeros(3, 5, dtype=torch.int64)
    return DecodedSequences(
        source, SOURCE_MASK, TARGET, TARGET_MASK, logits, lambda hidden, base: hidden, weights
    )


@pytest.mark.parametrize("order", [1, 2, 3])
def test_the_transition_loss_by_hand(order: int) -> None:
    batch = decoded()
    found = TransitionLoss(weight=0.5, order=order).function(FLAT, OFFSETS, VOCABULARY)(batch)
    grams = NGrams(FLAT, OFFSETS, order, vocabulary=VOCABULARY, begin=0)
    terms = []
    for row, length in enumerate((3, 2, 4)):
        for t in range(length):
            before = [0] * (order - 1) + TARGET[row, :t].tolist()
            context = torch.tensor(before[len(before) - order + 1 :], dtype=torch.int64)
            scores = grams.log_probability(context.expand(VOCABULARY, -1), torch.arange(VOCABULARY))
            terms.append(-(batch.logits[row, t].softmax(-1) * scores).sum().item())
    assert found.item() == pytest.approx(0.5 * np.mean(terms), rel=1e-9)


def test_it_falls_as_the_network_writes_what_the_language_has() -> None:
    function = TransitionLoss(weight=1.0).function(FLAT, OFFSETS, VOCABULARY)
    fitting = 9.0 * torch.nn.functional.one_hot(TARGET, VOCABULARY).double()
    foreign = fitting.roll(1, -1)
    batch = decoded()
    losses = [function(dataclasses.replace(batch, hidden=hidden)).item() for hidden in (fitting, foreign)]
    assert losses[0] < losses[1] - 0.5


def test_the_monotonic_penalty_by_hand() -> None:
    batch = decoded()
    steps = []
    for row, (length, read) in enumerate(zip((3, 2, 4), (5, 3, 1), strict=True)):
        place = (batch.weights[row].numpy() * np.arange(5)).sum(-1)[:length] / max(1, read - 1)
        steps += [max(0.0, one - after) for one, after in itertools.pairwise(place)]
    assert len(steps) == 6
    assert sum(steps) > 0
    assert MonotonicAlignment(2.0).loss(batch).item() == pytest.approx(2 * np.mean(steps), rel=1e-12)


def test_going_forward_costs_nothing() -> None:
    batch = decoded()
    forward = torch.zeros(3, 4, 5, dtype=torch.float64)
    forward[0, range(4), [0, 1, 3, 4]] = forward[1, range(4), [0, 2, 0, 0]] = 1.0
    forward[2, :, 0] = 1.0
    assert MonotonicAlignment().loss(dataclasses.replace(batch, weights=forward)).item() == 0


def test_coverage_by_loops() -> None:
    """See et al. 2017, equations 10 and 13: the lesser of a weight and the sum of those before it."""
    batch = decoded()
    total, steps = 0.0, 0
    for row, length in enumerate((3, 2, 4)):
        so_far = np.zeros(5)
        for weights in batch.weights[row, :length].numpy():
            total += np.minimum(weights, so_far).sum()
            so_far += weights
            steps += 1
    assert total > 0.5
    assert CoverageLoss(2.0).loss(batch).item() == pytest.approx(2 * total / steps, rel=1e-12)


def test_looking_at_each_place_once_costs_nothing() -> None:
    once = torch.zeros(3, 4, 5, dtype=torch.float64)
    once[:, range(4), [4, 2, 0, 1]] = 1.0
    assert CoverageLoss().loss(dataclasses.replace(decoded(), weights=once)).item() == 0


def test_gradients_by_finite_differences() -> None:
    batch = decoded()
    function = TransitionLoss(1.0, order=3).function(FLAT, OFFSETS, VOCABULARY)
    logits = batch.hidden.requires_grad_()
    assert torch.autograd.gradcheck(
        lambda scores: function(dataclasses.replace(batch, hidden=scores)), logits
    )
    # of energies: weights of padding are 0 whatever happens
    energies = batch.weights.clamp(min=1e-9).log().requires_grad_()

    def penalty(scores: torch.Tensor) -> torch.Tensor:
        weights = scores.masked_fill(~SOURCE_MASK[:, None], -torch.inf).softmax(-1)
        return MonotonicAlignment().loss(dataclasses.replace(batch, weights=weights))

    assert torch.autograd.gradcheck(penalty, energies)

    def coverage(scores: torch.Tensor) -> torch.Tensor:
        weights = scores.masked_fill(~SOURCE_MASK[:, None], -torch.inf).softmax(-1)
        return CoverageLoss().loss(dataclasses.replace(batch, weights=weights))

    assert torch.autograd.gradcheck(coverage, energies)


@pytest.mark.parametrize("loss", [TransitionLoss(1.0, order=3), MonotonicAlignment(), CoverageLoss()])
def test_padding_changes_nothing(loss) -> None:
    function, batch = loss.function(FLAT, OFFSETS, VOCABULARY), decoded()
    poisoned = dataclasses.replace(
        batch,
        target=torch.where(TARGET_MASK, TARGET, 5),
        hidden=torch.where(TARGET_MASK[..., None], batch.hidden, 1e6),
        weights=torch.where(TARGET_MASK[..., None], batch.weights, 1.0),
    )
    assert function(poisoned).item() == function(batch).item()


def test_what_is_refused() -> None:
    with pytest.raises(ParameterError, match="TransitionLoss: order is 0"):
        TransitionLoss(order=0)
    with pytest.raises(ParameterError, match="MonotonicAlignment: weight is -1"):
        MonotonicAlignment(-1.0)
    with pytest.raises(ParameterError, match="CoverageLoss: weight is -1"):
        CoverageLoss(-1.0)


@pytest.mark.parametrize("loss", [TransitionLoss(1.0), MonotonicAlignment(), CoverageLoss()])
def test_pairs_are_weighted(loss) -> None:
    """The loss is linear in the weights: equal ones are none, and each pair has its part."""
    function, batch = loss.function(FLAT, OFFSETS, VOCABULARY), decoded()
    single = [function(dataclasses.replace(batch, sample_weight=one)).item() for one in torch.eye(3).double()]
    assert sum(single) == pytest.approx(function(batch).item(), rel=1e-9)
    weighted = function(dataclasses.replace(batch, sample_weight=torch.tensor([0.5, 0.0, 2.5]).double()))
    assert weighted.item() == pytest.approx(0.5 * single[0] + 2.5 * single[2], rel=1e-9)
    assert single[0] > 0
