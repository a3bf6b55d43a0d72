"""Quantiles never cross; their loss is held against scikit-learn's."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.stats
import sklearn.base
import sklearn.metrics
import torch
from hypothesis import given
from hypothesis import strategies as st

from tsseq2seq.errors import ParameterError, ParameterTypeError, TsSeq2SeqError
from tsseq2seq.nn.outputs import Quantiles

LEVELS = [[0.5], [0.1, 0.5, 0.9], [0.5, 0.6, 0.99], [0.01, 0.2, 0.5], [0.05, 0.1, 0.25, 0.5, 0.6, 0.7, 0.95]]
each_levels = pytest.mark.parametrize("levels", LEVELS, ids=str)


def softplus(x):
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


def quantiles_loop(raw, middle, base):
    """Walk outwards from the median, one distance at a time."""
    values = [0.0] * len(raw)
    values[middle] = raw[middle] + base
    for place in range(middle - 1, -1, -1):
        values[place] = values[place + 1] - softplus(raw[place])
    for place in range(middle + 1, len(raw)):
        values[place] = values[place - 1] + softplus(raw[place])
    return values


@each_levels
@pytest.mark.parametrize("with_base", [False, True])
def test_parameters_equal_a_walk_from_the_median(levels, with_base):
    raw = torch.randn(4, 3, len(levels), dtype=torch.float64) * 3
    base = torch.randn(4, 3, dtype=torch.float64)
    parameters = Quantiles(levels).parameters(raw, base if with_base else None)
    for row in range(4):
        for step in range(3):
            added = base[row, step].item() if with_base else 0.0
            expected = quantiles_loop(raw[row, step].tolist(), levels.index(0.5), added)
            assert parameters[row, step].tolist() == pytest.approx(expected, rel=1e-12, abs=1e-13)


@each_levels
@pytest.mark.parametrize("scale", [1e-6, 1.0, 100.0, 1e6, 1e30])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_quantiles_never_cross(levels, scale, dtype):
    parameters = Quantiles(levels).parameters(torch.randn(200, len(levels), dtype=dtype) * scale, None)
    assert (parameters[:, 1:] >= parameters[:, :-1]).all()
    if scale == 1:
        assert (parameters[:, 1:] > parameters[:, :-1]).all()


@each_levels
def test_loss_is_twice_the_mean_pinball_loss_over_the_levels(levels):
    output = Quantiles(levels)
    parameters = output.parameters(torch.randn(30, len(levels), dtype=torch.float64), None)
    truth = torch.randn(30, dtype=torch.float64) * 2
    pinball = [
        sklearn.metrics.mean_pinball_loss(truth.numpy(), parameters[:, place].numpy(), alpha=level)
        for place, level in enumerate(levels)
    ]
    loss = output.elementwise_loss(parameters, truth)
    assert loss.mean().item() == pytest.approx(2 * np.mean(pinball), rel=1e-12)


def test_the_median_alone_is_the_point_with_absolute_error():
    truth, parameters = torch.randn(5), torch.randn(5, 1)
    loss = Quantiles([0.5]).elementwise_loss(parameters, truth)
    torch.testing.assert_close(loss, (parameters[:, 0] - truth).abs())


@each_levels
def test_point_and_quantiles_read_the_right_places(levels):
    output = Quantiles(levels)
    parameters = output.parameters(torch.randn(3, len(levels)), None)
    read = output.quantiles(parameters)
    assert list(read) == levels
    for place, level in enumerate(levels):
        assert torch.equal(read[level], parameters[:, place])
    assert torch.equal(output.point(parameters), read[0.5])
    assert output.size == len(levels)
    assert output.probabilities == tuple(levels)


@each_levels
def test_gradients_reach_every_raw_number(levels):
    raw = torch.randn(2, len(levels), dtype=torch.float64, requires_grad=True)
    base = torch.randn(2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(Quantiles(levels).parameters, (raw, base))
    Quantiles(levels).parameters(raw, base).sin().sum().backward()
    assert raw.grad.all()


def test_training_finds_the_quantiles_of_a_sample():
    levels = [0.1, 0.5, 0.9]
    output, sample = Quantiles(levels), torch.randn(500, dtype=torch.float64) ** 3
    raw = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.Adam([raw], lr=0.05)
    for _ in range(300):
        optimizer.zero_grad()
        parameters = output.parameters(raw, None)
        output.elementwise_loss(parameters.expand(500, 3), sample).mean().backward()
        optimizer.step()
    expected = np.quantile(sample.numpy(), levels)
    assert parameters.tolist() == pytest.approx(expected, abs=0.15)


@pytest.mark.parametrize(
    ("levels", "error", "wanted"),
    [
        ([0.9, 0.5, 0.1], ParameterError, "must increase"),
        ([0.1, 0.1, 0.5], ParameterError, "must increase"),
        ([0.5, 1.0], ParameterError, "strictly between 0 and 1"),
        ([0.0, 0.5], ParameterError, "above 0"),
        ([-0.1, 0.5], ParameterError, "above 0"),
        ([0.5, 1.5], ParameterError, "at most 1"),
        ([0.5, float("nan")], ParameterError, "a number"),
        ([0.5, float("inf")], ParameterError, "a number"),
        ([0.1, 0.9], ParameterError, "0.5"),
        ([], ParameterError, "0.5"),
        ([0.1, None], ParameterTypeError, "a number"),
        (["0.5"], ParameterTypeError, "a number"),
        ("0.5", ParameterTypeError, "a number"),
        ([True], ParameterTypeError, "a number"),
    ],
)
def test_levels_that_cannot_be_are_refused(levels, error, wanted, unchecked_types):
    with pytest.raises(error) as refusal:
        Quantiles(levels)
    assert "Quantiles: levels is " in str(refusal.value)
    assert wanted in str(refusal.value)


@pytest.mark.parametrize("levels", [0.5, None])
def test_levels_that_are_no_sequence_are_refused_by_an_error_of_ours(levels, unchecked_types):
    with pytest.raises(TsSeq2SeqError, match="levels"):
        Quantiles(levels)


@pytest.mark.parametrize("levels", [(0.1, 0.5, 0.9), [0.1, 0.5, 0.9]], ids=["tuple", "list"])
def test_a_clone_is_equal_and_the_field_stays_as_given(levels):
    output = Quantiles(levels)
    assert output.levels is levels
    assert sklearn.base.clone(output) == output


MANY = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)


def at(levels, parameters, probabilities):
    return torch.stack(Quantiles(levels, interpolated=True).quantiles_at(parameters, probabilities), dim=-1)


def test_interpolated_quantiles_of_a_normal_distribution_are_its_own():
    normal = scipy.stats.norm(3.0, 2.0)
    parameters = torch.tensor(normal.ppf(MANY))
    probabilities = [0.001, 0.02, 0.05, 0.07, 0.3, 0.5, 0.6, 0.93, 0.999]
    assert at(MANY, parameters, probabilities).numpy() == pytest.approx(normal.ppf(probabilities))


def test_interpolated_quantiles_equal_lines_over_normal_scores():
    parameters = torch.tensor([-3.0, -2.0, 0.0, 1.0, 1.5, 4.0, 4.5], dtype=torch.float64)
    scores = scipy.stats.norm.ppf(MANY)
    inside = np.linspace(0.05, 0.95, 37)
    expected = np.interp(scipy.stats.norm.ppf(inside), scores, parameters.numpy())
    assert at(MANY, parameters, inside.tolist()).numpy() == pytest.approx(expected)
    for probability, end in ((0.01, 0), (0.99, -1)):  # beyond: on the line from the median through the end
        score = scipy.stats.norm.ppf(probability)
        line = parameters[3] + (parameters[end] - parameters[3]) * score / scores[end]
        assert at(MANY, parameters, [probability]).item() == pytest.approx(line.item())


@given(
    steps=st.lists(st.floats(0, 1e3), min_size=6, max_size=6),
    probabilities=st.lists(st.floats(0.0005, 0.9995), min_size=2, max_size=20),
)
def test_interpolated_quantiles_never_cross(steps, probabilities):
    parameters = torch.tensor([0.0, *np.cumsum(steps)], dtype=torch.float64)
    values = at(MANY, parameters, sorted(probabilities))
    assert (values.diff() >= -1e-9).all()


def test_contained_quantiles_are_exact():
    parameters = torch.randn(4, len(MANY)).sort(-1).values
    assert torch.equal(at(MANY, parameters, MANY), parameters)


@pytest.mark.parametrize("levels", [(0.5, 0.6, 0.9), (0.1, 0.4, 0.5)])
def test_quantiles_of_one_side_tell_the_other(levels):
    normal = scipy.stats.norm(1.0, 3.0)
    parameters = torch.tensor(normal.ppf(levels))
    assert at(levels, parameters, [0.02, 0.98]).numpy() == pytest.approx(normal.ppf([0.02, 0.98]))


def test_interpolated_must_be_true_or_false(unchecked_types):
    with pytest.raises(TsSeq2SeqError, match="interpolated"):
        Quantiles(interpolated="yes")
