"""The share of a network: who gets one at all, and how it follows the evidence."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tsseq2seq import Binned, NegativeBinomial, Network, Normal, Point, Quantiles, Seq2SeqForecaster, Training
from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.panel import Panel, make_panel
from tsseq2seq.forecasting import network_share
from tsseq2seq.forecasting.defaults import ForecasterSettings
from tsseq2seq.forecasting.network_share import Evidence, blends, share_by

SHARES = np.arange(21) / 20


def panel_of(times: pd.Index) -> Panel:
    df = pd.DataFrame({"ds": times, "y": np.arange(float(len(times)))})
    frame = read_long_frame(df, Columns.of(id_col=None, time_col="ds", target_col="y"))
    return make_panel(frame, Frequency.of(None, frame))


NUMBERS = panel_of(pd.RangeIndex(30))


def settings(**changed) -> ForecasterSettings:
    return ForecasterSettings.of(Seq2SeqForecaster(3, **changed))


def test_the_defaults_blend() -> None:
    assert blends(NUMBERS, settings())
    assert blends(NUMBERS, settings(output=Quantiles([0.1, 0.5, 0.9])))


@pytest.mark.parametrize(
    "changed",
    [
        {"network": Network(hidden_size=9)},
        {"training": Training(max_steps=20)},
        {"output": NegativeBinomial()},
        {"output": Binned(bins=5)},
        {"output": Normal()},  # a mean; smoothing forecasts medians
        {"output": Point("mse")},
        {"network_share": 1.0},
    ],
    ids=str,
)
def test_what_was_chosen_is_seen_alone(changed: dict) -> None:
    assert not blends(NUMBERS, settings(**changed))


def test_a_share_that_is_given_always_counts() -> None:
    assert blends(NUMBERS, settings(network=Network(hidden_size=9), network_share=0.5))


def test_large_panels_and_changing_clocks_do_not_blend(monkeypatch: pytest.MonkeyPatch) -> None:
    clocks = panel_of(pd.date_range("2024-03-30", periods=60, freq="h", tz="Europe/Berlin"))
    assert not blends(clocks, settings())
    monkeypatch.setattr(network_share, "_MOST_ROWS", 29)
    assert not blends(NUMBERS, settings())


def by_definition(evidence: Evidence, usual: float) -> float:
    """The share of least mean relative error, with a pull of four series towards the usual one."""
    errors, counted = np.zeros(len(SHARES)), 0
    for network, base, truth in zip(evidence.network, evidence.base, evidence.truth, strict=True):
        known = ~np.isnan(network + base + truth)
        if known.any():
            mixed = [np.abs(s * network + (1 - s) * base - truth)[known].sum() for s in SHARES]
            counted += 1
            errors += np.array(mixed) / np.mean(mixed) if np.mean(mixed) > 0 else 1.0
    return SHARES[np.argmin(errors / counted + 4 / counted * (SHARES - usual) ** 2)]


@pytest.mark.parametrize("seed", range(5))
def test_the_share_is_that_of_its_definition(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=(30, 4, 2))
    network, base = (
        truth + rng.normal(size=truth.shape),
        truth + rng.normal(size=truth.shape) * rng.uniform(0.5, 2),
    )
    for part in (network, base, truth):
        part[rng.random(part.shape) < 0.1] = np.nan
    truth[3] = np.nan
    evidence = Evidence(network, base, truth)
    assert share_by(evidence) == pytest.approx(by_definition(evidence, 0.25))


def test_evidence_decides_the_more_the_more_there_is() -> None:
    shares = []
    for count in (1, 5, 20, 500):
        truth = np.random.default_rng(0).normal(size=(count, 3, 1))
        shares.append(share_by(Evidence(truth, truth + 1, truth)))
    assert shares == sorted(shares)
    assert 0.25 <= shares[0] < 0.8
    assert shares[-1] == 1.0
    truth = np.zeros((500, 3, 1))
    assert share_by(Evidence(truth + 1, truth, truth)) == 0.0


def test_without_evidence_it_is_the_usual_share() -> None:
    nothing = np.full((4, 3, 1), np.nan)
    assert share_by(Evidence.none()) == share_by(Evidence(nothing, nothing, nothing)) == 0.25
    equal = np.zeros((9, 3, 1))
    assert share_by(Evidence(equal, equal, equal)) == 0.25


def test_the_size_of_a_series_does_not_count() -> None:
    rng = np.random.default_rng(1)
    truth = rng.normal(size=(40, 3, 1))
    network, base = truth + rng.normal(size=truth.shape), truth + rng.normal(size=truth.shape)
    sizes = 10.0 ** rng.integers(-6, 9, size=(40, 1, 1))
    one, other = (share_by(Evidence(network * s, base * s, truth * s)) for s in (1.0, sizes))
    assert one == other
