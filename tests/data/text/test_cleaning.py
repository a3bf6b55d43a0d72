"""Cleaning, against unicodedata and plain loops."""

from __future__ import annotations

import string
import unicodedata

import hypothesis.strategies as st
import pytest
from hypothesis import example, given

from tsseq2seq.data.text.cleaning import Cleaning
from tsseq2seq.errors import DataError, ParameterError

PUNCTUATION = ("keep", "separate", "remove")
# much that is special about cleaning: marks, letters, blanks, accents typed apart
MARKED = st.text(
    st.sampled_from("abZÉéΣσ1٣ \t\n\u00a0\u2028.,'’-_¿…«»$+\u0301\u0327") | st.characters(codec="utf-8")
)


def marks_of(text: str) -> list[str]:
    return [character for character in text if unicodedata.category(character)[0] == "P"]


def separated(text: str) -> str:
    """Set marks apart character by character."""
    out = []
    for position, character in enumerate(text):
        before, after = text[:position][-1:], text[position + 1 :][:1]
        inner = before.isalnum() and after.isalnum()
        apart = unicodedata.category(character)[0] == "P" and not inner
        out.append(f" {character} " if apart else character)
    return " ".join("".join(out).split())


def removed(text: str) -> str:
    """Take marks out character by character."""
    out = []
    for position, character in enumerate(text):
        before, after = text[:position][-1:], text[position + 1 :][:1]
        if unicodedata.category(character)[0] != "P":
            out.append(character)
        elif not (character in "'\u2019" and before.isalnum() and after.isalnum()):
            out.append(" ")
    return " ".join("".join(out).split())


@given(text=MARKED)
def test_by_default_text_is_composed_and_blanks_are_single(text: str) -> None:
    visible = text.translate(dict.fromkeys(map(ord, "\u200b\u2060\ufeff")))
    assert Cleaning().clean(text) == " ".join(unicodedata.normalize("NFC", visible).split())


@given(text=MARKED)
@example("a-'b c'd 'e' f’g ...h")
def test_marks_are_set_apart_or_removed(text: str) -> None:
    composed = unicodedata.normalize("NFC", text)
    assert Cleaning(punctuation="separate").clean(text) == separated(composed)
    assert Cleaning(punctuation="remove").clean(text) == removed(composed)


@pytest.mark.parametrize("lowercase", [False, True])
@pytest.mark.parametrize("punctuation", PUNCTUATION)
@given(text=MARKED)
def test_cleaning_twice_is_cleaning_once(punctuation: str, lowercase: bool, text: str) -> None:
    cleaning = Cleaning(lowercase, punctuation)
    cleaned = cleaning.clean(text)
    assert cleaning.clean(cleaned) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert cleaned == cleaned.strip()
    if lowercase:
        assert cleaned == unicodedata.normalize("NFC", cleaned.lower())
    if punctuation == "remove":
        assert not marks_of(cleaned)


@pytest.mark.parametrize(
    ("text", "kept", "apart", "out"),
    [
        ("Don't go!", "Don't go!", "Don't go !", "Dont go"),
        ("e-mail, 3.14.", "e-mail, 3.14.", "e-mail , 3.14 .", "e mail 3 14"),
        ("«Ναι»; όχι…", "«Ναι»; όχι…", "« Ναι » ; όχι …", "Ναι όχι"),
        ("wait...what", "wait...what", "wait . . . what", "wait what"),
        ("$5 + 3", "$5 + 3", "$5 + 3", "$5 + 3"),
        ("l’été", "l’été", "l’été", "lété"),
        ("?!", "?!", "? !", ""),
        ("  \t\n ", "", "", ""),
    ],
    ids=["apostrophe", "inner", "Greek", "dots", "signs", "typographic", "only marks", "blanks"],
)
def test_examples(text: str, kept: str, apart: str, out: str) -> None:
    assert [Cleaning(punctuation=name).clean(text) for name in PUNCTUATION] == [kept, apart, out]


@pytest.mark.parametrize("lowercase", [False, True])
@pytest.mark.parametrize("punctuation", PUNCTUATION)
@given(text=MARKED)
def test_a_reference_without_layout_is_what_cleaning_makes_of_it(
    punctuation: str, lowercase: bool, text: str
) -> None:
    cleaning, folded = Cleaning(lowercase, punctuation), " ".join(text.split())
    assert cleaning.reference(folded) == cleaning.clean(folded)


@pytest.mark.parametrize("text", ["a(b)\n", "x,\n\ty", "a,  b;\r\n\tc", "  if a:\n    b", "a.\u00a0b"])
@pytest.mark.parametrize("punctuation", PUNCTUATION)
def test_a_reference_keeps_its_layout(punctuation: str, text: str) -> None:
    """Otherwise translations without it would count as exact."""
    cleaning = Cleaning(punctuation=punctuation)
    reference = cleaning.reference(text)
    assert [each for each in reference if each.isspace() and each != " "] == [
        each for each in text if each.isspace() and each != " "
    ]
    assert reference != cleaning.clean(text)
    assert reference.split() == cleaning.clean(text).split()


def test_every_ascii_mark_but_signs_is_punctuation() -> None:
    left = Cleaning(punctuation="remove").clean(" ".join(string.punctuation))
    assert left.split() == list("$+<=>^`|~")


def test_a_letter_typed_with_a_separate_accent_is_one_character() -> None:
    assert Cleaning().clean("cafe\u0301") == "café"
    assert len(Cleaning().clean("cafe\u0301")) == 4
    assert Cleaning().clean("πού\u037e") == "πού;"  # the Greek question mark is a semicolon


def test_small_letters() -> None:
    cleaning = Cleaning(lowercase=True)
    assert cleaning.clean("ΟΔΟΣ ΣΟΦΟΣ") == "οδος σοφος"  # the sigma at the end of a word
    assert cleaning.clean("STRASSE İ") == "strasse i\u0307"
    assert cleaning.clean("E\u0301T") == "ét"
    assert Cleaning().clean("ÉT") == "ÉT"


def test_a_lone_surrogate_is_refused_by_its_place() -> None:
    with pytest.raises(DataError, match=r"text has a lone surrogate, '\\ud83d', at character 3"):
        Cleaning().clean("abc\ud83d")
    with pytest.raises(DataError, match=r"sources\[1\] has a lone surrogate, '\\udc00', at character 0"):
        Cleaning().clean_all(["fine \U0001f600", "\udc00"], "sources")


def test_the_repair_named_in_the_message_works() -> None:
    paired = "\ud83d\ude00"  # a whole character written as two halves
    repaired = paired.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    assert Cleaning().clean(repaired) == "\U0001f600"
    alone = "a\ud83d".encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    assert Cleaning().clean(alone) == "a\ufffd"


def test_a_very_long_line() -> None:
    text = "x, " * 33_334
    assert Cleaning(punctuation="separate").clean(text) == " ".join(["x ,"] * 33_334)


def test_settings_are_checked() -> None:
    with pytest.raises(
        ParameterError, match="punctuation is 'strip'; it must be one of 'keep', 'separate', 'remove'"
    ):
        Cleaning(punctuation="strip")


@pytest.mark.usefixtures("unchecked_types")
def test_lowercase_is_a_truth_value() -> None:
    with pytest.raises(ParameterError, match="lowercase is 'yes'; it must be one of False, True"):
        Cleaning(lowercase="yes")  # type: ignore[arg-type]


def test_parameters_by_name() -> None:
    expected = {"lowercase": True, "punctuation": "keep", "whitespace": "collapse", "zero_width": "remove"}
    assert Cleaning(lowercase=True).get_params() == expected
