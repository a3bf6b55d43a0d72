"""What is read as what, and that a reader reads as it was taught."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given

from tsseq2seq.data.text.cleaning import Cleaning
from tsseq2seq.data.text.vocabulary import UNK
from tsseq2seq.labelling.network import OF_DECODERS
from tsseq2seq.labelling.readers import reader_from_parts
from tsseq2seq.labelling.sources import Tokens, fit_reader, listed_sources, read_sources
from tsseq2seq.nn.network import Network

DEFAULT = Tokens("word", Cleaning(), 1, None)


@pytest.mark.parametrize(
    ("sources", "kind"),
    [
        (["a b", ""], "texts"),
        (np.array(["a", "b"]), "texts"),
        (pd.Series(["a", "b"]), "texts"),
        ([["a", "b"], []], "lists of tokens"),
        ([[], ("a",)], "lists of tokens"),
        (np.array([["a", "b"], ["c", "d"]]), "lists of tokens"),
        (np.array([["a", "b"], ["c", "d"]], dtype=object), "lists of tokens"),
        ([np.array(["a"]), ["b"]], "lists of tokens"),
        (pd.DataFrame({"x": ["a"], "y": ["b"]}), "lists of tokens"),
        ([[1.0, 2.0], [1.0]], "arrays"),
        ([torch.ones(3, 2)], "arrays"),
        ([pd.DataFrame(np.ones((2, 2)))], "arrays"),
        (np.ones((2, 3, 4)), "arrays"),
        (pd.DataFrame({"x": [1, 2]}), "arrays"),
        (np.array([[1, 2.5], [3, 4]], dtype=object), "arrays"),
        ((row for row in [[1.0]]), "arrays"),
    ],
)
def test_kinds(sources, kind: str) -> None:
    assert listed_sources(sources)[0] == kind


WORD = st.text(st.characters(blacklist_categories=["Cs", "Z", "C"]), min_size=1, max_size=4)
ROWS = st.lists(st.lists(WORD, min_size=1, max_size=5), min_size=1, max_size=5)


@given(ROWS)
def test_tokens_keep_their_number_whatever_the_cleaning(rows: list[list[str]]) -> None:
    for punctuation in ("keep", "separate", "remove"):
        choice = Tokens("word", Cleaning(lowercase=True, punctuation=punctuation), 1, None)
        reader, sequences = fit_reader(rows, choice)
        assert sequences.lengths.tolist() == [len(row) for row in rows]
        assert not (sequences.tokens == UNK).any()
        again = reader_from_parts(reader.to_parts()).read(rows, allow_empty=False)
        assert torch.equal(again.tokens, sequences.tokens)


def test_readers_are_restored_from_their_parts() -> None:
    for sources in (["a b", "c"], [["a", "b"], ["c"]], [np.arange(6.0).reshape(3, 2)]):
        reader, _ = fit_reader(sources, DEFAULT)
        again = reader_from_parts(reader.to_parts())
        assert again.kind == reader.kind
        one, other = (each.read(list(sources), allow_empty=False) for each in (reader, again))
        torch.testing.assert_close(one.pad(torch.arange(len(one)))[0], other.pad(torch.arange(len(one)))[0])
        torch.manual_seed(0)
        first = reader.embedding(4, 0.0)
        torch.manual_seed(0)
        second = again.embedding(4, 0.0)
        torch.testing.assert_close(first.state_dict(), second.state_dict())


def test_empty_lists_are_of_every_kind_that_has_tokens() -> None:
    reader, _ = fit_reader([["a"]], DEFAULT)
    assert read_sources([], reader) is None
    assert read_sources([[], []], reader, allow_empty=True).lengths.tolist() == [0, 0]


def test_every_setting_of_the_network_is_known_to_be_read_or_refused() -> None:
    """A setting that neither an encoder nor a summary reads belongs to the decoder, and is refused."""
    read = {
        "encoder",
        "cell",
        "hidden_size",
        "num_layers",
        "bidirectional",
        "dropout",
        "embedding_size",
        "context",
        "context_size",
        "kernel_size",
        "causal",
        "convolution_layers",
        "encoder_heads",
        "feedforward_size",
        "positions",
        "num_positions",
        "reversed_source",
    }
    fields = set(Network().get_params(deep=False))
    assert fields == read | set(OF_DECODERS)
