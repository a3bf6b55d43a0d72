"""The methods for intermittent demand against their recursions, as they are printed."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tsseq2seq.smoothing.demand_methods import DemandMethods, demand_levels

NAN = float("nan")
demand = st.lists(
    st.sampled_from([0.0, 0.0, 0.0, NAN]) | st.integers(1, 640).map(lambda value: value / 64),
    min_size=1,
    max_size=30,
)


METHODS = DemandMethods()


def levels_of(values, methods: DemandMethods = METHODS):
    values = torch.tensor([values], dtype=torch.float64)
    found = demand_levels(values.nan_to_num(0.0), ~values.isnan(), methods)
    return found.level[0].numpy(), found.probability[0].numpy()


@settings(max_examples=30)
@given(demand)
def test_all_levels_are_the_discounted_means_of_the_definition(definitions, values) -> None:
    level, probability = levels_of(values)
    for step in range(len(values)):
        wanted_level, wanted_probability = definitions["demand_levels"](np.array(values), step)
        np.testing.assert_allclose(level[step], wanted_level, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(probability[step], wanted_probability, rtol=1e-10, atol=1e-12)


def test_after_many_values_they_are_the_recursions_of_the_papers() -> None:
    """Whose first states are forgotten by then: Teunter et al. (2011), and Syntetos and Boylan (2005)."""
    rng = np.random.default_rng(0)
    values = np.where(rng.random(800) < 0.3, rng.integers(1, 9, 800), 0).astype(float)
    alpha, beta = 0.1, 0.3
    p, z, q, croston_size, interval = 1.0, 1.0, 1.0, 1.0, 1
    for value in values:
        if value > 0:
            p, z = p + alpha * (1 - p), z + beta * (value - z)
            croston_size, q, interval = (
                croston_size + alpha * (value - croston_size),
                q + alpha * (interval - q),
                1,
            )
        else:
            p, interval = (1 - alpha) * p, interval + 1
    methods = DemandMethods(probabilities=(alpha,), sizes=(beta,), intervals=(alpha,), levels=(alpha,))
    level, _ = levels_of(values.tolist(), methods)
    np.testing.assert_allclose(level[-1, :2], [p * z, (1 - alpha / 2) * croston_size / q], rtol=1e-9)


def test_rates_of_0_are_the_mean_demand() -> None:
    values = [0.0, 3.0, NAN, 0.0, 0.0, 1.0, 0.0]
    level, probability = levels_of(values, DemandMethods(probabilities=(0.0,), sizes=(0.0,)))
    assert level[-1, 0] == pytest.approx(4 / 6)
    assert probability[-1, 0] == pytest.approx(2 / 6)


def test_demand_that_ends_is_forgotten() -> None:
    """Which Croston's method does not do: nothing changes where nothing is demanded."""
    values = [2.0, 0.0] * 20
    level, _ = levels_of([*values, *[0.0] * 60], DemandMethods(probabilities=(0.1,), sizes=(0.1,)))
    assert level[-1, 0] < 0.01 * level[39, 0]
    np.testing.assert_allclose(level[-1, 1:4], level[39, 1:4])
