"""scikit-learn's checks of classifiers, by name: those that apply to sequences, and why others do not."""

from __future__ import annotations

import inspect

import pytest
from sklearn.base import clone
from sklearn.datasets import make_blobs
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from tsseq2seq import Network, Seq2SeqClassifier, Training

pytestmark = pytest.mark.filterwarnings(
    "ignore::tsseq2seq.errors.DataWarning",  # classes with a single example
    "ignore::sklearn.exceptions.SkipTestWarning",
)

#: Checks that do not apply, and why. Each must fail, or it applies.
DO_NOT_APPLY = {
    "check_n_features_in": "a row of a table is a sequence of one feature, and its columns are steps",
    "check_n_features_in_after_fitting": "tables with fewer or more columns are shorter or longer sequences",
    "check_classifiers_train": "its end asks for a refusal of another number of columns; what it asks of the "
    "accuracy is asked below",
    "check_estimators_empty_data_messages": "a table without columns is one of sequences without steps, and "
    "refused in these words",
    "check_sample_weight_equivalence_on_dense_data": "weights and repeated rows make other batches",
    "check_parameters_default_constructible": "defaults are settings, which are frozen dataclasses",
}

#: What of scikit-learn's contract is held by name, in whatever version is installed.
APPLY = {
    "check_class_weight_classifiers",
    "check_classifier_data_not_an_array",
    "check_classifiers_classes",
    "check_classifiers_one_label",
    "check_classifiers_one_label_sample_weights",
    "check_classifiers_regression_target",
    "check_complex_data",
    "check_dict_unchanged",
    "check_dont_overwrite_parameters",
    "check_dtype_object",
    "check_estimator_sparse_array",
    "check_estimator_sparse_matrix",
    "check_estimators_dtypes",
    "check_estimators_fit_returns_self",
    "check_estimators_nan_inf",
    "check_estimators_overwrite_params",
    "check_estimators_pickle",
    "check_estimators_unfitted",
    "check_f_contiguous_array_estimator",
    "check_fit1d",
    "check_fit2d_1feature",
    "check_fit2d_1sample",
    "check_fit2d_predict1d",
    "check_fit_check_is_fitted",
    "check_fit_idempotent",
    "check_fit_score_takes_y",
    "check_get_params_invariance",
    "check_methods_sample_order_invariance",
    "check_methods_subset_invariance",
    "check_mixin_order",
    "check_no_attributes_set_in_init",
    "check_pipeline_consistency",
    "check_readonly_memmap_input",
    "check_requires_y_none",
    "check_sample_weights_list",
    "check_sample_weights_not_an_array",
    "check_sample_weights_not_overwritten",
    "check_sample_weights_pandas_series",
    "check_sample_weights_shape",
    "check_set_params",
    "check_supervised_y_2d",
    "check_supervised_y_no_nan",
}

CLASSIFIER = Seq2SeqClassifier(
    network=Network(hidden_size=8, bidirectional=True),
    training=Training(max_steps=30, learning_rate=3e-2, progress=False),
)


def name_of(check) -> str:
    return check.func.__name__


if "xfail_strict" not in inspect.signature(parametrize_with_checks).parameters:
    pytest.skip("this scikit-learn cannot be told which checks must fail", allow_module_level=True)

CHECKS = parametrize_with_checks(
    [CLASSIFIER], expected_failed_checks=lambda _: DO_NOT_APPLY, xfail_strict=True
)


@CHECKS
@pytest.mark.usefixtures("unchecked_types")
def test_scikit_learns_checks(estimator, check) -> None:
    check(estimator)


def test_what_applies_is_run() -> None:
    names = {
        name_of(parameters.values[1] if hasattr(parameters, "values") else parameters[1])
        for parameters in CHECKS.args[1]
    }
    assert names >= APPLY
    assert names >= set(DO_NOT_APPLY)
    assert not APPLY & set(DO_NOT_APPLY)


@pytest.mark.parametrize("classes", [2, 3])
def test_what_check_classifiers_train_asks_of_the_accuracy(classes: int) -> None:
    X, y = make_blobs(n_samples=300, centers=3, random_state=0)
    X, y = StandardScaler().fit_transform(X)[y < classes], y[y < classes]
    assert clone(CLASSIFIER).set_params(training__max_steps=60).fit(X, y).score(X, y) > 0.83
