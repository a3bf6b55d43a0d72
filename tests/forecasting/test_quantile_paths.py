"""Sample paths through quantiles: their quantiles, their sums, and on what they depend."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tsseq2seq import Point, Quantiles, Seq2SeqForecaster, Training, load
from tsseq2seq.errors import ParameterError
from tsseq2seq.forecasting.quantile_paths import _scores_of, _values_at

HORIZON = 6
SHORT = Training(max_steps=4, progress=False)


def walks(count: int = 40, steps: int = 60, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "unique_id": np.arange(count).repeat(steps),
            "ds": np.tile(pd.date_range("2020", periods=steps), count),
            "y": (100 + rng.normal(size=(count, steps)).cumsum(1)).reshape(-1),
        }
    )


MODELS = {
    "pretrained": Seq2SeqForecaster.pretrained(HORIZON, season_length=1),
    "smoothing beside a point": Seq2SeqForecaster(
        HORIZON, season_length=1, network_share=0.5, training=SHORT, output=Point("mae")
    ),
    "quantiles": Seq2SeqForecaster(
        HORIZON, season_length=1, output=Quantiles((0.1, 0.3, 0.5, 0.7, 0.9)), training=SHORT
    ),
}


@pytest.fixture(scope="module", params=MODELS)
def fitted(request: pytest.FixtureRequest) -> Seq2SeqForecaster:
    return MODELS[request.param].fit(walks())


def test_at_each_step_paths_have_the_quantiles_of_predict(fitted: Seq2SeqForecaster) -> None:
    paths = fitted.sample(num_samples=4000)
    forecast = fitted.predict(levels=[80])
    drawn = paths["Seq2Seq"].to_numpy().reshape(-1, 4000, HORIZON)
    ends = {level: np.quantile(drawn, level, axis=1).ravel() for level in (0.1, 0.5, 0.9)}
    columns = ["Seq2Seq-lo-80", "Seq2Seq", "Seq2Seq-hi-80"]
    width = (forecast[columns[2]] - forecast[columns[0]]).to_numpy()
    for column, probability in zip(columns, (0.1, 0.5, 0.9), strict=True):
        off = np.abs(forecast[column].to_numpy() - ends[probability]) / width
        assert off.mean() < 0.02
        assert off.max() < 0.08


def test_paths_of_random_walks_move_as_these_do() -> None:
    """The steps of a walk are independent, where independent ranks would have it jump to and fro."""
    model = Seq2SeqForecaster.pretrained(HORIZON, season_length=1, network_share=0.0).fit(walks(200))
    paths = model.sample(num_samples=200)["Seq2Seq"].to_numpy().reshape(-1, HORIZON)
    moves = np.diff(paths, axis=1)
    spread = paths.std(axis=0)
    independent = np.sqrt(spread[1:] ** 2 + spread[:-1] ** 2)
    assert (moves.std(axis=0) < 0.75 * independent).all()
    change = np.corrcoef(moves[:, :-1].ravel(), moves[:, 1:].ravel())[0, 1]
    assert abs(change) < 0.25


def test_sums_have_intervals_that_hold() -> None:
    """Without correlation an interval of the sum over a horizon is far too narrow."""
    data = walks(200, 66, seed=1)
    known, future = data[data.groupby("unique_id").cumcount() < 60], data.groupby("unique_id").tail(HORIZON)
    truth = future.groupby("unique_id")["y"].sum().to_numpy()
    model = Seq2SeqForecaster.pretrained(HORIZON, season_length=1, network_share=0.0).fit(known)
    sums = model.sample(num_samples=300)["Seq2Seq"].to_numpy().reshape(-1, 300, HORIZON).sum(2)
    low, high = np.quantile(sums, [0.1, 0.9], axis=1)
    assert 0.7 <= ((low <= truth) & (truth <= high)).mean() <= 0.92


def test_a_series_has_its_paths_alone_and_in_any_order(fitted: Seq2SeqForecaster) -> None:
    data = walks()
    several = fitted.sample(data[data["unique_id"].isin([3, 7])].sample(frac=1, random_state=0))
    alone = fitted.sample(data[data["unique_id"] == 7])
    of_both = several[several["unique_id"] == 7]["Seq2Seq"].to_numpy()
    np.testing.assert_allclose(of_both, alone["Seq2Seq"].to_numpy(), rtol=1e-6)


def test_the_seed_decides_and_a_longer_horizon_can_be_drawn() -> None:
    model = MODELS["pretrained"].fit(walks(5))
    first, again = model.sample(num_samples=3), model.sample(num_samples=3)
    pd.testing.assert_frame_equal(first, again)
    other = Seq2SeqForecaster.pretrained(HORIZON, season_length=1, seed=1).fit(walks(5)).sample(num_samples=3)
    assert np.isclose(first["Seq2Seq"], other["Seq2Seq"]).mean() < 0.1
    assert len(model.sample(num_samples=3, horizon=9)) == 5 * 3 * 9


def test_a_model_saved_without_its_series_draws_with_the_usual_correlation(tmp_path) -> None:
    model = MODELS["pretrained"].fit(walks(5))
    model.save(tmp_path / "model", history=False)
    found = load(tmp_path / "model").sample(walks(5), num_samples=50)
    assert np.isfinite(found["Seq2Seq"]).all()


def test_bounds_hold_for_paths() -> None:
    data = walks(3).assign(y=lambda frame: frame["y"].sub(frame["y"].min()))
    paths = Seq2SeqForecaster.pretrained(HORIZON, season_length=1).fit(data).sample(num_samples=400)
    assert paths["Seq2Seq"].min() == 0


def test_a_point_by_the_network_alone_is_refused() -> None:
    model = Seq2SeqForecaster(HORIZON, output=Point("mae"), training=SHORT).fit(walks(3))
    assert model.network_share_ == 1
    with pytest.raises(ParameterError, match="Point is no distribution"):
        model.sample()


PROBABILITIES = (0.1, 0.3, 0.5, 0.9)


def test_scores_and_values_undo_each_other() -> None:
    rng = np.random.default_rng(0)
    grid = rng.normal(size=(5, 3, 4)).cumsum(2) ** 3
    grid.sort(axis=2)
    truth = rng.normal(size=(5, 3)) * 4
    scores = _scores_of(truth, grid, PROBABILITIES)
    np.testing.assert_allclose(_values_at(scores[:, None], grid, PROBABILITIES)[:, 0], truth, rtol=1e-9)


def test_scores_of_what_lies_at_equal_quantiles_and_of_what_is_missing() -> None:
    grid = np.array([[[0.0, 0.0, 0.0, 2.0], [0.0, 0.0, 0.0, 0.0], [0.0, 1.0, 2.0, 3.0]]])
    found = _scores_of(np.array([[0.0, 0.0, np.nan]]), grid, PROBABILITIES)[0]
    assert -1.3 < found[0] < 0  # between the scores of 0.1 and 0.5
    assert np.isnan(found[1:]).all()


def test_of_many_series_a_few_are_read_and_chunks_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    from tsseq2seq.forecasting import quantile_paths as module

    model = MODELS["pretrained"].fit(walks(6))
    whole = model.sample(num_samples=4)
    monkeypatch.setattr(module, "_VALUES", 50)
    pd.testing.assert_frame_equal(model.sample(num_samples=4), whole)
    monkeypatch.setattr(module, "_SERIES", 2)
    assert not np.isclose(model.sample(num_samples=4)["Seq2Seq"], whole["Seq2Seq"]).all()
