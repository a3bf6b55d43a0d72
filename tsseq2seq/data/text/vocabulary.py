"""The vocabulary: tokens and their numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any

from tsseq2seq.errors import DataError, ParameterError
from tsseq2seq.settings import check_number

__all__ = ["BOS", "EOS", "PAD", "SPECIAL", "UNK", "Vocabulary", "check_ids"]

PAD, BOS, EOS, UNK = 0, 1, 2, 3

#: The special tokens as text, for display; they have the first numbers.
SPECIAL = ("<pad>", "<bos>", "<eos>", "<unk>")


@dataclass(frozen=True)
class Vocabulary:
    """A list of tokens, in which the position of a token is its number.

    Parameters
    ----------
    tokens
        The four special tokens, then those of the text, each once. A token of the text that is spelled like a
        special token is a different token, with its own number.

    Raises
    ------
    DataError
        If the special tokens do not come first, a token of the text occurs twice, or there is none.

    Examples
    --------
    >>> vocabulary = Vocabulary.build([["a", "cat"], ["a", "<eos>"]])
    >>> vocabulary.encode(["a", "dog", "<eos>"])
    [4, 3, 6]
    >>> vocabulary.decode([4, 6, EOS, PAD])
    ['a', '<eos>']
    """

    tokens: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse tokens that do not have one number each."""
        if self.tokens[: len(SPECIAL)] != SPECIAL:
            raise DataError(f"tokens begins with {self.tokens[: len(SPECIAL)]}; it must begin with {SPECIAL}")
        if len(self.tokens) == len(SPECIAL):
            raise DataError("the vocabulary is empty: tokens holds nothing but the special tokens")
        if len(self._numbers) < len(self.tokens) - len(SPECIAL):
            twice = next(token for token, count in Counter(self.tokens[len(SPECIAL) :]).items() if count > 1)
            raise DataError(f"tokens holds {twice!r} twice")

    @classmethod
    def build(
        cls, sequences: Iterable[Sequence[str]], min_count: int = 1, max_size: int | None = None
    ) -> Vocabulary:
        """Return the vocabulary of a text, the most frequent tokens first, ties by first appearance.

        Parameters
        ----------
        sequences
            Tokens of each sentence.
        min_count
            The least number of occurrences. Rarer tokens are left out, and encoded as UNK. 1.
        max_size
            Tokens at the most, including the four special ones. None: all.

        Raises
        ------
        DataError
            If no token remains.
        """
        check_number("Vocabulary", "min_count", min_count, low=1, integer=True)
        check_number("Vocabulary", "max_size", max_size, low=len(SPECIAL) + 1, integer=True, optional=True)
        counts = Counter(chain.from_iterable(sequences))
        kept = [token for token, count in counts.most_common() if count >= min_count]
        if not kept:
            reason = "the texts hold no token"
            if counts:
                reason = f"the most frequent of {len(counts)} tokens is seen {max(counts.values())} times"
            raise DataError(f"the vocabulary is empty: {reason} (min_count={min_count})")
        return cls((*SPECIAL, *kept[: None if max_size is None else max_size - len(SPECIAL)]))

    def __len__(self) -> int:
        """Return the number of tokens, including the special ones."""
        return len(self.tokens)

    def encode(self, tokens: Iterable[str]) -> list[int]:
        """Return the numbers of a text's tokens; UNK for a token that is not in the vocabulary."""
        numbers = self._numbers
        return [numbers.get(token, UNK) for token in tokens]

    def decode(self, ids: Iterable[int], unknown: str = "") -> list[str]:
        """Return the tokens of numbers, without padding, begin and end.

        Parameters
        ----------
        ids
            Token numbers.
        unknown
            What is written for the unknown token. Empty: it is left out too.

        Raises
        ------
        ParameterError
            If a number is not in the vocabulary.
        """
        ids = check_ids(ids, len(self))
        return [
            unknown if number == UNK else self.tokens[number]
            for number in ids
            if number >= len(SPECIAL) or (number == UNK and unknown)
        ]

    def to_parts(self) -> dict[str, Any]:
        """Return the vocabulary as plain values, for saved models."""
        return {"tokens": list(self.tokens)}

    @classmethod
    def from_parts(cls, parts: dict[str, Any]) -> Vocabulary:
        """Return the vocabulary of the parts that :meth:`to_parts` returned."""
        return cls(tuple(parts["tokens"]))

    @cached_property
    def _numbers(self) -> dict[str, int]:
        # without the special tokens, so that no text is encoded as one
        return {token: number for number, token in enumerate(self.tokens) if number >= len(SPECIAL)}


def check_ids(ids: Iterable[int], size: int) -> list[int]:
    """Return token numbers as a list, after checking them.

    Raises
    ------
    ParameterError
        If a number is not in a vocabulary of ``size`` tokens.
    """
    numbers = [int(number) for number in ids]
    for index, number in enumerate(numbers):
        if not 0 <= number < size:
            raise ParameterError(f"ids[{index}] is {number}; the vocabulary has the ids 0 to {size - 1}")
    return numbers
