"""PanelTable against forecasts made cutoff by cutoff."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from tsseq2seq.smoothing.panel_table import PanelTable

SERIES = {
    "positive": lambda rng, n: (
        20 + rng.normal(size=n).cumsum().clip(-15) + 6 * np.sin(np.arange(n) * np.pi / 2)
    ),
    "turns negative": lambda rng, n: 10 - np.arange(n) / 3 + rng.normal(size=n),
    "zeros": lambda rng, n: np.where(rng.random(n) < 0.5, 0.0, rng.gamma(2, size=n)),
    "gaps": lambda rng, n: np.where(rng.random(n) < 0.2, np.nan, 5 + rng.normal(size=n)),
    "short": lambda rng, n: 3 + rng.random(7),
    "late": lambda rng, n: np.r_[[np.nan] * 9, 4 + rng.random(n)],
    "unknown": lambda rng, n: np.full(6, np.nan),
}


@pytest.mark.parametrize("periods", [(), (4,), (3, 12)], ids=str)
def test_forecasts_of_every_origin_are_those_of_the_base(periods, panel_of, unlearned) -> None:
    rng = np.random.default_rng(0)
    panel = panel_of([make(rng, 40) for make in SERIES.values()])
    base, horizon = unlearned(periods, 5), 7
    table = PanelTable.of(base, panel)
    compared = 0
    for series in range(panel.count):
        cutoffs = torch.arange(1, int(panel.lengths[series]) + 1)
        rows = torch.full_like(cutoffs, series)
        wanted = base.forecast_cutoffs(panel, rows, cutoffs, horizon)[..., 0]
        origin, unit = panel.origin[series].numpy(), panel.unit[series].numpy()
        found = origin + unit * table.at(rows, cutoffs, horizon).double().numpy()
        known = ~np.isnan(wanted)
        np.testing.assert_allclose(found[known], wanted[known], rtol=2e-6, atol=1e-5)
        assert np.isfinite(found).all()  # a network needs a number where nothing is known, too
        compared += known.sum()
    assert compared > 5 * 7 * 20


def test_several_targets_are_read_each_by_itself(panel_of, unlearned) -> None:
    rng = np.random.default_rng(1)
    one, other = (panel_of([10 + rng.normal(size=30).cumsum() for _ in range(2)]) for _ in range(2))
    both = dataclasses.replace(
        one,
        **{
            name: torch.cat([getattr(one, name), getattr(other, name)], 1)
            for name in ("values", "observed", "origin", "unit")
        },
        targets=("y", "z"),
    )
    base, at = unlearned((4,), 3), (torch.tensor([1, 0, 1]), torch.tensor([30, 12, 2]), 3)
    found = PanelTable.of(base, both).at(*at)
    for target, panel in enumerate((one, other)):
        assert torch.equal(found[..., target], PanelTable.of(base, panel).at(*at)[..., 0])


def test_it_lies_on_the_device_of_the_panel(panel_of, unlearned) -> None:
    panel = panel_of([np.arange(12.0)])
    table = PanelTable.of(unlearned((), 2), panel)
    tensors = [value for value in vars(table).values() if isinstance(value, torch.Tensor)]
    assert len(tensors) == 5
    assert all(tensor.device == panel.values.device for tensor in tensors)
