from __future__ import annotations

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def taxi() -> pd.DataFrame:
    """The time stamps of the series, with a usual day and the known ones flat."""
    import anomalies

    times = pd.date_range("2014-07-01", periods=215 * anomalies.DAY, freq="30min")
    y = np.sin(2 * np.pi * times.hour / 24) + 0.1 * np.random.default_rng(0).normal(size=len(times))
    df = pd.DataFrame({"ds": times, "y": y})
    df.loc[df["ds"].dt.strftime("%Y-%m-%d").isin(anomalies.KNOWN.values()), "y"] = 3.0
    return df


def test_days_are_ranked_by_the_mean_of_their_steps(taxi):
    import anomalies

    found, highest = anomalies.day_ranks(taxi["ds"], taxi["y"].to_numpy())
    assert sorted(found.values()) == [1, 2, 3, 4, 5]
    assert set(highest) > set(anomalies.KNOWN.values())
    worst, _ = anomalies.day_ranks(taxi["ds"], -taxi["y"].to_numpy())
    assert sorted(worst.values()) == [211, 212, 213, 214, 215]


@pytest.mark.parametrize("forest", ["forest_on_days", "forest_with_calendar"])
def test_forests_find_days_that_are_flat(taxi, forest):
    import anomalies

    scores = getattr(anomalies, forest)(taxi, 0)
    assert scores.shape == (len(taxi),)
    assert sum(rank <= 6 for rank in anomalies.day_ranks(taxi["ds"], scores)[0].values()) == 5


def test_a_forest_on_windows_scores_every_step(taxi):
    import anomalies

    assert np.isfinite(anomalies.forest_on_windows(taxi, 0)).all()


def test_a_row_has_a_rank_for_each_day_and_seed(taxi):
    import anomalies

    row = anomalies.row("x", taxi, lambda seed: taxi["y"].to_numpy(), 2)
    assert row[0] == "x"
    assert len(row) == 1 + 5 + 2
    assert row[-2] == "5, 5"
