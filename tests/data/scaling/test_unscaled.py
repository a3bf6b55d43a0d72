"""Unscaled: the network's numbers are the values that were given."""

from __future__ import annotations

import numpy as np
import pytest

SINE = np.sin(np.arange(24.0))


@pytest.mark.parametrize("values", [SINE, 5 + SINE, 1e5 + SINE], ids=["zero", "five", "1e5"])
def test_none_gives_original_values(values: np.ndarray, batch_of, scaled) -> None:
    np.testing.assert_allclose(scaled(batch_of(values), "none"), values, rtol=1e-6, atol=1e-6)
