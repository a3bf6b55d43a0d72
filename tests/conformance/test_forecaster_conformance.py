"""What every forecaster must do, whatever it is made of; ``conftest.py`` says which are tried."""

from __future__ import annotations

import copy
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from tsseq2seq import load
from tsseq2seq.errors import DataError, DataWarning

HORIZON = 5


def same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(one, other, check_exact=True)


def values(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[[name for name in frame if str(name).startswith("Seq2Seq")]]


def near(case: Any, one: pd.DataFrame, other: pd.DataFrame, widths: pd.DataFrame) -> None:
    """Points agree; those of sample paths, which are other draws in another batch, by their spread."""
    difference = np.abs(one[case.points].to_numpy() - other[case.points].to_numpy())
    if not case.sampled:
        np.testing.assert_allclose(one[case.points], other[case.points], rtol=1e-4, atol=1e-4)
        return
    for place, point in enumerate(case.points):
        width = (widths[f"{point}-hi-80"] - widths[f"{point}-lo-80"]).to_numpy()
        assert (difference[:, place] <= 0.6 * width + 1.01).all()


def test_a_finite_row_for_each_series_and_step_in_the_kind_that_came_in(case: Any) -> None:
    given = case.give(case.history)
    raw = case.model.predict(given, case.future(case.cutoff), levels=case.levels)
    point_alone = case.options["kind"] == "series" and not case.levels
    assert isinstance(raw, type(given)) or (
        isinstance(given, pd.Series) and not point_alone and isinstance(raw, pd.DataFrame)
    )
    forecast = case.long(raw)
    assert forecast["unique_id"].tolist() == np.repeat(case.history["unique_id"].unique(), HORIZON).tolist()
    if case.options["kind"] != "array":
        assert forecast["ds"].tolist() == case.later["ds"].tolist()
    assert np.isfinite(values(forecast)).all(axis=None)
    assert np.isfinite(case.model.history_["loss"]).all()


def test_intervals_enclose_the_point(case: Any) -> None:
    forecast = case.predict()
    expected = [
        name + end for name in case.points for end in ("", *(["-lo-80", "-hi-80"] if case.levels else []))
    ]
    assert list(values(forecast)) == expected
    for point in case.points if case.levels else []:
        assert (forecast[f"{point}-lo-80"] <= forecast[point]).all()
        assert (forecast[f"{point}-hi-80"] >= forecast[point]).all()


def test_what_never_changes_is_forecast_as_that(case: Any) -> None:
    forecast = case.predict()
    flat = values(forecast[forecast["unique_id"] == "flat"])
    flat = flat[[name for name in flat if not name.startswith("Seq2Seq-z")]]
    if case.model.scaling_ in ("window", "robust", "series", "log1p"):
        np.testing.assert_allclose(flat, 3.0, rtol=1e-12)


def test_a_clone_fitted_again_is_the_same_to_the_bit(case: Any) -> None:
    again = clone(case.model).fit(case.give(case.history))
    same(case.predict(model=again), case.predict())


def test_saved_and_loaded_it_is_the_same_to_the_bit(case: Any, tmp_path: Path) -> None:
    case.model.save(tmp_path / "model")
    loaded = load(tmp_path / "model")
    same(case.predict(model=loaded), case.predict())
    same(loaded.history_, case.model.history_)


def test_the_training_frame_is_forecast_as_if_it_were_new(case: Any) -> None:
    same(case.predict(case.cutoff), case.predict())


def test_a_series_alone_is_forecast_the_same(case: Any) -> None:
    together = case.predict()
    for name in set(case.history["unique_id"]) & {"wave", "short", "one"}:
        alone = case.predict(case.cutoff, only=name)
        rows = together[together["unique_id"] == name].reset_index(drop=True)
        near(case, alone, rows, rows)


def test_a_shorter_horizon_is_a_prefix(case: Any) -> None:
    full = case.predict()
    # a segment of which the covariates are known in part is not the whole one
    known_ahead = case.model.future_covariates or case.model.calendar
    steps = case.model.segment_length_ if known_ahead else 2
    rows = full.groupby("unique_id", sort=False).head(steps).reset_index(drop=True)
    near(case, case.predict(horizon=steps), rows, rows)


def test_values_after_the_cutoff_change_nothing(case: Any) -> None:
    changed = case.whole.copy()
    after = changed["ds"] > changed["ds"].max() - pd.Timedelta(days=2 * HORIZON)
    changed.loc[after, case.targets] += 1e6
    for name in case.model.past_covariates[:1]:
        changed.loc[after, name] = 1e6
    frames = []
    for whole in (case.whole, changed):
        frame = case.model.predict_cutoffs(case.give(whole), windows=2, levels=case.levels)
        frame = frame.to_pandas() if case.options["kind"] == "polars" else frame
        cutoffs = frame["cutoff"].drop_duplicates().sort_values().tolist()
        assert len(cutoffs) == 2
        frames.append(frame[frame["cutoff"] == cutoffs[0]].reset_index(drop=True))
    assert not frames[0][case.targets].equals(frames[1][case.targets]), "they are the truth beside forecasts"
    near(case, *frames, frames[0])


def test_cutoffs_are_forecast_as_truncated_frames(case: Any) -> None:
    end = case.whole["ds"].max()
    backtest = case.model.predict_cutoffs(case.give(case.whole), windows=2, step=3, levels=case.levels)
    backtest = backtest.to_pandas() if case.options["kind"] == "polars" else backtest
    later = [end - pd.Timedelta(days=HORIZON + 3), end - pd.Timedelta(days=HORIZON)]
    assert len(backtest) == case.whole["unique_id"].nunique() * 2 * HORIZON
    for place, cutoff in enumerate(later):
        truncated = case.predict(cutoff)
        known = sorted(backtest["cutoff"].unique())[place]
        rows = backtest[backtest["cutoff"] == known].reset_index(drop=True)
        near(case, rows, truncated, truncated)
        truth = case.whole[(case.whole["ds"] > cutoff)].groupby("unique_id", sort=False).head(HORIZON)
        np.testing.assert_array_equal(rows[case.targets], truth[case.targets])
        if case.options["kind"] != "array":
            assert known == cutoff
            assert rows["ds"].tolist() == truth["ds"].tolist()


def test_calibrated_intervals_of_any_level_nest(case: Any) -> None:
    alone = case.options["kind"] in ("series", "array")
    few = pytest.warns(DataWarning, match="calibrate: 11 windows suffice for levels of up to 83")
    with few if alone else nullcontext():
        model = copy.deepcopy(case.model).calibrate(case.give(case.whole), step=1)
    point = case.predict(levels=[])
    levels = [40, 80]
    raw = model.predict(future=case.future(case.cutoff), levels=levels)
    if case.options["kind"] == "array":
        forecast = pd.DataFrame(
            raw, columns=["Seq2Seq", *(f"Seq2Seq-{s}-{n}" for n in levels for s in ("lo", "hi"))]
        )
    else:
        forecast = case.long(raw)
    np.testing.assert_array_equal(forecast[case.points], point[case.points])
    for name in case.points:
        ends = forecast[[f"{name}-lo-80", f"{name}-lo-40", f"{name}-hi-40", f"{name}-hi-80"]]
        assert (np.diff(ends.to_numpy(), axis=1) >= 0).all()
    assert not hasattr(case.model, "conformal_") or case.model.conformal_ is None


def test_training_goes_on_from_a_saved_model_as_from_the_model(case: Any, tmp_path: Path) -> None:
    """Half of the models go on with the optimiser's state, half without."""
    case.model.save(tmp_path / "model", optimizer_state=True)
    df = case.give(case.until(case.cutoff + pd.Timedelta(days=4)))
    warm = {"warm_start": True, "optimizer_state": case.options["bidirectional"]}
    on = copy.deepcopy(case.model).fit(df, **warm)
    loaded = load(tmp_path / "model").fit(df, **warm)
    future = case.future(case.cutoff + pd.Timedelta(days=4))
    one, other = (case.long(model.predict(future=future, levels=case.levels)) for model in (on, loaded))
    same(one, other)
    assert np.isfinite(values(one)).all(axis=None)
    anew = case.long(case.model.predict(df, future, levels=case.levels))
    if case.model.scaling_ != "none":  # in original units three steps may not be seen
        assert not values(one).equals(values(anew))


def test_paths_have_the_quantiles_of_the_levels(case: Any) -> None:
    if not (case.sampled or case.levels):
        with pytest.raises(ValueError, match=r"sample: Point is no distribution"):
            case.model.sample(future=case.future(case.cutoff))
        return
    paths = case.model.sample(future=case.future(case.cutoff), num_samples=33)
    paths = paths.to_pandas() if case.options["kind"] == "polars" else paths
    series = case.history["unique_id"].nunique()
    assert len(paths) == series * 33 * HORIZON
    assert paths["sample"].tolist() == [*np.repeat(np.arange(33), HORIZON)] * series
    if case.options["output"] == "counts":
        assert (values(paths) == values(paths).round()).all(axis=None)
        assert (values(paths) >= 0).all(axis=None)
    forecast = case.predict(num_samples=33)
    for name in case.points:
        drawn = paths[name].to_numpy().reshape(series, 33, HORIZON)
        if not case.sampled:  # ranks are drawn, so that 33 paths have the quantiles by and large
            low, high = forecast[f"{name}-lo-80"], forecast[f"{name}-hi-80"]
            by_row = drawn.swapaxes(1, 2).reshape(-1, 33).T
            inside = (by_row >= low.to_numpy()) & (by_row <= high.to_numpy())
            assert 0.6 < inside.mean() < 0.95
            continue
        for column, share in ((name, 0.5), (f"{name}-lo-80", 0.1), (f"{name}-hi-80", 0.9)):
            expected = np.quantile(drawn, share, axis=1).ravel()
            np.testing.assert_allclose(forecast[column], expected, rtol=1e-12, atol=1e-12)


def test_the_score_is_minus_the_mase(case: Any) -> None:
    if case.options["kind"] == "array":
        with pytest.raises(DataError, match=r"score: .* has a row at 0, but the model was fitted up to 47"):
            case.model.score(case.give(case.later))
        return
    forecast = case.predict(levels=[])
    season = case.model.season_length_ or 1
    errors, left_out = [], 0
    for name, part in case.history.groupby("unique_id"):
        for target, point in zip(case.targets, case.points, strict=True):
            y = part[target].to_numpy()
            truth = case.later.loc[case.later["unique_id"] == name, target].to_numpy()
            seasonal = np.abs(y[season:] - y[:-season])
            scale = np.nanmean(seasonal) if np.isfinite(seasonal).any() else 0.0
            if scale > 0:
                own = forecast.loc[forecast["unique_id"] == name, point].to_numpy()
                errors.append(np.abs(truth - own).mean() / scale)
            else:
                left_out += 1
    said = pytest.warns(DataWarning, match=f"score: {left_out} .*left out") if left_out else nullcontext()
    with said:
        score = case.model.score(case.give(case.later))
    assert score == pytest.approx(-np.mean(errors), rel=1e-5)
