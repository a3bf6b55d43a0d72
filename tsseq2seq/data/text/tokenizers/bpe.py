"""Byte-pair encoding: frequent words are tokens, rare ones are cut into pieces.

Trained by the ``tokenizers`` library on characters (Sennrich et al. 2016), not on bytes: each piece
can be read, on the axes of an attention plot too, and no sequence of them is broken text.
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

# Inside the library the special tokens end in a blank. No piece of text does, because a blank begins
# a piece; so no text, and no merge of pieces, can spell one.
_RESERVED = tuple(f"{name} " for name in SPECIAL)


@dataclass(frozen=True)
class BytePairTokenizer(TextTokenizer):
    """Pieces of words, each word with the blank before it.

    Parameters
    ----------
    trained
        The tokeniser as the ``tokenizers`` library writes it, in JSON.
    cleaning
        What happens to a sentence before.

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
        """Learn which characters to merge; the same texts always give the same pieces.

        Parameters
        ----------
        texts
            Sentences.
        cleaning
            What happens to a sentence before.
        min_count
            Rarer characters are left out, and read as unknown; rarer pairs are not merged. A pair that
            is seen once is never merged.
        max_size
            Tokens at the most, the four special ones included. None: 8,000.

        Raises
        ------
        DataError
            If no character is left.
        MissingDependencyError
            If the ``tokenizers`` library is not installed.
        """
        library = _library()
        # every word begins with a blank, so that the first of a sentence is the same token as elsewhere
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
        # otherwise the library looks for the special tokens in every text
        content["added_tokens"] = []
        return cls(json.dumps(content, ensure_ascii=False), cleaning)

    @property
    def vocabulary_size(self) -> int:
        """Number of tokens, the special ones included."""
        return len(self._tokens)

    def encode(self, text: str) -> list[int]:
        """Return the numbers of a sentence's pieces, without begin and end."""
        cleaned = self.cleaning.clean(text)
        return list(self._tokenizer.encode(f" {cleaned}").ids) if cleaned else []

    def encode_beginning(self, text: str) -> list[int]:
        """Return the numbers of the pieces with which a sentence begins.

        A blank at its end does not count, as it belongs to the word behind it.
        """
        return self.encode(text)

    def decode(self, ids: Iterable[int], unknown: str = "") -> str:
        """Return the sentence of numbers, padding, begin and end left out."""
        numbers = check_ids(ids, self.vocabulary_size)
        pieces = [
            unknown if number == UNK else self._tokens[number]
            for number in numbers
            if number >= len(SPECIAL) or number == UNK
        ]
        return "".join(pieces).removeprefix(" ")

    def names(self, ids: Iterable[int]) -> list[str]:
        """Return each number's piece as it is shown: a blank before it begins a word."""
        numbers = check_ids(ids, self.vocabulary_size)
        return [SPECIAL[number] if number < len(SPECIAL) else self._tokens[number] for number in numbers]

    def to_parts(self) -> dict[str, Any]:
        """Take the tokeniser apart into what JSON can hold."""
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
    """Cut texts at the characters that are not in the alphabet."""
    known = re.compile("[" + "".join(re.escape(character) for character in alphabet) + "]+")
    for text in texts:
        yield from known.findall(text)
