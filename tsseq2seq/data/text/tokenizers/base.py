"""The interface of tokenisers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any

from tsseq2seq.data.text.cleaning import Cleaning

__all__ = ["TextTokenizer"]


class TextTokenizer(ABC):
    """A fitted, immutable map from sentences to token numbers and back.

    In every tokeniser the numbers 0 to 3 are padding, begin, end and unknown. Text is never encoded as one of
    the first three, even if it contains ``<eos>``.

    Attributes
    ----------
    cleaning
        Cleaning of sentences before they are encoded.

    Examples
    --------
    >>> from tsseq2seq.data.text.tokenizers import build_tokenizer
    >>> tokenizer = build_tokenizer("char", ["abba"])
    >>> tokenizer.decode(tokenizer.encode("bab"))
    'bab'
    """

    cleaning: Cleaning

    @abstractmethod
    def encode(self, text: str) -> list[int]:
        """Return the token numbers of a sentence, without begin and end.

        The sentence is cleaned first. Unknown tokens become ``UNK``. An empty sentence gives an empty list.

        Raises
        ------
        DataError
            If the sentence holds a lone surrogate.
        """

    @abstractmethod
    def encode_beginning(self, text: str) -> list[int]:
        """Return the token numbers of the beginning of a sentence.

        Unlike in :meth:`encode`, a blank at the end is encoded, if blanks are tokens.

        Raises
        ------
        DataError
            If the text holds a lone surrogate.
        """

    @abstractmethod
    def decode(self, ids: Iterable[int], unknown: str = "") -> str:
        """Return the sentence of token numbers, without padding, begin and end.

        Parameters
        ----------
        ids
            Token numbers.
        unknown
            What is written for the unknown token. Empty: nothing.

        Raises
        ------
        ParameterError
            If a number is not in the vocabulary.
        """

    @abstractmethod
    def names(self, ids: Iterable[int]) -> list[str]:
        """Return the token of each number for display, as on the axes of a plot; ``<eos>`` for the end.

        Raises
        ------
        ParameterError
            If a number is not in the vocabulary.
        """

    @property
    @abstractmethod
    def vocabulary_size(self) -> int:
        """Number of tokens, including the special ones."""

    @abstractmethod
    def to_parts(self) -> dict[str, Any]:
        """Return the tokeniser as values that JSON can hold.

        Raises
        ------
        ParameterError
            If it cannot be saved.
        """
