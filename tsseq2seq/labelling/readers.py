"""Readers: what a fit learns of texts, tokens or arrays, to read others like them and to embed them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Protocol, TypeAlias, runtime_checkable

from pandas.api.types import is_list_like
from torch import nn

from tsseq2seq.data.sequences.checked import checked_arrays
from tsseq2seq.data.sequences.feature_sequences import FeatureSequences
from tsseq2seq.data.sequences.standardisation import Standardisation
from tsseq2seq.data.text.cleaning import Cleaning, check_surrogates
from tsseq2seq.data.text.sentences import check_not_empty, checked_sentences
from tsseq2seq.data.text.token_pairs import TokenSequences
from tsseq2seq.data.text.tokenizers import TextTokenizer, tokenizer_from_parts
from tsseq2seq.data.text.tokenizers.building import given_vocabulary
from tsseq2seq.data.text.vocabulary import Vocabulary
from tsseq2seq.errors import DataError, shown
from tsseq2seq.nn.feature_layers import FeatureEmbedding
from tsseq2seq.nn.token_layers import TokenEmbedding

__all__ = ["ArrayReader", "Reader", "Sequences", "TextReader", "TokenReader", "reader_from_parts"]

#: Sequences that a network reads: of tokens, or of feature vectors.
Sequences: TypeAlias = TokenSequences | FeatureSequences


@runtime_checkable
class Reader(Protocol):
    """Reads sequences of one kind, at least one, as those of a fit were read, and embeds them."""

    kind: ClassVar[str]

    def read(self, sources: list[Any], *, allow_empty: bool) -> Sequences:
        """Check sequences, and return them as numbers.

        Raises
        ------
        DataError
            Naming the first that is not of this kind, or is empty where that is not allowed.
        """
        ...

    def embedding(self, width: int, dropout: float) -> nn.Module:
        """Return an untrained embedding."""
        ...

    @property
    def tokens(self) -> Sequence[str] | None:
        """The tokens by their numbers, the special ones first; None where no tokens are read."""
        ...

    def to_parts(self) -> dict[str, Any]:
        """Return the reader as values that JSON can hold."""
        ...


@dataclass(frozen=True)
class TextReader:
    """Reads texts by a tokeniser.

    Attributes
    ----------
    tokenizer
        Cleans texts, splits them into tokens and numbers these; a token never seen is the unknown one.
    """

    kind: ClassVar[str] = "texts"
    tokenizer: TextTokenizer

    def read(self, sources: list[Any], *, allow_empty: bool) -> TokenSequences:
        """Check texts, and return their tokens."""
        texts = checked_sentences(sources, "X", allow_empty=allow_empty)
        encoded = [self.tokenizer.encode(text) for text in texts]
        if not allow_empty:
            for row, (numbers, text) in enumerate(zip(encoded, texts, strict=True)):
                check_not_empty(numbers, text, f"X[{row}]")
        return TokenSequences.of(encoded)

    def embedding(self, width: int, dropout: float) -> TokenEmbedding:
        """Return an untrained embedding of the tokens."""
        return TokenEmbedding(self.tokenizer.vocabulary_size, width, dropout)

    @property
    def tokens(self) -> Sequence[str]:
        """The tokens of the tokeniser."""
        return self.tokenizer.names(range(self.tokenizer.vocabulary_size))

    def to_parts(self) -> dict[str, Any]:
        """Return the tokeniser's parts."""
        return {"kind": self.kind, "tokenizer": self.tokenizer.to_parts()}


@dataclass(frozen=True)
class TokenReader:
    """Reads lists of tokens; each token is cleaned alone, so that their number stays.

    Attributes
    ----------
    vocabulary
        The tokens of the fit after cleaning; any other is the unknown one.
    cleaning
        The cleaning.

    Examples
    --------
    >>> reader = TokenReader.fit([["The", "cat"]], Cleaning(lowercase=True))
    >>> reader.read([["a", "CAT"]], allow_empty=False)[0]
    [3, 5]
    """

    kind: ClassVar[str] = "lists of tokens"
    vocabulary: Vocabulary
    cleaning: Cleaning = Cleaning()

    @classmethod
    def fit(
        cls,
        sources: list[Any],
        cleaning: Cleaning = Cleaning(),
        min_count: int = 1,
        max_size: int | None = None,
        vocabulary: Iterable[str] | None = None,
        rows: Sequence[int] | None = None,
    ) -> TokenReader:
        """Return the reader with a vocabulary: that of some lists of tokens, or the one given.

        All lists are checked, and those of ``rows`` counted (None: all).
        """
        if vocabulary is not None:
            return cls(given_vocabulary(vocabulary, min_count, max_size), cleaning)
        cleaned = (
            [cleaning.clean(token) for token in row] for row in _chosen(_checked_tokens(sources), rows)
        )
        return cls(Vocabulary.build(cleaned, min_count, max_size), cleaning)

    def read(self, sources: list[Any], *, allow_empty: bool) -> TokenSequences:
        """Check lists of tokens, and return the tokens' numbers."""
        rows = _checked_tokens(sources, allow_empty=allow_empty)
        clean = self.cleaning.clean
        return TokenSequences.of([self.vocabulary.encode(clean(token) for token in row) for row in rows])

    def embedding(self, width: int, dropout: float) -> TokenEmbedding:
        """Return an untrained embedding of the tokens."""
        return TokenEmbedding(len(self.vocabulary), width, dropout)

    @property
    def tokens(self) -> Sequence[str]:
        """The tokens of the vocabulary."""
        return self.vocabulary.tokens

    def to_parts(self) -> dict[str, Any]:
        """Return the vocabulary and the cleaning."""
        parts = {"vocabulary": self.vocabulary.to_parts(), "cleaning": asdict(self.cleaning)}
        return {"kind": self.kind, **parts}


@dataclass(frozen=True)
class ArrayReader:
    """Reads arrays (T, F) of numbers, which the network standardises.

    Attributes
    ----------
    standardisation
        Mean and deviation of each feature in the fit.
    """

    kind: ClassVar[str] = "arrays"
    standardisation: Standardisation

    @classmethod
    def fit(cls, sources: list[Any], rows: Sequence[int] | None = None) -> ArrayReader:
        """Return the reader that standardises as some arrays need it; those of ``rows`` count (None: all)."""
        arrays = _chosen(checked_arrays(sources, "X"), rows)
        return cls(Standardisation.of(FeatureSequences.of(arrays)))

    def read(self, sources: list[Any], *, allow_empty: bool) -> FeatureSequences:
        """Check arrays, and return them one after the other."""
        width = self.standardisation.width
        return FeatureSequences.of(checked_arrays(sources, "X", width=width, allow_empty=allow_empty))

    def embedding(self, width: int, dropout: float) -> FeatureEmbedding:
        """Return an untrained embedding of the feature vectors."""
        return FeatureEmbedding(self.standardisation.mean, self.standardisation.std, width, dropout)

    @property
    def tokens(self) -> None:
        """None: arrays hold numbers."""
        return

    def to_parts(self) -> dict[str, Any]:
        """Return the standardisation's parts."""
        return {"kind": self.kind, "standardisation": self.standardisation.to_parts()}


def reader_from_parts(parts: dict[str, Any]) -> Reader:
    """Return the reader of the parts that its ``to_parts`` returned."""
    if parts["kind"] == TextReader.kind:
        return TextReader(tokenizer_from_parts(parts["tokenizer"]))
    if parts["kind"] == TokenReader.kind:
        return TokenReader(Vocabulary.from_parts(parts["vocabulary"]), Cleaning(**parts["cleaning"]))
    return ArrayReader(Standardisation.from_parts(parts["standardisation"]))


def _chosen(items: list[Any], rows: Sequence[int] | None) -> list[Any]:
    return items if rows is None else [items[row] for row in rows]


def _checked_tokens(sources: list[Any], *, allow_empty: bool = False) -> list[list[str]]:
    """Return lists of tokens, after checking that each token is a str."""
    rows = []
    for row, tokens in enumerate(sources):
        name = f"X[{row}]"
        if isinstance(tokens, str) or not is_list_like(tokens):
            raise DataError(
                f"{name} is {shown(tokens)}, a {type(tokens).__name__}; it must be a list of tokens, as "
                "others of X are"
            )
        if not allow_empty and not len(tokens):
            raise DataError(f"{name} is empty; every sequence needs at least one token")
        for place, token in enumerate(tokens):
            if not isinstance(token, str):
                raise DataError(
                    f"{name}[{place}] is {shown(token)}, a {type(token).__name__}; every token must be a str"
                )
            check_surrogates(token, f"{name}[{place}]")
        rows.append([str(token) for token in tokens])
    return rows
