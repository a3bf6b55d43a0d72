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


def test_its_repr_fits_a_screen() -> None:
    long = Hypothesis(
        tuple(range(5000)), -1.0, -1.0, (-0.1,) * 5000, alignment=torch.zeros(5000, 50), finished=True,
        text="a" * 5000,
    )  # fmt: skip
    assert len(repr(long)) < 400
    assert len(repr([long] * 3)) < 1200
