"""The sampled softmax: exact where all is drawn, near and unbiased enough where little is."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from tsseq2seq.nn.sampled_softmax import log_uniform_sample, sampled_cross_entropy

VOCABULARY, WIDTH, ROWS = 60, 5, 8


@pytest.fixture
def layer() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    hidden = torch.randn(ROWS, WIDTH, generator=generator, requires_grad=True)
    weight = torch.randn(VOCABULARY, WIDTH, generator=generator, requires_grad=True)
    bias = torch.randn(VOCABULARY, generator=generator, requires_grad=True)
    return hidden, weight, bias, torch.randint(VOCABULARY, (ROWS,), generator=generator)


def test_tokens_are_drawn_by_zipfs_law() -> None:
    """Inclusion frequencies over many draws against the probabilities that are returned."""
    generator = torch.Generator().manual_seed(1)
    counts = np.zeros(20)
    for _ in range(1500):
        tokens, log_inclusion = log_uniform_sample(20, 6, generator=generator, device=torch.device("cpu"))
        assert len(tokens) == len(set(tokens.tolist())) <= 6
        counts[tokens.numpy()] += 1
    ranks = np.arange(20)
    zipf = np.log((ranks + 2) / (ranks + 1)) / np.log(21)
    assert zipf.sum() == pytest.approx(1)
    expected = 1 - (1 - zipf) ** 6
    np.testing.assert_allclose(log_inclusion.exp().numpy(), expected, rtol=1e-5)
    deviation = np.sqrt(expected * (1 - expected) / 1500)
    assert np.abs(counts / 1500 - expected).max() < 5 * deviation.max()


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_all_tokens_drawn_is_the_full_cross_entropy(layer, smoothing: float) -> None:
    hidden, weight, bias, truth = layer
    ours = sampled_cross_entropy(
        hidden, weight, bias, truth, draws=200_000, label_smoothing=smoothing,
        generator=torch.Generator().manual_seed(0),
    )  # fmt: skip
    logits = functional.linear(hidden, weight, bias)
    full = functional.cross_entropy(logits, truth, reduction="none", label_smoothing=smoothing)
    torch.testing.assert_close(ours, full, rtol=1e-4, atol=1e-4)
    for one, other in zip(
        torch.autograd.grad(ours.sum(), [hidden, weight, bias]),
        torch.autograd.grad(full.sum(), [hidden, weight, bias]),
        strict=True,
    ):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-3)


def test_few_draws_estimate_the_normaliser_without_bias(layer) -> None:
    """The exponential of the loss, less the true token's 1, is an unbiased sum over all others."""
    hidden, weight, bias, truth = layer
    generator = torch.Generator().manual_seed(2)
    with torch.no_grad():
        draws = [
            sampled_cross_entropy(hidden, weight, bias, truth, draws=8, generator=generator).exp()
            for _ in range(3000)
        ]
        logits = functional.linear(hidden, weight, bias)
        expected = functional.cross_entropy(logits, truth, reduction="none").exp()
    found = torch.stack(draws).double()
    error = found.std(0) / len(draws) ** 0.5
    assert bool(((found.mean(0) - expected).abs() < 4.5 * error).all())


def test_only_drawn_and_true_tokens_get_gradients(layer) -> None:
    hidden, weight, bias, truth = layer
    generator = torch.Generator().manual_seed(3)
    drawn, _ = log_uniform_sample(VOCABULARY, 5, generator=generator, device=torch.device("cpu"))
    generator.manual_seed(3)
    loss = sampled_cross_entropy(hidden, weight, bias, truth, draws=5, generator=generator)
    (gradient,) = torch.autograd.grad(loss.sum(), weight)
    touched = set(torch.nonzero(gradient.abs().sum(1))[:, 0].tolist())
    assert touched <= set(drawn.tolist()) | set(truth.tolist())
    assert set(truth.tolist()) <= touched
