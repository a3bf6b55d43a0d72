"""Values of a space are tried before anything is trained."""

from __future__ import annotations

import pytest
from optuna.distributions import FloatDistribution, IntDistribution

from tsseq2seq import Quantiles, Seq2SeqTranslator
from tsseq2seq.errors import ParameterError


@pytest.mark.parametrize(
    ("space", "message"),
    [
        ({"network__hidden_size": [8, -1]}, r"space has -1 for 'network__hidden_size': .*hidden_size is -1"),
        ({"network__hidden_size": IntDistribution(0, 8)}, r"space has 0 for 'network__hidden_size'"),
        ({"training__learning_rate": FloatDistribution(0.0, 0.1)}, r"space has 0\.0 for .*learning_rate"),
        ({"network__cell": ["lstm", "transformer"]}, r"'transformer' for 'network__cell': .*'gru'"),
        ({"context_length": [7, 0]}, r"space has 0 for 'context_length': .*context_length is 0"),
        ({"scaling": {"a": "window", "b": "percent"}}, r"space has 'percent' for 'scaling'"),
        ({"network__attention_size": [8]}, r"attention_size is 8 but attention is None"),
        ({"output": [Quantiles()], "segment_length": [1, -7]}, r"space has -7 for 'segment_length'"),
    ],
)
def test_an_impossible_value_is_refused_with_the_reason(
    make, daily, search, no_training, space, message
) -> None:
    with pytest.raises(ParameterError, match=f"^tune: .*{message}"):
        search(make(), daily, space=space, trials=2)


def test_values_that_need_each_other_are_possible(make, daily, search) -> None:
    """An attention's width alone would be refused, as the forecaster has no attention."""
    space = {"network__attention": [None, "additive"], "network__attention_size": [None, 8]}
    found = search(make(), daily, space=space, trials=2)
    assert len(found.trials) == 2


def test_translators_are_checked_too(search, no_training) -> None:
    pairs = ["a b", "b a", "a", "b"] * 5, ["b a", "a b", "b", "a"] * 5
    with pytest.raises(ParameterError, match=r"space has 2\.0 for 'network__dropout'"):
        search(Seq2SeqTranslator(), *pairs, space={"network__dropout": [0.1, 2.0]}, trials=2)


def test_what_the_problem_refuses_is_refused(toy, search) -> None:
    with pytest.raises(ParameterError, match="space has -2 for 'x': Toy: x is -2; it must be 0 or more"):
        search(toy(), "data", space={"x": [1, -2]}, trials=2)
    assert toy.fits == []


def test_a_function_is_not_foreseen(toy, search) -> None:
    found = search(toy(), "data", space=lambda trial: {"x": trial.suggest_int("x", 0, 3)}, trials=3)
    assert len(found.trials) == 3
