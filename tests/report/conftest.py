"""Findings of one series and of a small panel, computed once."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tsseq2seq import Network, Quantiles, Seq2SeqForecaster, Training, datasets
from tsseq2seq.report import Findings, find

SHORT = Training(max_steps=4, progress=False)
#: A name that would end a script, an attribute and a tag, if it were let.
UGLY = """</script><script>alert("1")</script>'&"""


def panel(names: list[str], steps: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    level = 20 + 5 * np.arange(len(names))[:, None]
    values = level + 4 * np.sin(2 * np.pi * np.arange(steps) / 12) + rng.normal(size=(len(names), steps))
    return pd.DataFrame(
        {
            "unique_id": np.repeat(names, steps),
            "ds": np.tile(pd.date_range("2018", periods=steps, freq="MS"), len(names)),
            "y": values.ravel(),
        }
    )


@pytest.fixture(scope="session")
def passengers() -> Findings:
    model = Seq2SeqForecaster(
        12,
        network=Network(attention="additive"),
        training=SHORT,
        output=Quantiles((0.05, 0.25, 0.5, 0.75, 0.95)),
    )
    return find(model, datasets.load("air_passengers"))


@pytest.fixture(scope="session")
def shops() -> Findings:
    df = panel(["a", UGLY, "c"]).assign(open=lambda frame: frame["ds"].dt.month != 2)
    return find(Seq2SeqForecaster(6, past_covariates=["open"], training=SHORT), df, windows=2)
