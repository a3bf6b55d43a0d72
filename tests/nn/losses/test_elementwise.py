"""Losses against scipy, scikit-learn and numpy's masked arrays."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.special
import sklearn.metrics
import torch

from tsseq2seq.nn.losses import LOSSES, absolute, huber, masked_mean, quantile, squared

FORECAST = torch.randn(3, 4, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(1)) * 2
TRUTH = torch.randn(3, 4, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(2)) * 2


@pytest.mark.parametrize(
    ("loss", "reference"),
    [
        (absolute, sklearn.metrics.mean_absolute_error),
        (squared, sklearn.metrics.mean_squared_error),
        (huber, lambda truth, forecast: scipy.special.huber(1.0, truth - forecast).mean()),
    ],
)
def test_mean_and_each_element_equal_the_reference(loss, reference):
    ours = loss(FORECAST, TRUTH)
    assert ours.shape == FORECAST.shape
    flat = FORECAST.flatten().numpy(), TRUTH.flatten().numpy()
    assert ours.mean().item() == pytest.approx(reference(flat[1], flat[0]), rel=1e-13)
    for value, forecast, truth in zip(ours.flatten().tolist(), *flat, strict=True):
        assert value == pytest.approx(reference(np.array([truth]), np.array([forecast])), rel=1e-13)


@pytest.mark.parametrize("name", list(LOSSES))
def test_every_named_loss_is_0_at_the_truth_and_has_the_right_sign_of_slope(name):
    forecast = TRUTH.clone().requires_grad_()
    assert not LOSSES[name](forecast, TRUTH).any()
    for shift in (1.5, -1.5):
        (slope,) = torch.autograd.grad(LOSSES[name](forecast + shift, TRUTH).sum(), forecast)
        assert (slope.sign() == np.sign(shift)).all()


def test_names():
    assert {"mae": absolute, "mse": squared, "huber": huber} == LOSSES


@pytest.mark.parametrize("level", [0.01, 0.25, 0.5, 0.9])
def test_quantile_is_twice_the_pinball_loss(level):
    ours = quantile(FORECAST[..., None], TRUTH, torch.tensor([level], dtype=torch.float64))
    assert ours.shape == (*FORECAST.shape, 1)
    expected = sklearn.metrics.mean_pinball_loss(
        TRUTH.flatten().numpy(), FORECAST.flatten().numpy(), alpha=level
    )
    assert ours.mean().item() == pytest.approx(2 * expected, rel=1e-13)


def test_quantile_at_one_half_is_the_absolute_error():
    ours = quantile(FORECAST[..., None], TRUTH, torch.tensor([0.5], dtype=torch.float64))[..., 0]
    torch.testing.assert_close(ours, absolute(FORECAST, TRUTH), rtol=1e-14, atol=0)


@pytest.mark.parametrize("level", [0.1, 0.5, 0.75])
def test_the_minimiser_of_the_quantile_loss_is_the_quantile(level):
    sample = torch.randn(1001, dtype=torch.float64)
    candidates = sample.sort().values
    losses = quantile(
        candidates[:, None, None].expand(-1, 1001, 1), sample.expand(1001, -1), torch.tensor([level]).double()
    ).mean((1, 2))
    expected = np.quantile(sample.numpy(), level)
    assert candidates[losses.argmin()].item() == pytest.approx(expected, abs=0.02)


def test_masked_mean_equals_a_masked_array():
    values, mask = torch.randn(5, 3), torch.rand(5, 3) < 0.5
    expected = np.ma.masked_array(values.numpy(), mask=~mask.numpy()).mean()
    assert masked_mean(values, mask).item() == pytest.approx(expected, rel=1e-6)


def test_masked_mean_of_nothing_is_0_with_finite_gradients():
    values = torch.randn(4, requires_grad=True)
    mean = masked_mean(values, torch.zeros(4, dtype=torch.bool))
    mean.backward()
    assert mean.item() == 0
    assert not values.grad.any()


@pytest.mark.parametrize("poison", [float("nan"), float("inf"), 1e30])
def test_masked_mean_ignores_what_is_masked(poison):
    values = torch.tensor([1.0, poison, 3.0], requires_grad=True)
    mean = masked_mean(values, torch.tensor([True, False, True]))
    mean.backward()
    assert mean.item() == 2
    assert values.grad.tolist() == [0.5, 0.0, 0.5]


def test_masked_mean_adds_bf16_values_in_float32():
    values = torch.ones(4096, dtype=torch.bfloat16)
    mean = masked_mean(values, torch.ones(4096, dtype=torch.bool))
    assert mean.item() == 1
    assert mean.dtype == torch.float32
