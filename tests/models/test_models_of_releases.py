"""Models saved by every release load for ever, and answer what they answered then."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tsseq2seq
from tsseq2seq.errors import TsSeq2SeqWarning

FOLDER = Path(__file__).resolve().parent
MODELS = sorted(file.parent for file in FOLDER.glob("*/*/model.json"))


def assert_same(answer: Any, expected: Any) -> None:
    """Numbers may differ in the last digits of float32 between machines."""
    if isinstance(expected, dict):
        assert answer.keys() == expected.keys()
        for name, value in expected.items():
            assert_same(answer[name], value)
    elif isinstance(expected, list) and expected and isinstance(expected[0], list | dict):
        assert len(answer) == len(expected)
        for one, other in zip(answer, expected, strict=True):
            assert_same(one, other)
    elif isinstance(expected, list) and expected and isinstance(expected[0], str):
        assert answer == expected
    else:
        np.testing.assert_allclose(answer, expected, rtol=1e-4, atol=1e-5)


def test_every_release_has_models_of_every_kind(benchmarks_on_the_path: None) -> None:
    from tiny_models import TINY

    releases = {folder.parent.name for folder in MODELS}
    assert {"0.1.0-format-2", "0.1.0"} <= releases
    for release in releases:
        kinds = {folder.name for folder in MODELS if folder.parent.name == release}
        assert kinds == set(json.loads((FOLDER / release / "answers.json").read_text()))
    assert set(TINY) == {folder.name for folder in MODELS if folder.parent.name == "0.1.0"}


@pytest.mark.parametrize("folder", MODELS, ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_it_loads_and_answers_as_then(folder: Path, benchmarks_on_the_path: None) -> None:
    from tiny_models import TINY

    model = tsseq2seq.load(folder)
    expected = json.loads((folder.parent / "answers.json").read_text(encoding="utf-8"))[folder.name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TsSeq2SeqWarning)  # models so small are warned of
        assert_same(TINY[folder.name].answer(model), expected)
