from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest


@pytest.mark.parametrize("freq", ["QS", "D"])
def test_a_row_says_how_often_noise_passes(freq, monkeypatch):
    import seasons

    monkeypatch.setattr(seasons, "PERIODS", (2, 5))
    monkeypatch.setattr(seasons, "NOISE", {"white noise": seasons.NOISE["white noise"]})
    (row,) = seasons.false_alarms(freq, 10)
    assert row[:2] == [freq, "white noise"]
    assert all(0 <= float(cell) <= 100 for cell in row[2:])
    assert len(row) == 2 + 2 + 2


def test_what_always_repeats_itself_is_always_found(monkeypatch):
    import seasons

    monkeypatch.setattr(seasons, "PERIODS", (2, 5))
    week = [0.0, 1, 2, 1, 0, 5, 4]
    monkeypatch.setattr(
        seasons, "NOISE", {"weeks": lambda noise: np.resize(week, noise.shape) + 0.01 * noise}
    )
    monkeypatch.setattr(
        seasons,
        "made",
        lambda kind, series, length, rng: (
            np.tile(np.resize(week, length), (series, 1)) + 0.01 * rng.normal(size=(series, length))
        ),
    )
    (row,) = seasons.false_alarms("D", 10)
    assert row[2:] == ["100", "100", "100.0", "100.0"]


def test_the_kinds_of_noise_are_as_long_as_asked():
    import seasons

    rng = np.random.default_rng(0)
    for kind in seasons.NOISE:
        values = seasons.made(kind, 3, 40, rng)
        assert values.shape == (3, 40)
        assert np.isfinite(values).all()
    common = seasons.panel_of_noise("AR 0.9", 400, True, rng)
    assert np.corrcoef(common).min() > 0.5


def test_a_panel_keeps_values_and_gaps():
    import seasons

    panel = seasons.panel([np.array([1.0, np.nan, 3.0]), np.array([4.0])], "MS")
    np.testing.assert_array_equal(panel.original(0)[:, 0], [1, np.nan, 3])
    assert panel.lengths.tolist() == [3, 1]


@pytest.mark.skipif("TSSEQ2SEQ_DATA" not in os.environ, reason="TSSEQ2SEQ_DATA does not name the public data")
def test_public_series_and_panels_are_read(monkeypatch):
    import seasons

    folder = Path(os.environ["TSSEQ2SEQ_DATA"])
    lengths = {name: len(values) for name, (values, _) in seasons.single_series(folder).items()}
    assert lengths["air passengers"] == 144
    assert lengths["milk, months missing"] == 168
    assert {name: len(values) for name, (values, _) in seasons.panels(folder).items()}["m4_hourly"] == 414
    monkeypatch.setattr(seasons, "PERIODS", (5,))
    one = {"air": seasons.single_series(folder)["air passengers"]}
    monkeypatch.setattr(seasons, "single_series", lambda folder: one)
    assert seasons.found_in_pieces(folder, 3) == [["air", 12, "100"]]
