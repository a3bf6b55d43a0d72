from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from utilsforecast.losses import scaled_crps


@pytest.fixture
def part(monkeypatch):
    """Two series; the second one is ten times the first."""
    import m4_quantiles

    def frame(length, start):
        steps = np.arange(start, start + length)
        wave = 10 + np.sin(steps / 24 * 2 * np.pi) + steps % 7
        return pd.concat(
            [
                pd.DataFrame({"unique_id": name, "ds": steps, "y": f * wave})
                for name, f in (("b", 1), ("a", 10))
            ]
        )

    monkeypatch.setattr(m4_quantiles, "data", lambda validation: (frame(100, 0), frame(48, 100)))
    return m4_quantiles.Part(False)


@pytest.fixture
def result(part):
    """Return the result of a model whose quantiles are the truth and multiples of ``spread`` around it."""
    from peers.contestants import Contestant
    from peers.launch import Result

    def make(label, spread=1.0, error=None):
        entry = Contestant(label, "some", "runner", {"size": 3})
        if error:
            return Result(entry, error=error)
        record = {
            "fit_seconds": 2.0, "predict_seconds": 0.5, "predict_peak_mib": 600.4, "steps": 10, "batch": 32,
            "versions": {"package": "1.2"},
        }  # fmt: skip
        return Result(entry, part.truth[..., None] + spread * np.arange(-4.0, 5.0), record)

    return make


def test_weighted_quantile_loss_is_that_of_utilsforecast_over_one_long_series():
    from m4_quantiles import LEVELS, weighted_quantile_loss

    rng = np.random.default_rng(0)
    truth, forecast = rng.normal(5, 3, (4, 6)), np.sort(rng.normal(5, 3, (4, 6, 9)), axis=-1)
    frame = pd.DataFrame(forecast.reshape(-1, 9), columns=[f"q{level}" for level in LEVELS])
    frame = frame.assign(unique_id="all", ds=range(24), y=truth.reshape(-1))
    expected = scaled_crps(frame, {"m": list(frame.columns[:9])}, np.array(LEVELS))["m"].item()
    assert weighted_quantile_loss(truth, forecast, LEVELS) == pytest.approx(expected, rel=1e-12)


def test_weighted_quantile_loss_by_hand():
    from m4_quantiles import weighted_quantile_loss

    # One value 10, forecast 8 at 0.1 (0.1·2) and 14 at 0.9 (0.1·4): 2·0.2/10 and 2·0.4/10.
    assert weighted_quantile_loss(np.array([[10.0]]), np.array([[[8.0, 14.0]]]), [0.1, 0.9]) == (
        pytest.approx((0.04 + 0.08) / 2)
    )


def test_a_row_holds_what_was_measured(part, result):
    from m4_quantiles import HEADER

    row = dict(zip(HEADER, part.row(result("somebody"), 7), strict=True))
    assert row[""] == "somebody"
    assert row["windows/s"] == "160"
    assert row["peak MiB"] == "600"
    assert row["within 0.1 … 0.9, %"] == "100"
    assert row["OWA of the median"] == "0.000"
    assert float(row["weighted quantile loss"]) > 0


def test_a_failed_run_is_a_row_with_its_reason(part, result):
    from m4_quantiles import HEADER

    row = part.row(result("somebody", error="Traceback\n  File\nKeyError: 'a|b'"), 7)
    assert len(row) == len(HEADER)
    assert row[-1] == "failed: KeyError: 'a/b'"


@pytest.mark.parametrize(
    ("ours", "theirs", "error", "said"),
    [(1, 2, None, "**met**"), (2, 1, None, "**not met**"), (1, 2, "KeyError", "**open**")],
    ids=["below", "above", "one failed"],
)
def test_the_bar(part, result, ours, theirs, error, said):
    from m4_quantiles import verdict

    results = [(0, result("tsseq2seq Quantiles", ours)), (0, result("GluonTS DeepAR", theirs))]
    results.append((0, result("NeuralForecast DeepAR", 9, error)))
    line = verdict(part, results)
    assert said in line
    assert ("NeuralForecast DeepAR" in line) == (error is not None)


def test_the_bar_takes_the_median_over_seeds(part, result):
    from m4_quantiles import verdict

    others = [(0, result("GluonTS DeepAR", 2)), (0, result("NeuralForecast DeepAR", 2))]
    own = [(seed, result("tsseq2seq Quantiles", spread)) for seed, spread in enumerate((1, 9, 1))]
    assert "**met**" in verdict(part, own + others)
    assert "without NeuralForecast it stays open" in verdict(part, own + others[:1])


def test_notes_name_settings_and_versions(result):
    from m4_quantiles import notes

    results = [(0, result("somebody")), (0, result("nobody", error="KeyError"))]
    text = notes(results, SimpleNamespace(threads=2, keep_denormals=False))
    assert "- somebody: size=3; all else default. package 1.2." in text
    assert "- nobody: size=3; all else default. Versions unknown." in text


def test_every_seed_begins_with_another_contestant(part, monkeypatch):
    import m4_quantiles
    from peers.contestants import Contestant
    from peers.launch import Result

    order = []

    def launch(entry, interpreter, job):
        order.append((job.seed, entry.label, job.quantiles == m4_quantiles.LEVELS, job.seconds))
        return Result(entry, error="not run")

    monkeypatch.setattr(m4_quantiles, "launch", launch)
    entries = [Contestant("a", "tsseq2seq", "a"), Contestant("b", "tsseq2seq", "b", quantiles=False)]
    arguments = SimpleNamespace(seeds=[0, 1], seconds=3.0, threads=1, keep_denormals=False)
    results = m4_quantiles.compete(part, entries, arguments)
    assert order == [(0, "a", True, 3.0), (0, "b", False, 3.0), (1, "b", False, 3.0), (1, "a", True, 3.0)]
    assert [seed for seed, _ in results] == [0, 0, 1, 1]
