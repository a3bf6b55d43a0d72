"""Labels of a sequence do not depend on the others of a call, whatever their lengths and order."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from tsseq2seq import Network, Seq2SeqClassifier, Seq2SeqTagger, Training

TRAINING = Training(max_steps=3, members=2, progress=False)
NETWORK = Network(hidden_size=4, bidirectional=True, num_layers=2)
WORDS = [list("abc"), list("ca"), list("bbac"), list("a")]
CLASSIFIER = Seq2SeqClassifier(network=NETWORK, training=TRAINING)
TAGGER = Seq2SeqTagger(network=NETWORK, training=TRAINING)
FIELD = Seq2SeqTagger(crf=True, network=NETWORK, training=TRAINING)
FITTED: dict[str, object] = {}


def fitted(name: str):
    """Fit on first use: import does not train."""
    if not FITTED:
        FITTED["classifier"] = CLASSIFIER.fit(WORDS, [0, 1, 0, 1])
        tags = [[step % 2 for step in range(len(row))] for row in WORDS]
        FITTED["tagger"], FITTED["field"] = TAGGER.fit(WORDS, tags), FIELD.fit(WORDS, tags)
    return FITTED[name]


@pytest.mark.parametrize("name", ["classifier", "tagger", "field"])
@given(
    st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=9), min_size=1, max_size=6), st.randoms()
)
@settings(max_examples=15)
def test_alone_among_others_and_shuffled(name: str, rows: list[list[str]], dice) -> None:
    model = fitted(name)
    together = model.predict_proba(rows)
    order = list(range(len(rows)))
    dice.shuffle(order)
    shuffled = model.predict_proba([rows[row] for row in order])
    for place, row in enumerate(order):
        alone = model.predict_proba([rows[row]])[0]
        np.testing.assert_allclose(together[row], alone, atol=1e-6)
        np.testing.assert_allclose(shuffled[place], alone, atol=1e-6)
        np.testing.assert_allclose(alone.sum(-1), 1, atol=1e-12)
