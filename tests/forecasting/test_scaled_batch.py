"""Scaled batches: held against the batch's own numbers, and what is drawn ahead against what is drawn alone."""

from __future__ import annotations

import dataclasses
import itertools
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.batch import Batch
from tsseq2seq.data.panel.features import Features
from tsseq2seq.data.panel.panel import make_panel
from tsseq2seq.data.panel.window_index import training_windows
from tsseq2seq.data.panel.windows import Windows, WindowShape
from tsseq2seq.data.scaling.registry import SCALINGS
from tsseq2seq.data.scaling.transformation import Transformation
from tsseq2seq.forecasting import scaled_batch
from tsseq2seq.forecasting.scaled_batch import RandomBatches, ScaledBatch

MOST_AHEAD = 8


def windows_of(
    lengths: list[int], *, missing: float = 0.0, lags: tuple[int, ...] = (), targets: tuple[str, ...] = ("y",)
) -> Windows:
    rng = np.random.default_rng(0)
    parts = []
    for place, length in enumerate(lengths):
        part = {"unique_id": place, "ds": np.arange(length)}
        for target in targets:
            values = np.exp(rng.normal(size=length))
            values[rng.random(length) < missing] = np.nan
            part[target] = values
        parts.append(pd.DataFrame(part))
    panel = make_panel(read_long_frame(pd.concat(parts), Columns(targets=targets)), Frequency.parse(1))
    return training_windows(panel, WindowShape(6, 4, 2, lags), moments=True)


def tensors(part: object, name: str = "") -> dict[str, Tensor]:
    """Every tensor of a dataclass, by its path."""
    found = {}
    for field in dataclasses.fields(part):  # type: ignore[arg-type]
        value, path = getattr(part, field.name), f"{name}.{field.name}"
        if isinstance(value, Tensor):
            found[path] = value
        elif dataclasses.is_dataclass(value):
            found |= tensors(value, path)
    return found


def same(one: object, other: object) -> None:
    assert type(one) is type(other)
    mine, others = tensors(one), tensors(other)
    assert list(mine) == list(others)
    for path, tensor in mine.items():
        torch.testing.assert_close(tensor, others[path], rtol=0, atol=0, equal_nan=True, msg=path)


def by_window(batch: Batch) -> ScaledBatch:
    return ScaledBatch.of(batch, SCALINGS["window"], 2)


def by_series(batch: Batch) -> ScaledBatch:
    return ScaledBatch.of(batch, SCALINGS["series"], 2)


def original(batch: Batch, values: Tensor, unit: Tensor, origin: Tensor) -> Tensor:
    return origin[:, None] + unit[:, None] * values.double()


@pytest.mark.parametrize("scaling", SCALINGS)
@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_its_numbers_lead_back_to_the_observed_values(scaling: str, missing: float) -> None:
    windows = windows_of([30, 20], missing=missing, lags=(1, 5), targets=("y", "z"))
    batch = windows.gather(torch.arange(len(windows)))
    scaled = ScaledBatch.of(batch, SCALINGS[scaling], 2)
    varies = ~scaled.scale.flat
    values, valid = scaled.segments.unflatten(2, (2, 2, 2)).unbind(2)  # two steps of two targets, their masks
    context = values.flatten(1, 2)
    assert torch.equal(valid.flatten(1, 2) == 1, batch.context_mask)
    for values, mask, numbers in (
        (context, batch.context_mask, batch.context),
        (scaled.target, batch.target_mask, batch.target),
        *(
            (
                scaled.lagged[:, :, 2 * lag : 2 * lag + 2],
                batch.lagged_mask[:, :, lag],
                batch.lagged[:, :, lag],
            )  # type: ignore[index]
            for lag in range(2)
        ),
    ):
        assert (values.masked_select(~mask) == 0).all()
        expected = original(batch, numbers, batch.unit, batch.origin)
        seen = mask & varies
        # a logarithm holds what lies below the context's lowest value to 6e-8 of 1 + that value only
        tolerance = {"rtol": 1e-4, "atol": 1e-4}
        torch.testing.assert_close(scaled.scale.inverse(values)[seen], expected[seen], **tolerance)
    assert torch.equal(scaled.loss_mask, batch.target_mask & varies)
    assert torch.equal(scaled.lagged_mask, batch.lagged_mask.flatten(2))  # type: ignore[union-attr,arg-type]


@pytest.mark.parametrize("scaling", SCALINGS)
@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_parts_are_what_their_windows_alone_would_be(scaling: str, missing: float) -> None:
    windows = windows_of([30, 20, 5], missing=missing, lags=(3,))
    index = torch.arange(len(windows))[: len(windows) // 4 * 4]
    parts = list(ScaledBatch.of(windows.gather(index), SCALINGS[scaling], 2).split(4))
    assert len(parts) == len(index) // 4
    for part, rows in zip(parts, index.split(4), strict=True):
        same(part, ScaledBatch.of(windows.gather(rows), SCALINGS[scaling], 2))


@dataclass(frozen=True)
class Cube(Transformation):
    """A transformation of the panel's numbers, which holds no tensor that could be split."""

    def transform(self, numbers: Tensor) -> Tensor:
        return numbers**3

    def inverse(self, transformed: Tensor) -> Tensor:
        return transformed.sign() * transformed.abs() ** (1 / 3)


def test_what_holds_no_tensors_goes_into_every_part() -> None:
    windows = windows_of([30])
    whole = by_window(windows.gather(torch.arange(8)))
    scale = dataclasses.replace(whole.scale, transformation=Cube())
    parts = list(dataclasses.replace(whole, scale=scale).split(2))
    assert [part.scale.transformation for part in parts] == [Cube()] * 4
    assert torch.equal(torch.cat([part.scale.location for part in parts]), whole.scale.location)


@pytest.mark.parametrize("lengths", [[40, 30], [40, 7]], ids=["whole", "padded"])
def test_batches_are_those_that_the_generator_draws(lengths: list[int]) -> None:
    windows = windows_of(lengths)
    drawn = RandomBatches(
        windows, by_window, size=5, generator=torch.Generator().manual_seed(3), most_ahead=MOST_AHEAD
    )
    batches = list(itertools.islice(drawn, 1 + 2 * MOST_AHEAD))
    twin = torch.Generator().manual_seed(3)
    index = torch.cat(
        [torch.randint(len(windows), (5 * many,), generator=twin) for many in (1, MOST_AHEAD, MOST_AHEAD)]
    )
    for batch, rows in zip(batches, index.split(5), strict=True):
        same(batch, by_window(windows.gather(rows)))


def test_no_more_are_drawn_ahead_than_the_numbers_allow(monkeypatch: pytest.MonkeyPatch) -> None:
    windows = windows_of([40])
    asked: list[int] = []
    gather = windows.gather
    monkeypatch.setattr(windows, "gather", lambda index: asked.append(len(index)) or gather(index))
    each = sum(tensor.numel() for tensor in tensors(by_window(gather(torch.arange(8)))).values())
    for limit, ahead in ((each - 1, 1), (3 * each, 3), (4 * each - 1, 3), (1000 * each, MOST_AHEAD)):
        monkeypatch.setattr(scaled_batch, "_NUMBERS_AHEAD", limit)
        asked.clear()
        drawn = RandomBatches(
            windows, by_window, size=8, generator=torch.Generator().manual_seed(0), most_ahead=MOST_AHEAD
        )
        list(itertools.islice(drawn, 1 + 2 * ahead))
        assert asked == [8, 8 * ahead, 8 * ahead]


def test_features_are_split_with_their_windows() -> None:
    windows = windows_of([30, 20], lags=(2,))
    index = torch.arange(8)
    batch = windows.gather(index)
    steps = batch.context.shape[1] + batch.target.shape[1]
    rng = torch.Generator().manual_seed(0)

    def features(*shape: int) -> Features:
        numbers = torch.rand(*shape, 2, generator=rng)
        return Features(numbers, numbers > 0.5, torch.randint(5, (*shape, 1), generator=rng))

    given = {
        "past": features(8, batch.context.shape[1]),
        "future": features(8, steps),
        "static": features(8),
        "calendar": torch.rand(8, steps, 3, generator=rng),
    }
    whole = by_window(dataclasses.replace(batch, **given))
    for place, part in enumerate(whole.split(2)):
        rows = slice(2 * place, 2 * place + 2)
        for path, tensor in tensors(part).items():
            assert torch.equal(tensor, tensors(whole)[path][rows]), path


@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_a_draw_that_fails_leaves_an_iterator_that_goes_on(
    missing: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    windows = windows_of([40, 30], missing=missing, lags=(2, 7))
    first, second = (
        RandomBatches(
            windows, by_series, size=4, generator=torch.Generator().manual_seed(0), most_ahead=MOST_AHEAD
        )
        for _ in range(2)
    )
    same(next(first), next(second))
    with monkeypatch.context() as patched:
        patched.setattr(windows, "gather", lambda index: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            next(first)
    torch.randint(len(windows), (4 * MOST_AHEAD,), generator=second.generator)  # what was lost
    for _ in range(MOST_AHEAD + 1):
        same(next(first), next(second))
