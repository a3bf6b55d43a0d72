"""Frames of any library that are read with all their columns: forecasts, backtests and their scores."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import pandas as pd

from tsseq2seq.data.frames.frame_kind import FrameKind
from tsseq2seq.data.frames.narwhals_frame import all_from_narwhals, eager_frame, to_library
from tsseq2seq.errors import ParameterTypeError

__all__ = ["give_back_whole", "read_whole"]


def read_whole(data: Any, name: str) -> tuple[pd.DataFrame, FrameKind]:  # noqa: ANN401
    """Return a frame with all its columns as pandas', and its kind.

    Parameters
    ----------
    data
        A frame of pandas, which is returned as it is, of polars or of another library.
    name
        Name of the input in messages.

    Raises
    ------
    ParameterTypeError
        If it is no frame in memory.

    Examples
    --------
    >>> frame = pd.DataFrame({"y": [1]})
    >>> read_whole(frame, "forecasts")[0] is frame
    True
    """
    if isinstance(data, nw.DataFrame):
        data = data.to_native()
    if isinstance(data, pd.DataFrame):
        return data, FrameKind()
    if not isinstance(nw.from_native(data, pass_through=True), nw.DataFrame | nw.LazyFrame):
        raise ParameterTypeError(
            f"{name} is a {type(data).__name__}; it must be a long frame of pandas, polars, pyarrow or "
            "another library that narwhals reads"
        )
    return all_from_narwhals(eager_frame(data, name))


def give_back_whole(frame: pd.DataFrame, kind: FrameKind) -> Any:  # noqa: ANN401
    """Return a frame as one of the kind's library; columns that the input had too have its types."""
    return frame if kind.library == "pandas" else to_library(frame, kind, None, ())
