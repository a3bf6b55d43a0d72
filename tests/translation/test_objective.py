"""Batches of an epoch, and a validation that is the likelihood of a held-out token by hand."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import torch

from tsseq2seq.data.text.token_pairs import TokenPairs, TokenSequences
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import Tokens
from tsseq2seq.training.teacher_forcing import Linear
from tsseq2seq.training.training import Training
from tsseq2seq.translation.model import TokenModel
from tsseq2seq.translation.network import TokenShape, build_translator
from tsseq2seq.translation.objective import TokenObjective, token_budget


def pairs_of(count: int, seed: int = 0) -> TokenPairs:
    """Each source begins with a number of its own, by which it is known again."""
    generator = torch.Generator().manual_seed(seed)
    lengths = torch.randint(1, 9, (count,), generator=generator).tolist()
    sources = [[4 + place] + [4] * (length - 1) for place, length in enumerate(lengths)]
    return TokenPairs(TokenSequences.of(sources), TokenSequences.of([[5] * n for n in lengths], end=2))


def objective_of(
    pairs: TokenPairs, held_out: TokenPairs | None = None, *, seed: int = 0, **training
) -> TokenObjective:
    torch.manual_seed(0)
    network = build_translator(Network(hidden_size=4, residual=None), TokenShape(4 + 99, 8))
    model = TokenModel(network, Tokens()).eval()
    settings = {"batch_size": 5} | training
    return TokenObjective(model, pairs, held_out, Training(**settings), seed=seed)


@contextmanager
def taken_back(objective: TokenObjective) -> Iterator[None]:
    """Undo at the end whatever drawing batches inside does."""
    state = objective.state()
    yield
    objective.load_state(state)


def batches_seen(objective: TokenObjective, steps: int) -> list[list[int]]:
    """Return the first tokens of the batches of some steps."""
    seen = []
    objective.model.forward = lambda batch, **_: seen.append(batch.source[:, 0].tolist()) or torch.zeros(())
    for step in range(steps):
        objective.batch_loss(step, steps)
    return seen


def test_the_budget_counts_sentences_of_usual_length() -> None:
    pairs = TokenPairs(TokenSequences.of([[4], [4, 4, 4]]), TokenSequences.of([[5, 2], [5, 5, 5, 2]]))
    assert token_budget(pairs, 1) == 5
    assert token_budget(pairs, 7) == 35


def test_each_epoch_has_every_pair_once() -> None:
    objective = objective_of(pairs_of(30))
    seen = batches_seen(objective, 40)
    wanted, place = sorted(range(4, 34)), 0
    orders = []
    for _ in range(3):
        epoch: list[int] = []
        while len(epoch) < 30:
            epoch += seen[place]
            place += 1
        assert sorted(epoch) == wanted
        orders.append(tuple(epoch))
    assert len(set(orders)) == 3, "drawn anew in each epoch"
    assert 3 < 90 / place < 8, "about five sentences a step"


def test_a_single_pair_is_an_epoch() -> None:
    assert batches_seen(objective_of(pairs_of(1)), 3) == [[4], [4], [4]]


def test_the_seed_decides_batches_and_coins() -> None:
    losses = []
    for seed in (1, 1, 2):
        objective = objective_of(pairs_of(30), seed=seed, teacher_forcing=0.3)
        torch.manual_seed(len(losses))
        losses.append([objective.batch_loss(step, 3).item() for step in range(3)])
    assert losses[0] == losses[1] != losses[2]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, [1.0, 1.0, 1.0]),
        (0.25, [0.25] * 3),
        (Linear(), None),
        (lambda step: 1 / (1 + step), [1, 0.5, 1 / 3]),
    ],
    ids=["none", "number", "schedule", "function"],
)
def test_how_often_truth_is_fed(given, expected) -> None:
    objective = objective_of(pairs_of(10), teacher_forcing=given)
    seen = []
    objective.model.forward = lambda batch, *, truth_probability, **_: (
        seen.append(truth_probability) or torch.zeros(())
    )
    for step in range(3):
        objective.batch_loss(step, 3)
    if expected is None:
        assert seen[0] == pytest.approx(1.0)
        assert seen[0] > seen[1] > seen[2]
    else:
        assert seen == pytest.approx(expected)


@torch.no_grad()
def test_validation_is_the_likelihood_of_a_held_out_token() -> None:
    held_out = pairs_of(17, seed=3)
    objective = objective_of(pairs_of(5), held_out)
    total, count = 0.0, 0
    for row in range(len(held_out)):
        batch = held_out.batch(torch.tensor([row]))
        logits = objective.model.decode(batch)[0].double().log_softmax(-1)
        total -= sum(logits[t, token].item() for t, token in enumerate(batch.target[0].tolist()))
        count += batch.target.shape[1]
    assert objective.validate() == pytest.approx(total / count, rel=1e-5)
    assert count / 17 != math.floor(count / 17), "sentences of unequal length: their means would differ"


def test_nothing_held_out_is_no_validation() -> None:
    assert objective_of(pairs_of(5)).validate() is None
    nothing = pairs_of(5).subset(torch.tensor([], dtype=torch.int64))
    assert objective_of(pairs_of(5), nothing).validate() is None


def test_a_rehearsal_leaves_no_trace() -> None:
    seen, losses = [], []
    for rehearsed in (False, True):
        objective = objective_of(pairs_of(30), teacher_forcing=0.3)
        run = []
        for step in range(9):
            if rehearsed and step in (0, 4):
                with taken_back(objective):
                    inside = [objective.batch_loss(step, 9).item() for _ in range(8)]
                if step == 0:
                    assert inside[0] == losses[0][0]
            run.append(objective.batch_loss(step, 9).item())
        losses.append(run)
        seen.append(batches_seen(objective, 6))
    assert losses[0] == losses[1]
    assert seen[0] == seen[1]
