"""A heatmap whose rows and columns have names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tsseq2seq.plotting.style import new_figure

if TYPE_CHECKING:
    import matplotlib.axes

__all__ = ["Side", "draw_heatmap"]

# Width of a letter in inches, roughly.
_LETTER = 0.08


@dataclass(frozen=True)
class Side:
    """The rows or the columns of a heatmap.

    Attributes
    ----------
    title
        Title of the axis.
    names
        Names of the rows or columns.
    every
        1 shows every name, 2 every second one, and so on.
    cell, most
        Inches of one row or column in a new figure, and of all together at most.
    """

    title: str
    names: Sequence[str]
    every: int
    cell: float
    most: float

    @property
    def inches(self) -> float:
        """Inches of all rows or columns in a new figure."""
        return min(self.most, self.cell * len(self.names))

    @property
    def shown(self) -> Sequence[str]:
        """The names to show."""
        return self.names[:: self.every]

    @property
    def name_inches(self) -> float:
        """Inches of the longest name shown, roughly."""
        return _LETTER * max(map(len, self.shown))


def draw_heatmap(
    values: np.ndarray, *, rows: Side, columns: Side, ax: matplotlib.axes.Axes | None
) -> matplotlib.axes.Axes:
    """Draw values (rows, columns), the first row at the top; NaN leaves a cell empty.

    Parameters
    ----------
    values
        Numbers, at least 0.
    rows, columns
        The two sides; the names of rows stand on the left, those of columns below.
    ax
        Axes to draw on. None: those of a new figure, sized for the two sides.
    """
    if ax is None:
        size = (2.6 + columns.inches + rows.name_inches, 1.6 + rows.inches + 0.7 * columns.name_inches)
        ax = new_figure(figsize=size).subplots()
    image = ax.imshow(values, aspect="auto", cmap="Blues", vmin=0.0, interpolation="nearest")
    for axis, side in ((ax.xaxis, columns), (ax.yaxis, rows)):
        axis.set_ticks(range(0, len(side.names), side.every))
        # dollar signs in a name do not mark a formula
        axis.set_ticklabels(side.shown, parse_math=False)
        axis.set_label_text(side.title)
    ax.figure.colorbar(image, ax=ax, label="weight")
    return ax
