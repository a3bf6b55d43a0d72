"""Who takes part, and with which settings.

The peers have the size that the design compares at: two layers of 128, a context of 168 and 256
windows a step. What is not named here keeps the peer's own default, with these exceptions:

- NeuralForecast's DeepAR and NHITS scale nothing by default, which cannot work for series between 10
  and 700,000: they get the scaler of the examples in its documentation.
- A GluonTS batch stays at its default of 32, since it makes its windows one by one in Python.

Two more rows favour the peers: GluonTS's DeepAR as it comes (40 units, a context of 48: many more
steps in the same time), and NeuralForecast's DeepAR trained on all steps of the horizon rather than
the first one only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Contestant:
    """A model in a comparison.

    Parameters
    ----------
    label
        How tables name it.
    environment
        Whose interpreter runs it: ``"tsseq2seq"`` is this one, others see ``launch.interpreters``.
    module
        The runner.
    settings
        Passed to the runner.
    quantiles
        Whether it forecasts quantiles, or points only.
    timed
        Whether it trains for a given time; another one takes the time that it takes.
    """

    label: str
    environment: str
    module: str
    settings: dict[str, Any] = field(default_factory=dict)
    quantiles: bool = True
    timed: bool = True


def _neuralforecast(label: str, quantiles: bool = False, **settings: object) -> Contestant:
    shared = {"input_size": 168, "windows_batch_size": 256}
    module = "peers.neuralforecast_models"
    return Contestant(f"NeuralForecast {label}", "neuralforecast", module, settings | shared, quantiles)


def _darts(label: str, **settings: object) -> Contestant:
    shared = {"input_chunk_length": 168, "hidden_dim": 128, "n_rnn_layers": 2, "batch_size": 256}
    return Contestant(f"Darts {label}", "darts", "peers.darts_models", settings | shared, quantiles=False)


def _gluonts(label: str, **settings: object) -> Contestant:
    return Contestant(f"GluonTS {label}", "gluonts", "peers.gluonts_models", settings)


def ours(output: str, settings: dict[str, object] | None = None) -> Contestant:
    """Return this library with an output (``"Quantiles"``, ``"StudentT"``, ``"Normal"``, ``"Point"``)."""
    changed = {"output": output} | (settings or {})
    return Contestant(f"tsseq2seq {output}", "tsseq2seq", "peers.ours", changed, quantiles=output != "Point")


PEERS = {
    "gluonts_deepar": _gluonts("DeepAR 2x128", hidden_size=128, context_length=168),
    "gluonts_deepar_default": _gluonts("DeepAR as it comes"),
    "neuralforecast_deepar": _neuralforecast("DeepAR", True, model="DeepAR", scaler_type="standard"),
    "neuralforecast_deepar_horizon": _neuralforecast(
        "DeepAR, h_train=48", True, model="DeepAR", scaler_type="standard", h_train=48
    ),
    "neuralforecast_lstm": _neuralforecast("LSTM", model="LSTM"),
    "neuralforecast_nhits": _neuralforecast("NHITS", model="NHITS", scaler_type="robust"),
    "darts_block_rnn": _darts("BlockRNN", model="BlockRNNModel", cell="LSTM", output_chunk_length=48),
    "darts_rnn": _darts("RNN", model="RNNModel", cell="LSTM", training_length=216),
    "statsmodels_ets": Contestant(
        "statsmodels ETS", "statsmodels", "peers.statsmodels_models", {"season": 24}, False, timed=False
    ),
    "seasonal_naive": Contestant(
        "seasonal naive", "tsseq2seq", "peers.seasonal_naive", {"season": 24}, False, timed=False
    ),
}
