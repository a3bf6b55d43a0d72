"""The settings of beam search refuse what makes no sense."""

from __future__ import annotations

import pytest
from sklearn.base import clone

from tsseq2seq.decoding.beam import Beam
from tsseq2seq.errors import ParameterError, ParameterTypeError
from tsseq2seq.settings import replace_params


@pytest.mark.parametrize("name", ["beam_size", "n_best", "groups"])
@pytest.mark.parametrize("value", [0, -1])
def test_counts_are_at_least_one(name, value):
    with pytest.raises(
        ParameterError,
        match=rf"^Beam: {name} is {value}; it must be an integer, at least 1 and at most 100000$",
    ):
        Beam(**{name: value})


@pytest.mark.parametrize("name", ["min_length", "no_repeat_ngram"])
def test_lengths_are_at_least_zero(name):
    with pytest.raises(ParameterError, match=rf"^Beam: {name} is -1; it must be an integer, at least 0$"):
        Beam(**{name: -1})


@pytest.mark.parametrize("name", ["length_penalty", "coverage_penalty", "diversity"])
@pytest.mark.parametrize("value", [-0.5, float("nan"), -float("inf")])
def test_weights_are_at_least_zero(name, value):
    with pytest.raises(ParameterError, match=rf"^Beam: {name} is {value}; it must be a number, at least 0"):
        Beam(**{name: value})


@pytest.mark.parametrize("name", ["length_penalty", "coverage_penalty", "diversity"])
def test_weights_are_finite(name):
    # ∞ times a coverage of 0, and a log-probability over ∞, are no scores
    with pytest.raises(ParameterError, match=rf"^Beam: {name} is inf; it must be"):
        Beam(**{name: float("inf")})


@pytest.mark.parametrize("name", ["beam_size", "n_best", "groups", "min_length", "no_repeat_ngram"])
@pytest.mark.parametrize("value", [2.0, True, "2", None])
def test_counts_are_integers(unchecked_types, name, value):
    with pytest.raises(ParameterTypeError, match=f"Beam: {name} is {value!r}; it must be an integer"):
        Beam(**{name: value})


@pytest.mark.parametrize("name", ["length_penalty", "coverage_penalty", "diversity"])
@pytest.mark.parametrize("value", ["1", None, False])
def test_weights_are_numbers(unchecked_types, name, value):
    with pytest.raises(ParameterTypeError, match=f"Beam: {name} is {value!r}; it must be a number"):
        Beam(**{name: value})


def test_unknown_normalization_and_stop():
    with pytest.raises(
        ParameterError, match="length_normalization is 'mean'; it must be one of None, 'average'"
    ):
        Beam(length_normalization="mean")
    with pytest.raises(ParameterError, match="stop is 'early'; it must be one of 'exact', 'full'"):
        Beam(stop="early")


@pytest.mark.parametrize(("size", "groups"), [(5, 2), (2, 3), (1, 2)])
def test_size_is_a_multiple_of_groups(size, groups):
    with pytest.raises(
        ParameterError, match=f"beam_size is {size}, but groups is {groups}; beam_size must be a multiple"
    ):
        Beam(beam_size=size, groups=groups)


def test_a_beam_speaks_the_parameter_protocol():
    beam = Beam(beam_size=6, groups=3, diversity=0.5)
    assert clone(beam, safe=False) == beam
    assert beam.get_params()["groups"] == 3
    assert replace_params(beam, {"beam_size": 9}).beam_size == 9
    with pytest.raises(ParameterError, match="multiple of groups"):
        replace_params(beam, {"beam_size": 7})


@pytest.mark.parametrize(
    ("settings", "greedy"),
    [
        ({"beam_size": 1}, True),
        ({"beam_size": 1, "n_best": 4, "stop": "full", "length_penalty": 2.0}, True),
        ({"beam_size": 1, "length_normalization": None}, True),
        ({"beam_size": 1, "min_length": 1}, False),
        ({"beam_size": 1, "no_repeat_ngram": 2}, False),
        ({"beam_size": 1, "coverage_penalty": 0.1}, False),
        ({"beam_size": 2}, False),
        ({}, False),
    ],
    ids=str,
)
def test_where_greedy_search_finds_the_same(settings, greedy):
    assert Beam(**settings).is_greedy == greedy


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"diversity": 0.5}, ("diversity is 0.5", "groups is 1")),
        (
            {"length_normalization": None, "length_penalty": 0.6},
            ("length_penalty is 0.6", "length_normalization is None"),
        ),
    ],
    ids=str,
)
def test_a_setting_that_would_be_ignored_is_refused_beside_the_other(settings, named):
    with pytest.raises(ParameterError) as refusal:
        Beam(**settings)
    assert all(part in str(refusal.value) for part in named)


@pytest.mark.parametrize("penalty", [0.0, 1.0])
def test_no_normalisation_and_none_to_speak_of_agree(penalty):
    assert Beam(length_normalization=None, length_penalty=penalty).length_penalty == penalty
