"""Windows that cover a panel, and what is merged of them, against loops over steps."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.batch import Batch
from tsseq2seq.data.panel.panel import Panel, make_panel
from tsseq2seq.data.panel.windows import WindowShape
from tsseq2seq.reconstruction.covering import (
    covering_windows,
    in_chunks,
    last_windows_of,
    merged,
    rows_of,
    windows_of,
)


def panel_of(*series: list[float]) -> Panel:
    frame = pd.concat(
        [
            pd.DataFrame({"unique_id": f"s{number}", "ds": range(len(values)), "y": values})
            for number, values in enumerate(series)
        ]
    )
    return make_panel(read_long_frame(frame, Columns()), Frequency.parse(1))


def original(batch: Batch) -> torch.Tensor:
    return batch.origin[:, None] + batch.unit[:, None] * batch.context.double()


@given(
    lengths=st.lists(st.integers(1, 30), min_size=1, max_size=4),
    window=st.integers(2, 12),
    stride=st.integers(1, 12),
)
@settings(deadline=None, max_examples=60)
def test_every_step_of_a_series_as_long_as_a_window_is_covered(lengths, window, stride) -> None:
    stride = min(stride, window)
    panel = panel_of(*[[float(step) for step in range(length)] for length in lengths])
    seen = np.zeros(len(panel.values), dtype=int)
    for part in covering_windows(panel, WindowShape(window, 0), stride=stride):
        for index, batch in in_chunks(part):
            rows = rows_of(part, index)
            assert batch.context.shape == (*rows.shape, 1)
            np.testing.assert_allclose(original(batch)[..., 0], rows - panel.offsets[batch.series][:, None])
            np.add.at(seen, rows.numpy().reshape(-1), 1)
    offsets = panel.offsets.tolist()
    for length, start in zip(lengths, offsets, strict=False):
        covered = seen[start : start + length]
        assert (covered >= 1).all() if length >= window else (covered == 0).all()


@given(
    values=st.lists(st.one_of(st.none(), st.integers(-50, 50)), min_size=8, max_size=40),
    window=st.integers(2, 8),
    stride=st.integers(1, 8),
    seed=st.integers(0, 100),
)
@settings(deadline=None, max_examples=60)
def test_merging_is_the_mean_weighted_by_what_a_window_knows(values, window, stride, seed) -> None:
    y = [float("nan") if value is None else float(value) for value in values]
    panel = panel_of(y)
    generator = torch.Generator().manual_seed(seed)
    answers: list[torch.Tensor] = []

    def reconstruct(batch: Batch) -> torch.Tensor:
        answers.append(torch.randn(batch.context.shape, generator=generator, dtype=torch.float64))
        return answers[-1]

    parts = covering_windows(panel, WindowShape(window, 0), stride=stride)
    found = merged(parts, reconstruct)[:, 0].numpy()
    # again, window by window and step by step
    starts = []
    for part in parts:
        for index, _ in in_chunks(part):
            starts += rows_of(part, index)[:, 0].tolist()
    numbers = torch.cat(answers)[..., 0].numpy()
    for step in range(len(y)):
        total = weight = 0.0
        for number, start in enumerate(starts):
            if start <= step < start + window:
                known = sum(not np.isnan(one) for one in y[start : start + window])
                total += known * numbers[number][step - start]
                weight += known
        assert found[step] == pytest.approx(total / weight if weight else np.nan, nan_ok=True)


def test_windows_are_counted_back_from_the_end() -> None:
    windows = windows_of(panel_of([0.0] * 3, [0.0] * 10), WindowShape(4, 0), stride=3)
    series, cutoff = windows.locate(torch.arange(len(windows)))
    assert series.tolist() == [1, 1, 1]
    assert cutoff.tolist() == [4, 7, 10]


def test_a_clock_that_changes_moves_no_step() -> None:
    times = pd.date_range("2024-03-30", periods=72, freq="h", tz="Europe/Berlin")
    frame = pd.DataFrame({"ds": times, "y": np.arange(72.0)})
    panel = make_panel(read_long_frame(frame, Columns()), Frequency.parse("h"))
    (main, head) = covering_windows(panel, WindowShape(24, 0), stride=5)
    for part in (main, head):
        for index, batch in in_chunks(part):
            assert torch.equal(original(batch)[..., 0].long(), rows_of(part, index))


@given(
    lengths=st.lists(st.integers(1, 40), min_size=1, max_size=4),
    window=st.integers(2, 12),
    steps=st.integers(1, 40),
)
@settings(deadline=None, max_examples=60)
def test_the_last_windows_are_those_end_to_end_that_hold_a_last_step(lengths, window, steps) -> None:
    """They are the ones of all windows end to end that are not empty where the last steps alone are known."""
    panel = panel_of(*([float(step) for step in range(length)] for length in lengths))
    shape = WindowShape(window, 0, 1)
    expected = []
    for series, length in enumerate(lengths):
        ends = [end for end in range(length, window - 1, -window) if end > length - steps]
        expected += [(series, end) for end in sorted(ends)]
    windows = last_windows_of(panel, shape, steps=steps)
    series, cutoff = windows.locate(torch.arange(len(windows)))
    assert list(zip(series.tolist(), cutoff.tolist(), strict=True)) == expected
