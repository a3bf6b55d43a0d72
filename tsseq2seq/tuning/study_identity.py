"""What a study belongs to, in a form that a storage can hold and compare."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tsseq2seq.errors import ParameterError

__all__ = ["check_same_identity", "settings_as_text"]

# What changes how long a trial takes or what is shown, not the result of a trial.
_IRRELEVANT = ("training__progress", "training__device")


def settings_as_text(estimator: Any) -> dict[str, str]:  # noqa: ANN401
    """Return an estimator's class and settings as texts, without those that change no result."""
    params = estimator.get_params(deep=True)
    with_parts = {name.partition("__")[0] for name in params if "__" in name}
    texts = {
        name: _as_text(value)
        for name, value in params.items()
        if name not in with_parts and name not in _IRRELEVANT
    }
    return {"estimator": type(estimator).__name__, **texts}


def _as_text(value: object) -> str:
    # the address of a function changes from run to run
    return str(getattr(value, "__qualname__", None) or repr(value))


def check_same_identity(stored: Mapping[str, Any], wanted: Mapping[str, Any], study_name: str) -> None:
    """Refuse a study that was made for something else.

    Parameters
    ----------
    stored
        What the study belongs to, as its storage has it.
    wanted
        What it is to belong to now. More keys in ``stored`` do not matter.
    study_name
        For the message.

    Raises
    ------
    ParameterError
        That says what differs.
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
