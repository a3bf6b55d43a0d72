"""The resolved settings of an estimator, by nested name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tsseq2seq.settings import Settings

__all__ = ["resolved_settings"]


def resolved_settings(estimator: Any, chosen: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ANN401
    """Return all settings of an estimator, with those chosen from the data filled in.

    Parameters
    ----------
    estimator
        The estimator as given.
    chosen
        Settings chosen from the data, by name. Fields of a settings dataclass are filled in by nested name
        too.

    Examples
    --------
    >>> from tsseq2seq import Network, Seq2SeqForecaster
    >>> model = Seq2SeqForecaster(12)
    >>> settings = resolved_settings(model, {"network": Network(hidden_size=64), "lags": [24]})
    >>> settings["network__hidden_size"], settings["lags"], settings["horizon"]
    (64, [24], 12)
    """
    settings: dict[str, Any] = dict(estimator.get_params(deep=True))
    for name, value in chosen.items():
        settings[name] = value
        if isinstance(value, Settings):
            settings |= {f"{name}__{field}": part for field, part in value.get_params().items()}
    return settings
