"""Losses of tokens: the focal loss by its formula, negative sampling by its expectation and its minimum."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from tsseq2seq.errors import ParameterError
from tsseq2seq.nn.losses import CrossEntropy, FocalLoss, NegativeSampling
from tsseq2seq.nn.negative_sampling import negative_sampling_loss, noise_distribution

VOCABULARY = 6


def drawn(rows: int = 5, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    logits = 2 * torch.randn(rows, VOCABULARY, dtype=torch.float64, generator=generator)
    return logits, torch.randint(VOCABULARY, (rows,), generator=generator)


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("focus", [0.0, 0.5, 2.0, 5.0])
def test_the_focal_loss_by_its_formula(focus: float, smoothing: float) -> None:
    logits, truth = drawn()
    found = FocalLoss(focus).tokens(logits, truth, smoothing)
    p = np.exp(logits.numpy()) / np.exp(logits.numpy()).sum(-1, keepdims=True)
    every = -((1 - p) ** focus) * np.log(p)
    wanted = np.full_like(p, smoothing / VOCABULARY)
    np.put_along_axis(wanted, truth.numpy()[:, None], 1 - smoothing + smoothing / VOCABULARY, axis=-1)
    np.testing.assert_allclose(found.numpy(), (wanted * every).sum(-1), rtol=1e-9)
    if focus == 0:
        torch.testing.assert_close(found, CrossEntropy().tokens(logits, truth, smoothing))


@pytest.mark.parametrize("loss", [CrossEntropy(), FocalLoss(2.0), FocalLoss(0.5)])
def test_gradients_by_finite_differences(loss) -> None:
    logits, truth = drawn()
    assert torch.autograd.gradcheck(lambda scores: loss.tokens(scores, truth, 0.1), logits.requires_grad_())


@pytest.mark.parametrize("focus", [0.5, 1.0, 2.0])
def test_a_token_written_with_certainty_has_finite_gradients(focus: float) -> None:
    logits = torch.tensor([[200.0, 0.0], [0.0, 200.0]], requires_grad=True)
    losses = FocalLoss(focus).tokens(logits, torch.tensor([0, 0]), 0.0)
    (gradient,) = torch.autograd.grad(losses.sum(), logits)
    assert gradient.isfinite().all()
    assert losses.tolist() == pytest.approx([0, 200])


def expected_loss(scores: torch.Tensor, truth: int, draws: int) -> torch.Tensor:
    """The mean over all draws, summed by hand: Mikolov's objective with scores less log(k · noise)."""
    noise = noise_distribution(VOCABULARY, torch.device("cpu"))
    shifted = scores - (draws * noise).log()
    return -functional.logsigmoid(shifted[truth]) - draws * (noise * functional.logsigmoid(-shifted)).sum()


def test_negative_sampling_has_the_expectation_of_its_definition() -> None:
    generator = torch.Generator().manual_seed(3)
    hidden = torch.randn(2, 4, dtype=torch.float64, generator=generator)
    weight = torch.randn(VOCABULARY, 4, dtype=torch.float64, generator=generator)
    bias, truth = torch.randn(VOCABULARY, dtype=torch.float64, generator=generator), torch.tensor([1, 5])
    draws = torch.stack(
        [
            negative_sampling_loss(hidden, weight, bias, truth, draws=4, generator=generator)
            for _ in range(4000)
        ]
    )
    error = draws.std(0) / 4000**0.5
    scores = hidden @ weight.T + bias
    for row in range(2):
        expected = expected_loss(scores[row], int(truth[row]), 4)
        assert abs(draws.mean(0)[row] - expected) < 4.5 * error[row]


@pytest.mark.parametrize("draws", [1, 20])
def test_scores_that_minimise_negative_sampling_are_log_probabilities(draws: int) -> None:
    probability = torch.tensor([0.4, 0.05, 0.25, 0.1, 0.15, 0.05], dtype=torch.float64)
    scores = probability.log().requires_grad_()
    loss = sum(p * expected_loss(scores, token, draws) for token, p in enumerate(probability.tolist()))
    (gradient,) = torch.autograd.grad(loss, scores)
    assert gradient.abs().max() < 1e-12


def test_tokens_of_computed_scores_are_those_of_a_last_layer() -> None:
    logits, truth = drawn()
    torch.manual_seed(0)
    found = NegativeSampling(7).tokens(logits, truth, 0.0)
    torch.manual_seed(0)
    nothing = torch.zeros(VOCABULARY, dtype=torch.float64)
    expected = negative_sampling_loss(logits, torch.eye(VOCABULARY).double(), nothing, truth, draws=7)
    torch.testing.assert_close(found, expected)


def test_gradients_of_negative_sampling_by_finite_differences() -> None:
    logits, truth = drawn()

    def loss(hidden: torch.Tensor) -> torch.Tensor:
        generator = torch.Generator().manual_seed(1)
        eye, nothing = torch.eye(VOCABULARY).double(), torch.zeros(VOCABULARY, dtype=torch.float64)
        return negative_sampling_loss(hidden, eye, nothing, truth, draws=5, generator=generator)

    assert torch.autograd.gradcheck(loss, logits.requires_grad_())


def test_what_is_refused() -> None:
    with pytest.raises(ParameterError, match="FocalLoss: focus is -1"):
        FocalLoss(-1.0)
    with pytest.raises(ParameterError, match="NegativeSampling: negatives is 0"):
        NegativeSampling(0)
