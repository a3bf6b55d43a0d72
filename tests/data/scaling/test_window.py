"""Window against numpy and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.preprocessing import StandardScaler

SINE = np.sin(np.arange(24.0))


@pytest.mark.parametrize("name", ["noise", "gaps", "level", "large", "small", "outlier"])
def test_window_equals_scikit_learn(name: str, series, batch_of, scaled) -> None:
    values = series[name]
    seen = values[~np.isnan(values)].astype(np.longdouble)
    expected = ((seen - seen.mean()) / seen.std()).astype(float)
    np.testing.assert_allclose(scaled(batch_of(values), "window"), expected, atol=2e-5)
    if seen.std() > 1e-10:  # scikit-learn takes less for a constant
        by_sklearn = StandardScaler().fit_transform(values[:, None])[~np.isnan(values), 0]
        np.testing.assert_allclose(scaled(batch_of(values), "window"), by_sklearn, atol=2e-5)


def test_a_flat_context_within_a_series_that_varies(batch_of, scale_of) -> None:
    scale = scale_of(batch_of(np.r_[SINE, np.full(6, 7.7)], 6), "window")
    assert scale.flat.all()
    assert scale.inverse(torch.ones(1, 2, 1)).flatten().tolist() == pytest.approx([7.7, 7.7], rel=1e-6)
