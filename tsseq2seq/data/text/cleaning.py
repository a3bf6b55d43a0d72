"""Cleaning of sentences before they are split into tokens: Unicode form, case, punctuation."""

from __future__ import annotations

import dataclasses
import re
import sys
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from tsseq2seq.errors import DataError, ParameterError
from tsseq2seq.settings import Settings, check_choice

__all__ = ["AS_GIVEN", "Cleaning", "check_surrogates", "has_zero_width"]

_SURROGATE = re.compile("[\ud800-\udfff]")
# Stands for a blank that cleaning writes; Unicode assigns no character to it.
_WRITTEN = "\ufdd0"
_WRITTEN_RUN = re.compile(f" *{_WRITTEN}[ {_WRITTEN}]*")
_LETTER = r"[^\W_]"  # a letter or a digit
# Zero-width space, word joiner, and byte order mark: nothing is seen of them, and nothing is said by them.
_ZERO_WIDTH = "\u200b\u2060\ufeff"
_NO_ZERO_WIDTH = dict.fromkeys(map(ord, _ZERO_WIDTH))


@dataclass(frozen=True)
class Cleaning(Settings):
    """Normalise how a sentence is written.

    The sentence is always converted to Unicode's composed form (NFC), so that an accented letter is one
    character however it was typed.

    Parameters
    ----------
    lowercase
        Whether to convert the sentence to lower case. False.
    punctuation
        ``"keep"`` (default) leaves punctuation as it is. ``"separate"`` puts blanks around every mark, except
        between two letters or digits (``don't``, ``3.14``, ``e-mail``). ``"remove"`` deletes an apostrophe
        inside a word (``dont``), and replaces every other mark by a blank. Marks are the characters of
        Unicode's categories P; symbols such as ``$`` and ``+`` are not marks.
    whitespace
        ``"collapse"`` (default) replaces each run of whitespace, line breaks and tabs included, by one blank,
        and removes whitespace at the ends. ``"keep"`` leaves it as it is, for code and other texts with a
        layout; tokens must then be characters, byte pairs or a user's own.
    zero_width
        ``"remove"`` (default) removes the zero-width space, the word joiner and the byte order mark, which
        make of one word two that look the same. ``"keep"`` leaves them, for languages in which a zero-width
        space ends a word, such as Khmer. Joiners (in Persian, Hindi and emoji) and the marks of writing
        direction are letters of their texts, and always stay.

    Examples
    --------
    >>> Cleaning(lowercase=True, punctuation="separate").clean("  Don't go,   please! ")
    "don't go , please !"
    >>> Cleaning(punctuation="remove").clean("Don't go, please!")
    'Dont go please'
    """

    lowercase: bool = False
    punctuation: str = "keep"
    whitespace: str = "collapse"
    zero_width: str = "remove"

    def __post_init__(self) -> None:
        """Check every field where it is declared."""
        check_choice("Cleaning", "lowercase", self.lowercase, (False, True))
        check_choice("Cleaning", "punctuation", self.punctuation, ("keep", "separate", "remove"))
        check_choice("Cleaning", "whitespace", self.whitespace, ("collapse", "keep"))
        check_choice("Cleaning", "zero_width", self.zero_width, ("remove", "keep"))
        if self.whitespace == "keep" and self.punctuation != "keep":
            raise ParameterError(
                f"Cleaning: whitespace is 'keep', but punctuation is {self.punctuation!r}, which writes "
                "blanks; one of them must be left out"
            )

    def clean(self, text: str) -> str:
        """Return one sentence cleaned; cleaning it again changes nothing.

        Raises
        ------
        DataError
            If it holds a lone surrogate, which is half of a character.
        """
        check_surrogates(text, "text")
        if self.zero_width == "remove":
            text = text.translate(_NO_ZERO_WIDTH)
        text = unicodedata.normalize("NFC", text)
        if self.lowercase:
            text = unicodedata.normalize("NFC", text.lower())
        if self.punctuation == "separate":
            text = _outer_mark().sub(r" \g<0> ", text)
        elif self.punctuation == "remove":
            text = _any_mark().sub(" ", _INNER_APOSTROPHE.sub("", text))
        return text if self.whitespace == "keep" else " ".join(text.split())

    def reference(self, text: str) -> str:
        r"""Return a sentence as translations are compared with it: with the whitespace it was given.

        Small letters and marks are as asked for; where marks are set apart or taken out, the blanks beside
        them become one.

        Examples
        --------
        >>> Cleaning(lowercase=True).reference("If x:\n    y")
        'if x:\n    y'
        """
        text = dataclasses.replace(AS_GIVEN, lowercase=self.lowercase, zero_width=self.zero_width).clean(text)
        if self.punctuation == "keep":
            return text
        if self.punctuation == "separate":
            marked = _outer_mark().sub(rf"{_WRITTEN}\g<0>{_WRITTEN}", text)
        else:
            marked = _any_mark().sub(_WRITTEN, _INNER_APOSTROPHE.sub("", text))
        return _WRITTEN_RUN.sub(_WRITTEN, marked).strip(_WRITTEN).replace(_WRITTEN, " ")

    def clean_all(self, texts: Iterable[str], name: str = "texts") -> list[str]:
        """Return the sentences cleaned.

        Parameters
        ----------
        texts
            The sentences.
        name
            Name of the sentences in messages.

        Raises
        ------
        DataError
            Naming the first sentence that holds a lone surrogate.
        """
        cleaned = []
        for row, text in enumerate(texts):
            check_surrogates(text, f"{name}[{row}]")
            cleaned.append(self.clean(text))
        return cleaned


#: The cleaning that leaves a text as it was given, but for Unicode's composed form and what cannot be seen.
AS_GIVEN = Cleaning(whitespace="keep")


def has_zero_width(text: str) -> bool:
    """Whether a text holds a character that ``zero_width="remove"`` removes."""
    return any(character in text for character in _ZERO_WIDTH)


def check_surrogates(text: str, name: str) -> None:
    """Refuse a text with a lone surrogate, which cannot be written to a file.

    Raises
    ------
    DataError
        Naming the text, the character and its position.
    """
    match = _SURROGATE.search(text)
    if match:
        raise DataError(
            f"{name} has a lone surrogate, {match.group()!r}, at character {match.start()}: half of a "
            "character that was cut in two. Read the file again as UTF-8, or repair the text: "
            'text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")'
        )


# straight, and typographic (right single quotation mark)
_INNER_APOSTROPHE = re.compile(rf"(?<={_LETTER})['\u2019](?={_LETTER})")


@lru_cache(maxsize=1)
def _mark_class() -> str:
    """Return the character class of all punctuation marks, for regular expressions."""
    marks = (
        chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)).startswith("P")
    )
    return "[" + "".join(re.escape(mark) for mark in marks) + "]"


@lru_cache(maxsize=1)
def _any_mark() -> re.Pattern[str]:
    return re.compile(_mark_class())


@lru_cache(maxsize=1)
def _outer_mark() -> re.Pattern[str]:
    """Return the pattern of marks that are not between two letters or digits."""
    return re.compile(f"(?<!{_LETTER}){_mark_class()}|{_mark_class()}(?!{_LETTER})")
