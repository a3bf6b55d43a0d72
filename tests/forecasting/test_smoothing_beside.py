"""Smoothing beside networks: what the share is judged on, and when it is not judged at all."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
import torch

from tsseq2seq import Network, Seq2SeqForecaster, Training
from tsseq2seq.errors import DivergenceError, TrainingError, TrainingWarning
from tsseq2seq.forecasting import judging, smoothing_beside
from tsseq2seq.forecasting.defaults import ForecasterSettings
from tsseq2seq.forecasting.network_share import _USUAL_SHARE, Evidence
from tsseq2seq.forecasting.smoothing_beside import learned_smoothing, with_smoothing
from tsseq2seq.smoothing.base import SmoothingBase
from tsseq2seq.training.record import Record

HORIZON = 3


def frame(count: int, length: int = 36) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    parts = [
        pd.DataFrame(
            {"unique_id": f"s{n}", "ds": np.arange(length), "y": 9 + rng.normal(size=length).cumsum()}
        )
        for n in range(count)
    ]
    return pd.concat(parts, ignore_index=True)


def forecaster(share: float | None = None, **training) -> Seq2SeqForecaster:
    options = {"max_steps": 3, "progress": False, "precision": "float32"} | training
    return Seq2SeqForecaster(
        HORIZON,
        context_length=6,
        network=Network(hidden_size=4),
        training=Training(**options),
        network_share=share,
    )


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """How many windows each judgement had, and how many horizons."""
    seen: list[tuple[int, int]] = []
    judge = Evidence.of.__func__

    def of(cls, series, windows, base, correction=None, *, horizons):
        seen.append((len(windows), horizons))
        return judge(cls, series, windows, base, correction, horizons=horizons)

    monkeypatch.setattr(Evidence, "of", classmethod(of))
    return seen


def beside(count: int, *, length: int = 36, started: float | None = None, **training):
    model = forecaster(**training).fit(frame(count, length))
    assert model.fitted_.smoothing is None  # a number of steps was chosen
    asked = ForecasterSettings.of(model)
    began = time.monotonic() if started is None else started
    return with_smoothing(model.fitted_, asked, [], seed=0, started=began)


def test_of_few_series_nothing_is_judged(judged: list[tuple[int, int]]) -> None:
    assert beside(7).network_share == _USUAL_SHARE
    assert judged == []


@pytest.mark.parametrize(
    ("length", "horizons"), [(3 * HORIZON, 1), (9 * HORIZON, 1), (12 * HORIZON, 2), (60 * HORIZON, 3)]
)
def test_of_more_series_the_last_horizons_judge_a_network_of_its_own(
    judged: list[tuple[int, int]], length: int, horizons: int
) -> None:
    """As many as are a fifth of the history, three at the most."""
    fitted = beside(9, length=length)
    assert judged == [(9 * horizons, horizons)]
    assert 0 <= fitted.network_share <= 1
    assert len(fitted.members) == 1


def test_what_is_judged_is_what_both_forecast() -> None:
    fitted = forecaster().fit(frame(9)).fitted_
    base, panel = learned_smoothing(fitted, seed=0), fitted.panel
    found = Evidence.of(fitted, fitted.cutoff_windows(panel, windows=1), base, horizons=1)
    wanted = base.forecast_cutoffs(panel, torch.arange(9), panel.lengths - HORIZON, HORIZON)
    np.testing.assert_array_equal(found.base, wanted[..., 0])
    truth = frame(9).groupby("unique_id")["y"].apply(lambda y: y.to_numpy()[-HORIZON:])
    np.testing.assert_allclose(found.truth[..., 0], np.stack(list(truth)), rtol=1e-6)
    assert np.isfinite(found.base).all()
    assert np.isfinite(found.network).all()


@pytest.mark.parametrize(("shift", "low", "high"), [(1000.0, 0.9, 1.0), (0.0, 0.0, 0.5)])
def test_who_forecasts_better_has_the_larger_share(
    monkeypatch, shift: float, low: float, high: float
) -> None:
    """After three training steps the network knows next to nothing."""
    honest = SmoothingBase.cutoff_numbers

    def shifted(*args: object, **kwargs: object) -> tuple[torch.Tensor, torch.Tensor]:
        numbers, known = honest(*args, **kwargs)
        return numbers + shift, known

    monkeypatch.setattr(SmoothingBase, "cutoff_numbers", shifted)
    # the pretrained network would correct a base that errs
    monkeypatch.setattr(smoothing_beside, "correction_asked", lambda *_: False)
    assert low <= beside(40).network_share <= high


def test_steps_held_out_judge_the_network_in_use(judged: list[tuple[int, int]]) -> None:
    beside(3, validation_size=2 * HORIZON)
    assert [horizons for _, horizons in judged] == [2]
    assert judged[0][0] >= 3


def test_many_windows_judge_the_network_in_use(
    judged: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smoothing_beside, "_MANY_WINDOWS", 10)
    beside(3)
    assert judged == [(3 * (36 // HORIZON - 1), 1)]  # all that there are: a hundred were wanted


def test_time_that_is_spent_judges_nothing(judged: list[tuple[int, int]]) -> None:
    assert beside(9, started=time.monotonic() - 60, max_time=100).network_share == _USUAL_SHARE
    assert judged == []


def test_an_interrupt_trains_no_further_network(judged: list[tuple[int, int]]) -> None:
    model = forecaster().fit(frame(9))
    stopped = Record(3, 2, "interrupt")
    asked = ForecasterSettings.of(model)
    found = with_smoothing(model.fitted_, asked, [stopped], seed=0, started=time.monotonic())
    assert found.network_share == _USUAL_SHARE
    assert judged == []


def failing(error: Exception):
    """Stand in for the training of the network that judges."""

    def train(*args, **kwargs):
        raise error

    return train


def test_a_network_that_judges_and_diverges_costs_nothing_but_its_judgement(
    judged: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = forecaster().fit(frame(9))
    asked = ForecasterSettings.of(model)
    monkeypatch.setattr(judging, "train_members", failing(DivergenceError("the loss is nan")))
    with pytest.warns(TrainingWarning, match=r"network_share.*the loss is nan"):
        found = with_smoothing(model.fitted_, asked, [], seed=0, started=time.monotonic())
    assert found.network_share == _USUAL_SHARE
    assert found.smoothing is not None
    assert found.members is model.fitted_.members
    assert judged == []


@pytest.mark.parametrize("error", [TrainingError("no graph"), MemoryError("none left")])
def test_what_else_happens_to_it_rises(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    model = forecaster().fit(frame(9))
    monkeypatch.setattr(judging, "train_members", failing(error))
    with pytest.raises(type(error), match=str(error)):
        with_smoothing(model.fitted_, ForecasterSettings.of(model), [], seed=0, started=time.monotonic())


def test_a_share_that_is_given_is_not_judged(judged: list[tuple[int, int]]) -> None:
    model = forecaster(0.7).fit(frame(9))
    assert model.network_share_ == 0.7
    assert judged == []


def test_the_same_seed_learns_the_same() -> None:
    fitted = forecaster().fit(frame(9)).fitted_
    one, other = (learned_smoothing(fitted, seed=3) for _ in range(2))
    assert one.weights.prior.equal(other.weights.prior)
    assert one.shape.distribution.equal(other.shape.distribution)


def test_members_stay_as_they_were() -> None:
    fitted = forecaster().fit(frame(9)).fitted_
    before = [tensor.clone() for tensor in fitted.members[0].state_dict().values()]
    asked = ForecasterSettings.of(forecaster())
    after = with_smoothing(fitted, asked, [], seed=0, started=time.monotonic())
    assert after.members is fitted.members
    assert all(a.equal(b) for a, b in zip(before, after.members[0].state_dict().values(), strict=True))
