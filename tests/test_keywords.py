"""A name that is not known is refused with the one that is meant, and Python's introspection stays."""

from __future__ import annotations

import copy
import inspect
import pickle
import pkgutil

import pandas as pd
import pytest
from sklearn.base import clone

from tsseq2seq import (
    Network,
    Seq2SeqEnsemble,
    Seq2SeqForecaster,
    Seq2SeqTranslator,
    Theta,
    Training,
    backtest,
    evaluate,
    leaderboard,
    tune,
)
from tsseq2seq.errors import ParameterError, ParameterTypeError
from tsseq2seq.keywords import _PLACES, did_you_mean
from tsseq2seq.other_libraries import _TABLE, NOTES, names_here

DF = pd.DataFrame({"ds": range(40), "y": range(40)})
FORECASTER = Seq2SeqForecaster(2)

FOREIGN = {
    # NeuralForecast, Darts, GluonTS, Prophet, scikit-learn, Keras, Hugging Face
    "h": (lambda **k: Seq2SeqForecaster(**k), "horizon=…"),
    "prediction_length": (lambda **k: Seq2SeqForecaster(**k), "horizon=…"),
    "output_chunk_length": (lambda **k: Seq2SeqForecaster(**k), "horizon=…"),
    "forecast_horizon": (lambda **k: Seq2SeqForecaster(**k), "horizon=…"),
    "input_size": (lambda **k: Seq2SeqForecaster(12, **k), "context_length=…"),
    "input_chunk_length": (lambda **k: Seq2SeqForecaster(12, **k), "context_length=…"),
    "season": (lambda **k: Seq2SeqForecaster(12, **k), "season_length=…"),
    "futr_exog_list": (lambda **k: Seq2SeqForecaster(12, **k), "future_covariates=…"),
    "random_state": (lambda **k: Seq2SeqForecaster(12, **k), "seed=…"),
    "hidden": (lambda **k: Seq2SeqForecaster(12, **k), "network=Network(hidden_size=…)"),
    "n_layers": (lambda **k: Seq2SeqForecaster(12, **k), "network=Network(num_layers=…)"),
    "num_layers": (lambda **k: Seq2SeqForecaster(12, **k), "network=Network(num_layers=…)"),
    "lr": (lambda **k: Seq2SeqForecaster(12, **k), "training=Training(learning_rate=…)"),
    "epochs": (lambda **k: Seq2SeqForecaster(12, **k), "training=Training(epochs=…)"),
    "loss": (lambda **k: Seq2SeqForecaster(12, **k), "output=Point(loss=…)"),
    "hidden_units": (lambda **k: Network(**k), "hidden_size=…"),
    "dropout_rate": (lambda **k: Network(**k), "dropout=…"),
    "embed_dim": (lambda **k: Network(**k), "embedding_size=…"),
    "max_epochs": (lambda **k: Training(**k), "epochs=…"),
    "n_epochs": (lambda **k: Training(**k), "epochs=…"),
    "early_stop_patience_steps": (lambda **k: Training(**k), "patience=…"),
    "val_size": (lambda **k: Training(**k), "validation_size=…"),
    "validation_split": (lambda **k: Training(**k), "validation_size=…"),
    "hidden_dim": (lambda **k: Training(**k), "Network(hidden_size=…)"),
    "max_steps": (lambda **k: Network(**k), "Training(max_steps=…)"),
    "hiden_size": (lambda **k: Network(**k), "hidden_size=…"),
    "hidden_sise": (lambda **k: Seq2SeqForecaster(3, **k), "network=Network(hidden_size=…)"),
    "levels": (lambda **k: Seq2SeqForecaster(3, **k), "predict(levels=…)"),
    "level": (lambda **k: FORECASTER.predict(**k), "levels=…"),
    "steps": (lambda **k: FORECASTER.predict(**k), "horizon=…"),
    "batch_size": (lambda **k: FORECASTER.fit(DF, **k), "Training(batch_size=…)"),
    "num_epochs": (lambda **k: FORECASTER.fit(DF, **k), "Training(epochs=…)"),
    "n_windows": (lambda **k: backtest(FORECASTER, DF, **k), "windows=…"),
    "step_size": (lambda **k: backtest(FORECASTER, DF, **k), "step=…"),
    "retrain": (lambda **k: backtest(FORECASTER, DF, **k), "refit=…"),
    "n_folds": (lambda **k: leaderboard([FORECASTER], DF, **k), "windows=…"),
    "train_df": (lambda **k: evaluate(DF, **k), "train=…"),
    "n_trials": (lambda **k: tune(FORECASTER, DF, **k), "trials=…"),
    "search_space": (lambda **k: tune(FORECASTER, DF, **k), "space=…"),
    "fh": (lambda **k: Theta(**k), "horizon=…"),
    "sp": (lambda **k: Theta(3, **k), "season_length=…"),
    "alpha": (lambda **k: Theta(3).fit(DF).predict(**k), "levels=…"),
    "n_jobs": (lambda **k: Seq2SeqEnsemble([FORECASTER], **k), "jobs=…"),
    "vocab_size": (lambda **k: Seq2SeqTranslator(**k), "max_vocabulary=…"),
    "label_smoothing_factor": (lambda **k: Seq2SeqTranslator(**k), "output=Tokens(label_smoothing=…)"),
    "lr_scheduler_type": (lambda **k: Seq2SeqTranslator(**k), "training=Training(schedule=…)"),
    "beam_width": (lambda **k: Seq2SeqTranslator(**k), "translate(beam_size=…)"),
}  # fmt: skip


@pytest.mark.parametrize("name", FOREIGN)
def test_a_name_of_another_library_leads_to_ours_and_to_its_place(name):
    call, wanted = FOREIGN[name]
    with pytest.raises(ParameterTypeError) as refusal:
        call(**{name: 3})
    assert f"has no parameter {name!r}; did you mean {wanted}?" in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("lr", "training__learning_rate=…"),
        ("hidden", "network__hidden_size=…"),
        ("h", "horizon=…"),
        ("network__n_layers", "num_layers=…"),
    ],
)
def test_set_params_is_answered_in_its_own_names(name, wanted):
    with pytest.raises(ParameterError, match=f"has no parameter .*; did you mean {wanted}[?]$"):
        Seq2SeqForecaster(3).set_params(**{name: 3})


@pytest.mark.parametrize(
    ("name", "wanted"), [("num_beams", "beam_size=…"), ("max_new_tokens", "max_length=…")]
)
def test_options_of_a_search_are_answered(name, wanted):
    translator = Seq2SeqTranslator(
        network=Network(hidden_size=4), training=Training(max_steps=2, progress=False)
    ).fit(["ab", "ba"], ["c", "d"])
    with pytest.raises(ParameterError, match=f"{name}.*did you mean {wanted}"):
        translator.predict(["ab"], **{name: 3})


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("lr", "training__learning_rate"), ("h", "did you mean horizon"), ("qqqq", "there are")],
)
def test_names_of_a_search_space_are_answered(name, wanted):
    with pytest.raises(ParameterError, match=f"{name}.*{wanted}"):
        tune(FORECASTER, DF, space={name: [1, 2]})


def test_what_is_like_nothing_is_refused_with_all_names():
    with pytest.raises(ParameterTypeError, match="Training has no parameter 'qqq'; it has: max_steps, "):
        Training(qqq=1)


def test_what_is_missing_is_refused_by_an_error_of_ours():
    with pytest.raises(ParameterTypeError, match=r"Seq2SeqForecaster: missing .*'horizon'"):
        Seq2SeqForecaster(seed=1)
    with pytest.raises(ParameterTypeError, match=r"backtest: missing .*'df'"):
        backtest(FORECASTER)
    with pytest.raises(ParameterTypeError, match="fit: too many positional arguments"):
        FORECASTER.fit(DF, None, True)


@pytest.mark.parametrize("ours", [name for name in _TABLE if "=" not in name])
def test_the_table_leads_to_names_that_exist(ours):
    signatures = [inspect.signature(pkgutil.resolve_name(path)) for path in _PLACES.values()]
    assert any(ours in signature.parameters for signature in signatures)


def test_a_note_belongs_to_a_name_of_the_table():
    assert [name for name in NOTES if not names_here(name)] == []
    assert did_you_mean("warmup_steps", {"warmup": None}).endswith("?" + f" ({NOTES['warmup_steps']})")


def test_signatures_and_documentation_are_those_written():
    assert list(inspect.signature(Seq2SeqForecaster).parameters)[:2] == ["horizon", "context_length"]
    assert next(iter(inspect.signature(Network).parameters)) == "encoder"
    assert "levels" in inspect.signature(FORECASTER.predict).parameters
    assert list(inspect.signature(backtest).parameters)[:2] == ["estimator", "df"]
    assert backtest.__doc__.startswith("Forecast a history")
    assert Seq2SeqForecaster.fit.__doc__.startswith("Train on a frame")


@pytest.mark.parametrize(
    "copied", [clone, copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))]
)
@pytest.mark.parametrize(
    "one", [FORECASTER, Network(hidden_size=3), Training(max_steps=3), Theta(3)], ids=repr
)
def test_copies_and_pickles_are_equal(copied, one):
    other = copied(one) if copied is not clone or hasattr(one, "fit") else clone(one, safe=False)
    assert other.get_params() == one.get_params()
