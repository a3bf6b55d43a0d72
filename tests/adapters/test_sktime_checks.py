"""sktime's own checks of forecasters: what ``check_estimator`` runs, by name.

All are run. Those that fit most often are marked slow: together they take minutes.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("sktime", reason="needs sktime (pip install 'tsseq2seq[sktime]')")

from sktime.utils.estimator_checks import check_estimator, parametrize_with_checks

from tsseq2seq.adapters.sktime import SktimeForecaster

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # those of sktime's scenarios: constant, short and unnamed series
    pytest.mark.usefixtures("unchecked_types"),
]

#: Every other one is run whenever the tests are.
SLOW = {
    "test_deepcopy_fitted",
    "test_deepcopy_fitted_predict",
    "test_fit_idempotent",
    "test_methods_have_no_side_effects",
    "test_non_state_changing_method_contract",
    "test_predict_interval",
    "test_predict_proba",
    "test_predict_quantiles",
    "test_predict_time_index",
    "test_predict_time_index_with_X",
    "test_update_predict_predicted_index",
    "test_update_predict_single",
    "test_update_with_exogenous_variables",
}

#: Run in a fresh interpreter: they look at signatures and frames of the stack that checked types change.
UNCHECKED = ("test_constructor", "test_doctest_examples")

NAMES = sorted({name for _, name in parametrize_with_checks(SktimeForecaster).args[1]})


def failures(name: str) -> dict[str, object]:
    results = check_estimator(SktimeForecaster, tests_to_run=name, raise_exceptions=False, verbose=False)
    return {fixture: said for fixture, said in results.items() if said != "PASSED"}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.slow] if name in SLOW else [])
        for name in NAMES
        if name not in UNCHECKED
    ],
)
def test_sktimes_checks(name: str) -> None:
    assert failures(name) == {}


def test_checks_of_the_class_as_users_have_it() -> None:
    code = (
        "from sktime.utils.estimator_checks import check_estimator\n"
        "from tsseq2seq.adapters.sktime import SktimeForecaster\n"
        f"said = check_estimator(SktimeForecaster, tests_to_run={list(UNCHECKED)!r}, verbose=False)\n"
        "print(sorted(set(said.values())), len(said))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[2], capture_output=True, text=True
    )
    assert done.stdout.splitlines()[-1] == "['PASSED'] 2", done.stdout + done.stderr


def test_the_names_are_still_sktimes() -> None:
    assert {*SLOW, *UNCHECKED} <= set(NAMES)
    assert len(NAMES) > 60
