"""Last against pandas."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch


@pytest.mark.parametrize("context_length", [5, 40])
@pytest.mark.parametrize("name", ["noise", "gaps", "level", "large", "small"])
def test_last_equals_pandas(name: str, context_length: int, series, batch_of, scaled) -> None:
    values = pd.Series(series[name])
    deviation = values.expanding().std(ddof=0).iloc[-1]
    recent = values.iloc[-context_length:].dropna()
    batch = batch_of(values.to_numpy(), context_length)
    expected = (recent - recent.iloc[-1]) / deviation
    np.testing.assert_allclose(scaled(batch, "last"), expected, rtol=2e-5, atol=2e-5)
    assert scaled(batch, "last")[-1] == 0


def test_the_last_value_may_be_the_only_one_and_stand_first(batch_of, scale_of) -> None:
    batch = batch_of([5.0, 3.0, 4.0, np.nan, np.nan], 3)
    assert batch.context_mask.flatten().tolist() == [True, False, False]
    scale = scale_of(batch, "last")
    assert scale.inverse(torch.zeros(1, 1, 1)).item() == pytest.approx(4.0)
