"""What is chosen from the data: sensible lengths, sizes that grow, and nothing that was given is replaced."""

from __future__ import annotations

import dataclasses
import inspect

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.panel import Panel, make_panel
from tsseq2seq.data.scaling.registry import SCALINGS
from tsseq2seq.errors import ParameterError, ParameterTypeError, TrainingWarning
from tsseq2seq.forecaster import Seq2SeqForecaster
from tsseq2seq.forecasting.admitted_scalings import admitted_scalings
from tsseq2seq.forecasting.defaults import (
    ForecasterSettings,
    ResolvedSettings,
    count_windows,
    resolve_settings,
)
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import Binned, NegativeBinomial, Normal, Output, Point, Quantiles, StudentT
from tsseq2seq.training.teacher_forcing import Linear
from tsseq2seq.training.training import Training

OUTPUTS: list[Output] = [Point(), Quantiles(), Normal(), StudentT(), NegativeBinomial(), Binned()]


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


def chosen(panel: Panel, horizon: int = 12, **options) -> ResolvedSettings:
    lowest = np.fmin.reduce(
        [np.fmin.reduce(panel.original(place), axis=None) for place in range(panel.count)]
    )
    # the frame's value, of which the panel keeps what float32 holds
    return resolve_settings(panel, ForecasterSettings(horizon, **options), lowest=round(float(lowest), 4))


@pytest.mark.parametrize("period", [7, 12, 24])
@pytest.mark.parametrize("horizon", [1, 5, 8, 12, 30])
def test_the_segment_is_the_largest_divisor_of_the_season_not_above_the_horizon(
    period: int, horizon: int
) -> None:
    found = chosen(panel_of(seasonal(period, 20 * period)), horizon)
    assert found.season_length == period
    divisors = [part for part in range(1, 100) if period % part == 0 and part <= horizon]
    assert found.segment_length == divisors[-1]


@pytest.mark.parametrize(("horizon", "segment"), [(1, 1), (13, 13), (16, 16), (17, 9), (24, 12), (100, 15)])
def test_without_a_season_segments_are_equal_parts_of_the_horizon(horizon: int, segment: int) -> None:
    found = chosen(panel_of(noise(4000)), horizon, network_share=1.0)
    assert (found.season_length, found.segment_length, found.network.residual) == (None, segment, "value")
    assert 0 <= 8 * horizon - found.context_length < segment


def test_a_network_of_which_nothing_was_chosen_adds_to_smoothing() -> None:
    panel = panel_of(seasonal(12, 200))
    assert chosen(panel).network.residual == "smoothing"
    assert chosen(panel, network_share=1.0).network.residual == "season"
    assert chosen(panel, network=Network(hidden_size=8)).network.residual == "season"
    assert chosen(panel, training=Training(max_steps=3)).network.residual == "season"


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
    lengths = {"segment_length": given_length, "context_length": context}
    found = chosen(panel_of(seasonal(12, 200)), network_share=1.0, **lengths)
    assert found.network.residual == residual
    if segment is not None:
        assert found.segment_length == segment


@pytest.mark.parametrize(("length", "seasons"), [(120, 3), (2900, 3), (20_000, 1)])
def test_few_windows_start_from_the_mean_of_three_seasons(length: int, seasons: int) -> None:
    panel = panel_of(seasonal(12, length))
    assert chosen(panel, network_share=1.0).network.residual_seasons == seasons
    assert chosen(panel, network=Network(residual_seasons=2)).network.residual_seasons == 2


def test_without_a_season_there_are_none_to_take_the_mean_of() -> None:
    found = chosen(panel_of(noise(100)), network=Network(residual_seasons=3)).network
    assert (found.residual, found.residual_seasons) == ("value", 1)
    assert chosen(panel_of(seasonal(12, 200)), network=Network(residual=None)).network.residual_seasons == 1


@pytest.mark.parametrize(
    ("segment", "network", "size"),
    [
        (12, {"attention": "additive"}, 64),
        (12, {"attention": "concat", "hidden_size": 100}, 64),
        (12, {"attention": "additive", "hidden_size": 100, "decoder_hidden_size": 10}, 10),
        (12, {"attention": "additive", "attention_size": 100}, 100),
        (1, {"attention": "additive"}, None),
        (12, {"attention": "multihead"}, None),
        (12, {"attention": "general"}, None),
        (12, {}, None),
    ],
)
def test_attention_over_segments_is_narrow(segment: int, network: dict, size: int | None) -> None:
    panel = panel_of(seasonal(12, 30_000))
    found = chosen(panel, segment_length=segment, network=Network(**network)).network
    assert found.attention_size == size


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
    network = Network(hidden_size=17, residual="value", residual_seasons=1, num_layers=2)
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


@pytest.mark.parametrize(("length", "series", "steps"), [(100, 1, 300), (2000, 2, 500), (2000, 15, None)])
def test_a_time_limit_caps_the_steps_and_decides_them_where_data_are_many(
    length: int, series: int, steps: int | None
) -> None:
    found = chosen(panel_of(noise(length), series=series), training=Training(max_time=5.0))
    assert found.training.max_steps == steps
    given = Training(max_time=5.0, max_steps=7)
    assert chosen(panel_of(noise(length), series=series), training=given).training.max_steps == 7


@pytest.mark.parametrize(("horizon", "expected"), [(16, 0.0), (17, Linear())])
def test_long_decoders_begin_with_the_truth(horizon: int, expected) -> None:
    assert chosen(panel_of(noise(300)), horizon, segment_length=1).training.teacher_forcing == expected
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


class TestGiven:
    """What can be refused before the data is looked at, by name, with what it got and what it wants."""

    @pytest.mark.usefixtures("unchecked_types")
    @pytest.mark.parametrize(
        ("changes", "kind", "message"),
        [
            (
                {"horizon": 0},
                ParameterError,
                "Seq2SeqForecaster: horizon is 0; it must be an integer, at least 1",
            ),
            (
                {"horizon": 2.0},
                ParameterTypeError,
                "Seq2SeqForecaster: horizon is 2.0; it must be an integer",
            ),
            ({"horizon": None}, ParameterTypeError, "horizon is None"),
            ({"context_length": 0}, ParameterError, "context_length is 0; it must be an integer, at least 1"),
            ({"context_length": "7"}, ParameterTypeError, "context_length is '7'"),
            ({"segment_length": -1}, ParameterError, "segment_length is -1"),
            ({"segment_length": True}, ParameterTypeError, "segment_length is True"),
            (
                {"scaling": "minmax"},
                ParameterError,
                "scaling is 'minmax'; it must be one of 'window', .*'mean'",
            ),
            ({"output": "normal"}, ParameterTypeError, "output is 'normal'; it must be a Output"),
            ({"output": Normal}, ParameterTypeError, "output is <class .*Normal'>; it must be a Output"),
            ({"network": {}}, ParameterTypeError, "network is {}; it must be a Network"),
            ({"training": None}, ParameterTypeError, "training is None; it must be a Training"),
            (
                {"output": NegativeBinomial(), "scaling": "window"},
                ParameterError,
                "scaling is 'window', but NegativeBinomial admits only mean, none",
            ),
            (
                {"output": NegativeBinomial(), "scaling": "log1p"},
                ParameterError,
                "scaling is 'log1p', but NegativeBinomial admits only mean, none",
            ),
            (
                {"output": Binned(), "segment_length": 2},
                ParameterError,
                "segment_length is 2, but Binned works on segments of 1",
            ),
        ],
    )
    def test_bad_values_are_refused(self, changes: dict, kind: type[Exception], message: str) -> None:
        with pytest.raises(kind, match=message):
            ForecasterSettings(**({"horizon": 3} | changes))

    @pytest.mark.parametrize("output", OUTPUTS, ids=repr)
    def test_every_scaling_that_an_output_admits_is_taken_and_one_is_the_default(
        self, output: Output
    ) -> None:
        for scaling in SCALINGS:
            if scaling in admitted_scalings(output):
                assert ForecasterSettings(3, output=output, scaling=scaling).scaling_or_default == scaling
            else:
                with pytest.raises(ParameterError, match=f"scaling is '{scaling}', but .* admits only"):
                    ForecasterSettings(3, output=output, scaling=scaling)
        assert ForecasterSettings(3, output=output).scaling_or_default == output.default_scaling

    def test_its_fields_are_the_forecasters_parameters(self) -> None:
        forecaster = inspect.signature(Seq2SeqForecaster).parameters
        for field in dataclasses.fields(ForecasterSettings):
            assert field.name in forecaster
            if field.name != "horizon":
                assert forecaster[field.name].default == field.default, field.name


@pytest.mark.parametrize("output", OUTPUTS, ids=repr)
def test_scaling_and_output_are_among_the_choices(output: Output) -> None:
    found = chosen(panel_of(seasonal(12, 200)), output=output)
    assert found.output == output
    assert found.scaling == output.default_scaling
    assert chosen(panel_of(seasonal(12, 200)), output=output, scaling="none").scaling == "none"


def proportional(length: int) -> np.ndarray:
    """Days whose changes are a share of their level."""
    level = 50 * 2 ** seasonal(24, length)
    return level * np.exp(0.1 * np.random.default_rng(0).normal(size=length))


class TestLogarithms:
    """They are chosen where changes are a share of the level, and only there."""

    def test_changes_that_are_a_share_of_the_level(self) -> None:
        assert chosen(panel_of(proportional(500))).scaling == "log1p"

    def test_changes_of_one_size(self) -> None:
        level = 50 * 2 ** seasonal(24, 500)
        assert chosen(panel_of(level + np.random.default_rng(0).normal(size=500))).scaling == "window"

    def test_a_value_below_zero_forbids_them(self) -> None:
        values = proportional(500)
        values[100] = 0.0
        assert chosen(panel_of(values)).scaling == "log1p"
        values[100] = -0.1
        assert chosen(panel_of(values)).scaling == "window"

    @pytest.mark.parametrize("seed", range(5))
    def test_mere_counts_need_none(self, seed: int) -> None:
        """Their changes grow with the root of the level."""
        level = 50 * 2 ** seasonal(24, 2000)
        counts = np.random.default_rng(seed).poisson(level).astype(float)
        assert chosen(panel_of(counts, "h")).scaling == "window"

    def test_a_constant_series_needs_none(self) -> None:
        assert chosen(panel_of(np.full(100, 3.0))).scaling == "window"

    @pytest.mark.parametrize("scaling", ["window", "series", "none"])
    def test_what_is_given_stays(self, scaling: str) -> None:
        assert chosen(panel_of(proportional(500)), scaling=scaling).scaling == scaling

    @pytest.mark.parametrize("output", OUTPUTS, ids=repr)
    def test_only_medians_and_quantiles_are_forecast_of_them(self, output: Output) -> None:
        wanted = "log1p" if isinstance(output, Point | Quantiles) else output.default_scaling
        assert chosen(panel_of(proportional(500).round()), output=output).scaling == wanted

    @pytest.mark.parametrize("loss", ["mse", "huber", torch.nn.functional.mse_loss])
    def test_a_mean_is_not_that_of_logarithms(self, loss) -> None:
        assert chosen(panel_of(proportional(500)), output=Point(loss)).scaling == "window"


def test_single_values_are_kept_single_even_with_a_season() -> None:
    found = chosen(panel_of(seasonal(12, 200)), output=Binned(), network_share=1.0)
    assert (found.season_length, found.segment_length) == (12, 1)
    assert found.network.residual == "season"


@pytest.mark.parametrize("output", [Normal(), StudentT(), NegativeBinomial(), Binned()], ids=repr)
@pytest.mark.parametrize("horizon", [3, 40])
def test_distributions_are_trained_on_the_truth_or_warned_of(output: Output, horizon: int) -> None:
    assert chosen(panel_of(noise(300)), horizon, output=output).training.teacher_forcing == 1.0
    message = rf"{type(output).__name__} is trained with teacher_forcing=0.5.*paths.*teacher_forcing=1"
    with pytest.warns(TrainingWarning, match=message):
        chosen(panel_of(noise(100)), horizon, output=output, training=Training(teacher_forcing=0.5))
    # no warning where nothing is fed, nor with the truth alone
    parallel = Network(decoding="parallel")
    training = Training(teacher_forcing=0.0)
    chosen(panel_of(noise(100)), horizon, output=output, training=training, network=parallel)
    chosen(panel_of(noise(100)), horizon, output=output, training=Training(teacher_forcing=1.0))


def test_windows_are_counted_at_least_one_a_series() -> None:
    panel = panel_of(noise(30), series=3)
    assert count_windows(panel, 10, 5) == 3 * (30 - 10 - 5 + 1)
    assert count_windows(panel, 100, 5) == 3


def test_a_second_period_is_a_lag_unless_lags_are_given() -> None:
    steps = np.arange(24 * 7 * 8)
    values = np.sin(2 * np.pi * steps / 24) * (1.0 - 0.6 * (steps // 24 % 7 >= 5))
    hours = panel_of(values, "h")
    assert chosen(hours).lags == (168,)
    assert chosen(hours, lags=()).lags == ()
    assert chosen(hours, lags=(24, 48)).lags == (24, 48)
    assert chosen(panel_of(seasonal(12, 200), "MS")).lags == ()
