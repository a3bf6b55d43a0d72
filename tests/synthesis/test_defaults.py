"""What a synthesizer takes from its pairs where it was not told."""

from __future__ import annotations

import pytest
import torch

from tsseq2seq.data.sequences.feature_sequences import FeatureSequences
from tsseq2seq.data.text.token_pairs import TokenSequences
from tsseq2seq.nn.network import Network
from tsseq2seq.synthesis.defaults import ResolvedFrameSettings, resolve_frame_settings
from tsseq2seq.synthesis.frames import FramePairs
from tsseq2seq.training.training import Training


def resolved(
    lengths: tuple[int, ...] = (6, 2), network: Network = Network(), training: Training = Training()
) -> ResolvedFrameSettings:
    sources = TokenSequences.of([[4]] * len(lengths), end=2)
    targets = FeatureSequences(torch.zeros(sum(lengths), 1), torch.tensor([0, *lengths]).cumsum(0))
    return resolve_frame_settings(
        FramePairs(sources, targets),
        network=network,
        training=training,
        loss="mse",
        prenet_dropout=0.5,
        frames_per_step=2,
    )


@pytest.mark.parametrize(("count", "width", "batch"), [(2, 64, 16), (600, 128, 32), (6000, 256, 32)])
def test_width_and_batches_grow_with_the_pairs(count: int, width: int, batch: int) -> None:
    found = resolved((1,) * count)
    assert found.network.hidden_size == width
    assert found.training.batch_size == batch
    assert found.training.max_steps == max(600, 60 * count // batch)
    assert found.training.teacher_forcing == 1.0
    assert found.network.residual is None


def test_what_was_asked_for_stays() -> None:
    training = Training(max_steps=7, batch_size=3, teacher_forcing=0.25)
    found = resolved(network=Network(hidden_size=5), training=training)
    assert found.training == training
    assert found.network.hidden_size == 5
    assert resolved(training=Training(max_time=1.0)).training.max_steps is None


def test_the_longest_of_the_fit_has_room() -> None:
    found = resolved((6, 2))
    assert found.frames_per_token == 3.0
    assert found.max_length(2) == 19
