"""Parsers of the published files, one function for each format; they return frames.

The frames are the same with pandas 2 and 3: time stamps are ``datetime64[ns]``, values ``float64``. Text has
the default string type of the installed pandas.
"""

from __future__ import annotations

import re
from io import BytesIO

import numpy as np
import pandas as pd


def parse_long(content: bytes) -> pd.DataFrame:
    """Return a file that has the columns ``unique_id``, ``ds``, ``y``."""
    table = pd.read_csv(BytesIO(content), dtype={"unique_id": str, "y": np.float64})
    return table.assign(ds=_time_stamps(table["ds"]))


def parse_single(
    content: bytes,
    unique_id: str,
    time: str,
    values: dict[str, str] | None = None,
    date_format: str = "ISO8601",
) -> pd.DataFrame:
    """Return a table that holds one series, one row for each time stamp.

    Parameters
    ----------
    content
        The file.
    unique_id
        The name to give to the series.
    time
        The column of time stamps, by which the rows are sorted.
    values
        The new name of each column of values. None: all columns, under their own names.
    date_format
        The format of the time stamps, as for ``pandas.to_datetime``.
    """
    table = pd.read_csv(BytesIO(content))
    if values is None:
        values = {column: column for column in table.columns if column != time}
    ds = _time_stamps(table[time], date_format)
    frame = table[list(values)].rename(columns=values).astype(np.float64)
    frame.insert(0, "unique_id", unique_id)
    frame.insert(1, "ds", ds)
    return frame.sort_values("ds", kind="stable", ignore_index=True)


def parse_taylor(content: bytes) -> pd.DataFrame:
    """Return half-hourly values without time stamps, which begin on Monday, 5 June 2000, 00:00."""
    y = pd.read_csv(BytesIO(content))["Y"].astype(np.float64)
    ds = pd.Series(pd.date_range("2000-06-05", periods=len(y), freq="30min"))
    return pd.DataFrame({"unique_id": "taylor", "ds": _time_stamps(ds), "y": y})


def parse_m4(content: bytes) -> pd.DataFrame:
    """Return M4's wide table, one row a series; ``ds`` counts from 1, as M4 has no time stamps."""
    return _melt_m4(_wide_m4(content), start=None)


def parse_m4_test(content: bytes, train: bytes) -> pd.DataFrame:
    """Return M4's test part; ``ds`` continues after each series' last training row."""
    return _melt_m4(_wide_m4(content), start=_wide_m4(train).notna().sum(axis="columns"))


def parse_tatoeba(content: bytes) -> pd.DataFrame:
    """Return lines of source, target and attribution, which are separated by tabs."""
    pairs = [line.split("\t") for line in _lines(content)]
    return pd.DataFrame(pairs, columns=["source", "target", "attribution"])


def parse_parallel(source: bytes, target: bytes) -> pd.DataFrame:
    """Return two files whose lines are translations of each other."""
    return pd.DataFrame({"source": _lines(source), "target": _lines(target)})


def parse_pronunciations(content: bytes) -> pd.DataFrame:
    """Return CMUdict: words, and their sounds separated by blanks.

    A second pronunciation, which the file marks ``word(2)``, is another row of the same word. Comments (after
    ``#``) are left out.
    """
    entries = [line.partition("#")[0].split() for line in _lines(content)]
    return pd.DataFrame(
        {
            "word": [re.sub(r"\(\d+\)$", "", word) for word, *_ in entries],
            "pronunciation": [" ".join(sounds) for _, *sounds in entries],
        }
    )


def _wide_m4(content: bytes) -> pd.DataFrame:
    return pd.read_csv(BytesIO(content), index_col="V1", dtype={"V1": str}).astype(np.float64)


def _melt_m4(wide: pd.DataFrame, start: pd.Series | None) -> pd.DataFrame:
    y = wide.to_numpy()
    observed = ~np.isnan(y)  # shorter series end in empty cells
    step = np.broadcast_to(np.arange(1, y.shape[1] + 1), y.shape)
    if start is not None:
        step = step + start.loc[wide.index].to_numpy()[:, np.newaxis]
    return pd.DataFrame(
        {
            "unique_id": wide.index.repeat(observed.sum(axis=1)),
            "ds": step[observed].astype(np.int64),
            "y": y[observed],
        }
    )


def _time_stamps(times: pd.Series, date_format: str = "ISO8601") -> pd.Series:
    return pd.to_datetime(times, format=date_format).astype("datetime64[ns]")


def _lines(content: bytes) -> list[str]:
    # Not splitlines(), which also breaks at characters that stand inside sentences.
    return content.decode("utf-8").removesuffix("\n").split("\n")
