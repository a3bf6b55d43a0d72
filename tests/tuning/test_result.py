"""What a search leaves: a frame of trials, and what can be saved."""

from __future__ import annotations

import io
import logging
import pickle

import numpy as np
import optuna
import pandas as pd
import pytest

import tsseq2seq
from tsseq2seq.errors import ModelFileError, ParameterError
from tsseq2seq.tuning.quiet_optuna import quiet_optuna


@pytest.fixture
def found(make, daily, search):
    return search(
        make(),
        daily,
        space={"training__learning_rate": [0.05], "network__hidden_size": [6]},
        trials=3,
        sampler="random",
    )


def test_a_tidy_frame(found) -> None:
    assert found.trials.columns.tolist() == [
        "number", "state", "mase", "seconds", "size", "steps", "as_given", "error", "training__learning_rate",
        "network__hidden_size",
    ]  # fmt: skip
    assert len(found.trials) == len(found.study.trials) == 3
    for trial, (_, row) in zip(found.study.trials, found.trials.iterrows(), strict=True):
        assert row["mase"] == trial.value
        assert {name: row[name] for name in trial.params} == trial.params
    assert found.trials[["seconds", "size", "steps"]].gt(0).all(axis=None)


def test_the_estimators_of_the_best_trials(found, daily) -> None:
    models = found.best_estimators()
    order = found.trials.drop_duplicates(["training__learning_rate", "network__hidden_size"])
    order = order.sort_values("mase")
    assert len(models) == len(order) == 2
    assert models[0].get_params() == found.best_estimator.get_params()
    for model, (_, row) in zip(models, order.iterrows(), strict=True):
        assert not hasattr(model, "fitted_")
        if not row["as_given"]:
            assert model.training.learning_rate == row["training__learning_rate"]
            assert model.network.hidden_size == row["network__hidden_size"]
    assert len(found.best_estimators(1)) == 1
    together = tsseq2seq.Seq2SeqEnsemble(models).fit(daily).predict()
    singles = [model.fit(daily).predict()["Seq2Seq"] for model in models]
    assert together["Seq2Seq"].to_numpy() == pytest.approx(np.median(singles, axis=0))
    with pytest.raises(ParameterError, match="best_estimators: count is 0"):
        found.best_estimators(0)


@pytest.mark.parametrize("metric", ["error", "gain"])
def test_the_best_come_first_whether_low_or_high_is_good(toy, search, metric) -> None:
    found = search(toy(), "data", space={"x": [1, 2, 9]}, trials=8, sampler="random", metric=metric)
    assert found.study.direction.name == ("MAXIMIZE" if metric == "gain" else "MINIMIZE")
    rows = found.trials.drop_duplicates("x").sort_values(metric, ascending=metric == "error")
    assert len(rows) > 1
    assert rows[metric].is_unique
    assert [model.x for model in found.best_estimators(3)] == rows["x"].tolist()[:3]


def test_a_result_can_be_pickled(found) -> None:
    again = pickle.loads(pickle.dumps(found))
    assert [model.get_params() for model in again.best_estimators()] == [
        model.get_params() for model in found.best_estimators()
    ]


def test_saved_and_loaded(found, daily, tmp_path) -> None:
    folder = tmp_path / "searches" / "first"
    found.save(folder)
    assert sorted(path.name for path in folder.iterdir()) == ["best_estimator", "study.db", "trials.csv"]
    model = tsseq2seq.load(folder / "best_estimator")
    pd.testing.assert_frame_equal(model.predict(daily), found.best_estimator.predict(daily))
    read = pd.read_csv(folder / "trials.csv")
    assert read["error"].isna().all()
    pd.testing.assert_frame_equal(
        read.drop(columns="error"), found.trials.drop(columns="error"), check_dtype=False
    )
    with quiet_optuna():
        study = optuna.load_study(study_name="Seq2SeqForecaster", storage=f"sqlite:///{folder / 'study.db'}")
    assert [trial.params for trial in study.trials] == [trial.params for trial in found.study.trials]
    assert study.best_value == found.study.best_value


def test_a_saved_study_goes_on(found, make, daily, search, tmp_path) -> None:
    found.save(tmp_path / "search")
    later = search(
        make(), daily, space={"training__learning_rate": [0.05], "network__hidden_size": [6]}, trials=1,
        storage=f"sqlite:///{tmp_path}/search/study.db", refit=False,
    )  # fmt: skip
    assert len(later.trials) == 4


def test_a_folder_that_exists(found, tmp_path) -> None:
    (tmp_path / "mine").mkdir()
    with pytest.raises(ModelFileError, match="mine exists already; a search is saved to a folder of its own"):
        found.save(tmp_path / "mine")
    assert list((tmp_path / "mine").iterdir()) == []


def test_without_a_fitted_model_none_is_saved(toy, search, tmp_path) -> None:
    search(toy(), "data", trials=2, refit=False).save(tmp_path / "search")
    assert sorted(path.name for path in (tmp_path / "search").iterdir()) == ["study.db", "trials.csv"]


def test_a_folder_of_any_name(toy, search, tmp_path) -> None:
    search(toy(), "data", trials=2, refit=False).save(tmp_path / "which? 100%")
    assert [path.name for path in tmp_path.iterdir()] == ["which? 100%"]
    assert (tmp_path / "which? 100%" / "study.db").exists()


def test_saving_says_nothing(toy, search, tmp_path) -> None:
    found = search(toy(), "data", trials=2, refit=False)
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(logging.INFO)
    logging.getLogger("optuna").addHandler(handler)
    try:
        found.save(tmp_path / "search")
    finally:
        logging.getLogger("optuna").removeHandler(handler)
        optuna.logging.set_verbosity(before)
    assert said.getvalue() == ""


def test_optuna_reads_importances_and_shows_plots(toy, search) -> None:
    found = search(toy(), "data", space={"x": [1, 2, 9], "kind": ["a", "b"]}, trials=20, sampler="random")
    with quiet_optuna():
        importances = optuna.importance.get_param_importances(
            found.study, evaluator=optuna.importance.FanovaImportanceEvaluator(seed=0)
        )
    assert list(importances) == ["x", "kind"]


def test_the_repr_fits_a_screen(found) -> None:
    lines = repr(found).splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 100
    best = found.trials.sort_values("mase").iloc[0]
    assert "3 trials (3 complete)" in lines[0]
    assert f"best trial {best['number']}: mase {best['mase']:.4g}" in lines
    assert all(name in repr(found) for name in found.best_params)
