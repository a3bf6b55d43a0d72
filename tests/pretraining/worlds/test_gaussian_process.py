import numpy as np
import pytest

from tsseq2seq.pretraining.worlds.gaussian_process import composed_kernel


@pytest.mark.parametrize("periods", [(), (12,), (24, 168)])
def test_composed_kernels_are_covariances(periods):
    for seed in range(60):
        kernel = composed_kernel(50, periods, np.random.default_rng(seed))
        np.testing.assert_allclose(kernel, kernel.T, atol=1e-12)
        assert np.linalg.eigvalsh(kernel).min() > -1e-8
        assert np.diag(kernel).mean() < 3


def test_some_kernels_know_the_period():
    def periodic(seed):
        kernel = composed_kernel(48, (12,), np.random.default_rng(seed))
        return kernel[0, 12] > kernel[0, 6] + 0.1

    assert 0.2 < np.mean([periodic(seed) for seed in range(100)]) < 0.9
