"""The conditional random field against all paths, one by one."""

from __future__ import annotations

import itertools

import hypothesis.strategies as st
import numpy as np
import pytest
import torch
from hypothesis import given, settings

from tsseq2seq.labelling.crf import LinearChainCRF


def drawn(seed: int, rows: int, steps: int, classes: int) -> tuple[LinearChainCRF, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    crf = LinearChainCRF(classes).double()
    with torch.no_grad():
        for weight in crf.parameters():
            weight.normal_(0, 2, generator=generator)
    scores = 2 * torch.randn(rows, steps, classes, generator=generator, dtype=torch.float64)
    return crf, scores


def score(crf: LinearChainCRF, scores: torch.Tensor, path: tuple[int, ...]) -> float:
    """One path's score, term by term."""
    first, last, transitions = (weight.detach().numpy() for weight in (crf.first, crf.last, crf.transitions))
    total = first[path[0]] + last[path[-1]]
    total += sum(scores[step, label].item() for step, label in enumerate(path))
    return total + sum(transitions[a, b] for a, b in itertools.pairwise(path))


def all_paths(crf: LinearChainCRF, scores: torch.Tensor) -> dict[tuple[int, ...], float]:
    paths = itertools.product(range(scores.shape[1]), repeat=len(scores))
    return {path: score(crf, scores, path) for path in paths}


CASES = st.tuples(
    st.integers(0, 2**31), st.lists(st.integers(1, 5), min_size=1, max_size=4), st.integers(1, 4)
)


@given(CASES)
@settings(max_examples=40)
@torch.no_grad()
def test_sums_best_paths_and_marginals_are_those_of_all_paths(case) -> None:
    seed, lengths, classes = case
    crf, scores = drawn(seed, len(lengths), max(lengths) + 1, classes)
    sizes = torch.tensor(lengths)
    partition, best = crf.log_partition(scores, sizes), crf.best_path(scores, sizes)
    marginals = crf.marginals(scores, sizes)
    for row, length in enumerate(lengths):
        paths = all_paths(crf, scores[row, :length])
        values = np.array(list(paths.values()))
        total = np.logaddexp.reduce(values)
        assert float(partition[row]) == pytest.approx(total, rel=1e-12)
        found = tuple(best[row, :length].tolist())
        assert paths[found] == pytest.approx(values.max(), abs=1e-9)
        assert not best[row, length:].any()
        expected = np.zeros((scores.shape[1], classes))
        for path, value in paths.items():
            expected[np.arange(length), path] += np.exp(value - total)
        np.testing.assert_allclose(marginals[row], expected, atol=1e-10)


@given(CASES)
@settings(max_examples=30)
@torch.no_grad()
def test_probabilities_of_all_paths_sum_to_one(case) -> None:
    seed, lengths, classes = case
    length = lengths[0]
    crf, scores = drawn(seed, 1, length, classes)
    paths = torch.tensor(list(itertools.product(range(classes), repeat=length)))
    likelihood = crf.log_likelihood(
        scores.expand(len(paths), -1, -1), paths, torch.full((len(paths),), length)
    )
    assert float(likelihood.exp().sum()) == pytest.approx(1, rel=1e-10)
    for path, found in zip(paths.tolist(), likelihood.tolist(), strict=True):
        expected = score(crf, scores[0], tuple(path)) - float(
            crf.log_partition(scores, torch.tensor([length]))
        )
        assert found == pytest.approx(expected, abs=1e-9)


@given(CASES)
@settings(max_examples=20)
def test_marginals_are_the_gradient_of_the_sum(case) -> None:
    seed, lengths, classes = case
    crf, scores = drawn(seed, len(lengths), max(lengths), classes)
    scores.requires_grad_()
    sizes = torch.tensor(lengths)
    (gradient,) = torch.autograd.grad(crf.log_partition(scores, sizes).sum(), scores)
    torch.testing.assert_close(crf.marginals(scores, sizes), gradient)


def test_gradients_are_those_of_small_differences() -> None:
    crf, scores = drawn(3, 3, 4, 3)
    lengths, labels = torch.tensor([4, 1, 3]), torch.tensor([[0, 2, 1, 1], [2, 0, 0, 0], [1, 1, 0, 0]])
    weights = [weight.detach().clone().requires_grad_() for weight in crf.parameters()]
    names = [name for name, _ in crf.named_parameters()]

    def likelihood(scores: torch.Tensor, *values: torch.Tensor) -> torch.Tensor:
        call = (scores, labels, lengths)
        return torch.func.functional_call(
            _Likelihood(crf), {f"crf.{n}": v for n, v in zip(names, values, strict=True)}, call
        )

    assert torch.autograd.gradcheck(likelihood, (scores.requires_grad_(), *weights))


class _Likelihood(torch.nn.Module):
    def __init__(self, crf: LinearChainCRF) -> None:
        super().__init__()
        self.crf = crf

    def forward(self, *arguments: torch.Tensor) -> torch.Tensor:
        return self.crf.log_likelihood(*arguments)


@pytest.mark.parametrize("poison", [7.0, 1e30, float("nan"), float("inf")])
def test_padding_has_no_influence_and_no_gradient(poison: float) -> None:
    crf, scores = drawn(5, 2, 6, 3)
    lengths, labels = torch.tensor([6, 3]), torch.tensor([[0, 1, 2, 2, 1, 0], [2, 1, 1, 0, 0, 0]])
    poisoned = scores.clone()
    poisoned[1, 3:] = poison
    poisoned.requires_grad_()
    other_labels = labels.clone()
    other_labels[1, 3:] = 2
    found = crf.log_likelihood(poisoned, other_labels, lengths)
    alone = crf.log_likelihood(scores[1:, :3], labels[1:, :3], lengths[1:])
    torch.testing.assert_close(found[1:], alone)
    found.sum().backward()
    assert not poisoned.grad[1, 3:].any()
    assert all(weight.grad.isfinite().all() for weight in crf.parameters())
    assert torch.equal(crf.best_path(poisoned, lengths), crf.best_path(scores, lengths))
    torch.testing.assert_close(crf.marginals(poisoned, lengths), crf.marginals(scores, lengths))


def test_an_empty_row_has_one_path() -> None:
    crf, scores = drawn(1, 2, 3, 2)
    lengths = torch.tensor([0, 3])
    labels = torch.ones(2, 3, dtype=torch.int64)
    assert crf.log_likelihood(scores, labels, lengths)[0].item() == 0
    assert not crf.marginals(scores, lengths)[0].any()
    assert not crf.best_path(scores, lengths)[0].any()


def test_long_rows_keep_their_digits() -> None:
    """A thousand steps in 32 bits give the marginals and the path of 64 bits."""
    crf, scores = drawn(2, 1, 3000, 4)
    lengths = torch.tensor([3000])
    exact, path = crf.marginals(scores, lengths), crf.best_path(scores, lengths)
    single = crf.float()
    torch.testing.assert_close(single.marginals(scores.float(), lengths), exact.float(), atol=1e-4, rtol=1e-4)
    assert (single.best_path(scores.float(), lengths) == path).float().mean() > 0.999


def test_without_transitions_labels_are_independent() -> None:
    _, scores = drawn(4, 2, 5, 3)
    crf, lengths = LinearChainCRF(3).double(), torch.tensor([5, 2])
    expected = scores.softmax(-1)
    expected[1, 2:] = 0
    torch.testing.assert_close(crf.marginals(scores, lengths), expected)
    assert torch.equal(crf.best_path(scores, lengths)[0], scores[0].argmax(-1))
