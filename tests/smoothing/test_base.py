"""SmoothingBase against its definition, from every cutoff of random series."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from tsseq2seq.smoothing.demand import DemandWeights
from tsseq2seq.smoothing.method_weights import MethodWeights

PERIODS = [(), (3,), (4,), (7,), (3, 12)]


def random_series(rng, kind: str, length: int) -> np.ndarray:
    """Values that float32 holds exactly, so that the panel hands on what the definition is given."""
    t = np.arange(length)
    noise = rng.normal(size=length) * rng.choice([0.1, 1, 3])
    values = 40 + 0.3 * t + noise + 8 * np.sin(t * 2 * np.pi / rng.choice([3, 4, 7, 12]))
    if kind == "negative":
        values -= 45
    elif kind == "turns negative":
        values -= np.where(t > rng.integers(1, max(2, length)), 70, 0)
    elif kind == "zeros":
        values = np.where(rng.random(length) < 0.6, 0, values)
    elif kind == "demand":
        values = np.where(rng.random(length) < rng.uniform(0.5, 0.9), 0, rng.poisson(3, length) + 1.0)
    elif kind == "demand with gaps":
        values = np.where(rng.random(length) < 0.5, 0, rng.gamma(2.0, 3, length))
        values[rng.random(length) < 0.3] = np.nan
    elif kind == "equal":
        values = np.full(length, 5.0)
    elif kind == "gaps":
        values[rng.random(length) < 0.3] = np.nan
    elif kind == "late":
        values[: rng.integers(0, length)] = np.nan
    elif kind == "ends missing":
        values[length - rng.integers(0, length) :] = np.nan
    return np.round(values * 64) / 64


KINDS = (
    "plain",
    "negative",
    "turns negative",
    "zeros",
    "demand",
    "demand with gaps",
    "equal",
    "gaps",
    "late",
    "ends missing",
)


def learned_weights(base, rng):
    """Other weights than the unlearned ones."""
    prior, sharpness = torch.from_numpy(rng.normal(size=60)), float(rng.uniform(2, 15))
    weights = dataclasses.replace(
        base.weights, prior=prior, log_sharpness=torch.tensor(sharpness, dtype=torch.float64).log()
    )
    demand = [
        MethodWeights(torch.from_numpy(rng.normal(size=n)), torch.tensor(float(s)).double().log())
        for n, s in ((26, 3), (6, 9))
    ]
    base = dataclasses.replace(base, weights=weights, demand_weights=DemandWeights(*demand))
    of_demand = [(each.prior.numpy(), float(each.log_sharpness.exp())) for each in demand]
    return base, {"prior": prior.numpy(), "sharpness": sharpness, "demand_weights": of_demand}


@pytest.mark.parametrize("periods", PERIODS, ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_every_origin_equals_the_definition(periods, kind, by_definition, panel_of, unlearned) -> None:
    rng = np.random.default_rng([*kind.encode(), *periods])
    lengths = [int(rng.integers(35, 50)), int(rng.integers(1, 9)), int(rng.integers(9, 35))]
    series = [random_series(rng, kind, length) for length in lengths]
    horizon = int(rng.integers(1, 9))
    base, weights = learned_weights(unlearned(periods, horizon), rng)
    panel = panel_of(series)
    for number, values in enumerate(series):
        cutoffs = torch.arange(1, len(values) + 1)
        found = base.forecast_cutoffs(
            panel, torch.full_like(cutoffs, number), cutoffs, horizon + 3, probabilities=[0.9]
        )[:, :, 0]
        for cutoff in (*range(1, len(values), 6), len(values)):
            at = f"series {number}, cutoff {cutoff} of {len(values)}"
            known = values[:cutoff]
            if np.isnan(known).all():
                assert np.isnan(found[cutoff - 1]).all(), at
                continue
            wanted = by_definition(known, periods=periods, horizon=horizon, steps=horizon + 3, **weights)
            if not wanted.enough:
                assert np.isnan(found[cutoff - 1]).all(), at
                continue
            offsets = base.shape.offsets([0.9], horizon + 3)[:, 0].numpy()
            both = np.stack([wanted.point, wanted.quantile(offsets, 0.9)], axis=1)
            np.testing.assert_allclose(found[cutoff - 1], both, rtol=1e-8, atol=1e-8, err_msg=at)


@pytest.mark.parametrize("periods", [(), (4,)], ids=str)
def test_of_long_series_as_much_is_read_however_long_they_go_on(periods, panel_of, unlearned) -> None:
    """Also where other cutoffs of the same call lie far before."""
    rng = np.random.default_rng(0)
    values = 100 + rng.normal(size=2600).cumsum()
    base = unlearned(periods, 4)
    cutoffs = torch.tensor([3, 900, 1499, 1500, 1501, 2300])
    longer = base.forecast_cutoffs(panel_of([[1.0, 2.0], values]), torch.ones_like(cutoffs), cutoffs, 4)
    for row, cutoff in enumerate(cutoffs.tolist()):
        alone = base.forecast(panel_of([values[:cutoff]]), 4)[0]
        np.testing.assert_allclose(longer[row], alone, rtol=1e-6)


def test_at_least_a_thousand_steps_and_four_periods_are_read(panel_of, unlearned) -> None:
    rng = np.random.default_rng(0)
    values = 100 + rng.normal(size=2600).cumsum()
    for periods, memory in (((), 1000), ((400,), 1600)):
        base, changed = unlearned(periods, 4), values.copy()
        changed[2600 - memory] += 50
        one, other = (base.forecast(panel_of([given]), 4) for given in (values, changed))
        assert not np.array_equal(one, other)
        # and of those long ago none: half of the memory more may be read
        changed = np.r_[values[: 2600 - 3 * memory // 2 - 1] + 7, values[2600 - 3 * memory // 2 - 1 :]]
        np.testing.assert_allclose(base.forecast(panel_of([changed]), 4), one, rtol=1e-6)


def test_of_no_origin_there_is_no_forecast(panel_of, unlearned) -> None:
    none = torch.zeros(0, dtype=torch.long)
    assert unlearned((), 3).forecast_cutoffs(panel_of([[1.0]]), none, none, 3, probabilities=[0.5]).shape == (
        0,
        3,
        1,
        2,
    )
