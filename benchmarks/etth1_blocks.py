"""Blocks of ETTh1's first sixteen months, each held out in turn: a validation over all seasons of the year.

The customary validation part is one summer and autumn. What suits those four months need not suit the next:
there channels come back to their mean, in other months they do not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

#: Hours of a block: four months, as the validation and the test part have.
LENGTH = 2880


@dataclass(frozen=True)
class Block:
    """Some hours to forecast.

    Attributes
    ----------
    first, end
        The first row of the targets, and the one after the last.
    """

    first: int
    end: int

    def pieces(self, values: pd.DataFrame, least: int) -> list[pd.DataFrame]:
        """Return what may be trained on: the rows before and after the block, where at least so many are."""
        return [rows for rows in (values[: self.first], values[self.end :]) if len(rows) >= least]

    def windows(self, context: int, horizon: int, every: int) -> int:
        """Return how many windows, so many steps apart, have their context and their targets in the rows."""
        return (self.end - max(self.first, context) - horizon) // every + 1


def blocks(rows: int) -> Iterator[Block]:
    """Return the whole blocks of so many rows."""
    for first in range(0, rows - LENGTH + 1, LENGTH):
        yield Block(first, first + LENGTH)
