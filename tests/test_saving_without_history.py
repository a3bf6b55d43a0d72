"""A saved model need not hold the series that it was trained on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tsseq2seq import Network, Normal, Quantiles, Seq2SeqEnsemble, Seq2SeqForecaster, Training, load
from tsseq2seq.errors import DataWarning, ParameterError

TRAINING = Training(max_steps=3, progress=False)
NETWORK = Network(hidden_size=4)
SECRET = 123456.789


def frame(length: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    parts = [
        pd.DataFrame(
            {
                "unique_id": name,
                "ds": pd.date_range("2024-01-01", periods=length, freq="D"),
                "y": SECRET + rng.normal(size=length),
                "price": rng.normal(size=length),
                "kind": np.where(np.arange(length) % 2, "x", "y"),
            }
        )
        for name in ("Jane Doe", "John Doe")
    ]
    return pd.concat(parts, ignore_index=True)


MODELS = {
    "plain": Seq2SeqForecaster(4, network=NETWORK, training=TRAINING),
    "covariates and calendar": Seq2SeqForecaster(
        4, past_covariates=["price"], static_covariates=[], calendar="auto", network=NETWORK, training=TRAINING,
        output=Normal(),
    ),
    "lags and members": Seq2SeqForecaster(
        4, lags=[7], output=Quantiles(), network=NETWORK, training=Training(max_steps=3, members=2, progress=False)
    ),
    "ensemble": Seq2SeqEnsemble([Seq2SeqForecaster(4, network=NETWORK, training=TRAINING) for _ in range(2)]),
}  # fmt: skip


@pytest.mark.parametrize("name", MODELS)
def test_it_forecasts_a_frame_as_before_and_asks_for_one(name: str, tmp_path: Path) -> None:
    model, df = MODELS[name].fit(frame()), frame(50)
    model.save(tmp_path / "model", history=False)
    loaded = load(tmp_path / "model")
    pd.testing.assert_frame_equal(loaded.predict(df), model.predict(df), check_exact=True)
    with pytest.raises(ParameterError, match=r"df is None.*history=False"):
        loaded.predict()
    with pytest.raises(ParameterError, match="history=False"):
        loaded.score(frame(64).groupby("unique_id").tail(4))


@pytest.mark.parametrize("name", MODELS)
def test_nothing_of_the_series_is_in_the_files(name: str, tmp_path: Path) -> None:
    model = MODELS[name].fit(frame())
    for history in (True, False):
        model.save(tmp_path / "model", history=history)
        content = b"".join(file.read_bytes() for file in (tmp_path / "model").iterdir())
        assert (b"Jane Doe" in content) == history
    tensors = load(tmp_path / "model").learned(history=False)[1]
    assert all(tensor.numel() == 0 for key, tensor in tensors.items() if "panel.values" in key)
    assert all((tensor.double() - SECRET).abs().min() > 1 for tensor in tensors.values() if tensor.numel())


def test_it_is_saved_again_and_warm_started(tmp_path: Path) -> None:
    model = MODELS["plain"].fit(frame())
    model.save(tmp_path / "one", history=False)
    load(tmp_path / "one").save(tmp_path / "two")
    again = load(tmp_path / "two")
    pd.testing.assert_frame_equal(again.predict(frame()), model.predict(), check_exact=True)
    again.fit(frame(), warm_start=True)
    assert np.isfinite(again.predict()["Seq2Seq"]).all()


def test_what_it_was_trained_on_is_not_known_and_that_is_said(tmp_path: Path) -> None:
    model = MODELS["plain"].fit(frame())
    model.save(tmp_path / "model", history=False)
    with pytest.warns(DataWarning, match="history=False"):
        load(tmp_path / "model").calibrate(frame(), step=1)
