"""The settings of an estimator by nested name, with those that it left open filled in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tsseq2seq.settings import Settings

__all__ = ["known_settings"]


def known_settings(estimator: Any, chosen: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ANN401
    """Return all settings by nested name.

    Parameters
    ----------
    estimator
        As it was given.
    chosen
        Settings chosen from the data, by name; what is found in nested ones replaces the estimator's.

    Examples
    --------
    >>> from tsseq2seq import Network, Seq2SeqForecaster
    >>> known = known_settings(Seq2SeqForecaster(12), {"network": Network(hidden_size=64), "lags": [24]})
    >>> known["network__hidden_size"], known["lags"], known["horizon"]
    (64, [24], 12)
    """
    known: dict[str, Any] = dict(estimator.get_params(deep=True))
    for name, value in chosen.items():
        known[name] = value
        if isinstance(value, Settings):
            known |= {f"{name}__{inner}": part for inner, part in value.get_params().items()}
    return known
