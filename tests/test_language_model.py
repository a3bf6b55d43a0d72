"""A language model: probabilities by hand and by brute force, sampling by frequency, a text that ships with Python."""

from __future__ import annotations

import contextlib
import io
import itertools
import math
import warnings
from collections import Counter

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.base import clone

from tsseq2seq import Cleaning, Network, Seq2SeqLanguageModel, Tokens, Training, load
from tsseq2seq.data.text.token_pairs import TokenPairs, TokenSequences
from tsseq2seq.data.text.tokenizers import build_tokenizer
from tsseq2seq.data.text.vocabulary import BOS, EOS
from tsseq2seq.errors import DataError, DataWarning, ParameterError, ParameterTypeError
from tsseq2seq.language.texts import no_sources

TEXTS = ["ab", "abb", "b", "ba", "abab"]


def zen() -> str:
    """The Zen of Python, which its standard library prints."""
    with contextlib.redirect_stdout(io.StringIO()):
        import this
    return "".join(this.d.get(letter, letter) for letter in this.s)


def fitted(texts: list[str] = TEXTS, steps: int = 20, **settings) -> Seq2SeqLanguageModel:
    training = Training(max_steps=steps, learning_rate=0.01, progress=False)
    arguments = {"network": Network(hidden_size=8), "training": training} | settings
    return Seq2SeqLanguageModel(**arguments).fit(texts)


@pytest.fixture(scope="module")
def small() -> Seq2SeqLanguageModel:
    return fitted()


def by_hand(model: Seq2SeqLanguageModel, tokens: list[int]) -> list[float]:
    """Log-probabilities, step by step through torch's own LSTM."""
    (member,) = model.fitted_.members
    decoder = member.network.decoder
    with torch.no_grad():
        read = decoder.inputs[0].embedding(torch.tensor([[BOS, *tokens[:-1]]]))
        hidden, _ = decoder.recurrent.layers(read)
        scores = (hidden @ member.head.weight.T + member.head.bias).double().log_softmax(-1)[0]
    return [float(scores[t, token]) for t, token in enumerate(tokens)]


def test_scores_by_hand(small) -> None:
    texts = ["", "a", "abba", "b" * 30]
    tokens = [[*small.fitted_.target.encode(text), EOS] for text in texts]
    expected = [by_hand(small, row) for row in tokens]
    np.testing.assert_allclose(small.score_texts(texts), [sum(row) for row in expected], rtol=1e-5)
    every = list(itertools.chain(*expected))
    assert small.score(texts) == pytest.approx(np.mean(every), rel=1e-5)
    assert small.perplexity(texts) == pytest.approx(math.exp(-np.mean(every)), rel=1e-5)


def test_all_sequences_together_have_the_probability_1(small) -> None:
    """Those of up to two tokens that have ended, and the beginnings of all longer ones."""
    others = [token for token in range(small.fitted_.target.vocabulary_size) if token != EOS]
    ended = [[*row, EOS] for length in range(3) for row in itertools.product(others, repeat=length)]
    begun = [list(row) for row in itertools.product(others, repeat=3)]
    rows = [*ended, *begun]
    scores = small.fitted_.score(TokenPairs(no_sources(len(rows)), TokenSequences.of(rows)))
    assert sum(math.exp(float(row.double().sum())) for row in scores) == pytest.approx(1, rel=1e-5)
    assert len(ended) == 31
    assert len(begun) == 125


@pytest.mark.parametrize("cell", ["lstm", "gru", "mingru"])
@pytest.mark.parametrize("tied", [False, True])
def test_save_load_and_clone(cell: str, tied: bool, tmp_path) -> None:
    network = Network(hidden_size=8, embedding_size=5, cell=cell, num_layers=2, dropout=0.1)
    model = fitted(network=network, output=Tokens(tied=tied), seed=3)
    model.save(tmp_path / "model")
    loaded = load(tmp_path / "model")
    np.testing.assert_array_equal(loaded.score_texts(TEXTS), model.score_texts(TEXTS))
    assert loaded.predict(["a", ""], max_length=5) == model.predict(["a", ""], max_length=5)
    pd.testing.assert_frame_equal(loaded.history_, model.history_)
    again = clone(loaded).fit(TEXTS)
    np.testing.assert_allclose(again.score_texts(TEXTS), model.score_texts(TEXTS), rtol=1e-5)


def test_continuations_begin_with_their_prompts_and_tell_their_probability(small) -> None:
    rows = small.generate(["a", "", "abb"], beam_size=3, n_best=2, max_length=4)
    assert [len(row) for row in rows] == [2, 2, 2]
    for prompt, row in zip(["a", "", "abb"], rows, strict=True):
        for found in row:
            assert found.text.startswith(prompt)
            length = len(found.tokens) - len(small.fitted_.target.encode(prompt))
            assert length == 4 or (found.finished and length < 4)
            expected = by_hand(small, list(found.tokens))
            np.testing.assert_allclose(found.token_log_probabilities, expected, rtol=1e-4, atol=1e-5)
    together = small.predict(["a", "", "abb"], max_length=4)
    assert together == [small.predict([prompt], max_length=4)[0] for prompt in ["a", "", "abb"]]


@pytest.mark.parametrize("options", [{}, {"temperature": 0.5}, {"top_k": 2}, {"top_p": 0.6}])
def test_samples_come_as_often_as_they_are_likely(small, options: dict) -> None:
    (row,) = small.generate(["a"], max_length=1, num_samples=3000, seed=0, **options)
    found = Counter(sample.tokens[-1] for sample in row)
    (first,) = small.fitted_.target.encode("a")
    p = np.array([math.exp(by_hand(small, [first, token])[1]) for token in range(6)])
    p[[0, 1, 3]] = 0  # padding, begin, and the unknown token, which was never seen
    p = p ** (1 / options.get("temperature", 1.0))
    p /= p.sum()
    order = np.argsort(-p)
    kept = options.get("top_k", int((p[order].cumsum() < options.get("top_p", 1.0)).sum()) + 1)
    p[order[kept:]] = 0
    p /= p.sum()
    for token in range(6):
        assert found[token] / 3000 == pytest.approx(p[token], abs=0.04)
    again = small.generate(["a"], max_length=1, num_samples=3000, seed=0, **options)
    assert [sample.tokens for sample in again[0]] == [sample.tokens for sample in row]


def test_the_zen_of_python_is_learned_and_continued() -> None:
    text = zen()
    lines = [line for line in text.splitlines() if line]
    training = Training(max_steps=400, learning_rate=0.01, batch_size=8, progress=False)
    model = fitted(lines, network=Network(hidden_size=64), training=training)
    assert model.predict(["Flat", "Errors"]) == [
        "Flat is better than nested.",
        "Errors should never pass silently.",
    ]
    assert model.perplexity(lines) < 3
    assert model.perplexity(lines) < model.perplexity([line[::-1] for line in lines]) / 10


def test_long_texts_are_cut_for_training_and_read_whole() -> None:
    text = zen()
    model = fitted([text], piece_length=50)
    pieces = -(-(len(text) + 1) // 50)
    assert model.fitted_.resolved.max_length == int(1.5 * 50) + 10
    assert model.score_texts([text])[0] == pytest.approx(
        sum(by_hand(model, [*model.fitted_.target.encode(text), EOS])), rel=1e-4
    )
    held_out = Training(max_steps=5, progress=False, validation_size=0.2)
    assert fitted([text], piece_length=50, training=held_out).training_.validation_size == round(0.2 * pieces)
    assert "\n" in model.fitted_.target.vocabulary.tokens


@pytest.mark.parametrize("tokenizer", ["word", "bpe", build_tokenizer("char", TEXTS)])
def test_tokens_of_every_kind(tokenizer) -> None:
    texts = ["a dog barks", "a cat sleeps"] if isinstance(tokenizer, str) else TEXTS
    model = fitted(texts, tokenizer=tokenizer)
    assert np.isfinite(model.score_texts(texts)).all()
    assert model.predict([texts[0][:1]], max_length=3)[0].startswith("a")


def test_members_answer_together() -> None:
    training = Training(max_steps=5, members=2, progress=False)
    model = fitted(training=training)
    probability = [
        np.mean([math.exp(by_hand_of(member, model, "ab", t)) for member in model.fitted_.members])
        for t in range(3)
    ]
    assert model.score_texts(["ab"])[0] == pytest.approx(np.log(probability).sum(), rel=1e-4)


def by_hand_of(member, model: Seq2SeqLanguageModel, text: str, t: int) -> float:
    one = Seq2SeqLanguageModel()
    from dataclasses import replace

    one.fitted_ = replace(model.fitted_, members=(member,))
    return by_hand(one, [*model.fitted_.target.encode(text), EOS])[t]


def test_a_dialogue_of_several_turns() -> None:
    """Turns in lines; what was said before decides the answer."""
    texts = [
        "A: I am Ann\nB: hello\nA: who am I\nB: Ann", "A: I am Bob\nB: hello\nA: who am I\nB: Bob",
    ] * 4  # fmt: skip
    training = Training(max_steps=300, learning_rate=0.01, progress=False)
    model = fitted(texts, network=Network(hidden_size=48), training=training)
    prompts = [f"A: I am {name}\nB: hello\nA: who am I\nB:" for name in ("Ann", "Bob")]
    assert [text.splitlines()[-1] for text in model.predict(prompts)] == ["B: Ann", "B: Bob"]


def test_what_is_told() -> None:
    with pytest.warns(DataWarning, match=r"texts\[1\].*zero_width='keep'"):
        fitted(["ab", "a\u200bb"])
    with pytest.warns(DataWarning, match=r"of 2 texts have tokens that are not in vocabulary"):
        fitted(["ab", "abc"], vocabulary=["a", "b"])
    with pytest.warns(DataWarning, match=r"texts\[0\] = 'xyz'"):
        fitted().score_texts(["xyz"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fitted()


@pytest.mark.parametrize(
    ("network", "named"),
    [
        ({"attention": "dot"}, "attention='dot'"),
        ({"bidirectional": True}, "bidirectional=True"),
        ({"feed_context": True}, "feed_context=True"),
        ({"feed_output": False}, "feed_output=False"),
        ({"decoding": "parallel"}, "decoding='parallel'"),
        ({"context": "mean"}, "context='mean'"),
    ],
)
def test_settings_of_an_encoder_are_refused(network: dict, named: str) -> None:
    with pytest.raises(ParameterError, match=f"network has {named}, but a language model has no encoder"):
        fitted(network=Network(hidden_size=8, **network))


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (lambda model: model.fit("abc"), ParameterTypeError, "texts is one str"),
        (lambda model: model.fit([]), DataError, "texts is empty"),
        (lambda model: model.fit(["a", "  "]), DataError, r"texts\[1\] is empty"),
        (lambda model: model.fit(["a", 3]), DataError, r"texts\[1\] is 3"),
        (lambda model: model.generate(["abz"]), ParameterError, r"generate: prompts\[0\] is 'abz'"),
        (lambda model: model.generate(["a"], top_k=2, beam_size=3), ParameterError, "generate: top_k is 2"),
        (lambda model: model.generate(["a"], beam_width=3), TypeError, "beam_width"),
        (lambda model: model.generate(["a"], max_length=0), ParameterError, "generate: max_length is 0"),
        (lambda model: model.predict("a"), ParameterTypeError, "prompts is one str"),
        (lambda model: model.perplexity([]), DataError, "texts is empty"),
        (lambda model: model.set_params(piece_length=0).fit(TEXTS), ParameterError, "piece_length is 0"),
        (lambda model: model.set_params(cleaning="x").fit(TEXTS), ParameterTypeError, "cleaning is 'x'"),
        (
            lambda model: model.set_params(output=Tokens(beside=["monotonic"])).fit(TEXTS),
            ParameterError,
            "attention=None",
        ),
        (
            lambda model: model.set_params(tokenizer="word", cleaning=Cleaning(whitespace="keep")).fit(TEXTS),
            ParameterError,
            "whitespace='keep'",
        ),
    ],
)
def test_what_is_refused(wrong, error: type, message: str, small, unchecked_types) -> None:
    model = clone(small)
    model.fitted_, model.history_ = small.fitted_, small.history_
    with pytest.raises((error, ParameterError), match=message):
        wrong(model)


def test_nothing_is_asked_before_the_fit() -> None:
    from sklearn.exceptions import NotFittedError

    for ask in ("predict", "generate", "score_texts", "perplexity", "score"):
        with pytest.raises(NotFittedError):
            getattr(Seq2SeqLanguageModel(), ask)(["a"])
    assert fitted().generate([]) == []
    assert len(fitted().score_texts([])) == 0


def test_of_several_texts_whole_ones_are_held_out_and_their_letters_are_unknown() -> None:
    training = Training(max_steps=2, validation_size=1, progress=False)
    model = fitted(["xyz", "abab", "baba"], piece_length=2, training=training)
    assert model.training_.validation_size == 1
    assert set("ab") <= set(model.fitted_.target.vocabulary.tokens)
    assert not set("xyz") & set(model.fitted_.target.vocabulary.tokens)
    assert model.history_["validation_error"].notna().any()


@pytest.mark.parametrize(
    ("texts", "size"), [(["ab", "ba", "aa"], 3), (["ab", "ba", "aa"], 7), (["abab"], 3), (["a"], 1)]
)
def test_something_must_be_left_to_train_on(texts: list[str], size: int) -> None:
    with pytest.raises(ParameterError, match=f"validation_size is {size}.* at least one must be left"):
        fitted(texts, piece_length=2, training=Training(max_steps=2, validation_size=size, progress=False))
