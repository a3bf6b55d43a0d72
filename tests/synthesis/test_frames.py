"""Pairs of texts and frames: batches, their padding and masks, and what is held out."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tsseq2seq.data.sequences.feature_sequences import FeatureSequences
from tsseq2seq.data.sequences.standardisation import Standardisation
from tsseq2seq.data.text.cleaning import Cleaning
from tsseq2seq.data.text.tokenizers import build_tokenizer
from tsseq2seq.data.text.vocabulary import EOS, PAD
from tsseq2seq.errors import DataError
from tsseq2seq.synthesis.frames import FramePairs, encode_texts, split_pairs, standardised

TEXTS = ["ab", "b", "abba", "a"]
ARRAYS = [np.arange(2 * length, dtype=np.float32).reshape(length, 2) for length in (3, 1, 6, 2)]
TOKENIZER = build_tokenizer("char", TEXTS)
SCALE = Standardisation.of(FeatureSequences.of(ARRAYS))


def pairs() -> FramePairs:
    return FramePairs(encode_texts(TEXTS, TOKENIZER), standardised(ARRAYS, SCALE))


def test_every_text_ends_with_the_end_token() -> None:
    sources = pairs().sources
    for row, text in enumerate(TEXTS):
        assert sources[row] == [*TOKENIZER.encode(text), EOS]


def test_frames_have_mean_0_and_deviation_1() -> None:
    values = pairs().targets.values.double()
    torch.testing.assert_close(values.mean(0), torch.zeros(2, dtype=torch.float64), atol=1e-6, rtol=0)
    torch.testing.assert_close(
        values.std(0, correction=0), torch.ones(2, dtype=torch.float64), atol=1e-6, rtol=0
    )


def test_a_batch_is_padded_at_the_back() -> None:
    batch = pairs().batch(torch.tensor([1, 0]))
    assert batch.source_lengths.tolist() == [2, 3]
    assert batch.source[0].tolist()[2:] == [PAD]
    assert batch.target_mask.tolist() == [[True, False, False], [True, True, True]]
    assert batch.target_ends.tolist() == [[True, False, False], [False, False, True]]
    np.testing.assert_allclose(batch.target[1] * SCALE.std + SCALE.mean, ARRAYS[0], rtol=1e-5)


def test_batches_hold_every_pair_once() -> None:
    drawn = [index.tolist() for index in pairs().batches(16)]
    assert len(drawn) > 1
    assert sorted(row for rows in drawn for row in rows) == [0, 1, 2, 3]


def test_a_text_of_which_cleaning_leaves_nothing() -> None:
    tokenizer = build_tokenizer("char", TEXTS, cleaning=Cleaning(punctuation="remove"))
    with pytest.raises(DataError, match=r"texts\[1\]"):
        encode_texts(["a", "?"], tokenizer)


def test_what_is_held_out_is_not_trained_on() -> None:
    kept, held_out = split_pairs(pairs(), 2)
    assert held_out is not None
    rows = sorted([*kept.targets.lengths.tolist(), *held_out.targets.lengths.tolist()])
    assert rows == sorted(map(len, ARRAYS))
    assert len(kept) == len(held_out) == 2
    assert split_pairs(pairs(), 0)[1] is None
