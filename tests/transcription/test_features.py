"""Feature vectors as the source of what writes tokens: their layers, and one-hot vectors as tokens."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from tsseq2seq.data.sequences.feature_sequences import FeatureSequences
from tsseq2seq.data.sequences.standardisation import Standardisation
from tsseq2seq.data.text.tokenizers import build_tokenizer
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import Tokens
from tsseq2seq.nn.patches import PatchedEncoder, Patches
from tsseq2seq.training.training import Training
from tsseq2seq.transcription.features import FeatureSource, encode_features
from tsseq2seq.translation.defaults import ResolvedTokenSettings
from tsseq2seq.translation.fitted import build_token_model
from tsseq2seq.translation.sources import source_layers

NETWORK = Network(hidden_size=6, embedding_size=4, attention="dot", residual=None)
ARRAYS = [np.random.default_rng(row).normal(row, 2.0, (length, 3)) for row, length in enumerate((4, 1, 7))]


def source(patches: Patches | None = None) -> FeatureSource:
    return FeatureSource.of(FeatureSequences.of(ARRAYS), patches)


def test_one_hot_vectors_are_read_as_the_tokens_are():
    """The same weights give the same logits, whichever kind of source they come from."""
    tokenizer = build_tokenizer("char", ["abc"])
    size = tokenizer.vocabulary_size
    resolved = ResolvedTokenSettings(NETWORK, Training(), Tokens(tied=False), max_length=6, length_ratio=1.0)
    plain = Standardisation(torch.zeros(size), torch.ones(size))
    of_tokens = build_token_model(resolved, tokenizer, tokenizer).eval()
    of_features = build_token_model(resolved, FeatureSource(plain), tokenizer).eval()
    weights = dict(of_tokens.state_dict())
    embedding = weights.pop("network.embedding.weight")
    weights["network.embedding.linear.weight"] = embedding.T * 4**0.5
    weights["network.embedding.linear.bias"] = torch.zeros(4)
    weights["network.embedding.standardised.mean"] = plain.mean
    weights["network.embedding.standardised.std"] = plain.std
    of_features.load_state_dict(weights)
    tokens, lengths = torch.tensor([[4, 6, 5], [5, 0, 0]]), torch.tensor([3, 1])
    one_hot = torch.nn.functional.one_hot(tokens, size).float() * (tokens > 0)[..., None]
    logits = []
    for model, read in ((of_tokens, tokens), (of_features, one_hot)):
        state, memory = model.network.start(model.encode(read, lengths))
        logits.append(model.network.step(model.first(2), 0, state, memory)[0])
    torch.testing.assert_close(logits[1], logits[0])


def test_features_have_their_own_scale_but_pixels_share_one():
    assert len(set(source().standardisation.std.tolist())) == 3
    assert len(set(source(Patches()).standardisation.std.tolist())) == 1


@pytest.mark.parametrize("patches", [None, Patches(channels=(2,), stride=3)])
def test_layers_and_parts(patches):
    given = source(patches)
    layers = source_layers(given, NETWORK)
    assert layers.output_size == 4
    assert (layers.around is None) == (patches is None)
    restored = FeatureSource.from_parts(json.loads(json.dumps(given.to_parts())))
    assert (restored.patches, restored.width, restored.stride) == (patches, 3, 1 if patches is None else 3)
    assert torch.equal(restored.standardisation.mean, given.standardisation.mean)


def test_patches_stand_around_the_encoder_that_was_asked_for():
    tokenizer = build_tokenizer("char", ["abc"])
    resolved = ResolvedTokenSettings(NETWORK, Training(), Tokens(tied=False), max_length=6, length_ratio=1.0)
    model = build_token_model(resolved, source(Patches()), tokenizer)
    assert isinstance(model.network.encoder, PatchedEncoder)


def test_no_sequence_is_a_batch_of_none():
    assert len(encode_features([], source())) == 0
    assert encode_features([], source()).width == 3


def test_an_unknown_kind_is_named():
    class Strange:
        def to_parts(self) -> dict[str, object]:
            return {}

    with pytest.raises(TypeError, match="Strange"):
        source_layers(Strange(), NETWORK)
