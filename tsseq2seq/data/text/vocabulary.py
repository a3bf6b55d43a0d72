"""Which token has which number."""

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

#: How the special tokens are written where a token must be shown; their numbers come first.
SPECIAL = ("<pad>", "<bos>", "<eos>", "<unk>")


@dataclass(frozen=True)
class Vocabulary:
    """Tokens by number.

    Parameters
    ----------
    tokens
        The four special tokens, then those of the text, each once. A token of the text may be
        written like a special one: it has a number of its own.

    Raises
    ------
    DataError
        If the special tokens do not come first, a token occurs twice, or there is no other.

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
        """Refuse what cannot be looked up both ways."""
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
        """Collect the tokens of a text, the most frequent first, ties by first appearance.

        Parameters
        ----------
        sequences
            Tokens of each sentence.
        min_count
            Rarer tokens are left out, and read as unknown.
        max_size
            Tokens kept at the most, the four special ones included. None: all.

        Raises
        ------
        DataError
            If no token is left.
        """
        check_number("Vocabulary", "min_count", min_count, low=1, integer=True)
        check_number("Vocabulary", "max_size", max_size, low=len(SPECIAL) + 1, integer=True, optional=True)
        counts = Counter(chain.from_iterable(sequences))
        kept = [token for token, count in counts.most_common() if count >= min_count]
        if not kept:
            found = "the texts hold no token"
            if counts:
                found = f"the most frequent of {len(counts)} tokens is seen {max(counts.values())} times"
            raise DataError(f"the vocabulary is empty: {found} (min_count={min_count})")
        return cls((*SPECIAL, *kept[: None if max_size is None else max_size - len(SPECIAL)]))

    def __len__(self) -> int:
        """Return the number of tokens, the special ones included."""
        return len(self.tokens)

    def encode(self, tokens: Iterable[str]) -> list[int]:
        """Return the numbers of tokens of a text; UNK where one is not known."""
        numbers = self._numbers
        return [numbers.get(token, UNK) for token in tokens]

    def decode(self, ids: Iterable[int], unknown: str = "") -> list[str]:
        """Return the tokens of numbers; padding, begin and end are left out.

        Parameters
        ----------
        ids
            The numbers.
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
        """Take the vocabulary apart for a saved model."""
        return {"tokens": list(self.tokens)}

    @classmethod
    def from_parts(cls, parts: dict[str, Any]) -> Vocabulary:
        """Put together again what :meth:`to_parts` returned."""
        return cls(tuple(parts["tokens"]))

    @cached_property
    def _numbers(self) -> dict[str, int]:
        # without the special tokens: no text can spell one
        return {token: number for number, token in enumerate(self.tokens) if number >= len(SPECIAL)}


def check_ids(ids: Iterable[int], size: int) -> list[int]:
    """Return token numbers as a list.

    Raises
    ------
    ParameterError
        If one lies outside a vocabulary of ``size`` tokens.
    """
    numbers = [int(number) for number in ids]
    for index, number in enumerate(numbers):
        if not 0 <= number < size:
            raise ParameterError(f"ids[{index}] is {number}; the vocabulary has the ids 0 to {size - 1}")
    return numbers
