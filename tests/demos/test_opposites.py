"""Words and their opposites, learnt by heart in seconds."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tsseq2seq import Seq2SeqTranslator

OPPOSITES = {
    "man": "woman",
    "black": "white",
    "king": "queen",
    "up": "down",
    "left": "right",
    "hot": "cold",
    "big": "small",
    "day": "night",
    "boy": "girl",
    "hello": "goodbye",
    "open": "closed",
    "early": "late",
    "love": "hate",
    "rich": "poor",
    "high": "low",
    "fast": "slow",
    "young": "old",
    "happy": "sad",
    "begin": "end",
    "friend": "enemy",
    "summer": "winter",
}


SOURCES, TARGETS = list(OPPOSITES), list(OPPOSITES.values())


def test_learnt_by_heart(learn: Callable[..., Seq2SeqTranslator]) -> None:
    model = learn(SOURCES, TARGETS, steps=150, batch_size=21)
    assert model.predict(SOURCES) == TARGETS


@pytest.mark.slow
def test_learnt_by_heart_with_nothing_set() -> None:
    model = Seq2SeqTranslator().fit(SOURCES, TARGETS)
    assert model.predict(SOURCES) == TARGETS
    # sure of it too: another's opposite is far less likely
    right, wrong = model.score_pairs(["king", "king"], ["queen", "woman"])
    assert right - wrong > 5
