"""Prediction runs what it needs and no more: nothing that evaluates or tunes is entered on the way."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import numpy as np
import pandas as pd
import pytest

import tsseq2seq
from tsseq2seq import (
    Binned,
    Network,
    Normal,
    Point,
    Seq2SeqForecaster,
    Seq2SeqTranslator,
    Training,
)

ROOT = Path(tsseq2seq.__file__).parent
QUICK = Training(max_steps=1, batch_size=4, progress=False)
SMALL = Network(hidden_size=4)
HISTORY = pd.DataFrame({"ds": np.arange(40), "y": np.sin(np.arange(40.0)) + 2})


def parts_entered(function: Callable[[], object]) -> set[str]:
    """Return the folders and files of the package in which functions are entered."""
    files: set[str] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            files.add(frame.f_code.co_filename)

    sys.setprofile(note)
    try:
        function()
    finally:
        sys.setprofile(None)
    inside = [Path(file).relative_to(ROOT) for file in files if Path(file).is_relative_to(ROOT)]
    return {path.parts[0].removesuffix(".py") for path in inside}


def forecaster(output: object, folder: Path) -> Seq2SeqForecaster:
    settings = {"context_length": 8, "segment_length": 1, "network": SMALL, "training": QUICK}
    Seq2SeqForecaster(3, **settings, output=output).fit(HISTORY).save(folder)
    return tsseq2seq.load(folder)


@pytest.mark.parametrize(
    ("output", "call"),
    [
        (Point(), lambda model: model.predict()),
        (Point(), lambda model: model.predict(HISTORY, horizon=2)),
        (Normal(), lambda model: model.predict(levels=[80])),
        (Normal(), lambda model: model.sample(num_samples=3)),
        (Binned(bins=4), lambda model: model.scenarios(n=2)),
        (Point(), lambda model: model.predict_cutoffs(HISTORY, windows=2)),
    ],
    ids=["predict", "predict_from", "predict_levels", "sample", "scenarios", "predict_cutoffs"],
)
def test_forecasting_enters_neither_evaluation_nor_tuning(output, call, tmp_path) -> None:
    model = forecaster(output, tmp_path / "model")
    entered = parts_entered(lambda: call(model))
    assert {"forecaster", "forecasting", "data", "nn"} <= entered  # the measure itself works
    assert not entered & {"evaluation", "tuning", "translation", "translator", "plotting", "cli"}


@pytest.mark.parametrize("method", ["predict", "translate"])
def test_translating_enters_neither_evaluation_nor_tuning(method, tmp_path) -> None:
    sources = ["ab", "bc", "ca", "abc"]
    fitted = Seq2SeqTranslator(network=SMALL, training=QUICK).fit(sources, sources[::-1])
    fitted.save(tmp_path / "model")
    model = tsseq2seq.load(tmp_path / "model")
    entered = parts_entered(lambda: getattr(model, method)(["ab", "c"], beam_size=2))
    assert {"translator", "translation", "data", "nn", "decoding"} <= entered
    assert not entered & {"evaluation", "tuning", "forecasting", "forecaster", "plotting", "cli"}


def test_loading_enters_neither_evaluation_nor_tuning(tmp_path) -> None:
    forecaster(Point(), tmp_path / "model")
    entered = parts_entered(lambda: tsseq2seq.load(tmp_path / "model"))
    assert {"persistence", "forecaster", "data", "nn"} <= entered
    assert not entered & {"evaluation", "tuning"}
