"""Strings of digits, reversed and sorted; none of those tested was seen in training."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import pytest

from tsseq2seq import Seq2SeqTranslator

LENGTHS = range(3, 11)
HELD_OUT = 500


def draw_digits(count: int, *, seed: int) -> list[str]:
    """Return so many different strings, of each length about as many."""
    dice = random.Random(seed)
    found: dict[str, None] = {}  # keeps their order
    while len(found) < count:
        found["".join(dice.choices("0123456789", k=dice.choice(LENGTHS)))] = None
    return list(found)


def turned(text: str) -> str:
    return text[::-1]


def in_order(text: str) -> str:
    return "".join(sorted(text))


@pytest.mark.slow
@pytest.mark.parametrize("rule", [turned, in_order], ids=["reversed", "sorted"])
def test_digits(learn: Callable[..., Seq2SeqTranslator], rule: Callable[[str], str]) -> None:
    texts = draw_digits(10_000 + HELD_OUT, seed=0)
    known, held_out = texts[HELD_OUT:], texts[:HELD_OUT]
    model = learn(known, [rule(text) for text in known], steps=1000, batch_size=64)
    found = model.predict(held_out, beam_size=1)
    right = np.array([one == rule(text) for one, text in zip(found, held_out, strict=True)])
    lengths = np.array([len(text) for text in held_out])
    assert set(lengths) == set(LENGTHS)
    assert right.mean() >= 0.99
    for length in LENGTHS:
        assert right[lengths == length].mean() >= 0.95, length
