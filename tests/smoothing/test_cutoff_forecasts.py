"""CutoffForecasts against forecasts made cutoff by cutoff, and against the table of a panel."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.smoothing.test_panel_table import SERIES
from tsseq2seq.data.panel.window_index import cutoff_windows, forecast_windows
from tsseq2seq.data.panel.windows import Windows, WindowShape
from tsseq2seq.smoothing.cutoff_forecasts import CutoffForecasts
from tsseq2seq.smoothing.panel_table import PanelTable

HORIZON = 5


def of_several(panel_of, count: int = 40):
    rng = np.random.default_rng(0)
    return panel_of([make(rng, count) for make in SERIES.values()])


def located(windows: Windows) -> tuple[torch.Tensor, torch.Tensor]:
    return windows.locate(torch.arange(len(windows)))


@pytest.mark.parametrize("step", [1, 3, 5])
@pytest.mark.parametrize("windows", [1, 4, None], ids=str)
def test_a_network_adds_to_what_the_table_has(panel_of, unlearned, step: int, windows: int | None) -> None:
    panel, base = of_several(panel_of), unlearned((4,), HORIZON)
    chosen = cutoff_windows(panel, WindowShape(8, HORIZON), windows=windows, step=step)
    made = CutoffForecasts.of(base, chosen, (), steps=8)
    series, cutoffs = located(chosen)
    order = torch.randperm(len(chosen))
    at = series[order], cutoffs[order], 7
    wanted = PanelTable.of(base, panel).at(*at)
    assert len(wanted) >= 5
    torch.testing.assert_close(made.at(*at), wanted, rtol=2e-5, atol=2e-5)


def test_what_is_read_are_the_forecasts_of_each_cutoff(panel_of, unlearned) -> None:
    panel, base = of_several(panel_of), unlearned((4,), HORIZON)
    chosen = cutoff_windows(panel, WindowShape(8, HORIZON), windows=3, step=2)
    made = CutoffForecasts.of(base, chosen, (0.1, 0.5, 0.95), steps=8)
    series, cutoffs = located(chosen)
    wanted = base.forecast_cutoffs(panel, series, cutoffs, HORIZON, probabilities=[0.95, 0.1])
    # the probability of a level of 90 %, as it is computed, is not 0.95 to the last bit
    found = made.read([0.5 + 0.9 / 2 + 1e-16, 0.1], HORIZON)
    assert np.isnan(wanted).any()
    np.testing.assert_array_equal(found, wanted)


def test_forecasts_after_the_end_serve_their_windows_alone(panel_of, unlearned) -> None:
    panel, base = of_several(panel_of), unlearned((4,), HORIZON)
    ends = forecast_windows(panel, WindowShape(8, HORIZON))
    made = CutoffForecasts.of(base, ends, (0.1, 0.9), steps=HORIZON)
    assert made.serves(base, ends, (0.9,), HORIZON)
    assert not made.serves(unlearned((4,), HORIZON), ends, (0.9,), HORIZON)
    assert not made.serves(base, ends, (0.8,), HORIZON)
    assert not made.serves(base, ends, (0.9,), HORIZON + 1)
    earlier = cutoff_windows(panel, WindowShape(8, HORIZON), windows=1, step=HORIZON)
    assert len(earlier) == len(ends)
    assert not made.serves(base, earlier, (0.9,), HORIZON)


def test_a_panel_without_windows_has_none(panel_of, unlearned) -> None:
    panel, base = panel_of([[1.0, 2.0, 3.0]]), unlearned((), HORIZON)
    none = cutoff_windows(panel, WindowShape(8, HORIZON), windows=1, step=1)
    made = CutoffForecasts.of(base, none, (0.5,), steps=HORIZON)
    assert made.read((0.5,), HORIZON).shape == (0, HORIZON, 1, 2)
