"""What the features of likeness.py say of series that are known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.signal import lfilter

T = np.arange(240)
RNG = np.random.default_rng(0)
SEASON = np.sin(2 * np.pi * T / 12)


def found(values, period=12):
    import likeness_features

    return likeness_features.features(likeness_features.Example(values, period, 12, "made"))


def test_a_line_is_all_trend_and_a_sine_all_season() -> None:
    noise = 0.05 * RNG.normal(size=240)
    line, sine = found(10 + T / 10 + noise), found(10 + SEASON + noise)
    assert line["trend"] > 0.95
    assert line["season"] < 0.5
    assert sine["season"] > 0.95
    assert sine["trend"] < 0.5


def test_growth_is_by_season_and_as_a_share_of_the_mean() -> None:
    assert found(100 + T + 1e-6 * RNG.normal(size=240))["growth"] == pytest.approx(
        12 / (100 + 119.5), rel=1e-3
    )


def test_changes_tell_noise_from_a_random_walk() -> None:
    assert found(RNG.normal(size=240), 1)["changes, lag 1"] == pytest.approx(-0.5, abs=0.1)
    assert found(RNG.normal(size=240).cumsum(), 1)["changes, lag 1"] == pytest.approx(0, abs=0.15)


def test_a_season_that_stays_lasts_and_one_that_is_forgotten_does_not() -> None:
    wander = lfilter([1], [1, -0.7], RNG.normal(size=(20, 12)), axis=0)
    assert found(10 + SEASON + 0.05 * RNG.normal(size=240))["season lasts"] == pytest.approx(1, abs=0.05)
    assert found((wander - wander.mean(axis=1, keepdims=True)).ravel())["season lasts"] == pytest.approx(
        0.49, abs=0.25
    )


def test_entropy_is_that_of_the_spectrum() -> None:
    assert found(SEASON + 1e-3 * RNG.normal(size=240))["entropy"] < 0.3
    assert found(RNG.normal(size=240))["entropy"] > 0.85


def test_proportional_seasons_are_told_from_steady_ones() -> None:
    level = np.exp(T / 100)
    assert found(level * (1 + 0.3 * SEASON))["proportional"] > 0.9
    steady = 10 * level + SEASON + 0.1 * RNG.normal(size=240)
    assert found(level * (1 + 0.3 * SEASON))["spread moves"] > found(steady)["spread moves"]


def test_zeros_are_counted_and_gaps_are_bridged() -> None:
    values = np.where(RNG.random(240) < 0.25, 0.0, 5.0)
    assert found(values)["zeros"] == pytest.approx((values == 0).mean())
    gap = 10 + SEASON
    gap[50] = np.nan
    assert all(np.isfinite(value) for name, value in found(gap).items() if name != "proportional")


def test_forecasts_are_judged_on_the_last_horizon() -> None:
    import likeness_features

    values = 10 + SEASON + 0.1 * RNG.normal(size=240)
    examples = [likeness_features.Example(values + k, 12, 12, "made") for k in range(3)]
    errors = likeness_features.forecast_errors(
        [*examples, likeness_features.Example(values[:20], 12, 12, "made")]
    )
    assert errors.iloc[3].isna().all()
    scale = np.abs(values[12:-12] - values[:-24]).mean()
    own = np.abs(values[-12:] - values[-24:-12]).mean()
    assert errors.loc[0, "seasonal naive"] == pytest.approx(np.log(own / scale))
    naive = np.abs(values[-12:] - values[-13]).mean()
    assert errors.loc[0, "naive"] == pytest.approx(np.log(naive / own))
    assert (errors.loc[:2, ["theta", "smoothing"]] < 0.2).all(axis=None)


def test_a_forest_tells_only_what_differs() -> None:
    import likeness

    def frame(source, shift):
        return pd.DataFrame({"source": source, "a": RNG.normal(size=300) + shift, "b": RNG.normal(size=300)})

    same, families = likeness.told_apart(frame("generated: x", 0), frame("real", 0))
    apart, _ = likeness.told_apart(frame("generated: x", 5), frame("real", 0))
    assert same == pytest.approx(0.5, abs=0.1)
    assert apart > 0.98
    assert families.index.tolist() == ["x"]


def test_distance_is_that_of_kolmogorov_and_smirnov() -> None:
    import likeness

    one, other = pd.Series(np.arange(100.0)), pd.Series(np.arange(50, 150.0))
    assert likeness.distance(one, other) == pytest.approx(0.5)
    assert np.isnan(likeness.distance(one, other[:5]))


def test_generated_series_are_as_long_as_real_ones() -> None:
    import likeness
    from likeness_features import Example

    like = [Example(np.arange(float(length)), 4, 8, "real") for length in (30, 55)]
    examples = likeness.generated("quarterly", like, 32)
    assert {len(example.values) for example in examples} <= {30, 55}
    assert len(examples) == 32


def test_the_plot_has_a_small_picture_for_each_feature(tmp_path) -> None:
    import likeness_plot

    frame = pd.DataFrame({"source": "x", "trend": RNG.random(50), "season": np.nan})
    likeness_plot.draw({"monthly": (frame, frame), "yearly": (frame, frame)}, tmp_path / "a.svg")
    text = (tmp_path / "a.svg").read_text()
    assert "trend" in text
    assert "season" in text
    likeness_plot.draw({"monthly": (frame, frame), "yearly": (frame, frame)}, tmp_path / "b.svg")
    assert text == (tmp_path / "b.svg").read_text()
