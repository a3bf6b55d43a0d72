"""The share of a network, and how it follows the evidence."""

from __future__ import annotations

import numpy as np
import pytest

from tsseq2seq.forecasting.network_share import Evidence, share_by

SHARES = np.arange(21) / 20


def by_definition(evidence: Evidence, usual: float) -> float:
    """The share of least mean relative error, with a pull towards the usual one: of four series, and of a half for one horizon."""
    errors, counted = np.zeros(len(SHARES)), 0
    for network, base, truth in zip(evidence.network, evidence.base, evidence.truth, strict=True):
        known = ~np.isnan(network + base + truth)
        if known.any():
            mixed = [np.abs(s * network + (1 - s) * base - truth)[known].sum() for s in SHARES]
            counted += 1
            errors += np.array(mixed) / np.mean(mixed) if np.mean(mixed) > 0 else 1.0
    return SHARES[
        np.argmin(errors / counted + (0.5 / evidence.horizons + 4 / counted) * (SHARES - usual) ** 2)
    ]


@pytest.mark.parametrize("horizons", [1, 3])
@pytest.mark.parametrize("seed", range(5))
def test_the_share_is_that_of_its_definition(seed: int, horizons: int) -> None:
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=(30, 4, 2))
    network, base = (
        truth + rng.normal(size=truth.shape),
        truth + rng.normal(size=truth.shape) * rng.uniform(0.5, 2),
    )
    for part in (network, base, truth):
        part[rng.random(part.shape) < 0.1] = np.nan
    truth[3] = np.nan
    evidence = Evidence(network, base, truth, horizons)
    assert share_by(evidence, usual=0.25) == pytest.approx(by_definition(evidence, 0.25))


def test_evidence_decides_the_more_the_more_there_is() -> None:
    shares = []
    for count in (1, 5, 20, 500):
        truth = np.random.default_rng(0).normal(size=(count, 3, 1))
        shares.append(share_by(Evidence(truth, truth + 1, truth), usual=0.25))
    assert shares == sorted(shares)
    assert 0.25 <= shares[0] < 0.8
    assert shares[-1] == 1.0
    truth = np.zeros((500, 3, 1))
    assert share_by(Evidence(truth + 1, truth, truth)) == 0.0


def test_several_horizons_decide_more_than_one() -> None:
    rng = np.random.default_rng(2)
    truth = rng.normal(size=(300, 3, 1))
    network, base = truth + 0.5 * rng.normal(size=truth.shape), truth + rng.normal(size=truth.shape)
    shares = [share_by(Evidence(network, base, truth, count), usual=0.25) for count in (1, 2, 3)]
    assert shares == sorted(shares)
    assert shares[0] < shares[-1]


def test_without_evidence_it_is_the_usual_share() -> None:
    nothing = np.full((4, 3, 1), np.nan)
    assert (
        share_by(Evidence.none(), usual=0.4)
        == share_by(Evidence(nothing, nothing, nothing), usual=0.4)
        == 0.4
    )
    equal = np.zeros((9, 3, 1))
    assert share_by(Evidence(equal, equal, equal), usual=0.4) == 0.4


def test_the_size_of_a_series_does_not_count() -> None:
    rng = np.random.default_rng(1)
    truth = rng.normal(size=(40, 3, 1))
    network, base = truth + rng.normal(size=truth.shape), truth + rng.normal(size=truth.shape)
    sizes = 10.0 ** rng.integers(-6, 9, size=(40, 1, 1))
    one, other = (share_by(Evidence(network * s, base * s, truth * s)) for s in (1.0, sizes))
    assert one == other
