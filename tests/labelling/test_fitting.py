"""What labels share with translators: pretrained embeddings, a vocabulary of one's own, accuracy in history."""

from __future__ import annotations

from itertools import chain, combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from tsseq2seq import Network, Seq2SeqClassifier, Seq2SeqTagger, Training, load
from tsseq2seq.errors import DataWarning, ParameterError, ParameterTypeError

TEXTS = ["a cat", "a dog", "the cat", "the dog"] * 3
TOKENS = [text.split() for text in TEXTS]
CLASSES = ["miaow", "woof"] * 6
TAGS = [["D", "N"]] * 12
MATRIX = np.random.default_rng(0).normal(size=(4, 6))
WORDS = ["cat", "zebra", "dog", "a"]
FROZEN = Training(max_steps=2, progress=False, freeze=["embedding"])

KINDS: dict[str, tuple[type[Any], Any]] = {
    "classes": (Seq2SeqClassifier, CLASSES),
    "tags": (Seq2SeqTagger, TAGS),
}


def model(kind: str, **settings: Any) -> Any:
    defaults = {"network": Network(hidden_size=8, embedding_size=6), "training": FROZEN}
    return KINDS[kind][0](**defaults | settings)


def vector(found: Any, word: str, member: int = 0) -> np.ndarray:
    tokens = found.fitted_.reader.read(
        [[word]] if found.fitted_.reader.kind != "texts" else [word], allow_empty=False
    )
    layer = found.fitted_.members[member].network.embedding
    return layer(torch.tensor([tokens[0]]))[0, 0].detach().numpy()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("X", [TEXTS, TOKENS], ids=["texts", "tokens"])
def test_the_vectors_are_read_and_the_others_are_drawn_as_usual(kind: str, X: Any, tmp_path) -> None:
    y = KINDS[kind][1]
    training = Training(max_steps=2, members=2, progress=False, freeze=["embedding"])
    found = model(kind, training=training).fit(X, y, embeddings=(MATRIX, WORDS))
    plain = model(kind, training=training).fit(X, y)
    for member in (0, 1):
        for word in ("cat", "dog", "a"):
            expected = MATRIX[WORDS.index(word)]
            np.testing.assert_allclose(vector(found, word, member), expected, rtol=1e-6)
        np.testing.assert_array_equal(vector(found, "the", member), vector(plain, "the", member))
    found.save(tmp_path / "model")
    np.testing.assert_array_equal(vector(load(tmp_path / "model"), "dog"), vector(found, "dog"))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("embeddings", "error", "match"),
    [
        ((MATRIX[:, :5], WORDS), ParameterError, "embedding_size=5"),
        ((MATRIX, ["w", "x", "y", "z"]), ParameterError, "none of the 4 words of embeddings"),
        (MATRIX, ParameterTypeError, r"must be a pair \(matrix, words\)"),
    ],
)
def test_vectors_that_do_not_fit_are_refused(
    kind: str, embeddings: Any, error: type, match: str, unchecked_types
) -> None:
    with pytest.raises(error, match=match):
        model(kind).fit(TOKENS, KINDS[kind][1], embeddings=embeddings)


@pytest.mark.parametrize("kind", KINDS)
def test_arrays_have_neither_words_nor_a_vocabulary(kind: str) -> None:
    X, y = [np.ones((2, 3)) * row for row in range(12)], KINDS[kind][1]
    with pytest.raises(ParameterError, match="embeddings are given, but X holds arrays"):
        model(kind).fit(X, y, embeddings=(MATRIX, WORDS))
    with pytest.raises(ParameterError, match="vocabulary is given, but X holds arrays"):
        model(kind, vocabulary=WORDS).fit(X, y)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("X", [TEXTS, TOKENS], ids=["texts", "tokens"])
def test_a_vocabulary_of_ones_own(kind: str, X: Any, tmp_path) -> None:
    y = KINDS[kind][1]
    vocabulary = ["dog", "cat", "the", "a", "emu"]
    found = model(kind, vocabulary=vocabulary).fit(X, y)
    assert list(found.fitted_.reader.tokens[4:]) == vocabulary
    found.save(tmp_path / "model")
    again = load(tmp_path / "model")
    assert again.vocabulary == vocabulary
    assert np.array_equal(again.predict(X), found.predict(X))
    with pytest.warns(
        DataWarning, match=r"6 of 12 sequences have tokens .* not in vocabulary .*X\[1\]"
    ) as said:
        model(kind, vocabulary=["cat", "a", "the"]).fit(X, y)
    assert len(said) == 1


@pytest.mark.parametrize("X", [TEXTS, TOKENS], ids=["texts", "tokens"])
@pytest.mark.parametrize(
    ("settings", "error", "match"),
    [
        ({"vocabulary": "abc"}, ParameterTypeError, "vocabulary is 'abc'"),
        ({"vocabulary": ["a", 1]}, ParameterTypeError, r"vocabulary\[1\] is 1"),
        ({"vocabulary": ["a"], "min_count": 2}, ParameterError, "min_count is 2"),
        ({"vocabulary": ["a"], "max_vocabulary": 9}, ParameterError, "max_vocabulary is 9"),
    ],
)
def test_vocabularies_that_are_refused(
    X: Any, settings: dict[str, Any], error: type, match: str, unchecked_types
) -> None:
    with pytest.raises(error, match=match):
        model("classes", **settings).fit(X, CLASSES)


@pytest.mark.parametrize(("kind", "crf"), [("classes", None), ("tags", False), ("tags", True)])
def test_history_has_the_accuracy_of_what_is_held_out(kind: str, crf: bool | None) -> None:
    """It is that of predictions of one of the sets that may be held out, and NaN where nothing was validated."""
    rng = np.random.default_rng(1)
    X = [list(rng.choice(list("abc"), size=1 + row % 4)) for row in range(9)]
    y = (
        ["uv"[row % 2] for row in range(9)]
        if kind == "classes"
        else [["uv"[ord(one) % 2] for one in row] for row in X]
    )
    training = Training(max_steps=4, batch_size=3, validation_size=3, validation_every=4, progress=False)
    settings = {"training": training} | ({} if crf is None else {"crf": crf})
    found = model(kind, **settings).fit(X, y)
    name = "validation_accuracy" if kind == "classes" else "validation_token_accuracy"
    row = found.history_.dropna(subset="validation_error").iloc[-1]
    predicted, truth = (
        [[one] for one in rows] if kind == "classes" else rows for rows in (found.predict(X), y)
    )
    hits = [np.equal(one, other) for one, other in zip(predicted, truth, strict=True)]
    shares = [np.mean([*chain(*(hits[place] for place in held))]) for held in combinations(range(9), 3)]
    assert any(share == pytest.approx(row[name]) for share in shares)
    assert found.history_[name].isna().equals(found.history_["validation_error"].isna())
    assert name not in model(kind, **({} if crf is None else {"crf": crf})).fit(X, y).history_.dropna(
        axis="columns", how="all"
    )
    assert isinstance(found.history_, pd.DataFrame)
