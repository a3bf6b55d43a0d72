"""Pretrained embeddings: their tokens begin with them, the others as usual; what does not fit is refused."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tsseq2seq import Network, Seq2SeqTranslator, Tokens, Training, load
from tsseq2seq.errors import DataWarning, ParameterError, ParameterTypeError

SOURCES, TARGETS = (
    ["a cat", "a dog", "the cat", "the dog"] * 3,
    ["un chat", "un chien", "le chat", "le chien"] * 3,
)
MATRIX = np.random.default_rng(0).normal(size=(4, 6))
WORDS = ["cat", "zebra", "dog", "a"]


def model(network: Network | None = None, **changes) -> Seq2SeqTranslator:
    training = Training(max_steps=1, progress=False, freeze=["embedding"])
    settings = {
        "network": network or Network(hidden_size=8, embedding_size=6),
        "training": training,
    } | changes
    return Seq2SeqTranslator("word", **settings)


def test_the_vectors_enter_the_encoder_and_the_others_are_drawn_as_usual(tmp_path) -> None:
    found = model().fit(SOURCES, TARGETS, embeddings=(MATRIX, WORDS))
    plain = model().fit(SOURCES, TARGETS)
    network, other = found.fitted_.members[0], plain.fitted_.members[0]
    for word in ("cat", "dog", "a", "the"):
        (token,) = found.fitted_.source.encode(word)
        read = network.source_embedding(torch.tensor([[token]]))[0, 0].detach().numpy()
        if word == "the":
            expected = other.source_embedding(torch.tensor([[token]]))[0, 0].detach().numpy()
            np.testing.assert_array_equal(read, expected)
        else:
            np.testing.assert_allclose(read, MATRIX[WORDS.index(word)], rtol=1e-6)
    found.save(tmp_path / "model")
    assert load(tmp_path / "model").predict(SOURCES, max_length=5) == found.predict(SOURCES, max_length=5)


def test_targets_have_their_own_and_members_share_them() -> None:
    training = Training(max_steps=1, progress=False, members=2, freeze=["decoder.inputs"])
    found = model(training=training, output=Tokens(tied=True)).fit(
        SOURCES, TARGETS, target_embeddings=(MATRIX.tolist(), ["chat", "chien", "un", "le"])
    )
    (token,) = found.fitted_.target.encode("chien")
    for member in found.fitted_.members:
        vector = member.target_embedding(torch.tensor([[token]]))[0, 0].detach().numpy()
        np.testing.assert_allclose(vector, MATRIX[1], rtol=1e-6)
        assert member.head.weight is member.target_embedding.weight


def test_unless_frozen_they_are_trained_on() -> None:
    found = model(training=Training(max_steps=3, progress=False)).fit(
        SOURCES, TARGETS, embeddings=(MATRIX, WORDS)
    )
    (token,) = found.fitted_.source.encode("cat")
    vector = found.fitted_.members[0].source_embedding(torch.tensor([[token]]))[0, 0].detach().numpy()
    assert not np.allclose(vector, MATRIX[0])
    np.testing.assert_allclose(vector, MATRIX[0], atol=0.1)


def test_the_first_of_two_vectors_of_a_word_counts_and_few_are_told_of() -> None:
    with pytest.warns(DataWarning, match="embeddings has vectors of 1 of the 4 tokens"):
        found = model().fit(SOURCES, TARGETS, embeddings=(MATRIX[:2], ["cat", "cat"]))
    (token,) = found.fitted_.source.encode("cat")
    vector = found.fitted_.members[0].source_embedding(torch.tensor([[token]]))[0, 0].detach().numpy()
    np.testing.assert_allclose(vector, MATRIX[0], rtol=1e-6)


@pytest.mark.parametrize(
    ("embeddings", "error", "message"),
    [
        ((MATRIX[:, :5], WORDS), ParameterError, r"5 numbers, but the embedding is 6 wide.*embedding_size=5"),
        ((MATRIX, WORDS[:3]), ParameterError, "4 vectors, but 3 words"),
        ((MATRIX, ["w", "x", "y", "z"]), ParameterError, "none of the 4 words of embeddings"),
        ((MATRIX[0], WORDS), ParameterTypeError, r"shape \(6,\)"),
        ((MATRIX.astype(str), WORDS), ParameterTypeError, "type <U"),
        ((MATRIX, [1, 2, 3, 4]), ParameterTypeError, "must be a list of str"),
        (MATRIX, ParameterTypeError, r"must be a pair \(matrix, words\)"),
        ((np.where(MATRIX > 1, np.nan, MATRIX), WORDS), ParameterError, "a number that is not finite"),
    ],
)
def test_what_does_not_fit_is_refused(embeddings, error: type, message: str, unchecked_types) -> None:
    with pytest.raises(error, match=message):
        model().fit(SOURCES, TARGETS, embeddings=embeddings)


def test_a_decoder_that_reads_no_tokens_has_no_use_for_them() -> None:
    network = Network(hidden_size=6, feed_output=False, feed_context=True)
    with pytest.raises(
        ParameterError, match="target_embeddings are given, but Network has feed_output=False"
    ):
        model(network).fit(SOURCES, TARGETS, target_embeddings=(MATRIX, ["chat", "chien", "un", "le"]))
