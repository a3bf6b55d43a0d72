import numpy as np
import pytest

from tsseq2seq.pretraining.worlds.autoregression import arma, from_partial


def test_partial_autocorrelations_below_one_are_stationary():
    partial = np.tanh(3 * np.random.default_rng(0).normal(size=(500, 3)))
    for coefficients in from_partial(partial):
        roots = np.roots([1, *-coefficients])  # inside the unit circle
        assert np.abs(roots).max() < 1 + 1e-9


def test_coefficients_are_recovered_by_least_squares():
    true = np.array([[0.5, -0.3, 0.2]])
    values = arma(np.random.default_rng(0).normal(size=(1, 20_000)), true, np.zeros((1, 0)))[0]
    lags = np.column_stack([values[2:-1], values[1:-2], values[:-3]])
    found = np.linalg.lstsq(lags, values[3:], rcond=None)[0]
    assert found == pytest.approx(true[0], abs=0.03)


def test_an_arma_process_is_that_of_scipy():
    from scipy.signal import lfilter

    shocks = np.random.default_rng(0).normal(size=(2, 60))
    phi, theta = np.array([[0.5, 0.2], [0.1, -0.6]]), np.array([[0.4], [-0.3]])
    expected = [lfilter([1, *q], [1, *-p], x) for p, q, x in zip(phi, theta, shocks, strict=True)]
    np.testing.assert_allclose(arma(shocks, phi, theta), expected, atol=1e-10)


def test_a_seasonal_process_looks_a_season_back():
    impulse = np.eye(1, 13)
    values = arma(impulse, np.array([[0.5]]), np.zeros((1, 0)), period=4)
    assert values[0].tolist() == [1, 0, 0, 0, 0.5, 0, 0, 0, 0.25, 0, 0, 0, 0.125]
