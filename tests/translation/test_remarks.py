"""What is said of sentences: once, and only where there is something to say."""

from __future__ import annotations

import unicodedata
import warnings

import pytest
import torch

from tsseq2seq import Cleaning, Network, Seq2SeqTranslator, Training
from tsseq2seq.data.text.truncation import Truncation
from tsseq2seq.errors import DataWarning, ParameterError

SOURCES = ["abc", "bcd", "cda", "dab", "acbd"] * 4
TARGETS = [text[::-1] for text in SOURCES]


def model(**changes) -> Seq2SeqTranslator:
    settings = {"network": Network(hidden_size=8, attention="dot"), "training": Training(max_steps=3)}
    return Seq2SeqTranslator(**(settings | changes))


@pytest.fixture(scope="module")
def fitted() -> Seq2SeqTranslator:
    return model(training=Training(max_steps=150)).fit(SOURCES, TARGETS)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("", "empty"),
        ("日本語", "never seen"),
        ("a日語c", "never seen"),
        ("   ", "empty"),
        ("ΑΒΓ" * 500, "never seen"),
    ],
)
def test_made_up_translations(fitted, source, said) -> None:
    for ask in (fitted.translate, fitted.predict, fitted.attention):
        with pytest.warns(DataWarning, match=said) as caught:
            ask(["abc", source, "bcd"], max_length=8)
        assert len(caught) == 1
        assert caught[0].filename == __file__
        assert "sources[1]" in str(caught[0].message)
        assert len(str(caught[0].message)) < 500


def test_nothing_is_said_of_what_was_learnt(fitted) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fitted.predict(SOURCES)
        assert fitted.predict([]) == []


def test_a_letter_in_a_known_sentence_is_no_matter(fitted) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fitted.translate(["abzc"], max_length=5)


def test_translations_that_were_cut(fitted) -> None:
    with pytest.warns(DataWarning, match="2 of 2 translations were cut at their maximum length") as caught:
        fitted.predict(["abc", "bcd"], max_length=2, beam_size=1)
    assert len(caught) == 1


@pytest.mark.parametrize("layout", ["if a:\n    b", "a\tb", "a   b", "    a"])
def test_layout_that_cleaning_takes_away(layout) -> None:
    with pytest.warns(DataWarning, match="whitespace='keep'") as caught:
        folded = model().fit([*SOURCES, "ab"], [*TARGETS, layout])
    assert len(caught) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        assert folded.evaluate(["ab"], [layout], metrics=["exact_match"])["exact_match"] == 0.0


@pytest.mark.parametrize("kind", ["char", "bpe", (list, "".join)], ids=["char", "bpe", "functions"])
def test_layout_that_is_kept(kind) -> None:
    if kind == "bpe":
        pytest.importorskip("tokenizers")
    code = ["if a:\n    b()\n", "\tx = 1\n", "def f():\n\n    return  2"]
    kept = model(
        tokenizer=kind, cleaning=Cleaning(whitespace="keep"),
        network=Network(hidden_size=48, attention="dot"), training=Training(max_steps=200),
    ).fit(["a", "b", "c"], code)  # fmt: skip
    assert kept.predict(["a", "b", "c"]) == code
    assert kept.evaluate(["a", "b", "c"], code, metrics=["exact_match", "cer"]) == {
        "exact_match": 1.0,
        "cer": 0.0,
    }


@pytest.mark.parametrize("given", ["ab\n", " ab", "a  b", "a\tb", "a\u00a0b"])
def test_references_with_whitespace_that_no_translation_has(fitted, given) -> None:
    with pytest.warns(DataWarning, match=r"2 of 4 targets .*targets\[1\]") as caught:
        scores = fitted.evaluate(SOURCES[:4], [TARGETS[0], given, TARGETS[2], given], metrics=["exact_match"])
    assert [str(each.message) for each in caught if "no translation has" not in str(each.message)] == []
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert scores["exact_match"] <= 0.5


@pytest.mark.parametrize("cut", [(str.split, "".join), (lambda text: list(text.lower()), "".join)])
def test_functions_that_do_not_undo_each_other(cut) -> None:
    with pytest.warns(DataWarning, match=r"1 of 2 targets .*targets\[1\]") as caught:
        model(tokenizer=cut).fit(["a", "b"], ["ab", "A B"])
    assert len(caught) == 1


def test_functions_that_write_accents_apart() -> None:
    """Their text is another sequence of characters, but the same text."""
    words = ["été", "über", "naïve"]
    apart = (lambda text: list(unicodedata.normalize("NFD", text)), "".join)
    learnt = model(
        tokenizer=apart, network=Network(hidden_size=24, attention="dot"), training=Training(max_steps=200)
    ).fit(["a", "b", "c"], words)
    scores = learnt.evaluate(["a", "b", "c"], words, metrics=["exact_match", "cer"])
    assert scores == {"exact_match": 1.0, "cer": 0.0}
    assert learnt.score(["a", "b", "c"], words) == 0.0


def test_options_that_leave_no_translation(fitted) -> None:
    options = {"no_repeat_ngram": 1, "min_length": 9, "max_length": 12}
    for ask, nothing in ((fitted.translate, [[], []]), (fitted.predict, ["", ""])):
        with pytest.warns(DataWarning, match="2 of 2 sources have no translation.*min_length") as caught:
            assert ask(["abc", "bcd"], **options) == nothing
        assert len(caught) == 1


def test_targets_that_cannot_be_scored(fitted) -> None:
    for ask in (fitted.score_pairs, lambda *pairs: fitted.evaluate(*pairs, metrics=["perplexity"])):
        with pytest.warns(DataWarning, match=r"1 of 2 targets .*targets\[1\] = 'bxΩ'") as caught:
            ask(["abc", "bcd"], ["cba", "bxΩ"])
        assert len(caught) == 1
    with pytest.warns(DataWarning, match=r"sources\[1\] = 'ΑΩ'.*say nothing") as caught:
        fitted.evaluate(["abc", "ΑΩ"], ["cba", "dcb"], metrics=["perplexity"])
    assert len(caught) == 1


def test_unknown_targets_that_were_learnt_are_scored_without_a_word() -> None:
    rare = model(min_count=2).fit([*SOURCES, "abc"], [*TARGETS, "xyz"])
    assert rare.score_pairs(["abc"], ["Ω"]) < 0


def test_what_is_cut_is_said_once() -> None:
    with pytest.warns(DataWarning, match="max_length=2"):
        short = model(truncation=Truncation(2)).fit(SOURCES, TARGETS)
    with pytest.warns(DataWarning) as caught:
        short.evaluate(SOURCES, TARGETS)
    assert ["max_length=2" in str(each.message) for each in caught].count(True) == 1


def test_words_cannot_keep_a_layout() -> None:
    with pytest.raises(ParameterError, match="whitespace='keep'"):
        model(tokenizer="word", cleaning=Cleaning(whitespace="keep")).fit(SOURCES, TARGETS)


def test_one_long_target_is_named_and_does_not_slow_down_every_search() -> None:
    targets = [*TARGETS]
    targets[7] = "ab" * 300
    with pytest.warns(DataWarning, match=r"targets\[7\] has 600 tokens for a source of 3") as caught:
        odd = model().fit(SOURCES, targets)
    assert len(caught) == 1
    assert odd.fitted_.resolved.max_lengths(torch.tensor([3, 40])).tolist() == [13, 50]


class TestUnknown:
    def test_it_is_not_written_where_it_was_never_a_target(self) -> None:
        plain = model().fit(SOURCES, TARGETS)
        for options in ({"n_best": 30, "beam_size": 30}, {"num_samples": 200, "seed": 0}, {"beam_size": 1}):
            for row in plain.translate(["abc", "d"], **options):
                for one in row:
                    assert 3 not in one.tokens
        asked = plain.translate(["abc"], n_best=30, beam_size=30, unknown=True)[0]
        assert any(3 in one.tokens for one in asked)

    def test_what_is_written_is_seen(self) -> None:
        rare = model(min_count=2).fit([*SOURCES, "abxc"], [*TARGETS, "cyba"])
        found = rare.translate(["abc"], n_best=30, beam_size=30)[0]
        assert any(3 in one.tokens for one in found)
        for one in found:
            assert one.text.count("<unk>") == one.tokens.count(3)
        never = rare.translate(["abc"], n_best=30, beam_size=30, unknown=False)[0]
        assert not any(3 in one.tokens for one in never)

    def test_a_text_has_the_log_probability_that_score_pairs_finds(self) -> None:
        plain = model().fit(SOURCES, TARGETS)
        found = plain.translate(["abc"], n_best=10, beam_size=10, max_length=5)[0]
        for one in found:
            if one.finished:
                assert plain.score_pairs(["abc"], [one.text])[0] == pytest.approx(
                    one.log_probability, abs=1e-4
                )
