import itertools

import numpy as np
import pytest

from tsseq2seq.pretraining.worlds import WORLDS, WorldShape
from tsseq2seq.pretraining.worlds.exponential_smoothing import Dynamics, simulate


def textbook(error, trend, season, a, b, g, phi, level, slope, seasons, errors):
    """The equations of Hyndman et al. (2008), tables 2.2 and 2.3, one model at a time."""
    seasons, values = list(seasons), []
    phi = {"N": 0.0, "A": 1.0, "Ad": phi}[trend]
    for t, e in enumerate(errors):
        l0, b0, s = level, slope if trend != "N" else 0.0, seasons[t % len(seasons)]
        x = l0 + phi * b0
        if error == "A":
            if season == "N":
                y, level, slope = x + e, x + a * e, phi * b0 + b * e
            elif season == "A":
                y, level, slope, s = x + s + e, x + a * e, phi * b0 + b * e, s + g * e
            else:
                y, level, slope, s = x * s + e, x + a * e / s, phi * b0 + b * e / s, s + g * e / x
        elif season == "N":
            y, level, slope = x * (1 + e), x * (1 + a * e), phi * b0 + b * x * e
        elif season == "A":
            m = x + s
            y, level, slope, s = m * (1 + e), x + a * m * e, phi * b0 + b * m * e, s + g * m * e
        else:
            y, level, slope, s = x * s * (1 + e), x * (1 + a * e), phi * b0 + b * x * e, s * (1 + g * e)
        seasons[t % len(seasons)] = s
        values.append(y)
    return values


@pytest.mark.parametrize(("error", "trend", "season"), list(itertools.product("AM", ("N", "A", "Ad"), "NAM")))
def test_each_model_follows_its_equations(error, trend, season):
    rng = np.random.default_rng(0)
    errors = 0.05 * rng.normal(size=30)
    a, b, g, phi = 0.4, 0.1 * (trend != "N"), 0.2 * (season != "N"), 0.9
    first = {"N": np.zeros(4), "A": rng.normal(size=4), "M": rng.uniform(0.5, 1.5, 4)}[season]
    slope = 0.2 * (trend != "N")
    expected = textbook(error, trend, season, a, b, g, phi, 10.0, slope, first, errors)
    model = Dynamics(
        relative_errors=np.array([error == "M"]),
        factor_seasons=np.array([season == "M"]),
        alpha=np.array([a]),
        beta=np.array([b]),
        gamma=np.array([g]),
        phi=np.array([{"N": 0.0, "A": 1.0, "Ad": phi}[trend]]),
        level=np.array([10.0]),
        slope=np.array([slope]),
        season=first[None].astype(float),
    )
    np.testing.assert_allclose(simulate(model, errors[None])[0], expected, rtol=1e-12)


def test_some_series_have_a_season_and_some_a_trend():
    world = WORLDS["exponential smoothing"]
    values = world.draw(WorldShape(400, 120, (12,)), np.random.default_rng(0))
    residual = values - values.mean(axis=1, keepdims=True)
    power = np.abs(np.fft.rfft(residual, axis=1)) ** 2
    share = power[:, 10::10].sum(axis=1) / power.sum(axis=1)
    assert 0.3 < (share > 0.5).mean() < 0.9
    assert (share < 0.2).mean() > 0.1
