"""Text as it is: what cannot be seen, layouts, vocabularies of one's own, scripts of all directions."""

from __future__ import annotations

import unicodedata
import warnings

import pytest
from sklearn.base import clone

from tsseq2seq import Cleaning, Network, Seq2SeqTranslator, Training, load
from tsseq2seq.data.text.tokenizers import build_tokenizer
from tsseq2seq.errors import DataError, DataWarning, ParameterError, ParameterTypeError

SOURCES = ["abc", "bcd", "cda", "dab", "acbd"] * 4
TARGETS = [text[::-1] for text in SOURCES]


def model(**changes) -> Seq2SeqTranslator:
    settings = {
        "network": Network(hidden_size=8, attention="dot"),
        "training": Training(max_steps=3, progress=False),
    }
    return Seq2SeqTranslator(**(settings | changes))


def learned(sources: list[str], targets: list[str], **changes) -> Seq2SeqTranslator:
    training = Training(max_steps=250, learning_rate=0.01, progress=False)
    return model(training=training, network=Network(hidden_size=32, attention="dot"), **changes).fit(
        sources, targets
    )


@pytest.mark.parametrize("mark", ["\u200b", "\u2060", "\ufeff"])
@pytest.mark.parametrize("which", ["sources", "targets"])
def test_what_cannot_be_seen_is_removed_and_told_once(mark: str, which: str) -> None:
    columns = {"sources": list(SOURCES), "targets": list(TARGETS)}
    columns[which][3] = mark + columns[which][3][:1] + mark + columns[which][3][1:]
    with pytest.warns(DataWarning, match=rf"{which}\[3\].*zero_width='keep'") as caught:
        found = model().fit(**columns)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert mark not in found.fitted_.source.vocabulary.tokens
    assert mark not in found.fitted_.target.vocabulary.tokens
    plain = model().fit(SOURCES, TARGETS)
    assert found.predict(SOURCES, max_length=6) == plain.predict(SOURCES, max_length=6)


def test_a_reference_with_a_byte_order_mark_is_an_exact_match() -> None:
    found = learned(SOURCES, TARGETS)
    assert found.evaluate(["\ufeffabc"], ["\ufeffcba"], metrics=["exact_match"]) == {"exact_match": 1.0}
    assert found.score(["abc"], ["c\u200bba"]) == 0


def test_they_are_kept_if_asked_for() -> None:
    targets = [f"{text[:1]}\u200b{text[1:]}" for text in TARGETS]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = learned(SOURCES, targets, cleaning=Cleaning(zero_width="keep"))
    assert found.predict(["abc"]) == ["c\u200bba"]
    assert found.evaluate(SOURCES, targets, metrics=["exact_match"]) == {"exact_match": 1.0}


@pytest.mark.parametrize("text", ["می\u200cخواهم", "क्\u200dष", "👩\u200d🔬", "a\u200eb\u202ec"])
def test_joiners_and_directions_are_letters_of_their_texts(text: str) -> None:
    assert Cleaning().clean(text) == unicodedata.normalize("NFC", text)


CODE = {
    "f 1": "def f(x):\n    if x:\n\t\treturn 1\n",
    "g 2": "def g(x):\n    return 2\n\n\n# end  \n",
    "h 3": "while h:\r\n    h -= 3",
}


@pytest.mark.parametrize("tokenizer", ["char", "bpe"])
def test_code_keeps_its_layout_and_a_folded_one_is_no_exact_match(tokenizer: str) -> None:
    sources, targets = list(CODE), list(CODE.values())
    found = learned(sources, targets, tokenizer=tokenizer, cleaning=Cleaning(whitespace="keep"))
    assert found.predict(sources) == targets
    folded = [" ".join(text.split()) for text in targets]
    assert found.evaluate(sources, targets, metrics=["exact_match"]) == {"exact_match": 1.0}
    assert found.evaluate(sources, folded, metrics=["exact_match"]) == {"exact_match": 0.0}


SCRIPTS = {
    "Hebrew": {"שלום": "hello", "תודה רבה": "thank you", "בוקר טוב": "good morning"},
    "Arabic": {"مَرْحَبًا": "hello", "شكرا": "thanks", "كم ١٢٣؟": "how much 123?"},
    "Persian": {"می\u200cخواهم": "I want", "نمی\u200cدانم": "I do not know"},
    "Japanese": {"こんにちは": "hello", "ありがとう": "thanks", "東京へ行く": "go to Tokyo"},
    "Chinese": {"你好。": "Hello.", "谢谢！": "Thanks!", "我爱你": "I love you"},
    "Korean": {"안녕": "hi", unicodedata.normalize("NFD", "감사"): "thanks"},
    "Thai": {"สวัสดี": "hello", "ขอบคุณ": "thank you"},
}


# right to left with joiners, in pieces that are composed, without blanks; the others are of the same kinds
USUAL_SCRIPTS = ("Persian", "Korean", "Chinese")


@pytest.mark.parametrize(
    "script",
    [
        script if script in USUAL_SCRIPTS else pytest.param(script, marks=pytest.mark.slow)
        for script in SCRIPTS
    ],
)
def test_every_script_is_read_and_written(script: str, tmp_path) -> None:
    pairs = SCRIPTS[script]
    sources, targets = [*pairs, *pairs.values()], [*pairs.values(), *pairs]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = learned(sources, targets)
    written = [unicodedata.normalize("NFC", text) for text in targets]
    assert found.predict(sources) == written
    assert found.evaluate(sources, targets, metrics=["exact_match"]) == {"exact_match": 1.0}
    found.save(tmp_path / "model")
    assert load(tmp_path / "model").predict(sources) == written


def test_words_of_a_script_without_blanks_are_warned_of() -> None:
    sources = ["こんにちは世界の皆さん", "東京へ行くことにした"]
    with pytest.warns(DataWarning, match=r"2 of 2 sources are one word each.*sources\[0\]"):
        model(tokenizer="word").fit(sources, ["hello world", "go to tokyo"])


def test_a_vocabulary_of_ones_own(tmp_path) -> None:
    found = learned(SOURCES, TARGETS, vocabulary=["d", "c", "b", "a", "z"], target_vocabulary=list("abcd"))
    assert found.fitted_.source.encode("az") == [7, 8]
    assert found.fitted_.target.vocabulary_size == 8
    assert found.predict(["abc"]) == ["cba"]
    found.save(tmp_path / "model")
    assert load(tmp_path / "model").vocabulary == ["d", "c", "b", "a", "z"]
    assert load(tmp_path / "model").predict(["abc"]) == ["cba"]


def test_tokens_that_it_has_not_are_told_of() -> None:
    with pytest.warns(DataWarning, match=r"16 of 20 targets .* target_vocabulary .*targets\[0\]") as caught:
        found = model(target_vocabulary=["a", "b", "d"]).fit(SOURCES, TARGETS)
    assert len(caught) == 1
    assert found.fitted_.resolved.writes_unknown


@pytest.mark.parametrize("kind", ["char", "word", "bpe"])
def test_a_fitted_tokeniser_is_used_as_it_is(kind: str, tmp_path) -> None:
    tokenizer = build_tokenizer(kind, [*SOURCES, "xyz"])
    found = model(tokenizer=tokenizer).fit(SOURCES, TARGETS)
    assert found.fitted_.source is found.fitted_.target is tokenizer
    assert clone(found).fit(SOURCES, TARGETS).fitted_.source == tokenizer
    found.save(tmp_path / "model")
    loaded = load(tmp_path / "model")
    assert loaded.tokenizer == tokenizer
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert loaded.predict(SOURCES, max_length=5) == found.predict(SOURCES, max_length=5)


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"vocabulary": "abcd"}, ParameterTypeError, "vocabulary is 'abcd'"),
        ({"vocabulary": ["a", 3]}, ParameterTypeError, r"vocabulary\[1\] is 3"),
        ({"vocabulary": ["a", "a"]}, DataError, "'a' twice"),
        ({"vocabulary": []}, DataError, "vocabulary is empty"),
        ({"vocabulary": ["a"], "min_count": 2}, ParameterError, "vocabulary is given.*min_count is 2"),
        ({"vocabulary": ["a"], "max_vocabulary": 9}, ParameterError, "max_vocabulary is 9"),
        ({"vocabulary": ["a"], "tokenizer": "bpe"}, ParameterError, "tokenizer is 'bpe'.*vocabulary"),
        (
            {"vocabulary": ["a"], "tokenizer": build_tokenizer("char", ["a"])},
            ParameterError,
            "tokenizer is a fitted one.*vocabulary is",
        ),
        (
            {"tokenizer": build_tokenizer("char", ["a"]), "cleaning": Cleaning(lowercase=True)},
            ParameterError,
            "tokenizer is a fitted one with .*but cleaning is",
        ),
        ({"cleaning": "none"}, ParameterTypeError, "cleaning is 'none'"),
    ],
)
def test_what_is_refused(settings: dict, error: type, message: str, unchecked_types) -> None:
    with pytest.raises(error, match=message):
        model(**settings).fit(SOURCES, TARGETS)


def test_the_setting_is_checked() -> None:
    with pytest.raises(ParameterError, match="zero_width is 'drop'"):
        Cleaning(zero_width="drop")
