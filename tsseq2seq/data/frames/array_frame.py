"""Arrays and lists of numbers: read as series numbered from 0, with time steps numbered from 0."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.frame_kind import FrameKind
from tsseq2seq.data.frames.wide_frame import melt
from tsseq2seq.errors import DataError, ParameterTypeError

__all__ = ["from_array", "to_array"]


def from_array(data: Any, columns: Columns, name: str) -> tuple[pd.DataFrame, FrameKind]:  # noqa: ANN401
    """Return the long frame of an array.

    Parameters
    ----------
    data
        Numbers: (T,), one series, or (T, n), n series. In the latter a series starts at its first value that
        is not missing, as in a wide frame.
    columns
        Names in the long frame. The names of n series are 0 … n − 1.
    name
        Name of the array in messages.

    Raises
    ------
    ParameterTypeError
        If a value is not a real number.
    DataError
        If the array has no or more than two dimensions, or the model has several targets or covariates.
    """
    values: np.ndarray = _numbers(data, name)
    if values.ndim not in (1, 2) or values.shape[-1] == 0:
        raise DataError(
            f"{name} is an array of the shape {values.shape}; it must be (T,), one series, or (T, n), "
            "n series with their values one below the other"
        )
    if len(columns.quantities) > 1:
        raise DataError(
            f"{name} is an array, whose columns have no names, but the model reads "
            f"{list(columns.quantities)}; pass a frame with these columns"
        )
    times = pd.RangeIndex(len(values))
    if values.ndim == 1:
        named = columns.id not in (None, Columns().id)
        ids: dict[str, Any] = {str(columns.id): 0} if named else {}
        long = pd.DataFrame({**ids, columns.time: times, columns.targets[0]: values})
    else:
        blocks = {columns.targets[0]: pd.DataFrame(values)}
        long = melt(pd.RangeIndex(values.shape[1]), times, blocks, columns, name=name, trim=True)
    return long, FrameKind(form="array", library="numpy", dims=values.ndim)


def to_array(frame: pd.DataFrame, kind: FrameKind, columns: Columns) -> np.ndarray:
    """Return a forecast as an array, (horizon,), or (horizon, n) for a history of two dimensions.

    If there are several quantities, such as the bounds of intervals, a last axis holds them in the order of
    the frame's columns.
    """
    quantities = [name for name in frame.columns if name not in (columns.id, columns.time)]
    values: np.ndarray = frame[quantities].to_numpy(dtype=np.float64)
    if kind.dims == 2:
        count = frame[columns.id].nunique() if columns.id in frame else 1
        values = values.reshape(count, -1, len(quantities)).swapaxes(0, 1)
    return values[..., 0] if len(quantities) == 1 else values


def _numbers(data: Any, name: str) -> np.ndarray:  # noqa: ANN401
    if isinstance(data, list | tuple) and any(hasattr(item, "__array__") and np.ndim(item) for item in data):
        raise ParameterTypeError(
            f"{name} is a list of arrays; it must be a list of numbers. Put series of one length side by "
            "side with numpy.column_stack, and others into a long frame"
        )
    masked = isinstance(data, np.ma.MaskedArray)
    try:
        values: np.ndarray = np.ma.asarray(data) if masked else np.asarray(data)
    except ValueError as error:
        raise ParameterTypeError(f"{name} is a list whose rows have different lengths ({error})") from error
    if values.size and values.dtype.kind not in "iuf":
        odd = next((v for v in values.ravel().tolist() if not isinstance(v, int | float)), values.flat[0])
        raise ParameterTypeError(
            f"{name} is an array of the type {values.dtype} and holds {odd!r}; it must hold numbers, and NaN "
            "where one is missing"
        )
    if masked:
        return np.ma.filled(values.astype(np.float64), np.nan)
    return values if values.size else values.astype(np.float64)
