"""What is chosen from the data: sensible lengths, sizes that grow, and nothing that was given is replaced."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tsseq2seq.data.columns import Columns
from tsseq2seq.data.frequency import Frequency
from tsseq2seq.data.long_frame import read_long_frame
from tsseq2seq.data.panel import Panel, make_panel
from tsseq2seq.errors import TrainingWarning
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import Point, Quantiles
from tsseq2seq.training.defaults import Choices, Given, choose, count_windows
from tsseq2seq.training.schedules import Linear
from tsseq2seq.training.training import Training


def panel_of(values, freq: str | int = 1, series: int = 1) -> Panel:
    start = (
        np.arange(len(values)) if freq == 1 else pd.date_range("2024-01-01", periods=len(values), freq=freq)
    )
    df = pd.concat([pd.DataFrame({"unique_id": place, "ds": start, "y": values}) for place in range(series)])
    return make_panel(read_long_frame(df, Columns()), Frequency.parse(freq))


def seasonal(period: int, length: int) -> np.ndarray:
    return np.sin(2 * np.pi * np.arange(length) / period)


def noise(length: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=length).cumsum()


def chosen(panel: Panel, horizon: int = 12, **options) -> Choices:
    return choose(panel, Given(horizon, **options))


@pytest.mark.parametrize("period", [7, 12, 24])
@pytest.mark.parametrize("horizon", [1, 5, 8, 12, 30])
def test_the_segment_is_the_largest_divisor_of_the_season_not_above_the_horizon(
    period: int, horizon: int
) -> None:
    found = chosen(panel_of(seasonal(period, 20 * period)), horizon)
    assert found.season_length == period
    divisors = [part for part in range(1, 100) if period % part == 0 and part <= horizon]
    assert found.segment_length == divisors[-1]


def test_without_a_season_the_model_is_the_textbooks() -> None:
    found = chosen(panel_of(noise(200)))
    assert (found.season_length, found.segment_length, found.network.residual) == (None, 1, "value")


@pytest.mark.parametrize(("freq", "period"), [("h", 24), ("D", 7), ("MS", 12)])
def test_the_frequency_proposes_the_season(freq: str, period: int) -> None:
    assert chosen(panel_of(seasonal(period, 30 * period), freq)).season_length == period


@pytest.mark.parametrize(
    ("given_length", "segment", "context", "residual"),
    [
        (None, None, None, "season"),
        (5, 5, None, "segment"),  # 12 is no multiple of 5
        (1, 1, None, "season"),
        (4, 4, 8, "segment"),  # the season is longer than the context
        (1, 1, 11, "value"),
    ],
)
def test_a_seasonal_residual_needs_the_season_within_the_context(
    given_length, segment, context, residual
) -> None:
    found = chosen(panel_of(seasonal(12, 200)), segment_length=given_length, context_length=context)
    assert found.network.residual == residual
    if segment is not None:
        assert found.segment_length == segment


@pytest.mark.parametrize("residual", ["value", "segment", None])
def test_another_residual_is_kept(residual: str | None) -> None:
    assert chosen(panel_of(noise(100)), network=Network(residual=residual)).network.residual == residual


@settings(max_examples=40)
@given(st.integers(1, 120), st.integers(1, 40), st.booleans(), st.integers(1, 40))
def test_lengths_are_possible(length: int, horizon: int, has_season: bool, segment: int) -> None:
    values = seasonal(6, length) if has_season else noise(length)
    for segment_length in (None, segment):
        found = chosen(panel_of(values), horizon, segment_length=segment_length)
        assert found.context_length >= 1
        assert found.context_length <= max(1, length)
        assert (
            found.context_length <= found.segment_length or found.context_length % found.segment_length == 0
        )
        if length - horizon >= 2:
            assert found.context_length <= (length - horizon) // 2
        assert found.segment_length >= 1


def test_long_histories_are_read_for_at_least_three_periods_and_two_horizons() -> None:
    for horizon in (6, 12, 24, 48):
        found = chosen(panel_of(seasonal(12, 1000)), horizon)
        assert found.context_length >= max(36, 2 * horizon)
    assert chosen(panel_of(noise(1000)), 10).context_length >= 20


def test_what_is_given_is_kept() -> None:
    network = Network(hidden_size=17, residual="value", num_layers=2)
    training = Training(max_steps=3, batch_size=5, teacher_forcing=0.7)
    found = chosen(
        panel_of(seasonal(12, 200)), context_length=13, segment_length=5, network=network, training=training
    )
    assert (found.context_length, found.segment_length) == (13, 5)
    assert found.network == network
    assert found.training == training


def test_nothing_is_left_open() -> None:
    found = chosen(panel_of(seasonal(12, 200)))
    assert found.network.hidden_size is not None
    assert found.training.batch_size is not None
    assert found.training.teacher_forcing is not None
    assert found.training.max_steps is not None
    assert Network().hidden_size is None, "the settings given stay as they were"


def test_more_data_never_mean_a_smaller_network_or_batch() -> None:
    sizes = [
        chosen(panel_of(noise(length), series=series)) for length, series in [(30, 1), (2000, 1), (2000, 15)]
    ]
    for name, part in (("hidden_size", "network"), ("batch_size", "training"), ("max_steps", "training")):
        values = [getattr(getattr(found, part), name) for found in sizes]
        assert values == sorted(values)
        assert values[0] < values[-1]


def test_a_time_limit_leaves_the_number_of_steps_to_the_clock() -> None:
    assert chosen(panel_of(noise(100)), training=Training(max_time=5.0)).training.max_steps is None


@pytest.mark.parametrize(("horizon", "expected"), [(16, 0.0), (17, Linear())])
def test_long_decoders_begin_with_the_truth(horizon: int, expected) -> None:
    assert chosen(panel_of(noise(300)), horizon).training.teacher_forcing == expected
    # in segments the same horizon takes few steps
    assert chosen(panel_of(noise(300)), horizon, segment_length=2).training.teacher_forcing == 0.0


def test_quantiles_run_free_even_over_long_horizons() -> None:
    assert chosen(panel_of(noise(300)), 40, output=Quantiles()).training.teacher_forcing == 0.0


def test_quantiles_of_one_step_are_warned_of() -> None:
    with pytest.warns(TrainingWarning, match=r"Quantiles are trained with teacher_forcing=1.0.*too narrow"):
        chosen(panel_of(noise(100)), training=Training(teacher_forcing=1.0), output=Quantiles())
    # in parallel decoding nothing is fed
    chosen(
        panel_of(noise(100)),
        training=Training(teacher_forcing=1.0),
        output=Quantiles(),
        network=Network(decoding="parallel"),
    )


STRANGE = {
    "one value": [1.0],
    "two values": [1.0, 2.0],
    "constant": np.full(50, 3.0),
    "nothing observed": np.full(50, np.nan),
    "1e30": 1e30 * (2 + seasonal(7, 50)),
}


@pytest.mark.parametrize("values", STRANGE.values(), ids=STRANGE.keys())
@pytest.mark.parametrize("horizon", [1, 100])
def test_strange_series_get_choices_too(values, horizon: int) -> None:
    found = chosen(panel_of(values), horizon)
    assert found.context_length >= 1
    assert found.segment_length >= 1
