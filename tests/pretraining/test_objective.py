"""The loss of pretraining against loops, and batches that go on after a state."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.pretraining.small import GENERATOR, SETTINGS
from tsseq2seq.forecasting.pretrained_design import OUTPUT, PRETRAINED_SIZES, build_pretrained
from tsseq2seq.pretraining.chunks import Chunks
from tsseq2seq.pretraining.objective import PretrainingModule, PretrainingObjective

CHUNKS = Chunks(SETTINGS, GENERATOR)


def objective() -> PretrainingObjective:
    torch.manual_seed(0)
    module = PretrainingModule(build_pretrained(PRETRAINED_SIZES["small"]))
    return PretrainingObjective(
        module,
        lambda number: CHUNKS.beginning_at(number),
        CHUNKS.held_back(),
        mixed=SETTINGS.mixed,
        batch_size=SETTINGS.batch_size,
    )


def test_the_loss_of_a_window_is_its_mean_quantile_loss_in_its_own_units() -> None:
    made, chunk = objective(), CHUNKS[0].rows(slice(6))
    model = made.module.model
    with torch.no_grad():
        losses = made.module.losses(chunk)
        state, memory = model.network.start(model.network.encode(*chunk.inputs))
        quantiles = []
        for step in range(chunk.steps):  # one step after the other, where the module runs all at once
            output, state, _ = model.network.step(chunk.first, step, state, memory)
            quantiles.append(output[:, 0, :, 0])
    forecast, truth = torch.cat(quantiles, dim=1).numpy(), chunk.target[..., 0].numpy()
    for row in range(len(chunk)):
        terms = []
        for step in np.flatnonzero(chunk.valid[row, :, 0].numpy()):
            for place, level in enumerate(OUTPUT.levels):
                error = truth[row, step] - forecast[row, step, place]
                terms.append(2 * (level * error if error >= 0 else (level - 1) * error))
        expected = np.mean(terms) * chunk.weight[row].item()
        assert losses[row].item() == pytest.approx(expected, rel=1e-4)


def test_padding_in_a_mixed_batch_changes_no_loss() -> None:
    made = objective()
    first, second = CHUNKS[0].rows(slice(4)), CHUNKS[2].rows(slice(4))
    with torch.no_grad():
        alone = torch.cat([made.module.losses(first), made.module.losses(second)])
        together = made.module.losses(first.joined([first, second]))
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-5)


def test_a_state_goes_on_with_the_same_batches() -> None:
    one = objective()
    for step in range(5):
        one.batch_loss(step, 20)
    state = one.state()
    other = objective()
    other.load_state(state)
    with torch.no_grad():
        expected = [one.batch_loss(step, 20).item() for step in range(5, 10)]
        assert [other.batch_loss(step, 20).item() for step in range(5, 10)] == expected


def test_each_window_of_a_chunk_is_read_once_in_its_order() -> None:
    made, rows = objective(), SETTINGS.batch_size // SETTINGS.mixed
    read = torch.cat([made._batch().segments[:rows] for _ in range(len(CHUNKS[0]) // rows)])
    torch.testing.assert_close(read, CHUNKS[0].segments[: len(read)])


def test_validation_is_the_mean_of_what_is_held_back() -> None:
    made = objective()
    with torch.no_grad():
        losses = torch.cat([made.module.losses(chunk) for chunk in made.held_back])
        assert made.validate() == pytest.approx(losses.clamp(max=20.0).mean().item())
