"""Windows of generated series: what they hold, and that nothing after the cutoff is in their inputs."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tsseq2seq.forecasting.pretrained_design import PRETRAINED_SIZES, SEGMENT_LENGTH, build_pretrained
from tsseq2seq.pretraining.chunk import Chunk
from tsseq2seq.pretraining.chunks import panel_of
from tsseq2seq.smoothing.base import SmoothingBase

HORIZON = 6


def seasonal(series: int = 5, steps: int = 40) -> np.ndarray:
    rng = np.random.default_rng(0)
    season = np.tile(rng.normal(size=4), steps // 4)
    return 10 + season + 0.1 * np.arange(steps) + 0.3 * rng.normal(size=(series, steps))


def chunk_of(values: np.ndarray, *, windows: int = 30, seed: int = 0) -> Chunk:
    base = SmoothingBase.unlearned((4,), HORIZON)
    generator = torch.Generator().manual_seed(seed)
    model = build_pretrained(PRETRAINED_SIZES["small"])
    with torch.no_grad():
        return Chunk.of(panel_of(values), base, model, windows=windows, generator=generator)


def test_values_after_the_last_cutoff_are_in_no_input() -> None:
    values = seasonal()
    changed = values.copy()
    changed[:, -HORIZON:] += 1000.0 * np.arange(1, HORIZON + 1)
    before, after = chunk_of(values), chunk_of(changed)
    assert len(after) > 20
    # the changed targets of the last cutoffs lie too far away to count; all inputs that are left agree
    for name in ("segments", "first", "covariates", "bases"):
        left, right = getattr(before, name), getattr(after, name)
        rows = [int((left == row).flatten(1).all(1).any()) for row in right]
        assert all(rows), name


def test_bases_are_those_of_smoothing_at_the_cutoff() -> None:
    values = seasonal(series=1)
    chunk, base = chunk_of(values, windows=200), SmoothingBase.unlearned((4,), HORIZON)
    context = chunk.segments[:, :, :SEGMENT_LENGTH].flatten(1)
    mask = chunk.segments[:, :, SEGMENT_LENGTH : 2 * SEGMENT_LENGTH].flatten(1)
    cutoffs = mask.sum(1).long()
    panel = panel_of(values)
    wanted = base.forecast_cutoffs(panel, torch.zeros_like(cutoffs), cutoffs, HORIZON)[:, :, 0, 0]
    for row, cutoff in enumerate(cutoffs.tolist()):
        known = values[0, :cutoff]
        scaled = (known - known.mean()) / known.std()
        own = context[row][mask[row] > 0].numpy()
        np.testing.assert_allclose(own, scaled, atol=1e-4)
        if cutoff >= 5:  # of fewer values smoothing knows nothing
            expected = (wanted[row] - known.mean()) / known.std()
            np.testing.assert_allclose(chunk.bases[row].flatten()[:HORIZON], expected, atol=1e-3)
        truth = (values[0, cutoff : cutoff + HORIZON] - known.mean()) / known.std()
        valid = chunk.valid[row, :HORIZON, 0].numpy()
        np.testing.assert_allclose(chunk.target[row, :HORIZON, 0].numpy()[valid], truth[valid], atol=1e-3)


def test_an_error_counts_in_units_of_seasonal_changes() -> None:
    chunk = chunk_of(seasonal())
    for row in range(len(chunk)):
        mask = chunk.segments[row, :, SEGMENT_LENGTH : 2 * SEGMENT_LENGTH].flatten() > 0
        known = chunk.segments[row, :, :SEGMENT_LENGTH].flatten()[mask].numpy()
        change = np.abs(known[4:] - known[:-4]).mean() if len(known) > 4 else 1.0
        assert chunk.weight[row].item() == pytest.approx(1 / np.clip(change, 0.05, 2.0), rel=1e-4)


def test_joined_chunks_pad_shorter_horizons_with_what_does_not_count() -> None:
    short, long = chunk_of(seasonal()), chunk_of(seasonal(steps=80))
    longer = Chunk(
        **{
            name: torch.cat([getattr(long, name)] * 2, dim=1) if name in ("covariates", "bases", "target", "valid")
            else getattr(long, name)
            for name in vars(long)
        }
    )  # fmt: skip
    joined = Chunk.joined([short, longer])
    assert len(joined) == len(short) + len(longer)
    assert joined.steps == longer.steps == 2 * short.steps
    assert not joined.valid[: len(short), SEGMENT_LENGTH:].any()
    torch.testing.assert_close(joined.target[len(short) :], longer.target)


def test_series_without_variation_or_with_one_value_are_left_out() -> None:
    values = seasonal(series=3)
    values[0] = 7.0
    values[1, :-1] = np.nan
    kept = chunk_of(values, windows=60)
    assert 0 < len(kept) <= 20
    assert kept.valid.flatten(1).any(1).all()


def test_missing_values_are_masked() -> None:
    values = seasonal(series=1)
    values[0, 10] = np.nan
    chunk = chunk_of(values, windows=200)
    mask = chunk.segments[:, :, SEGMENT_LENGTH : 2 * SEGMENT_LENGTH].flatten(1)
    numbers = chunk.segments[:, :, :SEGMENT_LENGTH].flatten(1)
    assert (numbers[mask == 0] == 0).all()
    assert torch.isfinite(chunk.bases).all()
