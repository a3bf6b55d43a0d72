"""Options by name: which settings they ask for, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tsseq2seq.decoding.beam import Beam
from tsseq2seq.decoding.sampling import Sampling
from tsseq2seq.errors import ParameterError
from tsseq2seq.translation.search_options import parse_search_options


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, Beam()),
        ({"beam_size": 1}, Beam(beam_size=1)),
        ({"n_best": 3, "length_normalization": None}, Beam(n_best=3, length_normalization=None)),
        ({"temperature": 0.5}, Sampling(temperature=0.5)),
        ({"top_k": 4, "top_p": 0.9}, Sampling(top_k=4, top_p=0.9)),
        ({"num_samples": 3}, Sampling(num_samples=3)),
        ({"num_samples": 3, "top_k": None}, Sampling(num_samples=3)),
        ({"temperature": None, "beam_size": 3}, Beam(beam_size=3)),
    ],
    ids=str,
)
def test_what_is_asked_for(options: dict[str, Any], expected: Beam | Sampling) -> None:
    assert parse_search_options(options) == expected


@pytest.mark.parametrize("sampling", ["temperature", "top_k", "top_p", "num_samples"])
@pytest.mark.parametrize("searching", ["beam_size", "n_best", "min_length", "stop"])
def test_both_are_refused_by_name_and_value(sampling: str, searching: str) -> None:
    """Also where a value is the default: it was asked for."""
    options = {searching: getattr(Beam(), searching), sampling: 1}
    with pytest.raises(ParameterError) as refusal:
        parse_search_options(options)
    for name, value in options.items():
        assert f"{name} is {value!r}" in str(refusal.value)


def test_an_unknown_option_is_refused_with_those_there_are() -> None:
    with pytest.raises(ParameterError, match="'beams'") as refusal:
        parse_search_options({"temperature": 1.0, "beams": 3})
    named = str(refusal.value).partition("it has: ")[2].split(", ")
    assert named == [
        "max_length",
        "seed",
        *Beam().get_params(),
        *Sampling().get_params(),
        "prefix",
        "unknown",
    ]
