"""Which sequences are held out."""

from __future__ import annotations

from collections import Counter

import hypothesis.strategies as st
import pytest
import torch
from hypothesis import given

from tsseq2seq.data.text.token_pairs import TokenSequences
from tsseq2seq.errors import ParameterError
from tsseq2seq.labelling.labelled import Labelled, split_labelled
from tsseq2seq.training.training import Training


def labelled(numbers: list[list[int]]) -> Labelled:
    """Sequences whose only token is their place, weighted by it."""
    sources = TokenSequences.of([[place] * len(row) for place, row in enumerate(numbers)])
    return Labelled.of(sources, numbers, torch.arange(len(numbers)).float())


def places(part: Labelled) -> list[int]:
    return [part.pairs.sources[row][0] for row in range(len(part))]


LABELS = st.lists(st.lists(st.integers(0, 4), min_size=1, max_size=3), min_size=2, max_size=30)


@given(LABELS, st.integers(1, 30))
def test_each_is_in_one_part_and_each_class_is_trained_on(numbers: list[list[int]], count: int) -> None:
    whole = labelled(numbers)
    all_labels = {label for row in numbers for label in row}
    firsts = {next(row for row, labels in enumerate(numbers) if label in labels) for label in all_labels}
    if count > len(numbers) - len(firsts):
        with pytest.raises(ParameterError, match=f"validation_size is {count}"):
            split_labelled(whole, Training(validation_size=count))
        return
    kept, held_out = split_labelled(whole, Training(validation_size=count))
    assert len(held_out) == count
    assert sorted([*places(kept), *places(held_out)]) == list(range(len(numbers)))
    assert firsts <= set(places(kept))
    for part in (kept, held_out):
        assert part.weights.tolist() == [float(place) for place in places(part)]
        assert [part.pairs.targets[row] for row in range(len(part))] == [
            numbers[place] for place in places(part)
        ]


def test_each_class_has_its_share() -> None:
    numbers = [[0]] * 50 + [[1]] * 30 + [[2]] * 20
    _, held_out = split_labelled(labelled(numbers), Training(validation_size=10))
    shares = Counter(label for row in range(10) for label in held_out.pairs.targets[row])
    assert shares == {0: 5, 1: 3, 2: 2}


def test_without_validation_all_are_trained_on() -> None:
    whole = labelled([[0], [1]])
    assert split_labelled(whole, Training()) == (whole, None)
