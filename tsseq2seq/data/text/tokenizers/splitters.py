"""Splitters: they split a cleaned sentence into tokens, and join tokens to a sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from tsseq2seq.errors import ParameterTypeError

__all__ = ["CallablePair", "Characters", "Splitter", "Words"]


@runtime_checkable
class Splitter(Protocol):
    """Splits sentences into tokens, and joins tokens to sentences."""

    def split(self, text: str) -> list[str]:
        """Return the tokens of a sentence."""
        ...

    def join(self, tokens: Sequence[str]) -> str:
        """Return the sentence of tokens."""
        ...


@dataclass(frozen=True)
class Characters:
    """Each Unicode character is a token.

    Examples
    --------
    >>> Characters().split("a b")
    ['a', ' ', 'b']
    """

    def split(self, text: str) -> list[str]:
        """Return the characters of a sentence."""
        return list(text)

    def join(self, tokens: Sequence[str]) -> str:
        """Return the sentence of characters."""
        return "".join(tokens)


@dataclass(frozen=True)
class Words:
    """Each part between blanks is a token.

    Examples
    --------
    >>> Words().split("how are you ?")
    ['how', 'are', 'you', '?']
    """

    def split(self, text: str) -> list[str]:
        """Return the words of a sentence."""
        return text.split()

    def join(self, tokens: Sequence[str]) -> str:
        """Return the sentence of words, with blanks between them."""
        return " ".join(tokens)


@dataclass(frozen=True)
class CallablePair:
    """A splitter made of a user's own two functions.

    Parameters
    ----------
    encode
        From a cleaned sentence to a list of str.
    decode
        From a list of str to a sentence.
    """

    encode: Callable[[str], list[str]]
    decode: Callable[[list[str]], str]

    def split(self, text: str) -> list[str]:
        """Call ``encode``.

        Raises
        ------
        ParameterTypeError
            If it does not return a list of str.
        """
        tokens = self.encode(text)
        if not isinstance(tokens, list | tuple):
            raise ParameterTypeError(
                f"tokenizer: encode({_brief(text)}) returned {_brief(tokens)}, a {type(tokens).__name__}; "
                "it must return a list of str"
            )
        for token in tokens:
            if not isinstance(token, str):
                raise ParameterTypeError(
                    f"tokenizer: encode({_brief(text)}) returned a list with {_brief(token)}, a "
                    f"{type(token).__name__}; it must return a list of str, and the vocabulary numbers them"
                )
        return list(tokens)

    def join(self, tokens: Sequence[str]) -> str:
        """Call ``decode``.

        Raises
        ------
        ParameterTypeError
            If it does not return a str.
        """
        text = self.decode(list(tokens))
        if not isinstance(text, str):
            raise ParameterTypeError(
                f"tokenizer: decode returned {_brief(text)}, a {type(text).__name__}; it must return a str"
            )
        return text


def _brief(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
