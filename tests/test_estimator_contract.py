"""scikit-learn's checks of estimators, by name, for every public estimator: those that apply, and why others do not.

A classifier reads tables and is held against all of them in ``test_classifier_contract.py``. The others read frames
with a time, or texts: what scikit-learn would fit them on is no input of theirs.
"""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import estimator_checks

import tsseq2seq
from tsseq2seq import (
    Seq2SeqAutoencoder,
    Seq2SeqClassifier,
    Seq2SeqEnsemble,
    Seq2SeqForecaster,
    Seq2SeqLanguageModel,
    Seq2SeqSynthesizer,
    Seq2SeqTagger,
    Seq2SeqTranscriber,
    Seq2SeqTranslator,
    Training,
)
from tsseq2seq.estimator import Estimator

ESTIMATORS = {
    "autoencoder": Seq2SeqAutoencoder(4),
    "classifier": Seq2SeqClassifier(),
    "ensemble": Seq2SeqEnsemble([Seq2SeqForecaster(3)]),
    "forecaster": Seq2SeqForecaster(3),
    "language_model": Seq2SeqLanguageModel(),
    "synthesizer": Seq2SeqSynthesizer(),
    "tagger": Seq2SeqTagger(),
    "transcriber": Seq2SeqTranscriber(),
    "translator": Seq2SeqTranslator(),
}

#: What can be asked of an estimator without data of scikit-learn's making.
APPLY = (
    "check_get_params_invariance",
    "check_set_params",
    "check_no_attributes_set_in_init",
    "check_mixin_order",
    "check_estimator_cloneable",
    "check_estimator_repr",
    "check_do_not_raise_errors_in_init_or_set_params",
    "check_estimators_unfitted",
    "check_estimator_tags_renamed",
    "check_valid_tag_types",
)

_FRAME = "it fits a random table, which has neither time nor series, or is no text"
#: The others of scikit-learn's, with the reason.
DO_NOT_APPLY = {
    "check_parameters_default_constructible": "defaults are settings, which are frozen dataclasses",
    "check_fit_score_takes_y": _FRAME,
    "check_estimators_dtypes": _FRAME,
    "check_estimators_fit_returns_self": _FRAME,
    "check_complex_data": _FRAME,
    "check_dtype_object": _FRAME,
    "check_estimators_empty_data_messages": _FRAME,
    "check_pipeline_consistency": f"{_FRAME}; pipelines are tested below",
    "check_estimators_nan_inf": "missing values are the point of a frame with gaps",
    "check_estimators_overwrite_params": _FRAME,
    "check_estimator_sparse_array": _FRAME,
    "check_estimator_sparse_matrix": _FRAME,
    "check_estimators_pickle": f"{_FRAME}; models are saved without pickle, tests/test_persistence.py",
    "check_n_features_in": "a frame's columns are series or roles of series, not features",
    "check_n_features_in_after_fitting": "a frame's columns are series or roles of series, not features",
    "check_fit2d_1sample": _FRAME,
    "check_fit2d_1feature": _FRAME,
    "check_fit1d": "an array of one dimension is a series, and is fitted",
    "check_fit2d_predict1d": "an array of one dimension is a series, and is forecast",
    "check_methods_sample_order_invariance": "the order of time is what is learnt",
    "check_methods_subset_invariance": "a part of a history is another history",
    "check_dict_unchanged": _FRAME,
    "check_dont_overwrite_parameters": _FRAME,
    "check_fit_idempotent": f"{_FRAME}; tests/conformance does it on frames",
    "check_fit_check_is_fitted": _FRAME,
    "check_readonly_memmap_input": _FRAME,
    "check_f_contiguous_array_estimator": _FRAME,
    "check_array_api_input": "frames are of pandas and its like",
    "check_estimator_sparse_tag": _FRAME,
    "check_positive_only_tag_during_fit": _FRAME,
}


@pytest.mark.parametrize("name", APPLY)
@pytest.mark.parametrize("estimator", ESTIMATORS.values(), ids=ESTIMATORS)
@pytest.mark.usefixtures("unchecked_types")
def test_scikit_learns_checks(estimator: Estimator, name: str) -> None:
    check = getattr(estimator_checks, name, None)
    if check is None:
        pytest.skip(f"this scikit-learn has no {name}")
    check(type(estimator).__name__, estimator)


def test_every_estimator_is_checked() -> None:
    public = {
        value
        for name in tsseq2seq.__all__
        if inspect.isclass(value := getattr(tsseq2seq, name)) and issubclass(value, Estimator)
    }
    assert {type(one) for one in ESTIMATORS.values()} == public


def test_every_check_of_estimators_applies_or_has_a_reason() -> None:
    """So that a check that a new scikit-learn brings is looked at."""
    yielded = {
        getattr(check, "func", check).__name__
        for collection in (estimator_checks._yield_api_checks, estimator_checks._yield_all_checks)
        for check in collection(ESTIMATORS["forecaster"], *_legacy(collection))
    }
    assert yielded - {*APPLY} - DO_NOT_APPLY.keys() == set()
    assert not {*APPLY} & DO_NOT_APPLY.keys()


def _legacy(collection: object) -> list[bool]:
    return [True] if "legacy" in inspect.signature(collection).parameters else []


def test_an_autoencoder_in_a_pipeline_is_the_autoencoder_behind_the_scaler() -> None:
    windows = np.random.default_rng(0).normal(size=(160, 6)).cumsum(axis=1)
    training = Training(max_steps=3, progress=False)
    pipeline = Pipeline([("scale", StandardScaler()), ("encode", Seq2SeqAutoencoder(6, training=training))])
    latent = pipeline.fit(windows).transform(windows)
    scaled = StandardScaler().fit_transform(windows)
    alone = Seq2SeqAutoencoder(6, training=training).fit(scaled).transform(scaled)
    np.testing.assert_array_equal(latent, alone)
