"""FeatureEmbedding: standardised features, a linear layer, dropout."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tsseq2seq.nn.feature_layers import FeatureEmbedding, Standardised
from tsseq2seq.nn.token_layers import TokenEmbedding


def test_vectors_are_standardised_and_then_mapped():
    mean, std = torch.tensor([1.0, -2.0]), torch.tensor([2.0, 0.5])
    embedding = FeatureEmbedding(mean, std, width=3)
    values = torch.randn(2, 4, 2)
    expected = (values - mean) / std @ embedding.linear.weight.T + embedding.linear.bias
    torch.testing.assert_close(embedding(values), expected)


def test_one_hot_vectors_are_embedded_as_tokens_are():
    tokens = torch.tensor([[3, 1, 0], [2, 2, 4]])
    of_tokens = TokenEmbedding(5, 8)
    of_features = FeatureEmbedding(torch.zeros(5), torch.ones(5), width=8)
    with torch.no_grad():
        of_features.linear.weight.copy_(of_tokens.weight.T * 8**0.5)
        of_features.linear.bias.zero_()
    one_hot = torch.nn.functional.one_hot(tokens, 5).float()
    torch.testing.assert_close(of_features(one_hot), of_tokens(tokens))


@given(steps=st.integers(1, 6), poison=st.floats(-1e6, 1e6))
def test_a_step_is_embedded_alone(steps, poison):
    embedding = FeatureEmbedding(torch.zeros(2), torch.ones(2), width=3).eval()
    values = torch.randn(1, steps, 2)
    padded = torch.cat([values, torch.full((1, 2, 2), poison)], dim=1)
    torch.testing.assert_close(embedding(padded)[:, :steps], embedding(values))


def test_dropout_is_for_training_only():
    embedding = FeatureEmbedding(torch.zeros(2), torch.ones(2), width=400, dropout=0.5)
    values = torch.ones(1, 1, 2)
    share = float((embedding.train()(values) == 0).float().mean())
    assert 0.3 < share < 0.7
    assert not (embedding.eval()(values) == 0).any()


@pytest.mark.parametrize("module", [Standardised, lambda *stats: FeatureEmbedding(*stats, width=2)])
def test_mean_and_deviation_move_with_the_module_and_are_not_trained(module):
    built = module(torch.ones(3), torch.full((3,), 2.0)).double()
    buffers = dict(built.named_buffers())
    assert {value.dtype for value in buffers.values()} == {torch.float64}
    assert not set(buffers) & set(dict(built.named_parameters()))
