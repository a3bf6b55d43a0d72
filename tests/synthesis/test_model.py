"""A synthesizer's loss by hand: one row, one step at a time; and padding that counts nowhere."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
import torch

from tsseq2seq.nn.network import Network
from tsseq2seq.synthesis.frames import FrameBatch
from tsseq2seq.synthesis.model import FrameModel
from tsseq2seq.synthesis.network import build_synthesis_network

LENGTHS, FRAMES, FEATURES = (4, 2, 1), (5, 3, 1), 2
BATCH = FrameBatch(
    source=torch.tensor([[4, 5, 6, 2], [8, 2, 0, 0], [2, 0, 0, 0]]),
    source_lengths=torch.tensor(LENGTHS),
    target=torch.randn(3, 5, FEATURES, generator=torch.Generator().manual_seed(0)),
    target_lengths=torch.tensor(FRAMES),
)
NETWORKS: dict[str, dict[str, Any]] = {
    "plain": {},
    "fused": {"attention": "dot", "bidirectional": True},
    "location": {"encoder": "convolutional", "attention": "location", "initial_state": "zeros"},
    "before": {"attention": "additive", "attention_position": "before", "output_reads": "previous+context"},
}
LOSSES = {"mae": np.abs, "mse": np.square}


def model_of(name: str = "fused", frames_per_step: int = 2, loss: str = "mse") -> FrameModel:
    torch.manual_seed(1)
    network = build_synthesis_network(
        Network(hidden_size=6, residual=None, **NETWORKS[name]),
        vocabulary=9,
        features=FEATURES,
        frames_per_step=frames_per_step,
        prenet_dropout=0.5,
    )
    return FrameModel(network, features=FEATURES, frames_per_step=frames_per_step, loss=loss).eval()


@torch.no_grad()
def row_by_hand(model: FrameModel, row: int, *, free: bool = False) -> np.ndarray:
    """Return (T, F + 1): the network stepped for one text alone, without padding."""
    tokens, frames, r = LENGTHS[row], FRAMES[row], model.frames_per_step
    network = model.network
    encoding = network.encode(BATCH.source[row : row + 1, :tokens], torch.tensor([tokens]))
    state, memory = network.start(encoding)
    previous = torch.zeros(1, 1, FEATURES)
    outputs: list[torch.Tensor] = []
    for t in range(-(-frames // r)):
        output, state, _ = network.step(previous, t, state, memory)
        outputs.extend(output[0, 0])
        last = (t + 1) * r - 1
        if free:
            previous = output[:, :, -1, :FEATURES]
        elif last < frames:
            previous = BATCH.target[row : row + 1, last : last + 1]
    return torch.stack(outputs[:frames]).double().numpy()


@pytest.mark.parametrize("frames_per_step", [1, 2, 3, 7])
@pytest.mark.parametrize("name", NETWORKS)
def test_teacher_forcing_is_the_loop_of_steps(name: str, frames_per_step: int) -> None:
    model = model_of(name, frames_per_step)
    found = model.decode(BATCH).detach().numpy()
    assert found.shape == (3, 5, FEATURES + 1)
    for row, frames in enumerate(FRAMES):
        np.testing.assert_allclose(found[row, :frames], row_by_hand(model, row), atol=1e-6)


def test_only_some_networks_run_fused() -> None:
    assert {name: model_of(name).network.fused for name in NETWORKS} == {
        "plain": True,
        "fused": True,
        "location": False,
        "before": False,
    }


@pytest.mark.parametrize("name", NETWORKS)
def test_without_the_truth_its_own_last_frame_enters(name: str) -> None:
    model = model_of(name)
    found = model.decode(BATCH, truth_probability=0.0).detach().numpy()
    for row, frames in enumerate(FRAMES):
        np.testing.assert_allclose(found[row, :frames], row_by_hand(model, row, free=True), atol=1e-6)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("name", NETWORKS)
def test_the_loss_by_hand(name: str, loss: str) -> None:
    model = model_of(name, loss=loss)
    errors, surprises = [], []
    for row, frames in enumerate(FRAMES):
        outputs = row_by_hand(model, row)
        truth = BATCH.target[row, :frames].double().numpy()
        errors.extend(LOSSES[loss](outputs[:, :-1] - truth).mean(1))
        ends = 1 / (1 + np.exp(-outputs[:, -1]))
        surprises.extend(-np.log(1 - ends[:-1]))
        surprises.append(-np.log(ends[-1]))
    assert len(errors) == len(surprises) == sum(FRAMES)
    assert model(BATCH).item() == pytest.approx(np.mean(errors) + np.mean(surprises), rel=1e-5)


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("poison", [1e6, float("inf"), float("nan")])
def test_padding_may_hold_anything(name: str, poison: float) -> None:
    poisoned = dataclasses.replace(
        BATCH,
        source=torch.where(torch.arange(4) < BATCH.source_lengths[:, None], BATCH.source, 7),
        target=BATCH.target.masked_fill(~BATCH.target_mask[..., None], poison),
    )
    results = []
    for batch in (BATCH, poisoned):
        model = model_of(name)
        loss = model(batch)
        loss.backward()
        results.append([loss.detach(), *(weight.grad for weight in model.parameters())])
    for clean, other in zip(*results, strict=True):
        if clean is None:
            assert other is None
        else:
            torch.testing.assert_close(clean, other, rtol=1e-5, atol=1e-7)
