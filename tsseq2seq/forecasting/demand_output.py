"""The output where most values are 0: a distribution whose mean is forecast, as the median would be 0."""

from __future__ import annotations

import torch

from tsseq2seq.data.evenly_spaced import evenly_spaced
from tsseq2seq.data.panel.counts import are_counts
from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.nn.outputs import Output, Point, Tweedie, ZeroInflatedNegativeBinomial
from tsseq2seq.smoothing.base import SmoothingBase
from tsseq2seq.smoothing.series_block import Spans, series_blocks

__all__ = ["DEMAND_OUTPUTS", "demand_output"]

#: What may be chosen where most values are 0: for counts, and for amounts.
DEMAND_OUTPUTS: tuple[Output, Output] = (ZeroInflatedNegativeBinomial(centre="mean"), Tweedie(centre="mean"))

# The ends of so many series, of so many steps, tell what a panel is.
_MOST_SERIES, _MOST_STEPS = 300, 1000


def demand_output(panel: Panel, output: Output, periods: tuple[int, ...], *, lowest: float) -> Output:
    """Return the output asked for, or one for intermittent demand if it was left open and the data are such.

    More than half of the values are then exactly 0 and none is below, and most series are intermittent other
    than by their seasons, as power from the sun is. Whole numbers are forecast as
    :class:`ZeroInflatedNegativeBinomial`, others as :class:`Tweedie`.

    Parameters
    ----------
    panel
        The series.
    output
        As asked for; ``Point()``, whose loss is None, leaves it open.
    periods
        Seasonal periods.
    lowest
        The lowest value of all.
    """
    if output != Point() or not lowest >= 0:
        return output
    series = torch.from_numpy(evenly_spaced(panel.count, _MOST_SERIES))
    ends = panel.lengths.cpu()[series]
    blocks = list(series_blocks(panel, Spans(series, (ends - _MOST_STEPS).clamp(min=0), ends)))
    observed = sum(int(block.observed.sum()) for block in blocks)
    zeros = sum(int((block.observed & (block.values == 0)).sum()) for block in blocks)
    if 2 * zeros <= observed:
        return output
    base = SmoothingBase.unlearned(periods, 1)
    intermittent, count = 0, 0
    for block in blocks:
        at_end = base.table(block).smoothed.intermittent.gather(1, block.lengths[:, None] - 1)
        intermittent, count = intermittent + int(at_end.sum()), count + len(at_end)
    if 2 * intermittent <= count:
        return output
    of_counts, of_amounts = DEMAND_OUTPUTS
    return of_counts if are_counts(panel) else of_amounts
