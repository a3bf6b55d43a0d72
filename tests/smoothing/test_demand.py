"""Intermittent demand: which series are, what they are forecast, and that no other series is forecast anew."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from tsseq2seq.smoothing.base import SmoothingBase
from tsseq2seq.smoothing.demand import DemandWeights
from tsseq2seq.smoothing.intermittent import mostly_zero
from tsseq2seq.smoothing.method_weights import MethodWeights
from tsseq2seq.smoothing.panel_table import PanelTable
from tsseq2seq.smoothing.series_block import series_blocks
from tsseq2seq.smoothing.smoothed_block import SmoothedBlock

HORIZON, PROBABILITIES = 12, [0.05, 0.25, 0.5, 0.75, 0.95]


def demands(rng, count: int, length: int) -> np.ndarray:
    chance = rng.uniform(0.15, 0.4, size=(count, 1))
    return np.where(rng.random((count, length)) < chance, 1.0 + rng.poisson(2.0, (count, length)), 0.0)


def usual(rng, count: int, length: int) -> np.ndarray:
    return 40 + rng.normal(size=(count, length)).cumsum(1) + 6 * np.sin(np.arange(length) * np.pi / 2)


def loss(truth: np.ndarray, quantiles: np.ndarray) -> float:
    errors, probabilities = truth[..., None] - quantiles, np.array(PROBABILITIES)
    return float(np.maximum(probabilities * errors, (probabilities - 1) * errors).mean())


def test_intermittent_is_what_is_mostly_0_from_the_first_demand_on_and_never_below() -> None:
    launched = [0.0] * 30 + [5.0, 6.0, 5.5, 7.0, 5.0, 6.0, 8.0, 7.0]
    mostly = [0.0, 0.0, 3.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 2.0, 0.0]
    below = [*mostly, -1.0, 0.0, 0.0]
    for values, wanted in ((launched, False), (mostly, True), (below, False), ([0.0] * 40, False)):
        given = torch.tensor([values], dtype=torch.float64)
        assert bool(mostly_zero(given, torch.ones_like(given, dtype=torch.bool))[0, -1]) == wanted


def test_zeros_of_a_season_are_no_intermittent_demand(panel_of) -> None:
    """Such as the sun by night, which seasonal methods foretell."""
    rng = np.random.default_rng(0)
    sun = np.maximum(0.0, np.sin(np.arange(240) * 2 * np.pi / 24) - 0.2) * rng.uniform(0.7, 1.3, 240)
    assert (sun == 0).mean() > 0.5
    panel = panel_of([sun, demands(rng, 1, 240)[0]])
    (block,) = series_blocks(panel)
    found = SmoothedBlock.of(block, (24,), 24, SmoothingBase.unlearned((24,), 24).methods).intermittent
    assert not found[0, 80:].any()
    assert found[1, 80:].all()


@pytest.mark.parametrize("periods", [(), (4,)], ids=str)
def test_other_series_are_forecast_as_if_there_were_no_methods_for_demand(periods, panel_of) -> None:
    """To the bit in a panel of their own; beside demand to the rounding of other places in memory."""
    rng = np.random.default_rng(1)
    series = [*usual(rng, 5, 60), *(usual(rng, 2, 60) - 40)]
    panel, mixed = panel_of(series), panel_of([*series, *demands(rng, 5, 60)])
    base = SmoothingBase.learned(panel, periods, HORIZON, seed=0)
    strange = DemandWeights(
        *(MethodWeights(torch.randn(n, dtype=torch.float64), torch.tensor(3.0).double()) for n in (26, 6))
    )
    changed = dataclasses.replace(base, demand_weights=strange)
    one = base.forecast(panel, HORIZON, probabilities=PROBABILITIES)
    np.testing.assert_array_equal(one, changed.forecast(panel, HORIZON, probabilities=PROBABILITIES))
    assert PanelTable.of(base, panel).plain is None
    beside = base.forecast(mixed, HORIZON, probabilities=PROBABILITIES)[: len(series)]
    np.testing.assert_allclose(beside, one, rtol=1e-9)


@pytest.mark.parametrize("periods", [(), (12,)], ids=str)
def test_demand_is_forecast_better_than_nothing_and_than_its_own_past(periods, panel_of) -> None:
    rng = np.random.default_rng(2)
    values = demands(rng, 60, 72)
    known, truth = values[:, :60], values[:, 60:]
    panel = panel_of(known)
    base = SmoothingBase.learned(panel, periods, HORIZON, seed=0)
    found = base.forecast(panel, HORIZON, probabilities=PROBABILITIES)[:, :, 0]
    point, quantiles = found[..., 0], found[..., 1:]

    def error(forecast) -> float:
        return float(
            np.sqrt(((truth - forecast) ** 2).mean(1) / (np.diff(known, axis=1) ** 2).mean(1)).mean()
        )

    mean = known.mean(1, keepdims=True)
    assert error(point) < 0.95 * error(0)
    assert error(point) < 0.95 * error(known[:, -1:])
    assert error(point) < 1.02 * error(mean)  # which is the best that can be done here
    past = np.moveaxis(np.quantile(known, PROBABILITIES, axis=1), 0, -1)[:, None]
    assert loss(truth, quantiles) < 0.85 * loss(truth, np.zeros_like(quantiles))
    assert loss(truth, quantiles) < 1.02 * loss(truth, past)
    assert point.mean() == pytest.approx(truth.mean(), rel=0.1)


def test_quantiles_are_sizes_that_were_there_or_nothing(panel_of) -> None:
    values = demands(np.random.default_rng(3), 20, 60)
    base = SmoothingBase.learned(panel_of(values), (), HORIZON, seed=0)
    found = base.forecast(panel_of(values), HORIZON, probabilities=PROBABILITIES)[:, 0, 0, 1:]
    assert not found[:, :2].any()
    assert (found >= 0).all()
    assert (np.diff(found, axis=1) >= 0).all()
    for series, quantiles in zip(values, found, strict=True):
        assert set(quantiles) <= {0.0, *series}


def test_intervals_cover_as_much_as_they_say(panel_of) -> None:
    values = demands(np.random.default_rng(4), 200, 72)
    base = SmoothingBase.learned(panel_of(values[:, :60]), (), HORIZON, seed=0)
    high = base.forecast(panel_of(values[:, :60]), HORIZON, probabilities=[0.9])[:, :, 0, 1]
    # of whole numbers more lie at or below a quantile than its probability
    assert 0.9 <= (values[:, 60:] <= high).mean() <= 0.96
    assert (values[:, 60:] < high).mean() < 0.9


def test_the_table_of_a_panel_reads_the_same(panel_of) -> None:
    rng = np.random.default_rng(5)
    series = [*demands(rng, 3, 40), usual(rng, 1, 40)[0], [*demands(rng, 1, 30)[0], *usual(rng, 1, 20)[0]]]
    panel = panel_of(series)
    base = SmoothingBase.learned(panel, (4,), 3, seed=0)
    table = PanelTable.of(base, panel)
    assert table.plain is not None
    for number, values in enumerate(series):
        cutoffs = torch.arange(9, len(values) + 1)
        rows = torch.full_like(cutoffs, number)
        read = table.at(rows, cutoffs, 3).double()
        read = panel.origin[rows][:, None] + panel.unit[rows][:, None] * read
        made = base.forecast_cutoffs(panel, rows, cutoffs, 3)[..., 0]
        np.testing.assert_allclose(read, made, rtol=1e-5, atol=1e-5)
