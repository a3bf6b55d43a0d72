"""Checks of the arrays of features that a user passes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

import numpy as np

from tsseq2seq.errors import DataError, ParameterTypeError

__all__ = ["checked_array", "checked_arrays"]


def checked_arrays(
    arrays: object, name: str = "sources", *, width: int | None = None, allow_empty: bool = False
) -> list[np.ndarray]:
    """Return sequences of feature vectors as a list of arrays (T, F) of finite numbers.

    Parameters
    ----------
    arrays
        A list of arrays, tensors or frames; each (T, F), steps by features, or (T,) for one feature. An array
        (N, T, F) is N sequences of equal length.
    name
        Name of the sequences in messages.
    width
        Number of features F that all must have. None: that of the first.
    allow_empty
        Whether a sequence may have no step. In training it may not.

    Raises
    ------
    ParameterTypeError
        If ``arrays`` is not an ordered collection of sequences.
    DataError
        Naming the first sequence that is not numeric, has another number of dimensions or of features, is
        empty, or holds NaN or infinity. A message shows shapes and types, never the numbers of an array.

    Examples
    --------
    >>> [array.shape for array in checked_arrays([np.ones((3, 2)), [[0.0, 1.0]]])]
    [(3, 2), (1, 2)]
    """
    checked: list[np.ndarray] = []
    for row, value in enumerate(_listed(arrays, name)):
        expected = width if width is not None else checked[0].shape[1] if checked else None
        like = "as in the fit" if width is not None else f"as {name}[0] has"
        checked.append(
            checked_array(value, f"{name}[{row}]", width=expected, like=like, allow_empty=allow_empty)
        )
    return checked


def checked_array(
    value: object,
    name: str,
    *,
    width: int | None = None,
    like: str = "as in the fit",
    allow_empty: bool = False,
) -> np.ndarray:
    """Return one sequence as an array (T, F) of finite numbers.

    Parameters
    ----------
    value
        An array, tensor, frame or list of lists.
    name
        Its name in messages.
    width
        Number of features F that it must have. None: any.
    like
        Why it must have so many, for the message.
    allow_empty
        Whether it may have no step.

    Raises
    ------
    DataError
        As of :func:`checked_arrays`.
    """
    array = _numbers(value, name)
    if not allow_empty and not len(array):
        raise DataError(f"{name} has no steps; every sequence needs at least one")
    if width is not None and array.shape[1] != width:
        raise DataError(
            f"{name} has shape {array.shape}, {array.shape[1]} features a step; it must have {width}, {like}"
        )
    return array


def _listed(arrays: object, name: str) -> list[object]:
    if isinstance(arrays, (str, bytes, Mapping, Set)) or not isinstance(arrays, Iterable):
        raise ParameterTypeError(
            f"{name} is a {type(arrays).__name__}; it must be a list of arrays (T, F), steps by features"
        )
    if hasattr(arrays, "columns"):
        raise ParameterTypeError(f"{name} is one frame; it must be a list of sequences: [frame]")
    if getattr(arrays, "ndim", 3) == 2:
        shape = tuple(arrays.shape)  # type: ignore[attr-defined]
        raise ParameterTypeError(
            f"{name} is one array of shape {shape}; it must be a list of arrays (T, F), steps by features: "
            "[array] for a single sequence, list(array[:, :, None]) for rows of one feature"
        )
    return list(arrays)


def _numbers(value: object, name: str) -> np.ndarray:
    """Return one sequence as an array (T, F)."""
    if isinstance(value, (str, bytes)):
        raise DataError(f"{name} is a {type(value).__name__}; it must be an array (T, F) of numbers")
    detached = getattr(value, "detach", None)
    try:
        array = np.asarray(detached().cpu() if callable(detached) else value)
    except (ValueError, TypeError) as error:
        raise DataError(
            f"{name} is a {type(value).__name__} whose rows differ in length; it must be an array (T, F)"
        ) from error
    described = f"{name} is an array of shape {array.shape} and type {array.dtype}"
    if array.dtype.kind not in "buif":
        raise DataError(f"{described}; it must hold numbers")
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2:
        raise DataError(f"{described}; it must be (T, F), steps by features")
    if not array.shape[1]:
        raise DataError(f"{described}; every step needs at least one feature")
    return _finite(array, name)


def _finite(array: np.ndarray, name: str) -> np.ndarray:
    with np.errstate(over="ignore"):
        single = array.astype(np.float32)
    offends = ~np.isfinite(single)
    if offends.any():
        step, feature = np.unravel_index(int(offends.argmax()), offends.shape)
        raise DataError(
            f"{name} holds {array[step, feature]:g} at step {step}, feature {feature}; features must be "
            "finite 32-bit numbers: fill or leave out such steps before"
        )
    return single
