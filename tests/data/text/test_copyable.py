"""The extended vocabulary: each source's own words have numbers, in sources, targets and what is written."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tsseq2seq.data.text.copyable import (
    CopyableSequences,
    copyable_sources,
    copyable_targets,
    own_words,
    written_names,
    written_text,
)
from tsseq2seq.data.text.encoding import encode_pairs
from tsseq2seq.data.text.token_pairs import TokenPairs, TokenSequences
from tsseq2seq.data.text.tokenizers import build_tokenizer
from tsseq2seq.data.text.truncation import Truncation
from tsseq2seq.data.text.vocabulary import EOS, PAD, UNK

SOURCE = build_tokenizer("word", ["a b c in"])
TARGET = build_tokenizer("word", ["x y b in"])
SIZE = TARGET.vocabulary_size
WORDS = ["a", "b", "c", "in", "x", "Ulm", "Graz", "Linz"]


def pairs_of(sources: list[str], targets: list[str], truncation: Truncation = Truncation()) -> TokenPairs:
    pairs = encode_pairs(sources, targets, SOURCE, TARGET, truncation, allow_empty=True)
    copyable = copyable_sources(pairs.sources, sources, SOURCE, TARGET, truncation.side)
    return TokenPairs(copyable, copyable_targets(pairs.targets, targets, TARGET, copyable, truncation.side))


TEXT = st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join)


@given(pairs=st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=4), side=st.sampled_from(["back", "front"]))
@settings(max_examples=60, deadline=None)
def test_numbers_are_the_words_that_are_there(pairs: list[tuple[str, str]], side: str) -> None:
    """Whatever is cut off; a word behind the vocabulary is one of the source as it was cut."""
    sources, targets = [list(column) for column in zip(*pairs, strict=True)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Truncation, "_warn", lambda *_: None)
        found = pairs_of(sources, targets, Truncation(4, side=side))

    def cut(text: str) -> list[str]:
        return text.split()[-4:] if side == "front" else text.split()[:4]

    for row, (source, target) in enumerate(pairs):
        own = list(dict.fromkeys(word for word in cut(source) if word not in ("x", "y", "b", "in")))
        assert found.sources.words[row] == tuple(own)
        names = [*TARGET.names(range(SIZE)), *own]
        start, stop = found.sources.offsets[row : row + 2].tolist()
        assert [names[number] for number in found.sources.numbers[start:stop].tolist()] == cut(source)
        *written, end = found.targets[row]
        assert end == EOS
        known = [word if word in names else "<unk>" for word in cut(target)]
        assert [names[number] for number in written] == known
        assert written_text(TARGET, [*written, EOS], own) == " ".join(known)
        assert written_names(TARGET, written, own) == known


def test_batches_hold_tokens_and_numbers_side_by_side() -> None:
    pairs = pairs_of(["a Ulm", "b", "Graz Ulm Graz"], ["x Ulm", "b", "Graz"])
    batch = pairs.batch(torch.tensor([2, 1]))
    assert batch.source.tolist() == [
        [[UNK, SIZE], [UNK, SIZE + 1], [UNK, SIZE]],
        [[SOURCE.encode("b")[0], TARGET.encode("b")[0]], [PAD, PAD], [PAD, PAD]],
    ]
    assert batch.source_tokens.tolist() == batch.source[..., 0].tolist()
    assert batch.source_mask.tolist() == [[True] * 3, [True, False, False]]
    assert batch.target.tolist() == [[SIZE, EOS], [TARGET.encode("b")[0], EOS]]


def test_subsets_and_devices_keep_the_own_words() -> None:
    pairs = pairs_of(["a Ulm", "b", "Graz Ulm Graz"], ["x", "b", "Graz"])
    some = pairs.subset(torch.tensor([2, 0])).to(torch.device("cpu")).sources
    assert isinstance(some, CopyableSequences)
    assert some.words == (("Graz", "Ulm"), ("a", "Ulm"))
    assert some.numbers.tolist() == [SIZE, SIZE + 1, SIZE, SIZE, SIZE + 1]
    assert some.spelled(TARGET) == [["Graz", "Ulm", "Graz"], ["a", "Ulm"]]
    assert [own_words(some, row) for row in range(2)] == list(some.words)
    assert own_words(TokenSequences.of([[4]]), 0) == ()


def test_characters_are_copied_like_words() -> None:
    source, target = build_tokenizer("char", ["abc"]), build_tokenizer("char", ["ab"])
    found = copyable_sources(TokenSequences.of([source.encode("azc")]), ["azc"], source, target)
    assert found.words == (("z", "c"),)
    assert written_text(target, [4, 6, 7, UNK], found.words[0]) == "azc<unk>"
