"""What a search finds."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from tsseq2seq.decoding.hypothesis import Hypothesis


def example(**changes):
    values = {
        "tokens": (3, 1),
        "log_probability": -1.5,
        "score": -0.75,
        "token_log_probabilities": (-1.0, -0.5),
        "alignment": torch.eye(2),
        "finished": True,
    }
    return Hypothesis(**(values | changes))


def test_a_hypothesis_has_no_text_until_a_vocabulary_gives_it_one():
    assert example().text == ""
    assert dataclasses.replace(example(), text="a b").text == "a b"


def test_a_hypothesis_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        example().score = 0.0


def test_hypotheses_compare_and_hash_by_identity():
    # equality of tensors has no truth value
    one = example()
    assert one != example()
    assert len({one, example()}) == 2
