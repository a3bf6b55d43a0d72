from __future__ import annotations

import numpy as np
import pytest
import torch


@pytest.fixture
def small(monkeypatch):
    import forking

    monkeypatch.setattr(forking, "CONTEXT", 6)
    monkeypatch.setattr(forking, "HORIZON", 3)
    torch.manual_seed(0)
    return forking


@pytest.fixture
def series(small):
    rng = np.random.default_rng(0)
    return small.Scaled.of([rng.normal(5, 2, 40), rng.normal(-100, 30, 25), np.full(15, 7.0)])


def test_origins_of_one_pass_are_windows_of_their_own(small):
    model = small.Bare()
    rows = torch.randn(4, 6 + 5 - 1 + 3)
    windows = rows.unfold(1, 6 + 3, 1)
    assert windows.shape == (4, 5, 9)
    # the encoder of a later origin has read more, so that only a row's first equals its own pass
    first = model(windows[:, 0], 1)
    torch.testing.assert_close(model(rows[:, :9], 1), first)
    # of a network whose encoder forgets at once, all do
    for name, weight in model.encoder.named_parameters():
        if "hh" in name:
            torch.nn.init.zeros_(weight)
    torch.nn.init.constant_(model.encoder.bias_ih_l0[small.WIDTH : 2 * small.WIDTH], -50.0)
    torch.testing.assert_close(model(rows, 5), model(windows.reshape(-1, 9), 1))


def test_rows_are_pieces_of_one_series(small, series):
    rows = series.rows(200, 9, torch.Generator().manual_seed(1))
    pieces = {
        tuple(series.values[start + i : start + i + 9].tolist())
        for start, length in zip(series.starts.tolist(), series.lengths.tolist(), strict=True)
        for i in range(length - 8)
    }
    assert {tuple(row.tolist()) for row in rows} <= pieces


def test_forecasts_come_back_in_original_units(small, series):
    tails = series.original(series.tails())
    assert tails.shape == (3, 6)
    np.testing.assert_allclose(tails[2], 7.0)
    assert -250 < tails[1].mean() < 0


def test_the_table_says_which_way_is_better(small, series, monkeypatch):
    ways = iter([("a", 10, 100.0), ("b", 20, 300.0), ("c", 5, 500.0)])
    made = {}

    def trained(series, way, seconds, seed):
        _, steps, rate = next(ways)
        made[way.label] = rate
        return small.Bare(), steps, rate

    scores = iter([0.7, 0.6, 0.9])
    monkeypatch.setattr(small, "trained", trained)
    said = small.measure(1.0, [0], lambda forecast: next(scores), series)
    assert "| 20 | 300 | 3.00 | 0.600 |" in said
    assert said.endswith("Many origins a pass lead to a lower error in the same time.")


def test_training_learns(small, series):
    model, steps, rate = small.trained(series, small.Way("some", 8, 4), 1.0, 0)
    assert steps > 3
    assert rate == pytest.approx(32 * steps, rel=0.2)
    rows = series.rows(64, 6 + 4 - 1 + 3, torch.Generator().manual_seed(5))
    torch.manual_seed(0)
    assert model(rows, 4) < small.Bare()(rows, 4)
