"""Cross-validation blocks of ETTh1's first sixteen months, so that all seasons of the year are held out.

The usual validation part is one summer and autumn. Settings for those four months need not suit later ones:
there channels return to their mean, in other months they do not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

#: Hours of a block: four months, as the validation and the test part have.
LENGTH = 2880


@dataclass(frozen=True)
class Block:
    """A block of rows to forecast.

    Attributes
    ----------
    first, end
        The first row of the targets, and the one after the last.
    """

    first: int
    end: int

    def pieces(self, values: pd.DataFrame, least: int) -> list[pd.DataFrame]:
        """Return the rows before and the rows after the block, each if there are at least ``least``."""
        return [rows for rows in (values[: self.first], values[self.end :]) if len(rows) >= least]

    def windows(self, context: int, horizon: int, every: int) -> int:
        """Return the number of windows, ``every`` steps apart, whose targets lie in the block."""
        return (self.end - max(self.first, context) - horizon) // every + 1


def blocks(rows: int) -> Iterator[Block]:
    """Return the complete blocks within this number of rows."""
    for first in range(0, rows - LENGTH + 1, LENGTH):
        yield Block(first, first + LENGTH)
