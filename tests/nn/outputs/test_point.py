"""The point output against scikit-learn and scipy."""

from __future__ import annotations

import pytest
import scipy.special
import sklearn.metrics
import torch

from tsseq2seq.errors import ParameterError
from tsseq2seq.nn.outputs import Point


def log_cosh(forecast, truth):
    return (forecast - truth).cosh().log()


@pytest.mark.parametrize(
    ("loss", "reference"),
    [
        ("mae", sklearn.metrics.mean_absolute_error),
        ("mse", sklearn.metrics.mean_squared_error),
        ("huber", lambda truth, forecast: scipy.special.huber(1.0, truth - forecast).mean()),
        (
            log_cosh,
            lambda truth, forecast: log_cosh(torch.tensor(forecast), torch.tensor(truth)).mean().item(),
        ),
    ],
)
def test_loss_equals_the_reference(loss, reference):
    output = Point(loss)
    parameters = torch.randn(20, 3, 1, dtype=torch.float64) * 2
    truth = torch.randn(20, 3, dtype=torch.float64) * 2
    losses = output.elementwise_loss(parameters, truth)
    assert losses.shape == truth.shape
    expected = reference(truth.flatten().numpy(), parameters.flatten().numpy())
    assert losses.mean().item() == pytest.approx(expected, rel=1e-12)


def test_a_callable_gets_forecast_and_truth_in_this_order():
    seen = []

    def spy(forecast, truth):
        seen.extend([forecast, truth])
        return forecast - truth

    parameters, truth = torch.randn(2, 3, 1), torch.randn(2, 3)
    losses = Point(spy).elementwise_loss(parameters, truth)
    assert torch.equal(seen[0], parameters[..., 0])
    assert torch.equal(seen[1], truth)
    assert torch.equal(losses, parameters[..., 0] - truth)


def test_parameters_are_the_raw_numbers_plus_the_base():
    raw, base = torch.randn(2, 3, 1), torch.randn(2, 3)
    assert torch.equal(Point().parameters(raw, None), raw)
    assert torch.equal(Point().parameters(raw, base)[..., 0], raw[..., 0] + base)
    assert torch.equal(Point().point(raw), raw[..., 0])
    assert Point().size == 1
    assert Point().probabilities == ()
    assert Point().quantiles(raw) == {}


@pytest.mark.parametrize("loss", ["rmse", "MAE", "", 3, ("mae",)])
def test_an_unknown_loss_is_refused(loss, unchecked_types):
    with pytest.raises(ParameterError) as refusal:
        Point(loss)
    for part in ("Point", "loss", repr(loss), "'mae', 'mse', 'huber'"):
        assert part in str(refusal.value)


def test_a_loss_left_open_is_the_absolute_error_and_is_told_from_one_that_was_chosen():
    raw, truth = torch.randn(9, 1), torch.randn(9)
    assert torch.equal(Point().elementwise_loss(raw, truth), Point("mae").elementwise_loss(raw, truth))
    assert Point().equivariant
    assert Point() != Point("mae")
