"""The extended vocabulary of a source: the target vocabulary and, behind it, the source's own words.

Own words are those that the target vocabulary lacks. They are numbered for each source alone, in the order in
which they first stand in it; a network with a copy mechanism can write them (See et al. 2017).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Int
from torch import Tensor

from tsseq2seq.data.text.token_pairs import TokenSequences
from tsseq2seq.data.text.tokenizers import TextTokenizer
from tsseq2seq.data.text.tokenizers.listed import ListedTokenizer
from tsseq2seq.data.text.vocabulary import SPECIAL, UNK

__all__ = [
    "CopyableSequences",
    "copyable_sources",
    "copyable_targets",
    "own_words",
    "with_own_words",
    "written_names",
    "written_text",
]


@dataclass(frozen=True)
class CopyableSequences(TokenSequences):
    """Source sequences with the numbers of their tokens in the extended vocabulary.

    Attributes
    ----------
    numbers
        (tokens,), the numbers.
    words
        The own words of each source.
    """

    numbers: Int[Tensor, " tokens"]
    words: tuple[tuple[str, ...], ...]

    def pad(
        self, index: Int[Tensor, " B"], padding: str = "back"
    ) -> tuple[Int[Tensor, "B T 2"], Int[Tensor, " B"]]:
        """Return some sequences padded to the same length: tokens and numbers, side by side."""
        tokens, lengths = super().pad(index, padding)
        numbers, _ = TokenSequences(self.numbers, self.offsets).pad(index, padding)
        return torch.stack([tokens, numbers], dim=-1), lengths

    def subset(self, index: Int[Tensor, " B"]) -> CopyableSequences:
        """Return some sequences, in the order of their numbers in ``index``."""
        some = super().subset(index)
        numbers = TokenSequences(self.numbers, self.offsets).subset(index).tokens
        return CopyableSequences(
            some.tokens, some.offsets, numbers, tuple(self.words[row] for row in index.tolist())
        )

    def spelled(self, target: TextTokenizer) -> list[list[str]]:
        """Return the tokens of all sequences for display; ``target`` is the tokeniser of targets."""
        numbers = TokenSequences(self.numbers, self.offsets)
        return [written_names(target, numbers[row], words) for row, words in enumerate(self.words)]

    def to(self, device: torch.device) -> CopyableSequences:
        """Return the sequences with their tensors on a device."""
        moved = super().to(device)
        return CopyableSequences(moved.tokens, moved.offsets, self.numbers.to(device), self.words)


def copyable_sources(
    sequences: TokenSequences,
    texts: Sequence[str],
    source: ListedTokenizer,
    target: ListedTokenizer,
    side: str = "back",
) -> CopyableSequences:
    """Return source sequences with their numbers in the extended vocabulary.

    Parameters
    ----------
    sequences
        The sources as tokens, perhaps truncated.
    texts
        The sources as they were given.
    source, target
        The tokenisers.
    side
        The side on which long sequences were cut off.

    Examples
    --------
    >>> from tsseq2seq.data.text.tokenizers import build_tokenizer
    >>> source = build_tokenizer("word", ["the cooks in Ulm"])
    >>> target = build_tokenizer("word", ["die Köche in Ulm"])
    >>> text = "the cooks in Vienna"
    >>> found = copyable_sources(TokenSequences.of([source.encode(text)]), [text], source, target)
    >>> found.numbers.tolist(), found.words
    ([8, 9, 6, 10], (('the', 'cooks', 'Vienna'),))
    """
    in_target = torch.tensor(target.vocabulary.encode(source.vocabulary.tokens))
    numbers = in_target[sequences.tokens]
    places = (numbers == UNK).nonzero()[:, 0]
    rows = torch.bucketize(places, sequences.offsets, right=True) - 1
    own: list[dict[str, int]] = [{} for _ in texts]
    offsets, tokens = sequences.offsets.tolist(), sequences.tokens[places].tolist()
    read: list[str] = []
    last = -1
    found = []
    for place, row, token in zip(places.tolist(), rows.tolist(), tokens, strict=True):
        if token == UNK and row != last:
            read, last = _cut(source.words(texts[row]), offsets[row + 1] - offsets[row], side), row
        word = read[place - offsets[row]] if token == UNK else source.vocabulary.tokens[token]
        (number,) = target.vocabulary.encode([word])
        if number == UNK:
            number = own[row].setdefault(word, len(target.vocabulary) + len(own[row]))
        found.append(number)
    numbers[places] = torch.tensor(found, dtype=torch.int64)
    return CopyableSequences(sequences.tokens, sequences.offsets, numbers, tuple(map(tuple, own)))


def copyable_targets(
    targets: TokenSequences,
    texts: Sequence[str],
    tokenizer: ListedTokenizer,
    sources: CopyableSequences,
    side: str = "back",
) -> TokenSequences:
    """Return target sequences in which unknown words that stand in their source have their own numbers.

    Parameters
    ----------
    targets
        The targets as tokens with their end tokens, perhaps truncated.
    texts
        The targets as they were given.
    tokenizer
        Their tokeniser.
    sources
        Their sources.
    side
        The side on which long sequences were cut off.
    """
    tokens = targets.tokens.clone()
    for row in targets.counts_of(UNK).nonzero()[:, 0].tolist():
        start, stop = targets.offsets[row : row + 2].tolist()
        words = _cut(tokenizer.words(texts[row]), stop - 1 - start, side)
        numbers = tokens[start : stop - 1].tolist()
        known = with_own_words(numbers, words, sources.words[row], tokenizer.vocabulary_size)
        tokens[start : stop - 1] = torch.tensor(known)
    return TokenSequences(tokens, targets.offsets)


def with_own_words(
    numbers: Sequence[int], words: Sequence[str], own: Sequence[str], vocabulary: int
) -> list[int]:
    """Return the numbers of a text, with those of a source's own words in place of the unknown token.

    Parameters
    ----------
    numbers, words
        The tokens of the text, as numbers and as they are spelled.
    own
        The own words of its source.
    vocabulary
        Number of tokens of the target vocabulary.

    Examples
    --------
    >>> with_own_words([4, 3, 3], ["in", "Ulm", "Graz"], ["Wien", "Graz"], 9)
    [4, 3, 10]
    """
    places: Mapping[str, int] = {word: vocabulary + place for place, word in enumerate(own)}
    return [
        places.get(words[place], UNK) if number == UNK else number for place, number in enumerate(numbers)
    ]


def own_words(sequences: object, row: int) -> tuple[str, ...]:
    """Return the own words of a source; none if the sources cannot be copied from."""
    return sequences.words[row] if isinstance(sequences, CopyableSequences) else ()


def written_text(tokenizer: TextTokenizer, tokens: Iterable[int], own: Sequence[str] = ()) -> str:
    """Return the text of tokens of the extended vocabulary, unknown ones as ``<unk>``.

    Examples
    --------
    >>> from tsseq2seq.data.text.tokenizers import build_tokenizer
    >>> written_text(build_tokenizer("word", ["die Köche in"]), [6, 7, 3, 2], ["Wien"])
    'in Wien <unk>'
    """
    numbers = list(tokens)
    size = tokenizer.vocabulary_size
    if not isinstance(tokenizer, ListedTokenizer) or not any(number >= size for number in numbers):
        return tokenizer.decode(numbers, SPECIAL[UNK])
    words: list[str] = []
    for number in numbers:
        known = number < size
        words += tokenizer.vocabulary.decode([number], SPECIAL[UNK]) if known else [own[number - size]]
    return tokenizer.splitter.join(words)


def written_names(tokenizer: TextTokenizer, tokens: Iterable[int], own: Sequence[str] = ()) -> list[str]:
    """Return the token of each number of the extended vocabulary, for display."""
    size = tokenizer.vocabulary_size
    return [own[number - size] if number >= size else tokenizer.names([number])[0] for number in tokens]


def _cut(words: list[str], count: int, side: str) -> list[str]:
    """Return the words that truncation left."""
    if len(words) <= count:
        return words
    return words[len(words) - count :] if side == "front" else words[:count]
