"""Tokenisers whose tokens are listed in a vocabulary: characters, words, a user's own."""

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

#: Ways of cutting that a saved model can name.
SPLITTERS: dict[str, type[Characters] | type[Words]] = {"char": Characters, "word": Words}


@dataclass(frozen=True)
class ListedTokenizer(TextTokenizer):
    """Clean, cut, and look each token up.

    Parameters
    ----------
    splitter
        How sentences are cut.
    vocabulary
        The tokens' numbers.
    cleaning
        What happens to a sentence before.

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
        """Collect the vocabulary of texts; ``min_count`` and ``max_size`` as in ``Vocabulary.build``."""
        sequences = (splitter.split(text) for text in cleaning.clean_all(texts))
        return cls(splitter, Vocabulary.build(sequences, min_count, max_size), cleaning)

    @property
    def vocabulary_size(self) -> int:
        """Number of tokens, the special ones included."""
        return len(self.vocabulary)

    def encode(self, text: str) -> list[int]:
        """Return the numbers of a sentence's tokens, without begin and end."""
        return self.vocabulary.encode(self.splitter.split(self.cleaning.clean(text)))

    def encode_beginning(self, text: str) -> list[int]:
        """Return the numbers of the tokens with which a sentence begins, a blank at its end included.

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
        """Return the sentence of numbers, padding, begin and end left out."""
        return self.splitter.join(self.vocabulary.decode(ids, unknown))

    def names(self, ids: Iterable[int]) -> list[str]:
        """Return each number's token as it is shown."""
        return [self.vocabulary.tokens[number] for number in check_ids(ids, len(self.vocabulary))]

    def to_parts(self) -> dict[str, Any]:
        """Take the tokeniser apart into what JSON can hold.

        Raises
        ------
        ParameterError
            If it cuts by a user's own functions: code is never saved.
        """
        kinds = [kind for kind, splitter in SPLITTERS.items() if isinstance(self.splitter, splitter)]
        if not kinds:
            raise ParameterError(
                "tokenizer is a pair of functions, which cannot be saved; save a model that has tokenizer "
                f"{', '.join(repr(kind) for kind in SPLITTERS)} or 'bpe'"
            )
        return {
            "kind": kinds[0],
            "cleaning": asdict(self.cleaning),
            "vocabulary": self.vocabulary.to_parts(),
        }
