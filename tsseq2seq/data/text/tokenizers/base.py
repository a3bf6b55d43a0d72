"""What every tokeniser can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any

__all__ = ["TextTokenizer"]


class TextTokenizer(ABC):
    """From a sentence to numbers and back; fitted, and never changed afterwards.

    In every tokeniser the numbers 0 to 3 are padding, begin, end and unknown; text never becomes one
    of the first three, not even where it spells ``<eos>``.
    """

    @abstractmethod
    def encode(self, text: str) -> list[int]:
        """Return the numbers of a sentence's tokens, without begin and end.

        The sentence is cleaned before. What is not known becomes ``UNK``, so that a sentence of
        nothing but unknown characters is a sequence of it; an empty sentence gives an empty list.

        Raises
        ------
        DataError
            If it holds a lone surrogate.
        """

    @abstractmethod
    def encode_beginning(self, text: str) -> list[int]:
        """Return the numbers of the tokens with which a sentence begins.

        As :meth:`encode`, but a blank at its end counts, where blanks are tokens.

        Raises
        ------
        DataError
            If it holds a lone surrogate.
        """

    @abstractmethod
    def decode(self, ids: Iterable[int], unknown: str = "") -> str:
        """Return the sentence of numbers; padding, begin and end are left out.

        Parameters
        ----------
        ids
            The numbers.
        unknown
            What is written for the unknown token; empty: nothing.

        Raises
        ------
        ParameterError
            If a number is not in the vocabulary.
        """

    @abstractmethod
    def names(self, ids: Iterable[int]) -> list[str]:
        """Return each number's token as it is shown, for the axes of a plot; ``<eos>`` for the end.

        Raises
        ------
        ParameterError
            If a number is not in the vocabulary.
        """

    @property
    @abstractmethod
    def vocabulary_size(self) -> int:
        """Number of tokens, the special ones included."""

    @abstractmethod
    def to_parts(self) -> dict[str, Any]:
        """Take the tokeniser apart into what JSON can hold.

        Raises
        ------
        ParameterError
            If it cannot be saved.
        """
