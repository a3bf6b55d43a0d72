"""A heatmap with a name for each of its rows and columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tsseq2seq.plotting.style import new_figure

if TYPE_CHECKING:
    import matplotlib.axes

__all__ = ["Side", "draw_heatmap"]

# Inches, roughly.
_LETTER = 0.08


@dataclass(frozen=True)
class Side:
    """The rows or the columns of a heatmap.

    Attributes
    ----------
    title
        What they are.
    names
        Of each of them.
    every
        1 shows every name, 2 every other one, and so on.
    cell, most
        Inches that one takes in a new figure, and all together at the most.
    """

    title: str
    names: Sequence[str]
    every: int
    cell: float
    most: float

    @property
    def inches(self) -> float:
        """What all take in a new figure."""
        return min(self.most, self.cell * len(self.names))

    @property
    def shown(self) -> Sequence[str]:
        """The names that are shown."""
        return self.names[:: self.every]

    @property
    def reach(self) -> float:
        """Inches that the longest name takes, roughly."""
        return _LETTER * max(map(len, self.shown))


def draw_heatmap(
    values: np.ndarray, *, rows: Side, columns: Side, ax: matplotlib.axes.Axes | None
) -> matplotlib.axes.Axes:
    """Draw values (rows, columns), the first row above; NaN leaves a cell empty.

    Parameters
    ----------
    values
        Numbers of 0 and above.
    rows, columns
        The two sides, their names to the left and below.
    ax
        Where to draw. None: a new figure, whose size follows from the sides.
    """
    if ax is None:
        size = (2.6 + columns.inches + rows.reach, 1.6 + rows.inches + 0.7 * columns.reach)
        ax = new_figure(figsize=size).subplots()
    image = ax.imshow(values, aspect="auto", cmap="Blues", vmin=0.0, interpolation="nearest")
    for axis, side in ((ax.xaxis, columns), (ax.yaxis, rows)):
        axis.set_ticks(range(0, len(side.names), side.every))
        # a name may hold dollar signs, which are no formula
        axis.set_ticklabels(side.shown, parse_math=False)
        axis.set_label_text(side.title)
    ax.figure.colorbar(image, ax=ax, label="weight")
    return ax
