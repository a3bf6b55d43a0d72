"""A gallery of the families: a few series of each, to be looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tsseq2seq.plotting.style import FORECAST, new_figure, style
from tsseq2seq.pretraining.generator import Generator
from tsseq2seq.pretraining.worlds import WORLDS

if TYPE_CHECKING:
    import matplotlib.figure

__all__ = ["plot_families"]

_COLUMNS = 3


def plot_families(
    frequency: str = "monthly", steps: int = 120, *, series: int = 3, seed: int = 0
) -> matplotlib.figure.Figure:
    """Draw a few series of each family, one above the other, each on its own scale.

    Parameters
    ----------
    frequency
        A frequency of :data:`~tsseq2seq.pretraining.frequencies.FREQUENCIES`.
    steps
        How long the series are.
    series
        How many of each family.
    seed
        Another seed gives other series.

    Returns
    -------
    matplotlib.figure.Figure
        Small multiples with the families' names.

    Raises
    ------
    MissingDependencyError
        If matplotlib is not installed.
    ParameterError
        If there is no such frequency, or ``steps`` or ``series`` is too small.

    Examples
    --------
    >>> from matplotlib import pyplot
    >>> figure = plot_families("quarterly", steps=60)
    >>> [axes.get_title() for axes in figure.axes[:2]]
    ['exponential smoothing', 'structural']
    >>> pyplot.close(figure)
    """
    panels = {
        name: Generator(
            series=series,
            shortest=steps,
            longest=steps,
            frequencies={frequency: 1.0},
            families={name: 1.0},
            alike=0.0,
            missing=0.0,
        ).panel(seed)
        for name in WORLDS
    }
    rows = -(-len(panels) // _COLUMNS)
    figure = new_figure(figsize=(11, 0.4 + 1.3 * rows))
    for place, (name, panel) in enumerate(panels.items(), start=1):
        axes = figure.add_subplot(rows, _COLUMNS, place)
        style(axes)
        for line, values in enumerate(panel.values):
            low, high = np.nanmin(values), np.nanmax(values)
            shown = (values - low) / (high - low) - 1.15 * line
            axes.plot(shown, color=FORECAST, linewidth=0.8)
        axes.set_title(name, fontsize=9)
        axes.set_yticks([])
        if place <= len(panels) - _COLUMNS:
            axes.set_xticklabels([])
    return figure
