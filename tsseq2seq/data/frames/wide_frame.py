"""Wide frames, with time in the index and a column for each series, or for each series and quantity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from tsseq2seq.data.frames.column_type import as_pandas_type, pandas_type, time_type
from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.frame_kind import FrameKind
from tsseq2seq.data.frames.indexed_frame import index_freq, is_time_index, timed_index
from tsseq2seq.data.frames.target_numbers import holds_numbers
from tsseq2seq.errors import DataError, ParameterError, shown

__all__ = ["from_wide", "looks_wide", "melt", "to_wide"]


def looks_wide(df: pd.DataFrame, columns: Columns) -> bool:
    """Return whether time is in the index and every column is a series.

    An integer index is time if it has a name, or differs from 0, 1, 2, …. If the column index has the name of
    the id column, all columns are series, also one with the name of the target.
    """
    if isinstance(df.index, pd.MultiIndex) or len(df.columns) == 0:
        return False
    index = df.index
    counts_rows = index.equals(pd.RangeIndex(len(index)))
    integer_time = pd.api.types.is_integer_dtype(index.dtype) and (index.name is not None or not counts_rows)
    timed = is_time_index(index) or index.name == columns.time or integer_time
    if isinstance(df.columns, pd.MultiIndex):
        return timed
    labelled = columns.id is not None and df.columns.name == columns.id
    roles = {columns.id, columns.time, *columns.quantities}
    if not labelled and roles & set(df.columns):
        return False
    numeric = all(holds_numbers(df.iloc[:, place]) for place in range(len(df.columns)))
    return timed and (numeric or is_time_index(index) or index.name == columns.time)


def from_wide(
    df: pd.DataFrame, columns: Columns, quantities: Sequence[str], *, name: str = "df", trim: bool = True
) -> tuple[pd.DataFrame, FrameKind]:
    """Return the long frame of a wide frame, with the kind of the input.

    Every series ends at the frame's last row, also if its last values are missing. It starts at the first row
    with a target.

    Parameters
    ----------
    df
        Columns are series, or (series, quantity).
    columns
        Names in the long frame.
    quantities
        Names of the targets and covariates.
    name
        Name of the frame in messages.
    trim
        Whether to leave out rows before the first target of a series. True.

    Raises
    ------
    DataError
        If a column is missing, occurs twice or is not numeric, or the index holds NaT.
    ParameterError
        If ``id_col`` is None, but there are several series.
    """
    if df.columns.has_duplicates:
        twice = df.columns[df.columns.duplicated()][0]
        raise DataError(f"the wide {name} has two columns {shown(twice)}; each series has one")
    if df.index.hasnans:
        row = int(np.argmax(df.index.isna()))
        raise DataError(f"the index of the wide {name} is empty in row {row}; every row needs a time stamp")
    ordered = df if df.index.is_monotonic_increasing else df.sort_index(kind="stable")
    if isinstance(df.columns, pd.MultiIndex):
        series, blocks = _blocks_of_quantities(ordered, columns, quantities, name)
        labels = tuple(df.columns.names)
    else:
        series, blocks = df.columns, {_only_quantity(quantities, name): ordered}
        labels = (df.columns.name, None)
    long = melt(series, ordered.index, blocks, columns, name=name, trim=trim)
    return long, FrameKind(
        form="wide",
        id=pandas_type(series.dtype),
        time=time_type(df.index.dtype),
        levels=("time",),
        level_names=(df.index.name,),
        column_names=labels,
        name=series[0] if columns.id is None else None,
        freq=index_freq(df.index),
    )


def melt(
    series: pd.Index,
    times: pd.Index,
    blocks: dict[str, pd.DataFrame],
    columns: Columns,
    *,
    name: str,
    trim: bool,
) -> pd.DataFrame:
    """Return a long frame: the columns one below the other, with a column of series and one of times.

    Parameters
    ----------
    series
        (n,), names.
    times
        (T,), time stamps, increasing.
    blocks
        For each quantity a frame (T, n).
    columns
        Names in the long frame.
    name, trim
        As for :func:`from_wide`.
    """
    count, steps = len(series), len(times)
    data: dict[str, Any] = {}
    if columns.id is not None:
        data[columns.id] = series.take(np.repeat(np.arange(count), steps))
    elif count > 1:
        raise ParameterError(
            f"id_col is None, which says that there is one series, but {name} has {count}; "
            "leave id_col at 'unique_id'"
        )
    data[columns.time] = times.take(np.tile(np.arange(steps), count))
    for quantity, block in blocks.items():
        if quantity in columns.targets:
            _check_numeric(block, quantity, name)
        data[quantity] = _stacked_columns(block)
    long = pd.DataFrame(data)
    if not trim:
        return long
    observed = ~long[list(columns.targets)].isna().to_numpy().all(axis=1).reshape(count, steps)
    started = np.logical_or.accumulate(observed, axis=1)
    started |= ~observed.any(axis=1, keepdims=True)  # a series without any value keeps its rows
    return long if started.all() else long[started.reshape(-1)].reset_index(drop=True)


def to_wide(frame: pd.DataFrame, kind: FrameKind, columns: Columns) -> pd.DataFrame:
    """Return a forecast with time in the index.

    The point forecast of one target has a column for each series; all other forecasts have one for each
    series and quantity.
    """
    quantities = [name for name in frame.columns if name not in (columns.id, columns.time)]
    if columns.id in frame:
        series_of_row, series = pd.factorize(frame[columns.id])
    else:
        series_of_row, series = np.zeros(len(frame), dtype=np.int64), pd.Index([kind.name])
    rows, times = pd.factorize(frame[columns.time], sort=True)
    shape = (len(times), len(series))
    blocks = []
    for quantity in quantities:
        column = frame[quantity]
        numeric = pd.api.types.is_numeric_dtype(column.dtype)
        block = np.full(shape, np.nan, dtype=np.float64 if numeric else object)
        block[rows, series_of_row] = column.to_numpy(dtype=block.dtype)
        blocks.append(block)
    values = np.stack(blocks, axis=2).reshape(shape[0], -1)
    names = as_pandas_type(pd.Index(series), kind.id)
    stamps = as_pandas_type(pd.Index(times), kind.time).rename(kind.level_names[0])
    labels: pd.Index
    if len(quantities) == 1:
        labels = names.rename(kind.column_names[0])
    else:
        repeated = names.take(np.repeat(np.arange(len(names)), len(quantities)))
        labels = pd.MultiIndex.from_arrays(
            [repeated, pd.Index(quantities * len(names))], names=list(kind.column_names)
        )
    return pd.DataFrame(values, index=timed_index(stamps, kind), columns=labels)


def _only_quantity(quantities: Sequence[str], name: str) -> str:
    if len(quantities) == 1:
        return quantities[0]
    raise DataError(
        f"the wide {name} has one column for each series, but {list(quantities)} are needed of each; give it "
        "columns (series, quantity), a pandas MultiIndex of two levels, or pass a long frame"
    )


def _blocks_of_quantities(
    df: pd.DataFrame, columns: Columns, quantities: Sequence[str], name: str
) -> tuple[pd.Index, dict[str, pd.DataFrame]]:
    if df.columns.nlevels != 2:
        raise DataError(
            f"the columns of the wide {name} have {df.columns.nlevels} levels; they must be two, (series, "
            "quantity)"
        )
    first, second = (df.columns.get_level_values(level) for level in (0, 1))
    if not set(second) & set(quantities) and set(first) & set(quantities):
        raise DataError(
            f"the columns of the wide {name} are (quantity, series); turn them into (series, quantity) with "
            f"{name}.swaplevel(axis=1)"
        )
    series = first.unique()
    for quantity in quantities:
        missing = ~series.isin(first[second == quantity])
        if missing.any():
            raise DataError(
                f"the wide {name} has no column {(series[missing][0], quantity)!r}; every series needs "
                f"{list(quantities)}. Its quantities are {second.unique().tolist()[:20]}"
            )
    blocks = {}
    for quantity in quantities:
        positions = np.flatnonzero(second == quantity)
        blocks[quantity] = df.iloc[:, positions[pd.Index(first[positions]).get_indexer(series)]]
    return series, blocks


def _check_numeric(block: pd.DataFrame, target: str, name: str) -> None:
    for place, label in enumerate(block.columns):
        if not holds_numbers(block.iloc[:, place]):
            raise DataError(
                f"column {shown(label)} of the wide {name} has the type {block.dtypes.iloc[place]}; it must "
                "be numeric (pd.to_numeric converts text). With time in the index and no column "
                f"{target!r}, every column is a series; a frame of another form needs target_col and id_col"
            )


def _stacked_columns(block: pd.DataFrame) -> Any:  # noqa: ANN401 (an array or a column)
    dtypes = set(block.dtypes)
    if all(isinstance(dtype, np.dtype) and dtype.kind in "iuf" for dtype in dtypes):
        return block.to_numpy().T.reshape(-1)
    return pd.concat([block.iloc[:, column] for column in range(block.shape[1])], ignore_index=True)
