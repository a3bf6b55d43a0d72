"""The normal distribution against scipy's."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
import torch

from tsseq2seq.nn.outputs import Normal


def parameters_of(rows=50):
    return Normal().parameters(torch.randn(rows, 2, dtype=torch.float64) * 3, None)


def test_parameters_are_a_mean_and_a_positive_deviation():
    raw = torch.tensor([[1.5, 0.0], [1.5, -1e3], [1.5, 1e3]], dtype=torch.float64)
    parameters = Normal().parameters(raw, torch.tensor([0.0, 1.0, 2.0], dtype=torch.float64))
    assert parameters[:, 0].tolist() == [1.5, 2.5, 3.5]
    assert parameters[:, 1].tolist() == pytest.approx([np.log(2), 0.0, 1e3], abs=2e-4)
    assert (parameters[:, 1] > 0).all()
    assert torch.equal(Normal().point(parameters), parameters[:, 0])


def test_loss_is_the_negative_log_likelihood():
    parameters, truth = parameters_of(), torch.randn(50, dtype=torch.float64) * 3
    expected = -scipy.stats.norm.logpdf(truth.numpy(), *parameters.T.numpy())
    ours = Normal().elementwise_loss(parameters, truth).numpy()
    np.testing.assert_allclose(ours, expected, rtol=1e-12)


def test_draws_follow_the_distribution():
    parameters = torch.tensor([3.0, 0.5]).expand(20_000, 2)
    drawn = Normal().sample(parameters, torch.Generator().manual_seed(1))
    assert scipy.stats.kstest(drawn.numpy(), scipy.stats.norm(3.0, 0.5).cdf).pvalue > 0.01


def test_given_noise_is_stretched_and_shifted_and_scores_undo_it():
    parameters, noise = parameters_of(), torch.randn(50, dtype=torch.float64)
    drawn = Normal().sample(parameters, noise=noise)
    mean, deviation = parameters.T.numpy()
    np.testing.assert_allclose(drawn, scipy.stats.norm.ppf(scipy.stats.norm.cdf(noise), mean, deviation))
    torch.testing.assert_close(Normal().normal_scores(parameters, drawn), noise)


def test_draws_repeat_with_the_generator_and_differ_within_it():
    parameters = parameters_of(4)
    first, again = (Normal().sample(parameters, torch.Generator().manual_seed(1)) for _ in range(2))
    assert torch.equal(first, again)
    assert len(first.unique()) == 4
