"""Wide frames: time in the index, a column for each series, or for each series and quantity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from tsseq2seq.data.frames.column_type import as_pandas_type, pandas_type, time_type
from tsseq2seq.data.frames.columns import FORECAST, Columns
from tsseq2seq.data.frames.frame_kind import Kind
from tsseq2seq.data.frames.indexed_frame import index_freq, is_time_index, timed_index
from tsseq2seq.data.frames.target_numbers import holds_numbers
from tsseq2seq.errors import DataError, ParameterError, shown

__all__ = ["from_wide", "looks_wide", "melt", "to_wide"]


def looks_wide(df: pd.DataFrame, columns: Columns) -> bool:
    """Whether time is in the index and every column is a series.

    An integer index is time if it has a name, or does not merely number the rows. Columns whose level
    is named as the id column are series, even one that is called as the target.
    """
    if isinstance(df.index, pd.MultiIndex) or len(df.columns) == 0:
        return False
    index = df.index
    numbered = index.equals(pd.RangeIndex(len(index)))
    whole = pd.api.types.is_integer_dtype(index.dtype) and (index.name is not None or not numbered)
    timed = is_time_index(index) or index.name == columns.time or whole
    if isinstance(df.columns, pd.MultiIndex):
        return timed
    labelled = columns.id is not None and df.columns.name == columns.id
    roles = {columns.id, columns.time, *columns.targets, *columns.covariates}
    if not labelled and roles & set(df.columns):
        return False
    numeric = all(holds_numbers(df.iloc[:, place]) for place in range(len(df.columns)))
    return timed and (numeric or is_time_index(index) or index.name == columns.time)


def from_wide(
    df: pd.DataFrame, columns: Columns, quantities: Sequence[str], *, name: str = "df", trim: bool = True
) -> tuple[pd.DataFrame, Kind]:
    """Return the long frame.

    Every series ends at the frame's last row, so that what is missing at its end is forecast from
    there; what is missing before a target's first value is not part of the series.

    Parameters
    ----------
    df
        Columns are series, or (series, quantity).
    columns
        Names in the long frame.
    quantities
        Targets and covariates to take.
    name
        What messages call the frame.
    trim
        Whether rows before the first target go.

    Raises
    ------
    DataError
        If a column is missing or there twice, is not numeric, or the index holds NaT.
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
        series, blocks = _quantities(ordered, columns, quantities, name)
        labels = tuple(df.columns.names)
    else:
        series, blocks = df.columns, {_only(quantities, name): ordered}
        labels = (df.columns.name, None)
    long = melt(series, ordered.index, blocks, columns, name=name, trim=trim)
    return long, Kind(
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
    """Lay columns one below the other, with a column of series and one of times.

    Parameters
    ----------
    series
        Their names.
    times
        Time stamp of each row, growing.
    blocks
        A frame (times, series) for each quantity.
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
        data[quantity] = _below_each_other(block)
    long = pd.DataFrame(data)
    if not trim:
        return long
    there = ~long[list(columns.targets)].isna().to_numpy().all(axis=1).reshape(count, steps)
    begun = np.logical_or.accumulate(there, axis=1)
    begun |= ~there.any(axis=1, keepdims=True)  # without any value, a series keeps its rows
    return long if begun.all() else long[begun.reshape(-1)].reset_index(drop=True)


def to_wide(frame: pd.DataFrame, kind: Kind, columns: Columns) -> pd.DataFrame:
    """Return a forecast with time in the index.

    A column for each series if the point forecast of one target is all there is, or for each series
    and quantity.
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
    if quantities == [FORECAST]:
        labels = names.rename(kind.column_names[0])
    else:
        repeated = names.take(np.repeat(np.arange(len(names)), len(quantities)))
        labels = pd.MultiIndex.from_arrays(
            [repeated, pd.Index(quantities * len(names))], names=list(kind.column_names)
        )
    return pd.DataFrame(values, index=timed_index(stamps, kind), columns=labels)


def _only(quantities: Sequence[str], name: str) -> str:
    if len(quantities) == 1:
        return quantities[0]
    raise DataError(
        f"the wide {name} has one column for each series, but {list(quantities)} are needed of each; give it "
        "columns (series, quantity), a pandas MultiIndex of two levels, or pass a long frame"
    )


def _quantities(
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
        lacking = ~series.isin(first[second == quantity])
        if lacking.any():
            raise DataError(
                f"the wide {name} has no column {(series[lacking][0], quantity)!r}; every series needs "
                f"{list(quantities)}. Its quantities are {second.unique().tolist()[:20]}"
            )
    blocks = {}
    for quantity in quantities:
        chosen = np.flatnonzero(second == quantity)
        blocks[quantity] = df.iloc[:, chosen[pd.Index(first[chosen]).get_indexer(series)]]
    return series, blocks


def _check_numeric(block: pd.DataFrame, target: str, name: str) -> None:
    for place, label in enumerate(block.columns):
        if not holds_numbers(block.iloc[:, place]):
            raise DataError(
                f"column {shown(label)} of the wide {name} has the type {block.dtypes.iloc[place]}; it must "
                "be numeric (pd.to_numeric converts text). With time in the index and no column "
                f"{target!r}, every column is a series; a frame of another form needs target_col and id_col"
            )


def _below_each_other(block: pd.DataFrame) -> Any:  # noqa: ANN401 (an array or a column)
    kinds = set(block.dtypes)
    if all(isinstance(kind, np.dtype) and kind.kind in "iuf" for kind in kinds):
        return block.to_numpy().T.reshape(-1)
    return pd.concat([block.iloc[:, column] for column in range(block.shape[1])], ignore_index=True)
