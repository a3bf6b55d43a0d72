"""The states of the encoder, against the network called by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

from tsseq2seq import Network, Seq2SeqForecaster, Training

SHORT = Training(max_steps=2, members=2, progress=False)


@pytest.fixture(scope="module")
def model() -> Seq2SeqForecaster:
    rng = np.random.default_rng(0)
    parts = [
        pd.DataFrame(
            {"unique_id": name, "ds": pd.date_range("2024", periods=steps), "y": rng.normal(size=steps)}
        )
        for name, steps in (("long", 60), ("short", 7))
    ]
    network = Network(hidden_size=6, context="mean", context_size=4)
    forecaster = Seq2SeqForecaster(
        4, context_length=12, segment_length=2, season_length=1, network=network, training=SHORT
    )
    return forecaster.fit(pd.concat(parts))


def test_states_are_those_of_the_network(model: Seq2SeqForecaster) -> None:
    frame = model.encode()
    assert set(frame["part"]) == {"state", "context"}
    fitted = model.fitted_
    windows = fitted.forecast_windows(fitted.panel, None, 4)
    batch = windows.gather(torch.arange(2))
    for member, network in enumerate(fitted.members):
        inputs = network.prepare(network.scaled(batch))
        with torch.no_grad():
            encoded = network.network.encode(inputs.segments, inputs.lengths, inputs.covariates).encoded
            context = network.network.context(encoded)
        for row, name in enumerate(["long", "short"]):
            own = frame[(frame["unique_id"] == name) & (frame["member"] == member)]
            states = own[own["part"] == "state"].pivot_table(index="lag", columns="unit", values="value")
            count = len(states)
            assert count == (6 if name == "long" else 4)  # seven values are four segments of two
            assert states.index.tolist() == [1 + 2 * back for back in range(count)]
            wanted = encoded.states[row, :count].flip(0).numpy()
            np.testing.assert_allclose(states.to_numpy(), wanted, rtol=1e-5, atol=1e-6)
            vector = own[own["part"] == "context"]
            assert vector["lag"].isna().all()
            np.testing.assert_allclose(vector["value"], context[row].numpy(), rtol=1e-5, atol=1e-6)


def test_newer_rows_are_encoded_and_one_series_has_no_name(model: Seq2SeqForecaster) -> None:
    df = pd.DataFrame({"ds": pd.date_range("2025", periods=20), "y": np.arange(20.0)})
    frame = model.encode(df)
    assert "unique_id" not in frame
    assert not frame["value"].isna().any()
