"""A model of several members of which one diverged: it answers, saves, loads and is trained on."""

from __future__ import annotations

import dataclasses
import functools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.every_estimator import CASES, SHORT
from tsseq2seq import Training, load
from tsseq2seq.errors import DivergenceError, ParameterError, TrainingWarning
from tsseq2seq.training import members

TRAINING = dataclasses.replace(SHORT, members=3)
#: An ensemble's forecasters have members of their own, as a forecaster has.
KINDS = [name for name in CASES if name != "ensemble"]


def fit_without_the_second(name: str, patch: pytest.MonkeyPatch, training: Training = TRAINING) -> Any:
    train = members.train

    def diverging(*args: Any, label: str, **kwargs: Any) -> Any:
        if label == "training 2":
            raise DivergenceError("the loss is nan at step 1")
        return train(*args, label=label, **kwargs)

    patch.setattr(members, "train", diverging)
    with pytest.warns(TrainingWarning, match="1 of 3 members diverged"):
        return CASES[name].fit(training)


@functools.cache
def left_out(name: str) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        return fit_without_the_second(name, patch)


@pytest.mark.parametrize("name", KINDS)
def test_what_is_left_answers_the_same_after_saving(name: str, tmp_path: Path) -> None:
    model, case = left_out(name), CASES[name]
    assert len(model.fitted_.members) == 2
    model.save(tmp_path / "model")
    loaded = load(tmp_path / "model")
    assert len(loaded.fitted_.members) == 2
    assert loaded.training.members == 3  # as asked for
    before, after = model.learned()[1], loaded.learned()[1]
    assert before.keys() == after.keys()
    assert all(torch.equal(before[key], after[key]) for key in before)
    for one, other in zip(case.answers(model, case.items), case.answers(loaded, case.items), strict=True):
        for row, again in zip(one, other, strict=True):
            np.testing.assert_array_equal(row, again)


@pytest.mark.parametrize("name", ["forecaster", "translator", "tagger"])
def test_a_warm_start_goes_on_with_what_is_left(name: str, tmp_path: Path) -> None:
    left_out(name).save(tmp_path / "model")
    model, data = load(tmp_path / "model"), CASES[name].data
    with pytest.raises(ParameterError, match=r"members=3.* has 2"):
        model.fit(*data, warm_start=True)
    model.set_params(training__members=2)
    assert len(model.fit(*data, warm_start=True).fitted_.members) == 2
