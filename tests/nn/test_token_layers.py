"""Embedding and head of tokens: look-ups and products by hand, and weights that two layers share."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tsseq2seq.nn.token_layers import TokenEmbedding, TokenHead


def test_the_embedding_looks_up_its_rows() -> None:
    embedding = TokenEmbedding(10, 4)
    tokens = torch.tensor([[1, 9, 1], [0, 2, 3]])
    table = embedding.weight.detach().numpy()
    expected = [[table[token] * 2 for token in row] for row in tokens.tolist()]  # 2 = √4
    np.testing.assert_allclose(embedding(tokens).detach().numpy(), expected, rtol=1e-6)
    assert embedding.output_size == 4


def test_embedded_numbers_are_of_about_one() -> None:
    """Whatever the width, so that a tied head begins with logits of about 1 as well."""
    for width in (8, 512):
        embedding = TokenEmbedding(400, width)
        tokens = torch.arange(400)[None]
        assert embedding(tokens).std().item() == pytest.approx(1.0, abs=0.05)
        logits = TokenHead(width, 400, embedding)(torch.randn(1, 50, width), None)
        assert logits.std().item() == pytest.approx(1.0, abs=0.1)


def test_dropout_is_for_training_only() -> None:
    embedding = TokenEmbedding(10, 50, dropout=0.5)
    tokens = torch.ones(1, 40, dtype=torch.int64)
    dropped = (embedding.train()(tokens) == 0).float().mean().item()
    assert 0.4 < dropped < 0.6
    assert (embedding.eval()(tokens) != 0).all()


@pytest.mark.parametrize("width", [None, 3, 8], ids=["own", "projected", "shared"])
def test_the_head_is_a_linear_layer(width: int | None) -> None:
    embedding = None if width is None else TokenEmbedding(10, width)
    head = TokenHead(8, 10, embedding)
    with torch.no_grad():
        head.bias.copy_(torch.arange(10.0))
    hidden = torch.randn(2, 3, 8)
    below = hidden.double().numpy()
    if width == 3:
        below = below @ head.project.weight.detach().double().numpy().T
        below = below + head.project.bias.detach().double().numpy()
    expected = below @ head.weight.detach().double().numpy().T + np.arange(10)
    np.testing.assert_allclose(head(hidden, None).detach().numpy(), expected, rtol=1e-4, atol=1e-5)


def test_a_tied_head_and_its_embedding_are_one_tensor() -> None:
    embedding = TokenEmbedding(10, 4)
    head = TokenHead(8, 10, embedding)
    assert head.weight is embedding.weight
    assert TokenHead(8, 10).weight is not embedding.weight
    # a gradient through either reaches the one
    hidden, tokens = torch.randn(1, 2, 8), torch.tensor([[1, 2]])
    (through_head,) = torch.autograd.grad(head(hidden, None).square().sum(), embedding.weight)
    (through_both,) = torch.autograd.grad(
        head(hidden, None).square().sum() + embedding(tokens).square().sum(), embedding.weight
    )
    changed = (through_both != through_head).any(1).nonzero().flatten().tolist()
    assert changed == [1, 2]


def test_logits_are_in_float32() -> None:
    head = TokenHead(8, 10).to(torch.bfloat16)
    assert head(torch.randn(1, 2, 8, dtype=torch.bfloat16), None).dtype == torch.float32
