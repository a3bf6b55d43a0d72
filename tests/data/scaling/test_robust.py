"""Robust against scipy and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
from sklearn.preprocessing import RobustScaler


@pytest.mark.parametrize("name", ["noise", "gaps", "level", "large", "small", "outlier"])
def test_robust_equals_scikit_learn_and_scipy(name: str, series, batch_of, scaled) -> None:
    values = series[name]
    seen = values[~np.isnan(values)]
    by_scipy = (seen - np.median(seen)) / scipy.stats.iqr(seen, scale="normal")
    np.testing.assert_allclose(scaled(batch_of(values), "robust"), by_scipy, rtol=2e-5, atol=2e-5)
    if seen.std() > 1e-10:  # scikit-learn takes less for a constant
        by_sklearn = RobustScaler(unit_variance=True).fit_transform(seen[:, None])[:, 0]
        np.testing.assert_allclose(scaled(batch_of(values), "robust"), by_sklearn, rtol=2e-5, atol=2e-5)


def test_robust_falls_back_on_the_deviation_where_most_values_are_equal(batch_of, scaled) -> None:
    values = np.r_[np.zeros(20), 5.0]
    np.testing.assert_allclose(scaled(batch_of(values), "robust"), values / values.std(), rtol=1e-5)


def test_robust_falls_back_on_the_deviation_where_most_values_are_all_but_equal(batch_of, scaled) -> None:
    """Divided by an interquartile range of 1e-64, the others would be infinite."""
    values = np.r_[0.0, 0.0, 0.0, 0.0, 0.0, 1e-270, -1.0, -1.0, -1.5e-64]
    expected = values / values.std()
    np.testing.assert_allclose(scaled(batch_of(values), "robust"), expected, rtol=1e-5, atol=1e-30)
