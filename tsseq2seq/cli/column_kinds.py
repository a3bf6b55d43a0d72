"""What the columns of a table hold, each looked at once."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from tsseq2seq.cli.notation import Notation
from tsseq2seq.cli.numbers import looks_numeric, names_rows, parse_integers
from tsseq2seq.cli.times import parse_times
from tsseq2seq.errors import DataError

__all__ = ["ColumnKinds"]

# So many rows show of most columns that they do not grow.
_GLANCE = 200


class ColumnKinds:
    """The kinds of the columns of a table; each is found out when it is first asked for.

    Parameters
    ----------
    table
        Text or typed columns.
    notation
        How the file writes numbers and dates.

    Examples
    --------
    >>> kinds = ColumnKinds(pd.DataFrame({"t": ["1", "2"], "y": ["2.5", "1.5"]}), Notation())
    >>> kinds.is_number("y"), kinds.grows("t", []), kinds.grows("y", [])
    (True, True, False)
    """

    def __init__(self, table: pd.DataFrame, notation: Notation) -> None:
        self.table = table
        self.notation = notation
        self._numbers: dict[str, bool] = {}
        self._dates: dict[str, bool] = {}
        self._groups: dict[str, np.ndarray] = {}

    def is_number(self, name: str) -> bool:
        """Return whether a column holds numbers, though perhaps in a notation that leaves a doubt."""
        if name not in self._numbers:
            self._numbers[name] = looks_numeric(self.table[name], self.notation)
        return self._numbers[name]

    def is_date(self, name: str) -> bool:
        """Return whether a column holds dates, though perhaps in doubt."""
        if name not in self._dates:
            self._dates[name] = self._is_date(name)
        return self._dates[name]

    def names_rows(self, name: str) -> bool:
        """Return whether a column could name series: some of its cells repeat, and none is a fraction."""
        return bool(self.table[name].duplicated().any()) and names_rows(self.table[name])

    def grows(self, name: str, others: Iterable[str], *, evenly: bool = False) -> bool:
        """Return whether integers grow (or fall) in the whole column, or in each group of another one."""
        integers = parse_integers(self.table[name])
        if integers is None:
            return False
        values = integers.to_numpy()
        if _one_way(np.diff(values), evenly=evenly):
            return True
        texts = [other for other in others if other != name and not self.is_number(other)]
        return any(self._grows_within(values, text, evenly=evenly) for text in texts)

    def _grows_within(self, values: np.ndarray, text: str, *, evenly: bool) -> bool:
        if text not in self._groups:
            self._groups[text] = pd.factorize(self.table[text])[0]
        codes = self._groups[text]
        return all(
            _one_way(_steps(values[:rows], codes[:rows]), evenly=evenly, few=rows < len(values))
            for rows in (min(_GLANCE, len(values)), len(values))
        )

    def _is_date(self, name: str) -> bool:
        try:
            return parse_times(self.table[name], date_format=self.notation.date_format) is not None
        except DataError:  # if the column is chosen, the user hears of it
            return True


def _steps(values: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Return the differences between neighbours within each group."""
    order = np.argsort(codes, kind="stable")
    steps: np.ndarray = np.diff(values[order])[np.diff(codes[order]) == 0]
    return steps


def _one_way(steps: np.ndarray, *, evenly: bool, few: bool = False) -> bool:
    """Return whether steps have one sign; ``few``: there may be none yet."""
    if len(steps) == 0:
        return few
    if evenly:
        return bool(steps[0] != 0 and (steps == steps[0]).all())
    return bool((steps > 0).all() or (steps < 0).all())
