"""What is chosen from the sequences where it was left open, and what was asked for stays."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tsseq2seq import Network, Seq2SeqTagger, Training, load
from tsseq2seq.data.text.token_pairs import TokenSequences
from tsseq2seq.errors import ParameterError
from tsseq2seq.labelling.defaults import check_label_training, resolve_label_settings


def sequences(count: int) -> TokenSequences:
    return TokenSequences.of([[4]] * count)


@pytest.mark.parametrize(
    ("count", "width", "batch_size", "steps"),
    [
        (4, 32, 16, 300),
        (499, 32, 16, 935),
        (500, 64, 64, 300),
        (5000, 128, 64, 2343),
        (100_000, 128, 64, 20_000),
    ],
)
def test_width_batches_and_steps_grow_with_the_data(
    count: int, width: int, batch_size: int, steps: int
) -> None:
    found = resolve_label_settings(
        sequences(count), network=Network(), training=Training(), per_step=True, crf=True
    )
    assert found.network.hidden_size == width
    assert (found.training.batch_size, found.training.max_steps) == (batch_size, steps)
    assert found.per_step
    assert found.crf


def test_what_was_asked_for_stays() -> None:
    network, training = Network(hidden_size=3, dropout=0.1), Training(max_steps=7, batch_size=2)
    found = resolve_label_settings(sequences(9), network=network, training=training, per_step=False)
    assert found.network == dataclasses.replace(network, residual=None)
    assert found.training == training
    timed = resolve_label_settings(
        sequences(9), network=network, training=Training(max_time=5), per_step=False
    )
    assert timed.training.max_steps is None


def test_teacher_forcing_is_refused() -> None:
    check_label_training("a model", Training())
    with pytest.raises(ParameterError, match=r"a model: training has teacher_forcing=1\.0"):
        check_label_training("a model", Training(teacher_forcing=1.0))


@pytest.mark.usefixtures("unchecked_types")
def test_numbers_of_numpy_are_taken(tmp_path) -> None:
    model = Seq2SeqTagger(
        min_count=np.int64(1),
        crf=np.bool_(True),
        network=Network(hidden_size=np.int64(4)),
        training=Training(max_steps=np.int64(2), progress=False),
        seed=np.int64(3),
    )
    model.fit([["a", "b"], ["b"]], [[0, 1], [1]]).save(tmp_path / "model")
    assert model.n_steps_ == 2
    assert load(tmp_path / "model").predict([["b", "a"]]) == model.predict([["b", "a"]])
