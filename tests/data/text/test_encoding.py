"""From sentences to numbers: everything between a user's lists and a batch."""

from __future__ import annotations

import pytest
import torch

from tsseq2seq.data.text.cleaning import Cleaning
from tsseq2seq.data.text.encoding import encode_pairs, encode_sources
from tsseq2seq.data.text.token_batches import bucketed_batches
from tsseq2seq.data.text.tokenizers import build_tokenizer
from tsseq2seq.data.text.truncation import Truncation
from tsseq2seq.data.text.vocabulary import EOS, PAD, UNK
from tsseq2seq.errors import DataError, DataWarning

BARE = Cleaning(punctuation="remove")


def test_pairs_end_in_the_end_token() -> None:
    source, target = build_tokenizer("word", ["a b"]), build_tokenizer("char", ["xy"])
    pairs = encode_pairs(["a b", "b zz"], ["xyx", "y"], source, target)
    batch = pairs.batch(torch.tensor([0, 1]))
    assert batch.source.tolist() == [[4, 5], [5, UNK]]
    assert batch.target.tolist() == [[4, 5, 4, EOS], [5, EOS, PAD, PAD]]
    assert batch.target_lengths.tolist() == [4, 2]


def test_what_cleaning_empties_is_named() -> None:
    tokenizer = build_tokenizer("char", ["ab"], cleaning=BARE)
    with pytest.raises(DataError, match=r"targets\[1\] is '\?!', of which cleaning leaves nothing"):
        encode_pairs(["a", "b"], ["a", "?!"], tokenizer, tokenizer)
    with pytest.raises(DataError, match=r"sources\[0\] is empty"):
        encode_pairs(["", "b"], ["a", "b"], tokenizer, tokenizer)
    allowed = encode_pairs(["", "b"], ["a", "?!"], tokenizer, tokenizer, allow_empty=True)
    assert allowed.sources.lengths.tolist() == [0, 1]
    assert allowed.targets[1] == [EOS]


def test_an_empty_source_has_length_0() -> None:
    tokenizer = build_tokenizer("char", ["ab"], cleaning=BARE)
    tokens, lengths = encode_sources(["?!", "ba"], tokenizer).pad(torch.tensor([0, 1]))
    assert tokens.tolist() == [[PAD, PAD], [5, 4]]
    assert lengths.tolist() == [0, 2]


def test_a_sentence_of_only_unknown_characters_is_read() -> None:
    tokenizer = build_tokenizer("char", ["ab"])
    pairs = encode_pairs(["日本"], ["ab"], tokenizer, tokenizer)
    assert pairs.sources[0] == [UNK, UNK]


def test_one_warning_counts_what_was_cut_on_both_sides() -> None:
    tokenizer = build_tokenizer("char", ["ab"])
    with pytest.warns(
        DataWarning, match="1 of 2 sources and 2 of 2 targets are longer than max_length=2"
    ) as caught:
        pairs = encode_pairs(["aba", "b"], ["abb", "bba"], tokenizer, tokenizer, Truncation(2, "front"))
    assert len(caught) == 1
    assert pairs.sources[0] == [5, 4]
    assert pairs.targets[1] == [5, 4, EOS]
    with pytest.warns(DataWarning, match="1 of 1 sources is longer"):
        assert encode_sources(["aba"], tokenizer, Truncation(2))[0] == [4, 5]


@pytest.mark.parametrize("kind", ["char", "word", "bpe"])
def test_a_line_of_100_000_characters_is_a_batch_of_its_own(kind: str) -> None:
    sources = ["a cat", "xyz " * 12_500 + "word " * 9_999 + "words", "a dog"]
    tokenizer = build_tokenizer(kind, sources)
    pairs = encode_pairs(sources, ["a cat", "a", "a dog"], tokenizer, tokenizer)
    batches = [batch.tolist() for batch in bucketed_batches(pairs, tokens=100, generator=None, shuffle=False)]
    assert [1] in batches
    assert sorted(pair for batch in batches for pair in batch) == [0, 1, 2]
    assert tokenizer.decode(pairs.sources[1]) == sources[1]
