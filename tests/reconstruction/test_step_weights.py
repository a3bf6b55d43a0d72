"""A column of weights in the autoencoder: of its loss, its validation error and its threshold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tsseq2seq import Network, Seq2SeqAutoencoder, Training, load
from tsseq2seq.errors import DataError, DataWarning, ParameterError

STEPS = 240
ROWS = np.arange(STEPS)


def frame(**columns: Any) -> pd.DataFrame:
    noise = np.random.default_rng(0).normal(0, 0.1, STEPS)
    times = pd.date_range("2024-01-01", periods=STEPS, freq="h")
    return pd.DataFrame({"ds": times, "y": np.sin(ROWS * 2 * np.pi / 24) + noise} | columns)


def autoencoder(**settings: Any) -> Seq2SeqAutoencoder:
    training = {"max_steps": 5, "progress": False} | settings.pop("training", {})
    network = Network(hidden_size=8, feed_output=False, feed_context=True, initial_state="zeros")
    defaults = {"network": network, "weight_col": "w", "false_alarms": 0.1}
    return Seq2SeqAutoencoder(24, training=Training(**training), **defaults | settings)


def losses(model: Seq2SeqAutoencoder) -> np.ndarray:
    return model.history_["loss"].to_numpy()


@pytest.mark.parametrize("loss", ["mae", "mse", "soft_dtw", "difference"])
def test_equal_weights_are_none(loss: str) -> None:
    settings = {"loss": loss, "training": {"validation_size": 48}}
    plain = autoencoder(**settings, weight_col=None).fit(frame())
    equal = autoencoder(**settings).fit(frame(w=3))
    pd.testing.assert_frame_equal(
        plain.history_.drop(columns="seconds"), equal.history_.drop(columns="seconds"), check_exact=True
    )
    assert plain.threshold_ == equal.threshold_


@pytest.mark.parametrize("loss", ["mae", "soft_dtw"])
def test_what_a_step_without_weight_should_be_is_not_learned(loss: str) -> None:
    """Its value is read all the same: hidden from the loss alone, it still changes what is written."""
    weights = np.where(ROWS % 6 == 5, 0.0, 1.0)
    found = autoencoder(loss=loss).fit(frame(w=weights))
    other = autoencoder(loss=loss).fit(frame(w=1))
    assert np.abs(losses(found) - losses(other)).max() > 1e-4
    model, df = found.fitted_, frame(w=weights)
    changed = df.assign(y=np.where(weights == 0, df["y"] + 2, df["y"]))
    assert model.panel.weights is None
    assert (
        np.abs(found.reconstruct(changed)["reconstruction"] - found.reconstruct(df)["reconstruction"]).max()
        > 0
    )


def test_the_loss_and_the_validation_error_are_weighted_means() -> None:
    """Without a step worth the name; the windows that are validated lie end to end."""
    weights = np.random.default_rng(1).uniform(0.5, 4, STEPS)
    settings = {
        "training": {"max_steps": 1, "learning_rate": 1e-12, "validation_size": 48},
        "scaling": "series",
    }
    found = autoencoder(**settings).fit(frame(w=weights))
    df = frame()
    # the windows held out know nothing of the steps before them
    latent = found.transform(df[-48:])
    levels = df["y"].mean(), df["y"].std(ddof=0)
    written = found.inverse_transform(latent, starts=df["ds"].to_numpy()[[-48, -24]]).ravel()
    errors = np.abs(written - df["y"].to_numpy()[-48:]) / levels[1]
    expected = np.average(errors, weights=weights[-48:])
    assert found.history_["validation_error"].iloc[-1] == pytest.approx(expected, rel=0.02)
    assert expected != pytest.approx(errors.mean(), rel=1e-3)


def test_the_threshold_is_of_what_counts() -> None:
    usual = autoencoder(weight_col=None).fit(frame())
    with pytest.warns(DataWarning, match="false_alarms"):
        found = autoencoder(false_alarms=0.02).fit(frame(w=np.where(ROWS % 2, 1.0, 0.0)))
    assert usual.calibration_steps_ == 2 * found.calibration_steps_


def test_scores_need_no_weights(tmp_path) -> None:
    found = autoencoder().fit(frame(w=1 + ROWS % 2))
    scores = found.anomaly_scores(frame())
    found.save(tmp_path / "model")
    again = load(tmp_path / "model")
    assert again.weight_col == "w"
    pd.testing.assert_frame_equal(again.anomaly_scores(frame()), scores)


def test_what_is_refused() -> None:
    with pytest.raises(ParameterError, match="'soft_dtw' is one of whole windows"):
        autoencoder(loss="soft_dtw").fit(frame(w=1 + ROWS % 2))
    with pytest.raises(DataError, match="weight_col 'w' is -1"):
        autoencoder().fit(frame(w=np.where(ROWS == 7, -1, 1)))
    with pytest.raises(DataError, match="weight_col is 0 at every step held out"):
        autoencoder(training={"validation_size": 24}).fit(frame(w=np.where(ROWS < 200, 1.0, 0.0)))
    with pytest.raises(DataError, match=r"array.*\['y', 'w'\]"):
        autoencoder().fit(np.ones((10, 24)))
