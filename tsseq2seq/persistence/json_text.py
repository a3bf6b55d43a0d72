"""JSON of a saved model, read strictly: what this library would not have written is refused."""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import Any

from tsseq2seq.errors import ModelFileError, shown

__all__ = ["read_json", "write_json"]

_LARGEST = 2**64  # of whole numbers: names of series may be unsigned
_DIGITS = 20
# Bytes that Python needs for a container and for a value, at least; and what is always granted.
_CONTAINER, _VALUE, _GRANTED = 64, 32, 256 * 2**20


def write_json(content: dict[str, Any]) -> str:
    """Return JSON that other languages read too: no NaN, a value a line."""
    return json.dumps(content, indent=1, allow_nan=False)


def read_json(data: bytes, *, memory: int) -> Any:  # noqa: ANN401 (any JSON)
    """Return the values of JSON in UTF-8.

    Parameters
    ----------
    data
        The text.
    memory
        Bytes that the values may take, besides a constant.

    Raises
    ------
    ModelFileError
        If it is no JSON, or holds a name twice, a number out of bounds, or more or deeper nested values than
        a model can have.

    Examples
    --------
    >>> read_json(b'{"a": [1, 2.5]}', memory=100)
    {'a': [1, 2.5]}
    """
    needed = _CONTAINER * (data.count(b"[") + data.count(b"{")) + _VALUE * data.count(b",")
    if needed > memory + _GRANTED:
        raise ModelFileError(f"would take {needed:,} bytes of memory, more than a model of its size does")
    try:
        return json.loads(
            data.decode("utf-8"),
            parse_int=_integer,
            parse_float=_number,
            parse_constant=_refuse_constant,
            object_pairs_hook=_without_repeats,
        )
    except RecursionError:
        raise ModelFileError("is nested deeper than any model") from None
    except ValueError as error:
        if isinstance(error, ModelFileError):
            raise
        raise ModelFileError(f"is truncated or not JSON: {error}") from error


def _integer(text: str) -> int:
    value = int(text) if len(text) <= _DIGITS + 1 else _LARGEST
    if abs(value) >= _LARGEST:
        raise ModelFileError(f"holds the number {shown(text)}, which has more than 64 bits")
    return value


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ModelFileError(f"holds the number {shown(text)}, which is too large")
    return value


def _refuse_constant(text: str) -> None:
    raise ModelFileError(f"holds {text}, which is not JSON")


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        repeated = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise ModelFileError(f"holds the name {shown(repeated)} twice")
    return values
