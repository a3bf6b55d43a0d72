"""What all scalings share: no statistic looks where it must not, and nothing is lost on the way."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
import torch

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.batch import Batch
from tsseq2seq.data.panel.panel import make_panel
from tsseq2seq.data.panel.window_index import forecast_windows
from tsseq2seq.data.panel.windows import WindowShape
from tsseq2seq.data.scaling.base import Scaling
from tsseq2seq.data.scaling.registry import SCALINGS
from tsseq2seq.data.scaling.window import Window
from tsseq2seq.errors import DataError
from tsseq2seq.settings import Settings

SINE = np.sin(np.arange(24.0))


def test_the_interface_itself_cannot_be_built() -> None:
    with pytest.raises(TypeError, match="abstract"):
        Scaling()


def test_a_scaling_must_have_a_name() -> None:
    with pytest.raises(TypeError, match="Nameless has no name"):

        class Nameless(Scaling):
            pass

    assert "Nameless" not in Settings.registry


def test_a_scaling_cannot_be_changed_in_place() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Window().size = 3.0


@pytest.mark.parametrize("scaling", ["window", "robust", "series", "last"])
def test_shift_and_stretch_change_nothing(scaling: str, series, batch_of, scaled) -> None:
    values = series["noise"]
    one, other = (scaled(batch_of(v, 20), scaling) for v in (values, 1000 * values + 5000))
    np.testing.assert_allclose(one, other, atol=1e-4)


@pytest.mark.parametrize("scaling", SCALINGS)
def test_what_is_not_observed_touches_no_statistic(scaling: str, series, batch_of, scale_of) -> None:
    batch = batch_of(np.abs(series["gaps"]), 20)
    clean = scale_of(batch, scaling)
    poisoned = Batch(
        **{
            **vars(batch),
            "target": torch.full_like(batch.target, torch.nan),
            "target_mask": ~batch.target_mask,
        }
    )
    for name in ("location", "spread", "flat"):
        assert torch.equal(getattr(scale_of(poisoned, scaling), name), getattr(clean, name))
    context = batch.context.masked_fill(~batch.context_mask, 1e9)
    masked = Batch(**{**vars(batch), "context": context})
    for name in ("location", "spread", "flat"):
        assert torch.equal(getattr(scale_of(masked, scaling), name), getattr(clean, name))
    if scaling == "log1p":
        assert torch.equal(scale_of(masked, scaling).transformation.lowest, clean.transformation.lowest)


@pytest.mark.parametrize("scaling", SCALINGS)
def test_of_a_series_never_observed_nothing_is_known(scaling: str, batch_of, scale_of) -> None:
    batch = batch_of(np.full(9, np.nan))
    scale = scale_of(batch, scaling)
    assert scale.transform(batch.context).isfinite().all(), "what enters the network is a number"
    if scaling != "none":
        assert scale.inverse(torch.ones(1, 2, 1)).isnan().all()


def test_rows_do_not_know_of_each_other(scale_of) -> None:
    values = np.r_[SINE, 1e8 + np.arange(24), np.full(24, 2.0)]
    panel = make_panel(
        read_long_frame(
            pd.DataFrame(
                {"unique_id": np.repeat(list("abc"), 24), "ds": np.tile(np.arange(24), 3), "y": values}
            ),
            Columns(),
        ),
        Frequency.parse(1),
    )
    windows = forecast_windows(panel, WindowShape(12, 2), moments=True)
    batch = windows.gather(torch.arange(3))
    for scaling in SCALINGS:
        together = scale_of(batch, scaling)
        for row in range(3):
            alone = scale_of(windows[row], scaling)
            assert torch.equal(alone.location[0], together.location[row])
            assert torch.equal(alone.spread[0], together.spread[row])
            if scaling == "log1p":
                assert torch.equal(alone.transformation.lowest[0], together.transformation.lowest[row])


@pytest.mark.parametrize("scaling", SCALINGS)
@pytest.mark.parametrize(
    "values", [SINE + 2, np.full(24, 7.7), np.r_[np.nan, SINE[1:] + 2]], ids=["varies", "flat", "gap"]
)
def test_a_context_is_scaled_as_any_numbers_are(values: np.ndarray, scaling: str, batch_of, scale_of) -> None:
    batch = batch_of(values)
    scale, context = SCALINGS[scaling].scale_context(batch)
    alone = scale_of(batch, scaling)
    assert torch.equal(context, alone.transform(batch.context))
    assert torch.equal(context, scale.transform(batch.context))


class TestCheck:
    """Values must be above what a scaling says; the refusal names the first that is not."""

    @pytest.mark.parametrize("scaling", ["window", "series", "last", "robust", "mean", "none"])
    def test_other_scalings_take_any_value(self, scaling: str, panel_of) -> None:
        SCALINGS[scaling].check(panel_of([-5.0, 1.0]))

    @pytest.mark.parametrize(("above", "fine"), [(0.0, False), (-0.5, True), (-1.0, True), (2.0, False)])
    def test_a_bound_of_ones_own(self, above: float, fine: bool, panel_of) -> None:
        @dataclass(frozen=True)
        class Bounded(Window):
            name = "bounded"

        Bounded.above = above
        panel = panel_of([3.0, np.nan, 5.0, 0.0, 4.0, -0.0], list("aabbbb"))
        if fine:
            Bounded().check(panel)
        else:
            message = rf"scaling is 'bounded', but series 'b' is 0 at 3; .*above {above:g} "
            with pytest.raises(DataError, match=message):
                Bounded().check(panel)
