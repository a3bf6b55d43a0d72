"""Foundation models of others, against stand-ins with the interfaces of their packages."""

from __future__ import annotations

import pickle
import sys
import types
from collections.abc import Callable
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.base import clone

from tsseq2seq import SeasonalNaive, datasets, leaderboard
from tsseq2seq.errors import MissingDependencyError, ParameterError, ParameterTypeError
from tsseq2seq.evaluation.foundation import Chronos, FoundationModel, StatsForecastModel, TimesFM, TiRex
from tsseq2seq.evaluation.foundation.base import DECILES, between_quantiles

SCORES = torch.tensor([NormalDist().inv_cdf(decile) for decile in DECILES])
LOADED: list[str] = []


def deciles(last: torch.Tensor, horizon: int) -> torch.Tensor:
    """(B, H, 9): a normal distribution around the last value."""
    return last[:, None, None] + SCORES.expand(len(last), horizon, -1)


class Bolt:
    """As ``ChronosBoltPipeline`` has it."""

    @classmethod
    def from_pretrained(cls, name: str) -> Bolt:
        LOADED.append(name)
        return cls()

    def predict_quantiles(self, inputs, prediction_length=None, quantile_levels=(0.1, 0.5, 0.9), **_):
        assert all(isinstance(each, torch.Tensor) and each.ndim == 1 for each in inputs)
        assert list(quantile_levels) == list(DECILES)
        last = torch.stack([each[~each.isnan()][-1] for each in inputs])
        found = deciles(last, prediction_length)
        return found, found[..., 4]


class Two(Bolt):
    """As ``Chronos2Pipeline`` has it: a tensor for each series, (variables, H, Q)."""

    def predict_quantiles(self, inputs, prediction_length=None, quantile_levels=(0.1, 0.5, 0.9), **_):
        found, mean = super().predict_quantiles(inputs, prediction_length, quantile_levels)
        return [each[None] for each in found], [each[None] for each in mean]


class Decoder:
    """As ``TimesFM_2p5_200M_torch`` has it."""

    compiled = None

    @classmethod
    def from_pretrained(cls, name: str) -> Decoder:
        LOADED.append(name)
        return cls()

    def compile(self, config: types.SimpleNamespace) -> None:
        self.compiled = config

    def forecast(self, horizon: int, inputs: list[np.ndarray]):
        assert self.compiled is not None
        assert horizon <= self.compiled.max_horizon
        last = torch.tensor([float(each[~np.isnan(each)][-1]) for each in inputs])
        found = deciles(last, horizon).numpy()
        mean = found[..., 4:5] + 100  # what must not be taken for a quantile
        return found[..., 4], np.concatenate([mean, found], axis=-1)


class Zero:
    """As ``TiRexZero`` has it."""

    def forecast(self, context, prediction_length=None, **_):
        assert context.ndim == 2
        last = torch.stack([row[~row.isnan()][-1] for row in context])
        found = deciles(last, prediction_length)
        return found, found[..., 4]


def load_tirex(name: str) -> Zero:
    LOADED.append(name)
    return Zero()


def package(**names: object) -> types.ModuleType:
    module = types.ModuleType("stand_in")
    vars(module).update(names)
    return module


PACKAGES: dict[type[FoundationModel], types.ModuleType] = {
    Chronos: package(BaseChronosPipeline=Bolt),
    TimesFM: package(TimesFM_2p5_200M_torch=Decoder, ForecastConfig=types.SimpleNamespace),
    TiRex: package(load_model=load_tirex),
}


@pytest.fixture(params=PACKAGES, ids=lambda kind: kind.__name__)
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> type[FoundationModel]:
    LOADED.clear()
    monkeypatch.setitem(sys.modules, request.param.needs, PACKAGES[request.param])
    return request.param


def panel() -> pd.DataFrame:
    values = np.arange(60, dtype=float).reshape(3, 20)
    values[1, -2:] = np.nan
    values[2] = np.nan
    return pd.DataFrame(
        {
            "unique_id": np.repeat(["a", "b", "c"], 20),
            "ds": np.tile(pd.date_range("2024", periods=20), 3),
            "y": values.ravel(),
        }
    ).iloc[5:]


@pytest.mark.filterwarnings("ignore::tsseq2seq.errors.DataWarning")
def test_the_forecast_is_the_models(kind: type[FoundationModel]) -> None:
    model = kind(4).fit(panel())
    forecast = model.predict(levels=[80, 95])
    name = kind.__name__
    assert forecast.columns[2:].tolist() == [
        name, f"{name}-lo-80", f"{name}-hi-80", f"{name}-lo-95", f"{name}-hi-95",
    ]  # fmt: skip
    points = forecast[name].to_numpy().reshape(3, 4)
    np.testing.assert_allclose(points[:2], [[19.0] * 4, [37.0] * 4])
    assert np.isnan(points[2]).all()
    widths = (
        (forecast[f"{name}-hi-80"] - forecast[name])[:4],
        (forecast[f"{name}-hi-95"] - forecast[name])[:4],
    )
    np.testing.assert_allclose(widths[0], NormalDist().inv_cdf(0.9), rtol=1e-5)
    np.testing.assert_allclose(widths[1], NormalDist().inv_cdf(0.975), rtol=1e-5)


def test_it_is_loaded_once_and_by_the_name_given(kind: type[FoundationModel]) -> None:
    model = kind(2, "somebody/weights").fit(panel()[:15])
    model.predict()
    model.predict()
    assert LOADED == ["somebody/weights"]
    assert not hasattr(pickle.loads(pickle.dumps(model)), "_loaded")
    assert clone(model).model == "somebody/weights"


def test_a_loaded_model_is_taken_as_it_is(kind: type[FoundationModel]) -> None:
    loaded = kind(2).load_model(PACKAGES[kind])
    LOADED.clear()
    kind(2, loaded).fit(panel()[:15]).predict()
    assert LOADED == []


def test_a_horizon_that_timesfm_is_not_compiled_for_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "timesfm", PACKAGES[TimesFM])
    with pytest.raises(ParameterError, match="horizon is 300"):
        TimesFM(12).fit(panel()[:15]).predict(horizon=300)


def test_the_second_kind_of_chronos_returns_lists() -> None:
    found = Chronos(3, Two()).fit(panel()[:15]).predict(levels=[80])
    np.testing.assert_allclose(found["Chronos"], 19.0)


def test_it_stands_in_a_leaderboard(kind: type[FoundationModel]) -> None:
    df = datasets.load("air_passengers")
    board = leaderboard(df, [kind(12), SeasonalNaive(12)], windows=2)
    assert set(board.scores["model"]) == {kind.__name__, "SeasonalNaive"}


@pytest.mark.parametrize("kind", PACKAGES, ids=lambda kind: kind.__name__)
def test_a_package_that_is_not_installed_is_named(
    kind: type[FoundationModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, kind.needs, None)
    with pytest.raises(MissingDependencyError, match=f"pip install {kind.installed_as}"):
        kind(2).fit(panel()[:15]).predict()


def test_between_quantiles_is_exact_for_a_normal_distribution() -> None:
    normal = NormalDist(3, 2)
    at_hand = np.array([[[normal.inv_cdf(decile) for decile in DECILES]]])
    wanted = [0.01, 0.1, 0.33, 0.5, 0.975]
    found = between_quantiles(at_hand, DECILES, wanted)[0, 0]
    np.testing.assert_allclose(found, [normal.inv_cdf(each) for each in wanted], rtol=1e-10)


# --- models of statsforecast, the real package where it is installed ---


def test_models_of_statsforecast_forecast_as_they_do_alone() -> None:
    models = pytest.importorskip("statsforecast.models", reason="statsforecast is not installed")
    df = datasets.load("air_passengers")
    made: Callable = models.AutoTheta
    forecast = StatsForecastModel(12, made).fit(df).predict(levels=[80])
    alone = made(season_length=12).forecast(y=df["y"].to_numpy(dtype=float), h=12, level=[80])
    np.testing.assert_allclose(forecast["StatsForecastModel"], alone["mean"])
    np.testing.assert_allclose(forecast["StatsForecastModel-hi-80"], alone["hi-80"])


def test_what_makes_no_model_is_refused(unchecked_types: None) -> None:
    with pytest.raises(ParameterTypeError, match="make"):
        StatsForecastModel(2, "AutoETS").fit(panel()[:15]).predict()
