"""Frames of a text do not depend on the others of a call, whatever their lengths and order."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from tsseq2seq import Network, Seq2SeqSynthesizer, Training

TEXTS = ["abc", "ca", "bbac", "a"]
ARRAYS = [np.random.default_rng(row).normal(size=(2 * len(text) + row, 2)) for row, text in enumerate(TEXTS)]
TRAINING = Training(max_steps=3, members=2, progress=False)
NETWORKS = {
    "location": Network(encoder="convolutional", hidden_size=8, attention="location", initial_state="zeros"),
    "fused": Network(hidden_size=4, attention="dot", bidirectional=True, num_layers=2),
    "none": Network(encoder="attention", hidden_size=4),
}
FITTED: dict[str, Seq2SeqSynthesizer] = {}

pytestmark = pytest.mark.filterwarnings(r"ignore:\d+ of \d+ texts were cut:tsseq2seq.errors.DataWarning")


def fitted(name: str) -> Seq2SeqSynthesizer:
    """Fit on first use: import does not train."""
    if name not in FITTED:
        model = Seq2SeqSynthesizer(frames_per_step=3, network=NETWORKS[name], training=TRAINING)
        FITTED[name] = model.fit(TEXTS, ARRAYS)
    return FITTED[name]


@pytest.mark.parametrize("name", NETWORKS)
@given(st.lists(st.text("abc", min_size=1, max_size=9), min_size=1, max_size=6), st.randoms())
@settings(max_examples=15, deadline=None)
def test_alone_among_others_and_shuffled(name: str, texts: list[str], dice) -> None:
    model = fitted(name)
    together = model.predict(texts)
    order = list(range(len(texts)))
    dice.shuffle(order)
    shuffled = model.predict([texts[row] for row in order])
    for place, row in enumerate(order):
        (alone,) = model.predict([texts[row]])
        np.testing.assert_allclose(together[row], alone, atol=1e-5)
        np.testing.assert_allclose(shuffled[place], alone, atol=1e-5)
