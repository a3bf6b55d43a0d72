"""Warnings point at the line of the caller's own code."""

from __future__ import annotations

import ast
import inspect
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import GridSearchCV

import tsseq2seq
from tsseq2seq import (
    Network,
    Normal,
    Quantiles,
    SeasonalNaive,
    Seq2SeqForecaster,
    Training,
    backtest,
    leaderboard,
)
from tsseq2seq.data.text.truncation import Truncation
from tsseq2seq.errors import TsSeq2SeqWarning
from tsseq2seq.translator import Seq2SeqTranslator

FOLDER = Path(tsseq2seq.__file__).parent
TINY = {"network": Network(hidden_size=4), "training": Training(max_steps=2, progress=False)}


def frame(length: int = 40) -> pd.DataFrame:
    y = np.random.default_rng(0).normal(size=length).cumsum()
    return pd.DataFrame({"unique_id": "a", "ds": np.arange(length), "y": y, "x": y})


def dishonest_intervals() -> None:
    training = Training(max_steps=2, progress=False, teacher_forcing=1.0)
    Seq2SeqForecaster(6, output=Quantiles(), network=Network(hidden_size=4), training=training).fit(frame())


def missing_covariates() -> None:
    holes = frame().assign(x=lambda df: df["x"].where(df.index != 3))
    Seq2SeqForecaster(6, past_covariates=["x"], **TINY).fit(holes)


def a_model_that_saw_the_test_part() -> None:
    model = Seq2SeqForecaster(6, **TINY).fit(frame())
    backtest(model, frame(), windows=2, refit=None)


def windows_left_out() -> None:
    short = frame(8).assign(unique_id="b")
    leaderboard(pd.concat([frame(), short]), {"naive": SeasonalNaive(6)}, windows=3)


def few_windows_to_calibrate_on() -> None:
    model = Seq2SeqForecaster(6, output=Normal(), **TINY).fit(frame())
    model.calibrate(pd.concat([frame().assign(unique_id=name) for name in ("b", "c")]), windows=2)


def long_sentences() -> None:
    Seq2SeqTranslator(truncation=Truncation(max_length=3), **TINY).fit(["abcdef", "a"], ["b", "c"])


@pytest.mark.parametrize(
    "call",
    [
        dishonest_intervals,
        missing_covariates,
        a_model_that_saw_the_test_part,
        windows_left_out,
        few_windows_to_calibrate_on,
        long_sentences,
    ],
)
def test_warnings_point_at_the_callers_line(call: Callable[[], None]) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    ours = [warning for warning in caught if issubclass(warning.category, TsSeq2SeqWarning)]
    assert ours
    source, first = inspect.getsourcelines(call)
    for warning in ours:
        assert warning.filename == __file__
        assert first <= warning.lineno < first + len(source)


def test_a_search_of_scikit_learn_stands_in_nobodys_way() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        training = Training(max_steps=2, progress=False, teacher_forcing=1.0)
        model = Seq2SeqForecaster(6, output=Quantiles(), network=Network(hidden_size=4), training=training)
        df = frame(80)
        cv = [(np.arange(60), np.arange(60, 66))]
        GridSearchCV(model, {"network__hidden_size": [4]}, cv=cv, refit=False).fit(df)
    ours = [warning for warning in caught if issubclass(warning.category, TsSeq2SeqWarning)]
    assert ours
    assert all(warning.filename == __file__ for warning in ours)


def test_all_warnings_of_the_library_go_one_way() -> None:
    """``warnings.warn`` with a level counted by hand points at some line of the library soon."""
    for file in FOLDER.rglob("*.py"):
        if file.name == "errors.py":
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            assert not (isinstance(node, ast.Call) and ast.unparse(node.func) == "warnings.warn"), file
