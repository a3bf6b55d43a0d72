"""Names of series that no one meant: blanks alone, or two that are spellings of one."""

from __future__ import annotations

import re
import unicodedata

import pandas as pd

from tsseq2seq.errors import DataError, DataWarning, shown, warn

__all__ = ["check_series_names", "visible_name"]

_WHOLE = re.compile(r"\d+\.0")


def check_series_names(ids: pd.Index, column: str) -> None:
    """Refuse a name of blanks alone; warn once where two names are spellings of one.

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
    alike: dict[str, object] = {}
    for name in ids:
        if isinstance(name, str) and name.strip() == "":
            raise DataError(
                f"column {column!r} has a name of blanks, {shown(name)}; every row needs a series name"
            )
        other = alike.setdefault(_spelled(name), name)
        if other is not name and other != name:
            warn(
                f"column {column!r} has the names {shown(other)} and {shown(name)}, which are two series; if "
                "one is meant, write them alike, such as with .str.strip(), .str.normalize('NFC') or "
                ".str.lower()",
                DataWarning,
            )
            return


def visible_name(name: str) -> str:
    """Return a name without what no one sees: blanks around it, marks of no width, how accents are coded.

    Examples
    --------
    >>> visible_name("Ko\u0308ln\u200b ") == "K\u00f6ln"
    True
    """
    if not name.isascii():
        name = "".join(letter for letter in name if unicodedata.category(letter) != "Cf")
        name = unicodedata.normalize("NFC", name)
    return name.strip()


def _spelled(name: object) -> str:
    """Return what a name is in any spelling: blanks, letters' case, whole numbers with a .0."""
    text = " ".join(visible_name(str(name)).split()).casefold()
    return text.removesuffix(".0") if _WHOLE.fullmatch(text) else text
