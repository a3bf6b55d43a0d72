"""What is chosen from the data, and what is refused before them."""

from __future__ import annotations

import numpy as np
import pytest

from tsseq2seq import Calendar, Network, Training
from tsseq2seq.errors import DataError, ParameterError, ParameterTypeError
from tsseq2seq.nn.losses import MASE
from tsseq2seq.reconstruction.defaults import AutoencoderSettings, resolve_windows
from tsseq2seq.reconstruction.repeated_calendar import repeated_calendar


def season(length: int, *periods: int) -> list[float]:
    rng = np.random.default_rng(0)
    values = rng.normal(0, 0.1, length)
    for period in periods:
        values += rng.normal(size=period)[np.arange(length) % period]
    return values.tolist()


def test_the_window_is_the_longest_season_of_which_there_are_eight(panel_of) -> None:
    hours = panel_of(season(24 * 7 * 9, 24, 168), start="2024-01-01", freq="h")
    resolved = resolve_windows(hours, AutoencoderSettings())
    assert (resolved.window_length, resolved.segment_length) == (168, 24)
    short = panel_of(season(24 * 7 * 5, 24, 168), start="2024-01-01", freq="h")
    assert resolve_windows(short, AutoencoderSettings()).window_length == 24


def test_a_short_season_is_repeated(panel_of) -> None:
    months = panel_of(season(240, 12), start="2000-01-01", freq="MS")
    assert resolve_windows(months, AutoencoderSettings()).window_length == 24


def test_without_a_season_and_of_short_series(panel_of) -> None:
    noise = np.random.default_rng(1).normal(size=1000).tolist()
    assert resolve_windows(panel_of(noise), AutoencoderSettings()).window_length == 32
    assert resolve_windows(panel_of(noise[:40]), AutoencoderSettings()).window_length == 10


def test_what_is_given_is_kept(panel_of) -> None:
    asked = AutoencoderSettings(
        window_length=30,
        segment_length=5,
        latent_size=7,
        scaling="robust",
        network=Network(hidden_size=9),
        training=Training(max_steps=3, batch_size=2, teacher_forcing=1.0),
    )
    resolved = resolve_windows(panel_of(season(300, 10)), asked)
    assert (resolved.window_length, resolved.segment_length, resolved.latent_size) == (30, 5, 7)
    assert resolved.scaling == "robust"
    assert (resolved.network.hidden_size, resolved.network.context_size) == (9, 7)
    assert resolved.training == asked.training


def test_a_level_that_wanders_is_scaled_by_windows(panel_of) -> None:
    walk = np.random.default_rng(0).normal(size=1000).cumsum().tolist()
    asked = AutoencoderSettings(window_length=20)
    assert resolve_windows(panel_of(walk), asked).scaling == "window"
    assert resolve_windows(panel_of(season(1000, 20)), asked).scaling == "series"


def test_latents_are_wider_where_they_hold_the_phase(panel_of) -> None:
    asked = AutoencoderSettings(window_length=20)
    assert resolve_windows(panel_of(season(1000, 20)), asked).latent_size == 8


@pytest.mark.parametrize(
    ("days", "features"),
    [
        (20, None),
        (60, ("day_of_week",)),
        (200, ("day_of_week", "day_of_month")),
        (1200, ("day_of_week", "day_of_month", "day_of_year")),
    ],
)
def test_the_calendar_has_what_comes_again(panel_of, days, features) -> None:
    panel = panel_of([0.0] * days, start="2024-01-01")
    assert repeated_calendar(panel) == (None if features is None else Calendar(features=list(features)))


def test_centuries_have_a_calendar_too(panel_of) -> None:
    """Nanoseconds hold fewer than three of them."""
    months = panel_of([0.0] * 3700, start="1700-01-01", freq="MS")
    assert repeated_calendar(months) == Calendar(features=["month"])


def test_integer_time_has_no_calendar(panel_of) -> None:
    assert repeated_calendar(panel_of([0.0] * 100)) is None


@pytest.mark.parametrize(
    ("given", "error", "match"),
    [
        ({"window_length": 1}, ParameterError, "window_length is 1"),
        ({"window_length": 2.5}, ParameterTypeError, r"window_length is 2\.5"),
        ({"window_length": 10, "segment_length": 4}, ParameterError, "segment_length is 4.*1, 2, 5, 10"),
        ({"latent_size": 0}, ParameterError, "latent_size is 0"),
        ({"latent_size": 3, "network": Network(context_size=4)}, ParameterError, "context_size=4"),
        ({"order": "backward"}, ParameterError, "order is 'backward'.*'reversed'"),
        ({"noise": 1.0}, ParameterError, r"noise is 1\.0"),
        ({"noise": -0.1}, ParameterError, r"noise is -0\.1"),
        ({"false_alarms": 0}, ParameterError, "false_alarms is 0"),
        ({"false_alarms": 0.6}, ParameterError, r"false_alarms is 0\.6"),
        ({"scaling": "minmax"}, ParameterError, "scaling is 'minmax'"),
        ({"calendar": "hour"}, ParameterError, "calendar is 'hour'"),
        ({"loss": "mape"}, ParameterError, "loss is 'mape'"),
        ({"loss": "smape"}, ParameterError, "loss is 'smape', which sees the context"),
        ({"loss": MASE()}, ParameterError, "loss is MASE.*which sees the context"),
        ({"network": "lstm"}, ParameterTypeError, "network is 'lstm'"),
        ({"training": 5}, ParameterTypeError, "training is 5"),
        ({"network": Network(attention="dot")}, ParameterError, "attention='dot'"),
        ({"network": Network(residual="value")}, ParameterError, "residual='value'"),
    ],
)
def test_what_makes_no_sense_is_refused_before_the_data(given, error, match, unchecked_types) -> None:
    with pytest.raises(error, match=match):
        AutoencoderSettings(**given)


def test_a_window_longer_than_every_series_is_refused(panel_of) -> None:
    with pytest.raises(DataError, match=r"window_length is 30.*'s1', has 20 steps"):
        resolve_windows(panel_of([0.0] * 10, [0.0] * 20), AutoencoderSettings(window_length=30))


def test_a_segment_that_does_not_divide_the_chosen_window_is_refused(panel_of) -> None:
    noise = np.random.default_rng(1).normal(size=1000).tolist()
    with pytest.raises(ParameterError, match=r"segment_length is 7.*window_length 32"):
        resolve_windows(panel_of(noise), AutoencoderSettings(segment_length=7))
