"""Names of series that no one meant: blanks alone, or two that differ by blanks which no one sees."""

from __future__ import annotations

import pandas as pd

from tsseq2seq.errors import DataError, DataWarning, shown, warn

__all__ = ["check_series_names"]


def check_series_names(ids: pd.Index, column: str) -> None:
    """Refuse a name of blanks alone; warn once where names differ only by blanks around them.

    Parameters
    ----------
    ids
        The names, each once.
    column
        Where they stand.

    Raises
    ------
    DataError
        If a name has no letter.

    Examples
    --------
    >>> check_series_names(pd.Index(["a", " "]), "shop")
    Traceback (most recent call last):
    tsseq2seq.errors.DataError: column 'shop' has a name of blanks, ' '; every row needs a series name
    """
    if pd.api.types.is_numeric_dtype(ids.dtype):
        return
    bare: dict[str, str] = {}
    for name in ids:
        if not isinstance(name, str):
            continue
        if name.strip() == "":
            raise DataError(
                f"column {column!r} has a name of blanks, {shown(name)}; every row needs a series name"
            )
        other = bare.setdefault(name.strip(), name)
        if other != name:
            warn(
                f"column {column!r} has the names {shown(other)} and {shown(name)}, which are two series; if "
                f"one is meant, take away the blanks with .str.strip()",
                DataWarning,
            )
            return
