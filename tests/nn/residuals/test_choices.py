"""Every name of a residual builds its class."""

from __future__ import annotations

import pytest
import torch

from tsseq2seq.errors import ParameterError
from tsseq2seq.nn.residuals import (
    RESIDUALS,
    LastValue,
    LearnedSeasons,
    MeanOfSeasons,
    PreviousSeason,
    PreviousSegment,
    build_residual,
)


def test_the_names():
    assert RESIDUALS == ("value", "segment", "smoothing", "season")


@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [
        ("value", {}, LastValue),
        ("segment", {}, PreviousSegment),
        ("season", {}, PreviousSeason),
        ("season", {"seasons": 3}, MeanOfSeasons),
        ("season", {"seasons": 3, "weights": "learned"}, LearnedSeasons),
        ("season", {"seasons": 1, "weights": "learned"}, LearnedSeasons),
    ],
)
def test_each_name_builds_its_class(name, options, expected):
    assert type(build_residual(name, lag=2, length=1, targets=1, **options)) is expected


def test_one_season_carries_no_masks_along():
    one = build_residual("season", lag=2, length=1, targets=1, seasons=1)
    segments = torch.randn(2, 4, 2)
    assert torch.equal(one.values(segments), segments[..., :1])


def test_learned_weights_serve_every_season_ahead():
    learned = build_residual("season", lag=2, length=1, targets=1, seasons=3, weights="learned", ahead=4)
    assert learned.shapes.shape == learned.levels.shape == (4, 3)


def test_another_name_is_refused():
    with pytest.raises(ParameterError, match=r"name.*'day'"):
        build_residual("day", lag=2, length=1, targets=1)
