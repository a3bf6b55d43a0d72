"""Free running by hand: the members' mean is fed back, and the end is the median of the length."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tsseq2seq.nn.network import Network
from tsseq2seq.synthesis.model import FrameModel
from tsseq2seq.synthesis.network import build_synthesis_network
from tsseq2seq.synthesis.writing import Written, write_frames

SOURCE = torch.tensor([[4, 5, 6, 2], [8, 2, 0, 0], [7, 7, 2, 0]])
LENGTHS = torch.tensor([4, 2, 3])
LOCATION: dict[str, Any] = {"attention": "location", "encoder": "convolutional", "initial_state": "zeros"}


def model_of(seed: int = 0, frames_per_step: int = 2, end: float = -2.0, **network: Any) -> FrameModel:
    """Untrained; the logit of the end is about ``end``."""
    torch.manual_seed(seed)
    built = build_synthesis_network(
        Network(hidden_size=6, residual=None, **network),
        vocabulary=9,
        features=2,
        frames_per_step=frames_per_step,
        prenet_dropout=0.5,
    )
    with torch.no_grad():
        built.decoder.head.linear.bias.view(frames_per_step, 3)[:, -1] = end
    return FrameModel(built, features=2, frames_per_step=frames_per_step, loss="mse").eval()


@torch.no_grad()
def by_hand(models: list[FrameModel], row: int, limit: int) -> Written:
    """One text alone, frame by frame."""
    tokens = int(LENGTHS[row])
    started = [
        model.network.start(model.network.encode(SOURCE[row : row + 1, :tokens], torch.tensor([tokens])))
        for model in models
    ]
    states = [state for state, _ in started]
    previous, unended = torch.zeros(1, 1, 2), 1.0
    frames: list[np.ndarray] = []
    weights: list[np.ndarray] = []
    for t in range(limit):
        outputs, attended = [], []
        for place, model in enumerate(models):
            output, states[place], weight = model.network.step(previous, t, states[place], started[place][1])
            outputs.append(output)
            attended.append(weight)
        mean = torch.stack(outputs).mean(0)
        for frame in range(mean.shape[2]):
            frames.append(mean[0, 0, frame, :2].numpy())
            weights.append(torch.stack(attended).mean(0)[0, 0].numpy())
            ends = [1 / (1 + math.exp(-float(output[0, 0, frame, 2]))) for output in outputs]
            unended *= 1 - sum(ends) / len(ends)
            if unended <= 0.5 or len(frames) == limit:
                return Written(np.stack(frames), np.stack(weights), unended <= 0.5)
        previous = mean[:, :, -1, :2]
    raise AssertionError("the limit comes first")


@pytest.mark.parametrize("network", [LOCATION, {"attention": "dot"}], ids=["location", "dot"])
@pytest.mark.parametrize("frames_per_step", [1, 2, 3])
@pytest.mark.parametrize("members", [1, 2])
def test_frames_weights_and_ends_by_hand(members: int, frames_per_step: int, network: dict[str, Any]) -> None:
    models = [model_of(seed, frames_per_step, **network) for seed in range(members)]
    limits = [20, 3, 20]
    with torch.inference_mode():
        together = write_frames(models, SOURCE, LENGTHS, torch.tensor(limits))
    for row, found in enumerate(together):
        expected = by_hand(models, row, limits[row])
        assert found.ended == expected.ended == (row != 1)
        np.testing.assert_allclose(found.frames, expected.frames, atol=1e-6)
        np.testing.assert_allclose(found.weights, expected.weights, atol=1e-6)


@pytest.mark.parametrize("network", [LOCATION, {"attention": "dot"}, {}], ids=["location", "dot", "none"])
def test_a_text_alone_is_a_text_among_others(network: dict[str, Any]) -> None:
    models = [model_of(**network)]
    limits = torch.tensor([9, 30, 30])
    with torch.inference_mode():
        together = write_frames(models, SOURCE, LENGTHS, limits)
        for row, found in enumerate(together):
            tokens = LENGTHS[row : row + 1]
            (alone,) = write_frames(
                models, SOURCE[row : row + 1, : int(tokens)], tokens, limits[row : row + 1]
            )
            assert alone.ended == found.ended
            np.testing.assert_allclose(found.frames, alone.frames, atol=1e-6)
            if network:
                np.testing.assert_allclose(found.weights, alone.weights, atol=1e-6)
            else:
                assert alone.weights is found.weights is None


@settings(max_examples=30, deadline=None)
@given(st.floats(0.02, 0.6), st.integers(1, 4))
def test_the_end_is_the_median_of_the_length(chance: float, frames_per_step: int) -> None:
    """Where each frame is the last with the same chance, lengths are geometric, whatever a step holds."""
    model = model_of(0, frames_per_step, end=math.log(chance / (1 - chance)))
    with torch.no_grad():
        model.network.decoder.head.linear.weight.zero_()
    with torch.inference_mode():
        found = write_frames([model], SOURCE, LENGTHS, torch.tensor([100, 100, 100]))
    median = math.log(0.5) / math.log(1 - chance)
    for one in found:
        assert one.ended
        # where the median is a whole number, rounding decides
        assert len(one.frames) in {math.ceil(median - 1e-5), math.ceil(median + 1e-5)}


def test_an_end_that_never_comes() -> None:
    with torch.inference_mode():
        found = write_frames([model_of(end=-30.0)], SOURCE, LENGTHS, torch.tensor([5, 1, 8]))
    assert [(len(one.frames), one.ended) for one in found] == [(5, False), (1, False), (8, False)]
