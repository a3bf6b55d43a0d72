"""A forecast with past covariates goes no further out of its series' range than the series went."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given

from tsseq2seq import Network, Normal, Point, Quantiles, Seq2SeqForecaster, Training
from tsseq2seq.forecasting.reach_seen import reach_seen


def brute_force(values: np.ndarray, cutoff: int, horizon: int) -> tuple[float, float]:
    known = values[:cutoff]
    times = [t for t in range(cutoff) if 2 * t >= cutoff and t + horizon <= cutoff]
    if cutoff < 20 or cutoff < 4 * horizon or np.isnan(known).all():
        return -np.inf, np.inf
    up = down = 0.0
    for t in times:
        before, after = values[:t], values[t : t + horizon]
        if not np.isnan(before).all() and not np.isnan(after).all():
            up = max(up, np.nanmax(after) - np.nanmax(before))
            down = max(down, np.nanmin(before) - np.nanmin(after))
    return np.nanmin(known) - 1.5 * down, np.nanmax(known) + 1.5 * up


@given(
    st.lists(st.one_of(st.integers(-9, 9).map(float), st.just(float("nan"))), min_size=1, max_size=40),
    st.integers(1, 6),
)
def test_the_reach_is_that_of_the_definition(values: list[float], horizon: int) -> None:
    series = np.array(values)
    cutoffs = np.arange(1, len(values) + 1)
    low, high = reach_seen(series[:, None], cutoffs, horizon)
    expected = [brute_force(series, int(cutoff), horizon) for cutoff in cutoffs]
    np.testing.assert_array_equal(np.stack([low[:, 0], high[:, 0]], axis=1), expected)


def test_what_comes_after_a_cutoff_does_not_matter() -> None:
    values = np.random.default_rng(0).normal(size=(40, 2))
    other = values.copy()
    other[30:] += 100
    for one, two in zip(
        reach_seen(values, np.array([30]), 3), reach_seen(other, np.array([30]), 3), strict=True
    ):
        np.testing.assert_array_equal(one, two)


def fitted(output, **roles: list[str]) -> tuple[Seq2SeqForecaster, pd.DataFrame]:
    rng = np.random.default_rng(0)
    steps = np.arange(60)
    df = pd.DataFrame(
        {
            "ds": pd.date_range("2024-01-01", periods=60),
            "y": np.clip(52 + 7 * np.sin(steps * 2 * np.pi / 7) + rng.normal(size=60), 45, 60),
            "x": rng.normal(size=60),
        }
    )
    training = Training(max_steps=2, progress=False, precision="float32")
    model = Seq2SeqForecaster(5, output=output, network=Network(hidden_size=4), training=training, **roles)
    model.fit(df)
    return model, df


def shift_outputs(model: Seq2SeqForecaster) -> None:
    """Make the network forecast far too much, as a mistaken covariate does."""
    with torch.no_grad():
        for member in model.fitted_.members:
            for name, weight in member.named_parameters():
                if name.endswith("bias"):
                    weight += 20.0


@pytest.mark.parametrize(
    "output", [Point(), Quantiles((0.1, 0.5, 0.9)), Normal()], ids=lambda o: type(o).__name__
)
def test_a_past_covariate_carries_no_forecast_out_of_what_was_seen(output) -> None:
    held, df = fitted(output, past_covariates=["x"])
    free, _ = fitted(output)
    shift_outputs(held)
    shift_outputs(free)
    _, high = reach_seen(df[["y"]].to_numpy(), np.array([60]), 5)
    forecast = held.predict()
    assert free.predict()["Seq2Seq"].max() > high[0, 0] + 1, "the test tests something"
    assert forecast["Seq2Seq"].max() <= high[0, 0] + 1e-9
    bounds = [name for name in forecast if "-lo-" in name or "-hi-" in name]
    for name in bounds:
        assert ((forecast[name] >= forecast["Seq2Seq"]) == ("-hi-" in name)).all()
