"""Windows of any panel: they stay within their series, and held-out steps are never trained on."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch
from hypothesis import given
from hypothesis import strategies as st

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.batch import Batch
from tsseq2seq.data.panel.panel import Panel, make_panel
from tsseq2seq.data.panel.window_index import (
    cutoff_windows,
    forecast_windows,
    training_windows,
    validation_windows,
)
from tsseq2seq.data.panel.windows import Windows, WindowShape

lengths = st.lists(st.integers(1, 40), min_size=1, max_size=5)
# a shape is built in each test: what checks its types throws dice, which is not for strategies
window_sizes = st.tuples(st.integers(1, 20), st.integers(1, 12), st.integers(1, 7))


def telling_panel(lengths: list[int]) -> Panel:
    """Every number says where it stands: series × 1000 + step."""
    parts = [
        pd.DataFrame({"unique_id": f"s{s}", "ds": np.arange(length), "y": 1000.0 * s + np.arange(length)})
        for s, length in enumerate(lengths)
    ]
    return make_panel(read_long_frame(pd.concat(parts), Columns()), Frequency.parse(1))


def originals(batch: Batch, name: str) -> list[list[float]]:
    """The observed values of each row, as they were given."""
    values = batch.origin[:, None] + batch.unit[:, None] * getattr(batch, name).double()
    mask = getattr(batch, f"{name}_mask")
    return [row[seen].tolist() for row, seen in zip(values, mask, strict=True)]


def everything(windows: Windows) -> Batch:
    return windows.gather(torch.arange(len(windows)))


@given(lengths, window_sizes, st.integers(0, 15))
def test_a_window_is_a_run_of_one_series(
    lengths: list[int], sizes: tuple[int, int, int], held_out: int
) -> None:
    shape = WindowShape(*sizes)
    panel = telling_panel(lengths)
    windows = training_windows(panel, shape, held_out=held_out)
    if len(windows) == 0:
        assert max(lengths) - held_out < 2
        return
    batch = everything(windows)
    series, cutoffs = windows.locate(torch.arange(len(windows)))
    rows = zip(
        series.tolist(),
        cutoffs.tolist(),
        originals(batch, "context"),
        originals(batch, "target"),
        strict=True,
    )
    for place, cutoff, context, target in rows:
        read = min(cutoff, shape.context_length)
        assert context == [1000.0 * place + step for step in range(cutoff - read, cutoff)]
        end = min(cutoff + shape.horizon, lengths[place] - held_out)
        assert target == [1000.0 * place + step for step in range(cutoff, end)]
        assert context
        assert target


@given(lengths, window_sizes, st.integers(1, 15))
def test_held_out_steps_are_neither_read_nor_predicted_in_training(
    lengths: list[int], sizes: tuple[int, int, int], held_out: int
) -> None:
    shape = WindowShape(*sizes)
    panel = telling_panel(lengths)
    windows = training_windows(panel, shape, held_out=held_out)
    if len(windows) == 0:
        return
    batch = everything(windows)
    seen = {value for name in ("context", "target") for row in originals(batch, name) for value in row}
    kept = {1000.0 * s + step for s, length in enumerate(lengths) for step in range(length - held_out)}
    assert seen <= kept


@given(lengths, window_sizes, st.integers(1, 15))
def test_validation_predicts_held_out_steps_only_each_at_most_once(
    lengths: list[int], sizes: tuple[int, int, int], held_out: int
) -> None:
    shape = WindowShape(*sizes)
    windows = validation_windows(telling_panel(lengths), shape, held_out=held_out)
    if len(windows) == 0:
        assert max(lengths) <= held_out
        return
    targets = [value for row in originals(everything(windows), "target") for value in row]
    assert len(targets) == len(set(targets))
    allowed = {1000.0 * s + step for s, n in enumerate(lengths) for step in range(max(0, n - held_out), n)}
    assert set(targets) <= allowed


@given(lengths, window_sizes)
def test_every_long_enough_series_is_trained_on_up_to_its_end(
    lengths: list[int], sizes: tuple[int, int, int]
) -> None:
    shape = WindowShape(*sizes)
    windows = training_windows(telling_panel(lengths), shape)
    if len(windows) == 0:
        assert max(lengths) < 2
        return
    last = {row[-1] for row in originals(everything(windows), "target")}
    for s, length in enumerate(lengths):
        if length >= 2:
            assert 1000.0 * s + length - 1 in last


@given(lengths, window_sizes)
def test_forecasts_read_the_end_and_no_target(lengths: list[int], sizes: tuple[int, int, int]) -> None:
    shape = WindowShape(*sizes)
    batch = everything(forecast_windows(telling_panel(lengths), shape))
    for s, (length, context) in enumerate(zip(lengths, originals(batch, "context"), strict=True)):
        assert context == [1000.0 * s + step for step in range(max(0, length - shape.context_length), length)]
    assert not batch.target_mask.any()


@given(
    st.lists(st.tuples(st.integers(1, 40), st.integers(-3, 45)), min_size=1, max_size=5),
    window_sizes,
    st.none() | st.integers(1, 12),
    st.integers(1, 10),
    st.booleans(),
)
def test_cutoffs_are_those_of_a_loop_over_series(
    series: list[tuple[int, int]], sizes: tuple[int, int, int], most: int | None, step: int, has_least: bool
) -> None:
    shape = WindowShape(*sizes)
    panel = telling_panel([length for length, _ in series])
    least = torch.tensor([max(1, bound) for _, bound in series]) if has_least else None
    windows = cutoff_windows(panel, shape, windows=most, step=step, earliest=least)
    expected = []
    for place, (length, bound) in enumerate(series):
        whole = length - shape.horizon >= shape.context_length
        cutoffs = []
        cutoff = length - shape.horizon
        while cutoff >= 1 and len(cutoffs) != most:
            wanted = most is not None or cutoff >= shape.context_length or (not whole and not cutoffs)
            if wanted and not (has_least and cutoff < bound):
                cutoffs.append(cutoff)
            cutoff -= step
        expected += [(place, cutoff) for cutoff in reversed(cutoffs)]
    found = windows.locate(torch.arange(len(windows)))
    assert list(zip(*(part.tolist() for part in found), strict=True)) == expected
    if expected:
        targets = originals(everything(windows), "target")
        steps = [[1000.0 * s + c + ahead for ahead in range(shape.horizon)] for s, c in expected]
        assert targets == steps, "all targets are known"


@given(lengths, window_sizes)
def test_segments_are_valid_first(lengths: list[int], sizes: tuple[int, int, int]) -> None:
    shape = WindowShape(*sizes)
    batch = everything(forecast_windows(telling_panel(lengths), shape))
    rows, steps, _ = batch.context.shape
    assert steps % shape.segment_length == 0
    valid = batch.context_mask.reshape(rows, -1, shape.segment_length).any(2)
    expected = torch.full((rows,), valid.shape[1]) if batch.lengths is None else batch.lengths
    assert torch.equal(valid.sum(1), expected)
    assert (valid.int().diff(dim=1) <= 0).all()
