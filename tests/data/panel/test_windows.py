"""Windows, each held against one cut out of its series by a naive loop."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.data import DataLoader

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.data.grid.calendar import Calendar
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.batch import Batch
from tsseq2seq.data.panel.batch import Moments as BatchMoments
from tsseq2seq.data.panel.features import Coders
from tsseq2seq.data.panel.panel import Panel, make_panel
from tsseq2seq.data.panel.window_index import (
    cutoff_windows,
    forecast_windows,
    training_windows,
    validation_windows,
)
from tsseq2seq.data.panel.windows import Windows, WindowShape


def panel_of(*series, targets: tuple[str, ...] = ("y",)) -> Panel:
    """A panel of series that are lists of numbers, or of rows with a number for each target."""
    parts = []
    for number, values in enumerate(series):
        columns = np.asarray(values, dtype=float).reshape(len(values), len(targets)).T
        part = {
            "unique_id": f"s{number}",
            "ds": np.arange(len(values)),
            **dict(zip(targets, columns, strict=True)),
        }
        parts.append(pd.DataFrame(part))
    frame = read_long_frame(pd.concat(parts), Columns(targets=targets))
    return make_panel(frame, Frequency.parse(1))


def random_panel(lengths: list[int], targets: int = 1, missing: float = 0.2) -> Panel:
    rng = np.random.default_rng(len(lengths))
    series = []
    for length in lengths:
        values = rng.normal(size=(length, targets))
        values[rng.random(values.shape) < missing] = np.nan
        series.append(values)
    return panel_of(*series, targets=tuple("yzw"[:targets]))


def history_of(panel: Panel, series: int) -> np.ndarray:
    """(T, Y) numbers of one series, NaN where not observed."""
    rows = slice(int(panel.offsets[series]), int(panel.offsets[series + 1]))
    return np.where(panel.observed[rows], panel.values[rows], np.nan)


def expected_window(
    panel: Panel, shape: WindowShape, series: int, cutoff: int, end: int
) -> dict[str, np.ndarray | int]:
    """Cut one window step by step."""
    history = history_of(panel, series)
    length = shape.segment_length
    read = [history[step] for step in range(max(0, cutoff - shape.context_length), cutoff)]
    nothing = np.full(history.shape[1], np.nan)
    front = -len(read) % length  # the oldest segment is filled up with masked steps
    segments = (front + len(read)) // length
    context = [nothing] * front + read
    context += [nothing] * (-(-shape.context_length // length) * length - len(context))
    target, lagged = [], []
    for position in range(len(context)):
        step = cutoff - len(read) - front + position
        inside = front <= position < front + len(read)
        lagged.append([history[step - lag] if inside and step >= lag else nothing for lag in shape.lags])
    for step in range(cutoff, cutoff + -(-shape.horizon // length) * length):
        observed = step < min(cutoff + shape.horizon, end, len(history))
        target.append(history[step] if observed else nothing)
        lagged.append([history[step - lag] if 0 <= step - lag < cutoff else nothing for lag in shape.lags])
    return {
        "context": np.array(context),
        "target": np.array(target),
        "lagged": np.array(lagged),
        "segments": segments,
        "all": len(context) // length,
    }


def assert_window(batch: Batch, row: int, expected: dict[str, np.ndarray | int]) -> None:
    for name in ("context", "target", "lagged")[: 3 if batch.lagged is not None else 2]:
        values, mask = getattr(batch, name)[row].numpy(), getattr(batch, f"{name}_mask")[row].numpy()
        np.testing.assert_array_equal(np.where(mask, values, np.nan), expected[name])
        assert not values[~mask].any(), "masked numbers must be zeros"
    # without lengths, no row has padding
    assert (expected["all"] if batch.lengths is None else int(batch.lengths[row])) == expected["segments"]


def training_cutoffs(length: int, shape: WindowShape, held_out: int) -> Iterator[int]:
    """A full horizon stays ahead if it fits; the older half of a short series' cutoffs is left out."""
    end = max(0, length - held_out)
    last = end - shape.horizon if end > shape.horizon else end - 1
    for cutoff in range(1, last + 1):
        if cutoff >= min(shape.context_length, max((last + 1) // 2, 1)):
            yield cutoff


SHAPES = [
    WindowShape(1, 1),
    WindowShape(4, 3),
    WindowShape(6, 4, 2),
    WindowShape(7, 5, 3),  # neither is a multiple of the segment
    WindowShape(2, 2, 5),  # both are shorter than a segment
    WindowShape(30, 2, 4),  # longer than any series
    WindowShape(7, 5, 2, lags=(1, 3, 9)),  # shorter and longer than the horizon, and than the context
]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("held_out", [0, 3])
def test_training_windows_equal_a_naive_loop(shape: WindowShape, held_out: int) -> None:
    lengths = [20, 1, 2, 9, 3, 6, 14]
    panel = random_panel(lengths, targets=2)
    windows = training_windows(panel, shape, held_out=held_out)
    expected = [
        (series, cutoff)
        for series, length in enumerate(lengths)
        for cutoff in training_cutoffs(length, shape, held_out)
    ]
    assert len(windows) == len(expected)
    batch = windows.gather(torch.arange(len(windows)))
    assert batch.series.tolist() == [series for series, _ in expected]
    for row, (series, cutoff) in enumerate(expected):
        end = lengths[series] - held_out
        assert_window(batch, row, expected_window(panel, shape, series, cutoff, end))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_forecast_windows_equal_a_naive_loop(shape: WindowShape) -> None:
    lengths = [20, 1, 2, 9]
    panel = random_panel(lengths)
    windows = forecast_windows(panel, shape)
    assert len(windows) == len(lengths)
    batch = windows.gather(torch.arange(len(lengths)))
    for row, length in enumerate(lengths):
        assert_window(batch, row, expected_window(panel, shape, row, length, length))
    assert not batch.target_mask.any()


@pytest.mark.parametrize("horizon", [1, 2, 3, 5])
@pytest.mark.parametrize("held_out", [1, 2, 3, 5, 6])
def test_validation_targets_tile_what_is_held_out(horizon: int, held_out: int) -> None:
    """Every held-out value is a target of exactly one window, and nothing else is."""
    lengths = [20, 1, 3, 9]
    panel = random_panel(lengths, missing=0.0)
    windows = validation_windows(panel, WindowShape(4, horizon), held_out=held_out)
    seen: dict[int, list[int]] = {series: [] for series in range(len(lengths))}
    for index in torch.arange(len(windows)).split(1):
        series, cutoff = (int(number) for number in windows.locate(index))
        mask = windows.gather(index).target_mask[0, :, 0]
        seen[series] += [cutoff + int(step) for step in mask.nonzero()]
    for series, length in enumerate(lengths):
        # a series that is held out as a whole has no history to be forecast from
        expected = list(range(length - held_out, length)) if length > held_out else []
        assert seen[series] == expected


def test_validation_windows_read_what_lies_before_the_cutoff() -> None:
    panel = random_panel([20])
    shape = WindowShape(4, 3)
    batch = validation_windows(panel, shape, held_out=6).gather(torch.arange(2))
    for row, cutoff in enumerate([14, 17]):
        assert_window(batch, row, expected_window(panel, shape, 0, cutoff, 20))


def test_padding_follows_a_short_history() -> None:
    panel = panel_of([1.0, 2.0, 4.0], [1.0, 2.0, 4.0, 8.0, 16.0, 32.0])
    batch = forecast_windows(panel, WindowShape(6, 2, 2)).gather(torch.arange(2))
    assert batch.context_mask[0, :, 0].tolist() == [False, True, True, True, False, False]
    assert batch.context[0, :, 0].tolist() == [0.0, 0.0, 1.0, 3.0, 0.0, 0.0]
    assert batch.lengths.tolist() == [2, 3]


def test_lengths_are_none_if_all_contexts_are_full() -> None:
    assert forecast_windows(random_panel([9, 8]), WindowShape(8, 2)).gather(torch.arange(2)).lengths is None
    assert (
        forecast_windows(random_panel([9, 7]), WindowShape(8, 2)).gather(torch.arange(2)).lengths is not None
    )


def test_a_single_observation_can_be_forecast_but_not_trained_on() -> None:
    panel = panel_of([5.0])
    shape = WindowShape(4, 2)
    assert len(training_windows(panel, shape)) == 0
    batch = forecast_windows(panel, shape)[0]
    assert batch.context_mask[0, :, 0].tolist() == [True, False, False, False]
    assert batch.lengths.tolist() == [1]


def test_two_observations_give_one_training_window() -> None:
    batch = training_windows(panel_of([5.0, 6.0]), WindowShape(4, 3))[0]
    assert batch.context_mask.sum() == 1
    assert batch.target[0, :, 0].tolist() == [1.0, 0.0, 0.0]
    assert batch.target_mask[0, :, 0].tolist() == [True, False, False]


def test_units_travel_with_the_rows() -> None:
    panel = random_panel([9, 8, 7], targets=2)
    batch = forecast_windows(panel, WindowShape(4, 2)).gather(torch.tensor([2, 0, 2]))
    assert torch.equal(batch.origin, panel.origin[[2, 0, 2]])
    assert torch.equal(batch.unit, panel.unit[[2, 0, 2]])
    assert batch.origin.dtype == torch.float64


def test_gathering_in_any_order_gives_the_same_windows() -> None:
    windows = training_windows(random_panel([12, 3, 30]), WindowShape(5, 2, 2))
    index = torch.randperm(len(windows))
    batch = windows.gather(index)
    for row, number in enumerate(index.tolist()):
        single = windows[number]
        for name in ("context", "context_mask", "target", "target_mask", "series"):
            assert torch.equal(getattr(batch, name)[row], getattr(single, name)[0]), name


def test_windows_may_be_numbered_from_the_end_but_not_beyond() -> None:
    windows = training_windows(random_panel([12]), WindowShape(5, 2))
    assert torch.equal(windows[-1].context, windows[len(windows) - 1].context)
    for index in (len(windows), -len(windows) - 1):
        with pytest.raises(IndexError, match=f"window {index} of {len(windows)}"):
            windows[index]


def test_a_data_loader_takes_windows_as_they_are() -> None:
    windows = training_windows(random_panel([20, 9]), WindowShape(4, 3))
    loader = DataLoader(
        windows, batch_size=4, collate_fn=lambda rows: torch.cat([row.context for row in rows])
    )
    contexts = torch.cat(list(loader))
    assert torch.equal(contexts, windows.gather(torch.arange(len(windows))).context)


def test_iterating_stops() -> None:
    windows = training_windows(random_panel([9]), WindowShape(4, 3))
    assert len(list(windows)) == len(windows)


def test_stride() -> None:
    panel = random_panel([20])
    bounds = {"first_cutoff": torch.tensor([4]), "last_cutoff": torch.tensor([15])}
    windows = Windows(panel, WindowShape(4, 2), **bounds, stride=5)
    _, cutoffs = windows.locate(torch.arange(len(windows)))
    assert cutoffs.tolist() == [4, 9, 14]


@pytest.mark.parametrize("held_out", [0, 3])
@pytest.mark.parametrize("stride", [2, 5, 7])
def test_strides_keep_the_phase_of_the_end(stride: int, held_out: int) -> None:
    panel, shape = random_panel([40, 23, 16, 9, 5]), WindowShape(6, 4)
    every = training_windows(panel, shape, held_out=held_out)
    some = training_windows(panel, shape, held_out=held_out, stride=stride)
    wanted: list[tuple[int, int]] = []
    for series in range(panel.count):
        end = int(panel.lengths[series]) - held_out
        located = zip(*every.locate(torch.arange(len(every))), strict=True)
        cutoffs = [int(cutoff) for number, cutoff in located if number == series]
        aligned = [cutoff for cutoff in cutoffs if (end - cutoff) % stride == 0]
        wanted += [(series, cutoff) for cutoff in aligned or cutoffs[-1:]]
    found = zip(*some.locate(torch.arange(len(some))), strict=True)
    assert [(int(series), int(cutoff)) for series, cutoff in found] == wanted
    assert len(some) < len(every)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize(("windows", "step"), [(None, 1), (None, 4), (3, 2), (1, 1), (100, 3)])
def test_cutoff_windows_equal_a_naive_loop(shape: WindowShape, windows: int | None, step: int) -> None:
    lengths = [20, 1, 9, 3, 15]
    panel = random_panel(lengths)
    found = cutoff_windows(panel, shape, windows=windows, step=step)
    expected = []
    for series, length in enumerate(lengths):
        cutoffs = list(range(length - shape.horizon, 0, -step))
        if windows is None:  # those with a whole context, or else the last
            cutoffs = [c for c in cutoffs if c >= shape.context_length] or cutoffs[:1]
        expected += [(series, cutoff) for cutoff in sorted(cutoffs[:windows])]
    assert len(found) == len(expected)
    assert found.counts.tolist() == [sum(s == series for s, _ in expected) for series in range(5)]
    if not expected:
        return
    batch = found.gather(torch.arange(len(found)))
    for row, (series, cutoff) in enumerate(expected):
        assert_window(batch, row, expected_window(panel, shape, series, cutoff, lengths[series]))


def test_cutoffs_before_the_earliest_are_left_out() -> None:
    panel = random_panel([20, 20, 20, 5])
    earliest = torch.tensor([1, 12, 19, 2])
    found = cutoff_windows(panel, WindowShape(4, 2), windows=3, step=3, earliest=earliest)
    _, cutoffs = found.locate(torch.arange(len(found)))
    assert cutoffs.tolist() == [12, 15, 18, 12, 15, 18, 3]
    assert found.counts.tolist() == [3, 3, 0, 1]


def test_cutoff_windows_may_carry_moments() -> None:
    panel = random_panel([20])
    assert cutoff_windows(panel, WindowShape(4, 2), windows=1, step=1)[0].history_moments is None
    assert (
        cutoff_windows(panel, WindowShape(4, 2), windows=1, step=1, moments=True)[0].history_moments
        is not None
    )


class _LargestTensor(TorchDispatchMode):
    """Notes the size of the largest tensor that any operation makes."""

    def __init__(self) -> None:
        super().__init__()
        self.size = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        for tensor in result if isinstance(result, tuple | list) else (result,):
            if isinstance(tensor, torch.Tensor) and not func.is_view:
                self.size = max(self.size, tensor.numel())
        return result


@pytest.mark.parametrize("moments", [False, True])
def test_a_batch_costs_no_more_where_there_are_more_series(moments: bool) -> None:
    sizes = []
    for count in (3, 400):
        times = pd.date_range("2024-01-01", periods=12)
        df = pd.concat([
            pd.DataFrame({"unique_id": f"s{number:03}", "ds": times, "y": np.arange(12.0) % 5})
            for number in range(count)
        ])  # fmt: skip
        df.loc[df["unique_id"] == "s001", "y"] = np.nan
        panel = make_panel(
            read_long_frame(df, Columns()), Frequency.parse("D"), Coders(calendar=Calendar(["hour"]))
        )
        windows = training_windows(panel, WindowShape(4, 3), moments=moments)
        with _LargestTensor() as largest:
            windows.gather(torch.arange(5))
        sizes.append(largest.size)
    assert sizes[0] == sizes[1] < 400


class TestMomentsOfTheHistory:
    """What ``scaling="series"`` needs: mean and deviation of all that lies before the cutoff."""

    @staticmethod
    def check(panel: Panel, rtol: float = 1e-5) -> None:
        windows = training_windows(panel, WindowShape(3, 2), moments=True)
        batch = windows.gather(torch.arange(len(windows)))
        series, cutoffs = windows.locate(torch.arange(len(windows)))
        assert batch.history_moments is not None
        for row, (number, cutoff) in enumerate(zip(series.tolist(), cutoffs.tolist(), strict=True)):
            expanding = pd.DataFrame(history_of(panel, number).astype(float))[:cutoff]
            mean, deviation = expanding.mean().fillna(0.0), expanding.std(ddof=0).fillna(0.0)
            np.testing.assert_allclose(
                batch.history_moments.mean[row], mean, rtol=rtol, atol=rtol * deviation.max()
            )
            np.testing.assert_allclose(batch.history_moments.spread[row], deviation, rtol=rtol, atol=1e-30)

    def test_they_equal_expanding_statistics(self) -> None:
        self.check(random_panel([20, 1, 9, 3], targets=2))

    def test_they_survive_a_level_far_above_the_first_value(self) -> None:
        self.check(panel_of(np.r_[0.0, 1.0, 1e6 + np.arange(20) % 7]), rtol=1e-3)

    def test_they_do_not_depend_on_the_other_series(self) -> None:
        """A counter that starts at 0 and passes 10⁸ stands before a small series."""
        self.check(panel_of(np.r_[0.0, 1.0, 1e8 * np.arange(1, 30)], np.sin(np.arange(20))))


def test_moments_are_none_by_default() -> None:
    assert forecast_windows(random_panel([9]), WindowShape(4, 2))[0].history_moments is None


@pytest.mark.parametrize("shape", [WindowShape(6, 4, 2), WindowShape(4, 3)], ids=str)
def test_windows_without_anything_missing_equal_a_naive_loop(shape: WindowShape) -> None:
    """Their values are slices of the panel, and all masks are True."""
    lengths = [30, 24, 27]
    panel = random_panel(lengths, targets=2, missing=0)
    windows = training_windows(panel, shape)
    assert windows.complete
    assert windows[0].complete
    pairs = [(s, cutoff) for s, length in enumerate(lengths) for cutoff in training_cutoffs(length, shape, 0)]
    batch = windows.gather(torch.arange(len(windows)))
    assert len(windows) == len(pairs)
    for row, (series, cutoff) in enumerate(pairs):
        assert_window(batch, row, expected_window(panel, shape, series, cutoff, lengths[series]))


@pytest.mark.parametrize(
    ("lengths", "shape", "missing"),
    [
        pytest.param([30, 24], WindowShape(7, 4, 2), 0.0, id="part of a segment"),
        pytest.param([30, 24], WindowShape(6, 3, 2), 0.0, id="part of a horizon's segment"),
        pytest.param([30, 5], WindowShape(6, 4, 2), 0.0, id="a short series"),
        pytest.param([30, 24], WindowShape(6, 4, 2), 0.2, id="missing values"),
    ],
)
def test_windows_that_lack_something_are_not_complete(lengths, shape: WindowShape, missing: float) -> None:
    assert not training_windows(random_panel(lengths, missing=missing), shape).complete


def test_forecast_windows_are_not_complete() -> None:
    assert not forecast_windows(random_panel([30, 24], missing=0), WindowShape(6, 4, 2)).complete


def test_lags_do_not_change_the_values() -> None:
    """Windows of values only are gathered by code of their own."""
    panel = random_panel([30, 24], targets=2, missing=0.0)
    plain, lagged = (training_windows(panel, WindowShape(8, 4, 2, lags)) for lags in ((), (3,)))
    assert plain.complete
    assert plain.values_only
    assert lagged.complete
    assert not lagged.values_only
    index = torch.tensor([3, 0, len(plain) - 1, 3])
    plain_batch, lagged_batch = plain.gather(index), lagged.gather(index)
    for name in ("context", "context_mask", "target", "target_mask", "series", "origin", "unit"):
        assert torch.equal(getattr(plain_batch, name), getattr(lagged_batch, name)), name
    assert plain_batch.lagged is None
    assert lagged_batch.lagged is not None


def test_windows_without_a_horizon_are_contexts_alone() -> None:
    panel = random_panel([30, 24], missing=0.2)
    shape = WindowShape(8, 0, 2)
    lengths = panel.lengths
    windows = Windows(panel, shape, first_cutoff=torch.full_like(lengths, 8), last_cutoff=lengths)
    batch = windows.gather(torch.arange(len(windows)))
    assert batch.target.shape == (len(windows), 0, 1)
    series, cutoff = windows.locate(torch.arange(len(windows)))
    for row in range(len(windows)):
        values = history_of(panel, int(series[row]))[int(cutoff[row]) - 8 : int(cutoff[row])]
        np.testing.assert_array_equal(np.where(batch.context_mask[row], batch.context[row], np.nan), values)


def test_windows_of_what_is_not_forecast_have_the_moments_given_and_steps_as_they_pass() -> None:
    class Moments:
        def before(self, series: torch.Tensor, cutoff: torch.Tensor) -> BatchMoments:
            return BatchMoments(series[:, None].float(), cutoff[:, None].float())

    times = pd.date_range("2024-03-30", periods=72, freq="h", tz="Europe/Berlin")
    frame = read_long_frame(pd.DataFrame({"ds": times, "y": np.arange(72.0)}), Columns())
    panel = make_panel(frame, Frequency.parse("h"))
    asked = training_windows(panel, WindowShape(24, 24))
    assert asked.clock is not None
    windows = asked.as_they_pass(Moments())
    assert asked.clock is not None, "the windows that it was asked of are left as they were"
    batch = windows.gather(torch.tensor([3]))
    assert torch.equal(batch.history_moments.spread, torch.tensor([[27.0]]))
    original = batch.origin[:, None] + batch.unit[:, None] * torch.cat([batch.context, batch.target], 1)
    assert original.flatten().tolist() == list(range(3, 51))
