"""Parts written outside the library, and what each must do: fit, forecast with intervals, save, load."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tsseq2seq import Network, Quantiles, Seq2SeqForecaster, Training, load
from tsseq2seq.nn.attention import ALIGNMENTS, ATTENTIONS
from tsseq2seq.nn.cells import CELLS
from tsseq2seq.nn.context import CONTEXTS
from tsseq2seq.nn.encoders import ENCODERS
from tsseq2seq.nn.outputs import Output
from tsseq2seq.nn.positions import POSITIONS

QUANTILES = Quantiles([0.05, 0.5, 0.95])


@pytest.fixture(autouse=True)
def own_parts_are_forgotten() -> Iterator[None]:
    """Other tests of the process see the library's own parts alone."""
    registries = (ALIGNMENTS, ATTENTIONS, CELLS, CONTEXTS, ENCODERS, POSITIONS)
    before = [dict(registry._parts) for registry in registries]
    yield
    for registry, parts in zip(registries, before, strict=True):
        registry._parts = parts


def frame() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    parts = [
        pd.DataFrame(
            {
                "unique_id": name,
                "ds": pd.date_range("2020-01-01", periods=length, freq="D"),
                "y": 20 + 5 * np.sin(np.arange(length) * 2 * np.pi / 7) + rng.normal(size=length),
            }
        )
        for name, length in (("a", 80), ("b", 50), ("short", 9))
    ]
    return pd.concat(parts, ignore_index=True)


@pytest.fixture
def frame_of_days() -> pd.DataFrame:
    """Days of three series, one of them short."""
    return frame()


@pytest.fixture
def goes_all_the_way(tmp_path: Path) -> Callable[..., Seq2SeqForecaster]:
    """Fit a forecaster, forecast with intervals, save, load and forecast the same; return it."""

    def goes(network: Network, output: Output = QUANTILES, **settings) -> Seq2SeqForecaster:
        training = Training(max_steps=60, progress=False, learning_rate=1e-2)
        model = Seq2SeqForecaster(7, network=network, output=output, training=training, seed=0, **settings)
        df = frame()
        forecast = model.fit(df).predict(levels=[90])
        assert list(forecast.columns) == ["unique_id", "ds", "Seq2Seq", "Seq2Seq-lo-90", "Seq2Seq-hi-90"]
        assert np.isfinite(forecast[["Seq2Seq", "Seq2Seq-lo-90", "Seq2Seq-hi-90"]]).all(axis=None)
        assert (forecast["Seq2Seq-lo-90"] <= forecast["Seq2Seq-hi-90"]).all()
        assert model.history_["loss"].iloc[-5:].mean() < model.history_["loss"].iloc[:5].mean()
        model.save(tmp_path / "model")
        loaded = load(tmp_path / "model")
        pd.testing.assert_frame_equal(loaded.predict(levels=[90]), forecast, check_exact=True)
        return loaded

    return goes
