"""WholeSeries against pandas' expanding windows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest


@pytest.mark.parametrize("context_length", [5, 40])
@pytest.mark.parametrize("name", ["noise", "gaps", "level", "large", "small"])
def test_series_equals_expanding_pandas(name: str, context_length: int, series, batch_of, scaled) -> None:
    values = pd.Series(series[name])
    mean, deviation = values.expanding().mean().iloc[-1], values.expanding().std(ddof=0).iloc[-1]
    recent = values.iloc[-context_length:].dropna()
    batch = batch_of(values.to_numpy(), context_length)
    np.testing.assert_allclose(scaled(batch, "series"), (recent - mean) / deviation, rtol=2e-5, atol=2e-5)
