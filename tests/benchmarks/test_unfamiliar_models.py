from __future__ import annotations

import sys
from types import SimpleNamespace

import numpy as np
import pytest


@pytest.fixture
def cut():
    from peers.protocol import Series
    from unfamiliar_sets import Cut, SeriesSet

    of = SeriesSet(lambda: None, "QS", 4, 8)
    return Cut("made", of, 16, "2001-01-01", Series(["a"], [np.arange(9.0)]), np.zeros((1, 8)))


def test_forecasters_are_told_the_horizon_alone(cut):
    from unfamiliar_models import MODELS

    for name in ("ours", "ours_quantiles", "nhits", "lstm"):
        assert "season" not in MODELS[name].contestant(cut).settings, name
    assert set(MODELS["ours"].contestant(cut).settings) == {"suite", "held_out", "start", "freq", "code"}
    for name in ("naive", "smoothing", "ets", "theta", "auto_ets", "optimised_theta", "auto_ces"):
        assert MODELS[name].contestant(cut).settings["season"] == 4, name


def test_settings_to_try_out_change_our_forecasters_alone(cut):
    from unfamiliar_models import MODELS

    changes = {"network__hidden_size": 8}
    changed = {name for name, model in MODELS.items() if "changes" in model.contestant(cut, changes).settings}
    assert changed == {"ours", "ours_quantiles", "pretrained", "fine_tuned"}
    shortened = {
        name for name, model in MODELS.items() if "max_steps" in model.contestant(cut, max_steps=3).settings
    }
    assert shortened == {*changed, "nhits", "lstm"}


def test_what_is_a_run_of_another_library_does_not_depend_on_our_code(cut):
    from unfamiliar_models import MODELS

    coded = {name for name, model in MODELS.items() if "code" in model.contestant(cut).settings}
    own = {"ours", "ours_quantiles", "pretrained", "fine_tuned", "smoothing"}
    assert coded == {*own, "naive", "ets", "theta"}


def test_labels_differ_and_ours_begin_with_the_library():
    from unfamiliar_models import MODELS, NAIVE, OURS

    labels = [model.label for model in MODELS.values()]
    assert len(set(labels)) == len(labels)
    assert NAIVE in labels
    mine = {name for name, model in MODELS.items() if model.label.startswith(OURS)}
    assert mine == {"ours", "ours_quantiles", "pretrained", "fine_tuned", "smoothing"}


def test_models_without_their_environment_are_left_out_with_a_reason(monkeypatch):
    from unfamiliar_models import absent

    monkeypatch.delenv("TSSEQ2SEQ_PEERS", raising=False)
    reasons = absent(["ours", "naive", "auto_ets", "lstm"])
    assert set(reasons) == {"auto_ets", "lstm"}
    assert all("TSSEQ2SEQ_PEERS" in reason for reason in reasons.values())
    monkeypatch.setenv("TSSEQ2SEQ_PEERS", sys.executable)
    monkeypatch.setattr(
        "unfamiliar_models.packages",
        lambda names: {
            name: f"{name} {'not installed' if name == 'statsforecast' else '3'}" for name in names
        },
    )
    assert set(absent(["ours", "naive", "auto_ets", "lstm"])) == {"auto_ets"}
    assert "statsforecast" in absent(["auto_ets"])["auto_ets"]


def test_a_baseline_that_is_not_there_is_left_out_with_a_reason(monkeypatch):
    from unfamiliar_models import MODELS, Model, absent

    other = Model("other", "tsseq2seq", "peers.our_defaults", {"baseline": "NoSuchBaseline"})
    monkeypatch.setitem(MODELS, "other", other)
    assert "NoSuchBaseline" in absent(["other", "ets"])["other"]
    assert "ets" not in absent(["other", "ets"])


def test_a_fingerprint_follows_what_the_files_say(monkeypatch, tmp_path):
    import fingerprint

    monkeypatch.setattr(fingerprint, "PACKAGE", tmp_path)
    (tmp_path / "one.py").write_text("1")
    (tmp_path / "part" / "deep").mkdir(parents=True)
    (tmp_path / "part" / "__init__.py").write_text("")
    (tmp_path / "part" / "deep" / "two.py").write_text("2")
    (tmp_path / "data").mkdir()  # no package

    def now(parts):
        fingerprint.fingerprint.cache_clear()
        return fingerprint.fingerprint(parts)

    assert fingerprint.all_but() == ("one.py", "part")
    assert fingerprint.all_but("one.py") == ("part",)
    before = {parts: now(parts) for parts in (("one.py",), ("part",))}
    (tmp_path / "part" / "deep" / "two.py").write_text("3")
    assert now(("one.py",)) == before[("one.py",)]
    assert now(("part",)) != before[("part",)]
    fingerprint.fingerprint.cache_clear()


def test_the_code_of_a_baseline_is_in_files_that_are_there():
    from fingerprint import PACKAGE
    from unfamiliar_models import MODELS

    parts = {part for model in MODELS.values() for part in model.deciding}
    assert parts
    assert [part for part in parts if not (PACKAGE / part).exists()] == []


def job(tmp_path, values, horizon=3, quantiles=(), **settings):
    from peers.protocol import Job, Series

    Series([f"s{place}" for place in range(len(values))], values).save(tmp_path / "series.npz")
    given = {"start": "2001-01-01", "freq": "MS"} | settings
    return Job(
        str(tmp_path / "series.npz"), str(tmp_path), horizon, 0.0, list(quantiles), threads=1, settings=given
    )


def test_frames_leave_out_missing_values_but_the_last_of_a_series():
    from peers.our_defaults import frame_of
    from peers.protocol import Series

    series = Series(["b", "a"], [np.array([1.0, np.nan, 3.0]), np.array([4.0, np.nan])])
    dated = frame_of(series, "2001-01-01", "MS")
    assert dated["unique_id"].tolist() == ["b", "b", "a", "a"]
    assert dated["ds"].dt.month.tolist() == [1, 3, 1, 2]
    np.testing.assert_array_equal(dated["y"], [1, 3, 4, np.nan])
    assert frame_of(series, 7, None)["ds"].tolist() == [7, 9, 7, 8]


def test_the_baseline_of_the_runner_is_that_of_the_library(tmp_path, monkeypatch):
    from peers import our_defaults
    from peers.protocol import Record
    from unfamiliar_scores import QUANTILES

    from tsseq2seq.evaluation.baselines import SeasonalNaive

    monkeypatch.setattr("peers.ours.set_up_threads", lambda job: None)  # the test process keeps its own
    rng = np.random.default_rng(0)
    values = [rng.normal(size=30), rng.normal(size=20)]
    asked = job(tmp_path, values, quantiles=QUANTILES, baseline="SeasonalNaive", season=4)
    made = our_defaults.run(asked, Record())
    assert made.shape == (2, 3, len(QUANTILES))
    assert (np.diff(made, axis=2) >= 0).all()
    data = our_defaults.frame_of(asked.series(), "2001-01-01", "MS")
    expected = SeasonalNaive(3, season_length=4).fit(data).predict(levels=[90])
    np.testing.assert_allclose(made[..., 5].reshape(-1), expected["SeasonalNaive"])
    np.testing.assert_allclose(made[..., 0].reshape(-1), expected["SeasonalNaive-lo-90"])
    points = our_defaults.run(job(tmp_path, values, baseline="SeasonalNaive", season=4), Record())
    np.testing.assert_allclose(points, made[..., 5])


@pytest.mark.parametrize("quantiles", [(), (0.05, 0.5, 0.95)], ids=["points", "quantiles"])
def test_ours_gets_the_horizon_alone_and_the_output_where_it_forecasts_quantiles(
    tmp_path, monkeypatch, quantiles
):
    from peers import our_defaults
    from peers.protocol import Record

    import tsseq2seq

    monkeypatch.setattr("peers.ours.set_up_threads", lambda job: None)
    seen = []

    class Forecaster(tsseq2seq.Seq2SeqForecaster):
        def fit(self, df, **options):
            seen.append(self.get_params(deep=False))
            return super().fit(df, **options)

    monkeypatch.setattr(tsseq2seq, "Seq2SeqForecaster", Forecaster)
    steps = np.arange(72.0)
    values = 50 + steps / 4 + 10 * np.sin(steps / 12 * 2 * np.pi)
    output = {"output": "Quantiles"} if quantiles else {}
    record = Record()
    made = our_defaults.run(job(tmp_path, [values], 6, quantiles, max_steps=2, **output), record)
    assert made.shape == ((1, 6, 3) if quantiles else (1, 6))
    assert record["steps"] == 2
    default = tsseq2seq.Seq2SeqForecaster(6).get_params(deep=False)
    changed = {name for name, value in default.items() if seen[0][name] != value}
    assert changed == {"training"} | ({"output"} if quantiles else set())
    if quantiles:
        assert seen[0]["output"] == tsseq2seq.Quantiles([0.05, 0.5, 0.95])


def test_networks_are_padded_only_where_a_series_is_shorter_than_a_window(tmp_path):
    from peers.neuralforecast_defaults import options

    lstm, nhits = job(tmp_path, [np.zeros(9)]), job(tmp_path, [np.zeros(9)], input_size=2)
    assert options(lstm, 12) == {}
    assert options(lstm, 11) == {"start_padding_enabled": True}
    assert options(nhits, 9) == {"input_size": 6}
    assert options(nhits, 8) == {"input_size": 6, "start_padding_enabled": True}


@pytest.fixture
def statsforecast(monkeypatch):
    """Put a module in place of StatsForecast, whose models forecast their season and levels."""

    class Method:
        def __init__(self, season_length=1):
            self.season = season_length

        def forecast(self, y, h, level):
            if type(self).__name__ == "Refuses":
                raise NotImplementedError("tiny datasets")
            point = np.full(h, np.nan if type(self).__name__ == "Blank" else y[-self.season])
            bounds = {
                f"{side}-{one}": point + sign * one for one in level for side, sign in (("lo", -1), ("hi", 1))
            }
            if len(y) < 3:
                bounds = {name: np.full(h, np.nan) for name in bounds}
            return {"mean": point} | bounds

    kinds = {
        name: type(name, (Method,), {}) for name in ("Good", "Refuses", "Blank", "SeasonalNaive", "Naive")
    }
    models = SimpleNamespace(**kinds)
    monkeypatch.setitem(sys.modules, "statsforecast", SimpleNamespace(models=models))
    monkeypatch.setitem(sys.modules, "statsforecast.models", models)


@pytest.mark.parametrize(
    ("model", "season", "own", "point"),
    [
        ("Good", 4, True, 5.0),
        ("Refuses", 4, False, 5.0),
        ("Blank", 4, False, 5.0),
        ("Refuses", 5, False, 8.0),
    ],
    ids=["itself", "an error", "not finite", "no two seasons"],
)
def test_a_series_that_statsforecast_refuses_is_forecast_by_the_naive_method(
    statsforecast, model, season, own, point
):
    from peers.statsforecast_models import forecast_one

    forecast, itself = forecast_one(np.arange(1.0, 9), model, season, 2, (0.05, 0.1, 0.5, 0.9, 0.95))
    assert itself is own
    np.testing.assert_array_equal(forecast, [[point - 90, point - 80, point, point + 80, point + 90]] * 2)


def test_where_no_spread_is_known_the_interval_is_the_point(statsforecast):
    from peers.statsforecast_models import forecast_one

    forecast, itself = forecast_one(np.array([1.0, 2.0]), "Refuses", 4, 2, (0.1, 0.5, 0.9))
    assert not itself
    np.testing.assert_array_equal(forecast, np.full((2, 3), 2.0))


def test_statsforecast_counts_the_series_it_refused_and_fills_gaps(statsforecast, tmp_path, monkeypatch):
    from peers import statsforecast_models
    from peers.protocol import Record

    monkeypatch.setattr(Record, "versions", lambda self, *packages: None)
    values = [np.array([1.0, 2.0, np.nan, 4.0]), np.arange(4.0)]
    record = Record()
    asked = job(tmp_path, values, quantiles=(0.1, 0.5, 0.9), model="Good", season=2)
    forecast = statsforecast_models.run(asked, record)
    np.testing.assert_array_equal(forecast[:, 0, 1], [3.0, 2.0])  # the gap lies on a line
    assert record["fallbacks"] == 0
    record = Record()
    asked = job(tmp_path, values, quantiles=(0.1, 0.5, 0.9), model="Refuses", season=2)
    assert statsforecast_models.run(asked, record).shape == (2, 3, 3)
    assert record["fallbacks"] == 2
