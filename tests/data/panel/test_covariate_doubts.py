"""What nothing can be learned from is said before training."""

from __future__ import annotations

import pandas as pd
import pytest

from tsseq2seq.data.panel.covariate_doubts import covariate_doubts
from tsseq2seq.data.panel.features import Coders, FeatureCoder

ROWS = 40
COLUMNS = {
    "varies": range(ROWS),
    "flag": [row % 2 == 0 for row in range(ROWS)],
    "once": [row == 7 for row in range(ROWS)],
    "zero": [0.1] * ROWS,
    "closed": ["open"] * ROWS,
    "never": pd.Series([None] * ROWS, dtype=object),
    "sometimes": [1.0 if row % 2 else None for row in range(ROWS)],
    "price": [f"{row}.5" for row in range(ROWS)],
    "half": [f"day {row // 2}" for row in range(ROWS)],
    "weekday": [f"day {row % 7}" for row in range(ROWS)],
}
UNVARIED = {"zero", "closed", "never"}
DIFFERENT = {"price", "half"}


@pytest.mark.parametrize("role", ["past", "future", "static"])
def test_what_never_varied_and_what_always_differs(role: str) -> None:
    coder = FeatureCoder.fit(pd.DataFrame(COLUMNS), list(COLUMNS))
    assert set(coder.unvaried) == UNVARIED
    doubts = covariate_doubts(Coders(**{role: coder}), ROWS)
    for name in COLUMNS:
        said = [doubt for doubt in doubts if repr(name) in doubt]
        assert len(said) == (name in UNVARIED or (name in DIFFERENT and role != "static")), name


def test_nothing_is_said_of_no_covariates() -> None:
    assert covariate_doubts(Coders(), ROWS) == []
