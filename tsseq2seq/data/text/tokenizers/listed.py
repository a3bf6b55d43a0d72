"""Tokenisers that look tokens up in a vocabulary: characters, words, or a user's own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from tsseq2seq.data.text.cleaning import Cleaning
from tsseq2seq.data.text.tokenizers.base import TextTokenizer
from tsseq2seq.data.text.tokenizers.splitters import Characters, Splitter, Words
from tsseq2seq.data.text.vocabulary import UNK, Vocabulary, check_ids
from tsseq2seq.errors import ParameterError

__all__ = ["SPLITTERS", "ListedTokenizer"]

#: The splitters by name; saved models hold the name.
SPLITTERS: dict[str, type[Characters] | type[Words]] = {"char": Characters, "word": Words}


@dataclass(frozen=True)
class ListedTokenizer(TextTokenizer):
    """A tokeniser that cleans a sentence, splits it, and looks each token up in a vocabulary.

    Parameters
    ----------
    splitter
        Splits sentences into tokens.
    vocabulary
        The tokens and their numbers.
    cleaning
        Cleaning of sentences before they are split.

    Examples
    --------
    >>> tokenizer = ListedTokenizer.fit(Words(), ["a cat", "a dog"])
    >>> tokenizer.encode("a  bird")
    [4, 3]
    >>> tokenizer.decode([4, 5])
    'a cat'
    """

    splitter: Splitter
    vocabulary: Vocabulary
    cleaning: Cleaning = Cleaning()

    @classmethod
    def fit(
        cls,
        splitter: Splitter,
        texts: Iterable[str],
        *,
        cleaning: Cleaning = Cleaning(),
        min_count: int = 1,
        max_size: int | None = None,
    ) -> ListedTokenizer:
        """Return the tokeniser with the vocabulary of texts, which ``Vocabulary.build`` builds."""
        sequences = (splitter.split(text) for text in cleaning.clean_all(texts))
        return cls(splitter, Vocabulary.build(sequences, min_count, max_size), cleaning)

    @property
    def vocabulary_size(self) -> int:
        """Number of tokens, including the special ones."""
        return len(self.vocabulary)

    def words(self, text: str) -> list[str]:
        """Return the tokens of a sentence, as they are spelled."""
        return self.splitter.split(self.cleaning.clean(text))

    def encode(self, text: str) -> list[int]:
        """Return the token numbers of a sentence, without begin and end."""
        return self.vocabulary.encode(self.words(text))

    def encode_beginning(self, text: str) -> list[int]:
        """Return the token numbers of the beginning of a sentence, including a blank at its end.

        Examples
        --------
        >>> from tsseq2seq.data.text.tokenizers.splitters import Characters
        >>> tokenizer = ListedTokenizer.fit(Characters(), ["a b"])
        >>> tokenizer.encode("a "), tokenizer.encode_beginning("a ")
        ([4], [4, 5])
        """
        numbers = self.encode(text)
        if self.cleaning.whitespace == "keep":
            return numbers
        blank = self.vocabulary.encode([" "]) if numbers and text[-1].isspace() else []
        return [*numbers, *(number for number in blank if number != UNK)]

    def decode(self, ids: Iterable[int], unknown: str = "") -> str:
        """Return the sentence of token numbers, without padding, begin and end."""
        return self.splitter.join(self.vocabulary.decode(ids, unknown))

    def names(self, ids: Iterable[int]) -> list[str]:
        """Return the token of each number for display."""
        return [self.vocabulary.tokens[number] for number in check_ids(ids, len(self.vocabulary))]

    def to_parts(self) -> dict[str, Any]:
        """Return the tokeniser as values that JSON can hold.

        Raises
        ------
        ParameterError
            If the splitter is a user's own pair of functions, as code is never saved.
        """
        names = [name for name, splitter in SPLITTERS.items() if isinstance(self.splitter, splitter)]
        if not names:
            raise ParameterError(
                "tokenizer is a pair of functions, which cannot be saved; save a model that has tokenizer "
                f"{', '.join(repr(name) for name in SPLITTERS)} or 'bpe'"
            )
        return {
            "kind": names[0],
            "cleaning": asdict(self.cleaning),
            "vocabulary": self.vocabulary.to_parts(),
        }
