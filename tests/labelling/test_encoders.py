"""Every encoder and context vector labels sequences, alone as among others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tsseq2seq import Network, Seq2SeqClassifier, Seq2SeqTagger, Training, load
from tsseq2seq.errors import DataError, ParameterError
from tsseq2seq.nn.context import CONTEXTS
from tsseq2seq.nn.encoders import ENCODERS

BRIEF = Training(max_steps=3, progress=False)
X = [np.random.default_rng(row).normal(size=(3 + row, 2)) for row in range(6)]
LABELS = [0, 1] * 3
TAGS = [[step % 2 for step in range(len(row))] for row in X]

NETWORKS = [
    *(Network(encoder=name, hidden_size=8, context="mean") for name in ENCODERS),
    *(Network(hidden_size=8, context=name) for name in CONTEXTS),
    Network(hidden_size=8, reversed_source=True),
    Network(encoder="attention", hidden_size=8, positions="learned", context="mean"),
    Network(encoder="convolutional", hidden_size=8, causal=True, context="mean"),
]


@pytest.mark.parametrize("network", NETWORKS, ids=str)
def test_each_is_fitted_saved_and_loaded(network: Network, tmp_path: Path) -> None:
    for_steps = Network(**(network.get_params(deep=False) | {"context": "last"}))
    models = (
        (Seq2SeqClassifier(network=network, training=BRIEF), LABELS),
        (Seq2SeqTagger(network=for_steps, crf=True, training=BRIEF), TAGS),
    )
    for place, (model, y) in enumerate(models):
        together = model.fit(X, y).predict_proba(X)
        for row in range(6):
            np.testing.assert_allclose(model.predict_proba(X[row : row + 1])[0], together[row], atol=1e-5)
        model.save(tmp_path / str(place))
        for one, other in zip(load(tmp_path / str(place)).predict_proba(X), together, strict=True):
            np.testing.assert_array_equal(one, other)


def test_learned_positions_have_an_end() -> None:
    network = Network(encoder="attention", hidden_size=8, positions="learned")
    model = Seq2SeqTagger(network=network, training=BRIEF).fit(X, TAGS)
    assert model.network_.num_positions == 8
    with pytest.raises(DataError, match=r"X\[1\] has 9 steps, but the network learned positions for 8"):
        model.predict([X[0], np.ones((9, 2))])


@pytest.mark.parametrize(
    "network",
    [
        Network(output_reads="context"),
        Network(attention="dot", attention_alignment="monotonic", attention_window=3),
    ],
    ids=str,
)
def test_more_of_a_decoder_is_refused(network: Network) -> None:
    with pytest.raises(ParameterError, match="has no decoder"):
        Seq2SeqTagger(network=network, training=BRIEF).fit(X, TAGS)
