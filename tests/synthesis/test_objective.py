"""Training of a synthesizer: batches by seed, validation by hand, and states to continue from."""

from __future__ import annotations

import pytest
import torch

from tsseq2seq.data.sequences.feature_sequences import FeatureSequences
from tsseq2seq.data.text.token_pairs import TokenSequences
from tsseq2seq.nn.network import Network
from tsseq2seq.synthesis.defaults import resolve_frame_settings
from tsseq2seq.synthesis.fitted import build_frame_model
from tsseq2seq.synthesis.frames import FramePairs, split_pairs
from tsseq2seq.synthesis.objective import FrameObjective
from tsseq2seq.training.training import Training

LENGTHS = (3, 1, 6, 2, 9, 4, 5, 2)


def pairs() -> FramePairs:
    generator = torch.Generator().manual_seed(0)
    sources = TokenSequences.of([[4 + row % 3] * (1 + row % 4) for row in range(len(LENGTHS))], end=2)
    values = torch.randn(sum(LENGTHS), 2, generator=generator)
    return FramePairs(sources, FeatureSequences(values, torch.tensor([0, *LENGTHS]).cumsum(0)))


def objective(*, held_out: int = 3, seed: int = 1, **training: object) -> FrameObjective:
    resolved = resolve_frame_settings(
        pairs(),
        network=Network(hidden_size=4),
        training=Training(batch_size=2, **training),  # type: ignore[arg-type]
        loss="mse",
        prenet_dropout=0.0,
        frames_per_step=2,
    )
    torch.manual_seed(0)
    model = build_frame_model(resolved, vocabulary=7, features=2).eval()
    return FrameObjective(model, *split_pairs(pairs(), held_out), resolved.training, seed=seed)


def test_validation_counts_each_frame_once() -> None:
    found = objective()
    assert found.held_out is not None
    total = 0.0
    for row in range(3):
        batch = found.held_out.batch(torch.tensor([row]))
        total += found.model(batch).item() * int(batch.target_lengths)
    assert found.validate() == pytest.approx(total / found.held_out.targets.steps, rel=1e-5)
    assert 0 < found.validate_part() <= 1
    assert objective(held_out=0).validate() is None
    assert objective(held_out=0).validate_part() == 1


@pytest.mark.parametrize("forcing", [1.0, 0.5])
def test_a_state_continues_with_the_same_losses(forcing: float) -> None:
    one, two = objective(teacher_forcing=forcing), objective(teacher_forcing=forcing, seed=7)
    for step in range(3):
        one.batch_loss(step, 10)
    two.load_state(one.state())
    for step in range(3, 10):
        assert one.batch_loss(step, 10).item() == two.batch_loss(step, 10).item()


def test_an_epoch_has_every_pair_once() -> None:
    found = objective(held_out=0)
    rows: list[int] = []
    while len(rows) < len(LENGTHS):
        rows += next(found.batches).tolist()
    assert sorted(rows) == list(range(len(LENGTHS)))
