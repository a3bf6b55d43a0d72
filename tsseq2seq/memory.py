"""Memory that does not suffice: an error of the library that says what to lower."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from tsseq2seq.errors import OutOfMemoryError

__all__ = ["memory_told", "ran_out_of_memory"]

AnyFunction = TypeVar("AnyFunction", bound=Callable[..., Any])

_TRAINING = "Training(batch_size=…), Network(hidden_size=…), context_length or horizon"
_FORECAST = "horizon or num_samples, or forecast fewer series at a time"
#: What to lower where a function runs out of memory.
_REMEDIES = {
    "fit": _TRAINING,
    "tune": _TRAINING,
    "backtest": f"windows, {_TRAINING}",
    "leaderboard": f"windows, {_TRAINING}",
    "label": "the number of sequences that are labelled at a time",
    "transcribe": "beam_size, num_samples or max_length, or transcribe fewer sequences at a time",
    "synthesize": "max_length, or write fewer texts at a time",
    "translate": "beam_size, num_samples or max_length, or translate fewer sentences at a time",
}


def memory_told(function: AnyFunction) -> AnyFunction:
    """Have a function say what to lower where memory does not suffice; a decorator."""

    @functools.wraps(function)
    def told(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        try:
            return function(*args, **kwargs)
        except (MemoryError, RuntimeError) as error:
            if isinstance(error, OutOfMemoryError) or not ran_out_of_memory(error):
                raise
            reason = str(error).strip().partition("\n")[0]
            remedy = _REMEDIES.get(function.__name__, _FORECAST)
            raise OutOfMemoryError(
                f"{function.__name__}: memory does not suffice ({reason}). Lower {remedy}"
            ) from error

    return told  # type: ignore[return-value]


def ran_out_of_memory(error: BaseException) -> bool:
    """Return whether an error of Python, NumPy or PyTorch means that memory did not suffice.

    Examples
    --------
    >>> ran_out_of_memory(MemoryError()), ran_out_of_memory(RuntimeError("shapes differ"))
    (True, False)
    """
    # PyTorch raises a RuntimeError of its own on a GPU, and a plain one on a CPU
    told = any(sign in str(error) for sign in ("can't allocate memory", "size calculation overflowed"))
    return isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError" or told
