"""The identity of a study: its data, estimator, space and metric, in a form that a storage can compare."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tsseq2seq.errors import ParameterError
from tsseq2seq.tuning.value_as_text import value_as_text

__all__ = ["check_same_identity", "settings_as_text"]

# Settings that change the time of a trial or what is shown, but not its result.
_IRRELEVANT = (
    "training__progress",
    "training__device",
    "training__checkpoint",
    "training__checkpoint_every",
    "training__callbacks",
)


def settings_as_text(estimator: Any) -> dict[str, str]:  # noqa: ANN401
    """Return an estimator's class and settings as texts, without settings that do not change results."""
    params = estimator.get_params(deep=True)
    with_parts = {name.partition("__")[0] for name in params if "__" in name}
    texts = {
        # a part is told by its class and by parameters of its own
        name: type(value).__name__ if name in with_parts else value_as_text(value)
        for name, value in params.items()
        if name not in _IRRELEVANT
    }
    return {"estimator": type(estimator).__name__, **texts}


def check_same_identity(stored: Mapping[str, Any], wanted: Mapping[str, Any], study_name: str) -> None:
    """Refuse a study that was created with another identity.

    Parameters
    ----------
    stored
        Identity of the study, from its storage. Further keys are ignored.
    wanted
        Identity of the present call.
    study_name
        Name of the study, for the message.

    Raises
    ------
    ParameterError
        With the first difference.
    """
    for key, value in wanted.items():
        _check_part(key, stored.get(key), value, study_name)


def _check_part(key: str, stored: Any, wanted: Any, study_name: str) -> None:  # noqa: ANN401
    if isinstance(stored, dict) and isinstance(wanted, dict):
        for inner in sorted({*stored, *wanted}):
            _check_part(f"{key} of {inner}", stored.get(inner), wanted.get(inner), study_name)
    elif stored != wanted:
        raise ParameterError(
            f"tune: the study {study_name!r} was made for another {key}: {stored!r}, and now it is "
            f"{wanted!r}; choose another study_name"
        )
