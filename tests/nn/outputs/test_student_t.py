"""Student's t distribution against scipy's."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
import torch

from tsseq2seq.nn.outputs import StudentT


def parameters_of(rows=50):
    return StudentT().parameters(torch.randn(rows, 3, dtype=torch.float64) * 3, None)


def scipy_t(location, scale, freedom):
    return scipy.stats.t(df=freedom, loc=location, scale=scale)


def test_parameters_are_a_location_a_positive_scale_and_more_than_2_degrees_of_freedom():
    raw = torch.tensor([[1.5, 0.0, 0.0], [1.5, -1e3, 5.0]], dtype=torch.float64)
    parameters = StudentT().parameters(raw, torch.tensor([0.0, 1.0], dtype=torch.float64))
    assert parameters[:, 0].tolist() == [1.5, 2.5]
    assert parameters[:, 1].tolist() == pytest.approx([np.log(2), 0.0], abs=2e-4)
    assert parameters[:, 2].tolist() == pytest.approx([2 + np.log(2), 2 + np.log1p(np.exp(5))])
    assert (parameters[:, 1] > 0).all()
    assert torch.equal(StudentT().point(parameters), parameters[:, 0])


def test_loss_is_the_negative_log_likelihood():
    parameters, truth = parameters_of(), torch.randn(50, dtype=torch.float64) * 3
    expected = -scipy_t(*parameters.T.numpy()).logpdf(truth.numpy())
    ours = StudentT().elementwise_loss(parameters, truth).numpy()
    np.testing.assert_allclose(ours, expected, rtol=1e-11)


@pytest.mark.parametrize("noise_given", [False, True])
@pytest.mark.parametrize("freedom", [2.1, 3.0, 8.0, 30.0, 1e3])
def test_draws_follow_the_distribution(freedom, noise_given):
    parameters = torch.tensor([3.0, 0.5, freedom]).expand(20_000, 3)
    noise = torch.randn(20_000, generator=torch.Generator().manual_seed(2)) if noise_given else None
    drawn = StudentT().sample(parameters, torch.Generator().manual_seed(1), noise=noise)
    assert scipy.stats.kstest(drawn.numpy(), scipy_t(3.0, 0.5, freedom).cdf).pvalue > 0.01


def test_draws_with_very_many_degrees_of_freedom_are_normal():
    # u^(-2/ν) − 1 cancels in float32 unless it is written with expm1
    parameters = torch.tensor([0.0, 1.0, 1e6]).expand(20_000, 3)
    drawn = StudentT().sample(parameters, torch.Generator().manual_seed(1))
    assert scipy.stats.kstest(drawn.numpy(), scipy.stats.norm.cdf).pvalue > 0.01


@pytest.mark.parametrize("freedom", [2.0001, 2.5, 3.0, 5.0, 10.0, 100.0, 1e6])
def test_scores_are_close_to_the_normal_quantile_of_the_distribution_function(freedom):
    """Against scipy's two functions, over all that lies within three deviations."""
    expected = np.linspace(-2.999, 2.999, 601)
    truth = scipy_t(3.0, 0.5, freedom).ppf(scipy.stats.norm.cdf(expected))
    parameters = torch.tensor([3.0, 0.5, freedom], dtype=torch.float64).expand(601, 3)
    scores = StudentT().normal_scores(parameters, torch.from_numpy(truth)).numpy()
    np.testing.assert_allclose(scores, expected, atol=0.02 if freedom < 5 else 1e-4)
    assert (np.diff(scores) > 0).all()


def test_the_signs_of_draws_are_those_of_the_noise():
    """So that noise coupled in sign and size couples the draws."""
    parameters, noise = parameters_of(), torch.randn(50, dtype=torch.float64)
    drawn = StudentT().sample(parameters, torch.Generator().manual_seed(1), noise=noise)
    assert torch.equal((drawn - parameters[:, 0]).sign(), noise.sign())


def test_draws_repeat_with_the_generator_and_differ_within_it():
    parameters = parameters_of(4)
    first, again = (StudentT().sample(parameters, torch.Generator().manual_seed(1)) for _ in range(2))
    assert torch.equal(first, again)
    assert len(first.unique()) == 4


@pytest.mark.parametrize("freedom", [2.0, 5.0, 1e3, 1e9])
def test_scores_of_any_truth_are_finite_and_rise(freedom):
    truth = torch.cat([-torch.logspace(20, -3, 300), torch.logspace(-3, 20, 300)])
    parameters = torch.tensor([0.0, 1.0, freedom]).expand(600, 3)
    scores = StudentT().normal_scores(parameters, truth)
    assert (scores[truth.abs() < 1e18].diff() >= 0).all()
    assert not scores.isnan().any()
