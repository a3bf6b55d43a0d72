"""Whether exponential smoothing has a part in a forecaster's forecasts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.data.panel.wall_clock import clocks_change
from tsseq2seq.nn.network import Network

if TYPE_CHECKING:
    from tsseq2seq.forecasting.defaults import ForecasterSettings

__all__ = ["smoothing_affordable", "smoothing_asked"]

# A panel of more rows is not smoothed unless asked for: a network has enough to learn from there, and
# smoothing only holds it back: M4 Hourly has 373,000 rows (benchmarks/m4_hourly.py --validation, with and
# without --set network_share=0.5).
_MOST_ROWS = 200_000
# Smoothing takes so many seconds a value, and must leave most of a time limit to the training.
_SECONDS_A_VALUE, _SHARE_OF_TIME = 6e-6, 0.25


def smoothing_asked(panel: Panel, asked: ForecasterSettings) -> bool:
    """Return whether smoothing has a part in the forecasts of these settings.

    It has where a network's share below 1 is given. Where none is given it has none beside a network of the
    user's own, or one whose number of training steps was chosen, since who chooses these wants to see them;
    nor for counts, bins and means, where clocks change within a year, for more than 200,000 rows, and where
    it would take more than a quarter of ``max_time``.
    """
    if asked.network_share is not None:
        return asked.network_share < 1
    steps = asked.training.max_steps if asked.training.epochs is None else asked.training.epochs
    chosen = asked.network != Network() or steps is not None
    return not (chosen or asked.output.counts or not asked.output.equivariant) and smoothing_affordable(
        panel, asked
    )


def smoothing_affordable(panel: Panel, asked: ForecasterSettings) -> bool:
    """Return whether smoothing takes little of the time, and its seasons are of equal steps."""
    limit = asked.training.max_time
    slow = limit is not None and panel.values.numel() * _SECONDS_A_VALUE > _SHARE_OF_TIME * limit
    return not (slow or len(panel.values) > _MOST_ROWS or clocks_change(panel))
