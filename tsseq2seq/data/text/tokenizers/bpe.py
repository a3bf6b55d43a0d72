"""Byte-pair encoding: frequent words are tokens, rare words are split into pieces.

The ``tokenizers`` library trains it on characters (Sennrich et al. 2016), not on bytes, so that each piece is
readable, for example on the axes of an attention plot, and every sequence of pieces is valid text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from types import ModuleType
from typing import Any

from tsseq2seq.data.text.cleaning import Cleaning
from tsseq2seq.data.text.tokenizers.base import TextTokenizer
from tsseq2seq.data.text.vocabulary import SPECIAL, UNK, Vocabulary, check_ids
from tsseq2seq.errors import DataError, require

__all__ = ["BytePairTokenizer"]

_MOST_TOKENS = 8000

# In the library the special tokens end in a blank. No piece of text ends in a blank, as a blank starts a new
# piece, so that no text and no merge of pieces can equal a special token.
_RESERVED = tuple(f"{name} " for name in SPECIAL)


@dataclass(frozen=True)
class BytePairTokenizer(TextTokenizer):
    """A tokeniser into pieces of words; the first piece of a word includes the blank before it.

    Parameters
    ----------
    trained
        The trained tokeniser of the ``tokenizers`` library, as JSON.
    cleaning
        Cleaning of sentences before they are encoded.

    Examples
    --------
    >>> tokenizer = BytePairTokenizer.fit(["low lower lowest", "slow slower"], max_size=20)
    >>> tokenizer.decode(tokenizer.encode("slowest  low"))
    'slowest low'
    """

    trained: str
    cleaning: Cleaning = Cleaning()

    @classmethod
    def fit(
        cls,
        texts: Iterable[str],
        *,
        cleaning: Cleaning = Cleaning(),
        min_count: int = 1,
        max_size: int | None = None,
    ) -> BytePairTokenizer:
        """Learn which pieces to merge; the same texts always give the same pieces.

        Parameters
        ----------
        texts
            Sentences.
        cleaning
            Cleaning of sentences before they are encoded.
        min_count
            The least number of occurrences. Rarer characters are encoded as UNK, and rarer pairs are not
            merged. A pair that occurs once is never merged. 1.
        max_size
            Tokens at the most, including the four special ones. None: 8,000.

        Raises
        ------
        DataError
            If no character remains.
        MissingDependencyError
            If the ``tokenizers`` library is not installed.
        """
        library = _library()
        # every word starts with a blank, so that the first word of a sentence is the same token as elsewhere
        cleaned = [f" {text}" for text in cleaning.clean_all(texts) if text]
        if not cleaned:
            raise DataError("the vocabulary is empty: the texts hold no token")
        size = _MOST_TOKENS if max_size is None else max_size
        alphabet = Vocabulary.build(cleaned, min_count, size).tokens[len(SPECIAL) :]
        tokenizer = library.Tokenizer(library.models.BPE(unk_token=_RESERVED[UNK]))
        tokenizer.pre_tokenizer = library.pre_tokenizers.Split(" ", "merged_with_next")
        trainer = library.trainers.BpeTrainer(
            vocab_size=size,
            min_frequency=max(2, min_count),
            special_tokens=list(_RESERVED),
            show_progress=False,
        )
        tokenizer.train_from_iterator(_known_runs(cleaned, alphabet), trainer)
        content = json.loads(tokenizer.to_str())
        # without this, the library would search every text for the special tokens
        content["added_tokens"] = []
        return cls(json.dumps(content, ensure_ascii=False), cleaning)

    @property
    def vocabulary_size(self) -> int:
        """Number of tokens, including the special ones."""
        return len(self._tokens)

    def encode(self, text: str) -> list[int]:
        """Return the token numbers of a sentence's pieces, without begin and end."""
        cleaned = self.cleaning.clean(text)
        return list(self._tokenizer.encode(f" {cleaned}").ids) if cleaned else []

    def encode_beginning(self, text: str) -> list[int]:
        """Return the token numbers of the beginning of a sentence.

        A blank at the end is not encoded, as it belongs to the next word.
        """
        return self.encode(text)

    def decode(self, ids: Iterable[int], unknown: str = "") -> str:
        """Return the sentence of token numbers, without padding, begin and end."""
        numbers = check_ids(ids, self.vocabulary_size)
        pieces = [
            unknown if number == UNK else self._tokens[number]
            for number in numbers
            if number >= len(SPECIAL) or number == UNK
        ]
        return "".join(pieces).removeprefix(" ")

    def names(self, ids: Iterable[int]) -> list[str]:
        """Return the piece of each number for display; a piece that begins a word starts with a blank."""
        numbers = check_ids(ids, self.vocabulary_size)
        return [SPECIAL[number] if number < len(SPECIAL) else self._tokens[number] for number in numbers]

    def to_parts(self) -> dict[str, Any]:
        """Return the tokeniser as values that JSON can hold."""
        return {"kind": "bpe", "cleaning": asdict(self.cleaning), "trained": self.trained}

    @cached_property
    def _tokenizer(self) -> Any:  # noqa: ANN401 (of an optional package)
        return _library().Tokenizer.from_str(self.trained)

    @cached_property
    def _tokens(self) -> list[str]:
        numbers: dict[str, int] = self._tokenizer.get_vocab()
        return sorted(numbers, key=numbers.__getitem__)


def _library() -> ModuleType:
    for part in ("models", "pre_tokenizers", "trainers"):
        require(f"tokenizers.{part}", extra="text", purpose="The tokenizer 'bpe'")
    return require("tokenizers", extra="text", purpose="The tokenizer 'bpe'")


def _known_runs(texts: Iterable[str], alphabet: Iterable[str]) -> Iterator[str]:
    """Yield the runs of characters of the alphabet in texts."""
    known = re.compile("[" + "".join(re.escape(character) for character in alphabet) + "]+")
    for text in texts:
        yield from known.findall(text)
