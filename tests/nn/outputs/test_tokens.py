"""Tokens: cross-entropy with smoothing, held against torch's and against its definition."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from tsseq2seq.errors import ParameterError, ParameterTypeError
from tsseq2seq.nn.outputs import Tokens

VOCABULARY = 7


def drawn(*shape: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    logits = 3 * torch.randn(*shape, VOCABULARY, generator=generator)
    return logits, torch.randint(0, VOCABULARY, shape, generator=generator)


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.9])
def test_the_loss_is_torchs_cross_entropy(smoothing: float) -> None:
    logits, truth = drawn(4, 5)
    expected = functional.cross_entropy(
        logits.transpose(1, 2), truth, label_smoothing=smoothing, reduction="none"
    )
    torch.testing.assert_close(Tokens(label_smoothing=smoothing).elementwise_loss(logits, truth), expected)


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.9])
def test_the_loss_is_the_cross_entropy_with_a_smoothed_truth(smoothing: float) -> None:
    """Szegedy et al. 2016, section 7: (1 − ε) on the truth, and ε / V on each token of the vocabulary."""
    logits, truth = drawn(3, 2)
    found = Tokens(label_smoothing=smoothing).elementwise_loss(logits, truth)
    scores = logits.double().numpy()
    scores = scores - np.log(np.exp(scores).sum(-1, keepdims=True))
    wanted = np.full(scores.shape, smoothing / VOCABULARY)
    np.put_along_axis(wanted, truth.numpy()[..., None], 1 - smoothing + smoothing / VOCABULARY, axis=-1)
    np.testing.assert_allclose(found.numpy(), -(wanted * scores).sum(-1), rtol=1e-5)


@pytest.mark.parametrize("shape", [(3,), (2, 3), (2, 3, 4)], ids=["one", "two", "three"])
def test_any_number_of_dimensions(shape: tuple[int, ...]) -> None:
    logits, truth = drawn(*shape)
    losses = Tokens().elementwise_loss(logits, truth)
    assert losses.shape == shape
    flat = Tokens().elementwise_loss(logits.flatten(0, -2), truth.flatten())
    torch.testing.assert_close(losses.flatten(), flat)


def test_half_precision_is_widened() -> None:
    logits, truth = drawn(4, 5)
    half = logits.to(torch.bfloat16)
    found = Tokens().elementwise_loss(half, truth)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, Tokens().elementwise_loss(half.float(), truth))


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        (
            {"label_smoothing": -0.1},
            ParameterError,
            "label_smoothing is -0.1; it must be a number, at least 0",
        ),
        ({"label_smoothing": 1.0}, ParameterError, "label_smoothing is 1.0"),
        ({"label_smoothing": "much"}, ParameterTypeError, "label_smoothing is 'much'"),
        ({"tied": "yes"}, ParameterError, "tied is 'yes'; it must be one of None, False, True"),
    ],
    ids=["negative", "one", "text", "tied"],
)
def test_what_is_refused(settings: dict, error: type, message: str, unchecked_types: None) -> None:
    with pytest.raises(error, match=message):
        Tokens(**settings)
