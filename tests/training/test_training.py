"""The settings of optimisation refuse what cannot work, and scikit-learn can clone them."""

from __future__ import annotations

import pytest
import torch
from sklearn.base import clone

from tsseq2seq.errors import ParameterError, ParameterTypeError
from tsseq2seq.training.teacher_forcing import InverseSigmoid
from tsseq2seq.training.training import Training


@pytest.mark.usefixtures("unchecked_types")
@pytest.mark.parametrize(
    ("settings", "kind", "message"),
    [
        ({"max_steps": 0}, ParameterError, "max_steps is 0; it must be an integer, at least 1"),
        ({"max_steps": 1.5}, ParameterTypeError, "max_steps is 1.5"),
        ({"max_time": 0}, ParameterError, "max_time is 0; it must be a number, above 0"),
        ({"max_time": float("nan")}, ParameterError, "max_time is nan"),
        ({"batch_size": True}, ParameterTypeError, "batch_size is True"),
        ({"learning_rate": -1}, ParameterError, "learning_rate is -1"),
        ({"optimizer": "lion"}, ParameterError, "optimizer is 'lion'.*'adam'.*'rmsprop'"),
        ({"optimizer": dict}, ParameterTypeError, "torch.optim.Optimizer"),
        ({"schedule": "step"}, ParameterError, "schedule is 'step'"),
        ({"warmup": 1.5}, ParameterError, "warmup is 1.5"),
        ({"clip_norm": 0}, ParameterError, "clip_norm is 0"),
        ({"ema": 1.0}, ParameterError, "ema is 1.0"),
        ({"teacher_forcing": 1.2}, ParameterError, "teacher_forcing is 1.2"),
        ({"teacher_forcing": "linear"}, ParameterTypeError, "teacher_forcing is 'linear'"),
        ({"validation_size": -1}, ParameterError, "validation_size is -1"),
        ({"members": 0}, ParameterError, "members is 0; it must be an integer, at least 1"),
        ({"members": 2.0}, ParameterTypeError, "members is 2.0"),
        ({"members": None}, ParameterTypeError, "members is None"),
        ({"patience": 3}, ParameterError, "patience is 3 but validation_size is 0"),
        ({"precision": "fp8"}, ParameterError, "precision is 'fp8'"),
        ({"progress": "yes"}, ParameterError, "progress is 'yes'"),
    ],
)
def test_bad_values_are_refused(settings, kind, message: str) -> None:
    with pytest.raises(kind, match=message):
        Training(**settings)


def test_clone_keeps_every_field() -> None:
    settings = Training(max_steps=3, optimizer=torch.optim.RAdam, teacher_forcing=InverseSigmoid(20))
    assert clone(settings) == settings


def test_nested_parameters_are_listed() -> None:
    params = Training(teacher_forcing=InverseSigmoid(20)).get_params()
    assert params["teacher_forcing__k"] == 20
