"""Which of the proposed seasons each series of a panel shows by itself."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.data.panel.season_contrast import season_contrast
from tsseq2seq.data.panel.season_evidence import p_values
from tsseq2seq.data.panel.seasonality import FALSE_ALARMS, known_series, least_share, seasonal_periods

__all__ = ["season_of_each", "seasons_of_each"]

# Values of a block of series that are looked at together.
_BLOCK = 2**21
# The last steps of a series that are looked at.
_MOST_STEPS = 5000
# A season of fewer series than this is none that a longer one could repeat.
_FEW = 0.1
# However many of a panel's series have a season, one that noise passes for so often does not show it.
_WEAKEST = 0.2


def season_of_each(panel: Panel, proposed: tuple[float, ...]) -> Int[Tensor, " series"]:
    """Return for each series the shortest of the proposed seasons that it has, in whole steps; 1: none.

    Parameters
    ----------
    panel
        The series.
    proposed
        Periods that the frequency suggests, such as (24, 168).

    Examples
    --------
    >>> from tsseq2seq.data.frames.columns import Columns
    >>> from tsseq2seq.data.frames.long_frame import read_long_frame
    >>> from tsseq2seq.data.grid.frequency import Frequency
    >>> from tsseq2seq.data.panel.panel import make_panel
    >>> import pandas as pd
    >>> weekly = [0, 2, 3, 2, 1, 7, 9] * 4
    >>> df = pd.DataFrame({"unique_id": ["a"] * 28 + ["b"] * 28, "ds": [*range(28)] * 2, "y": 0.0})
    >>> df["y"] = [*weekly, *(i * i % 31 for i in range(28))]
    >>> panel = make_panel(read_long_frame(df, Columns()), Frequency.parse(1))
    >>> season_of_each(panel, (7,))
    tensor([7, 1])
    """
    shown = seasons_of_each(panel, proposed)
    season = torch.ones(panel.count, dtype=torch.long, device=shown.device)
    for number, period in sorted(enumerate(proposed), key=lambda pair: pair[1], reverse=True):
        season[shown[:, number]] = round(period)
    return season


def seasons_of_each(panel: Panel, proposed: tuple[float, ...]) -> Bool[Tensor, "series seasons"]:
    """Return for each series which of the proposed seasons it has.

    A series has those that its own values show, by the test of
    :func:`~tsseq2seq.data.panel.seasonality.seasonal_periods`; one that is too short to be judged, or most of
    whose values are missing, has those that the panel shows as a whole. The more of a panel's series show a
    season, the less is asked of each: as many are taken to have it as there are more small probabilities
    than noise has (Storey 2002).

    Parameters
    ----------
    panel
        The series.
    proposed
        Periods that the frequency suggests, such as (24, 168).
    """
    of_panel = seasonal_periods(panel, proposed) if proposed else ()
    shown = torch.zeros(panel.count, len(proposed), dtype=torch.bool, device=panel.values.device)
    lengths = panel.lengths.cpu().numpy()
    asked = sum((round(2 * period) <= lengths).astype(float) for period in proposed)
    shorter: tuple[float, ...] = ()
    for number, period in sorted(enumerate(proposed), key=lambda pair: pair[1]):
        probability, of_strong, judged = _probabilities(panel, period, shorter)
        limit = np.maximum(FALSE_ALARMS / np.maximum(asked, 1), _limit_of_many(probability[judged]))
        own = np.where(judged, of_strong <= limit, round(period) in of_panel)
        shown[:, number] = torch.from_numpy(own)
        if round(period) in of_panel or own[judged].sum() > _FEW * judged.sum():
            shorter = (*shorter, period)
    return shown


def _probabilities(
    panel: Panel, period: float, shorter: tuple[float, ...]
) -> tuple[Float[np.ndarray, " series"], Float[np.ndarray, " series"], Bool[np.ndarray, " series"]]:
    """Return how likely noise shows as much of a season as each series, in two ways, and which are judged.

    It is the smallest probability of a series' targets, times their number; first of all targets, then of
    those in which the season is strong enough to be used, 1 if there are none.
    """
    targets = panel.values.shape[1]
    shape = (panel.count, targets)
    probability, strong, judged = np.ones(shape), np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    for first, series, lengths in _blocks(panel):
        contrast = season_contrast(series, lengths, period, shorter)
        rows = slice(first, first + len(series) // targets)
        probability[rows] = p_values(contrast).reshape(-1, targets)
        enough = contrast.share >= least_share(period, shorter)
        strong[rows], judged[rows] = (
            part.cpu().numpy().reshape(-1, targets) for part in (enough, contrast.judged)
        )
    count = np.maximum(judged.sum(1), 1)
    whole = np.minimum(probability.min(1) * count, 1.0)
    return whole, np.minimum(np.where(strong, probability, 1.0).min(1) * count, 1.0), judged.sum(1) > 0


def _blocks(panel: Panel) -> Iterator[tuple[int, Float[Tensor, "all T"], Int[Tensor, " all"]]]:
    """Yield the number of a first series, and the last steps of it and of those after it, without gaps."""
    lengths = panel.lengths.clamp(max=_MOST_STEPS)
    size = max(1, _BLOCK // int(lengths.max()))
    for first in range(0, panel.count, size):
        offsets, known = panel.offsets[first : first + size + 1], lengths[first : first + size]
        longest = int(known.max())
        if bool((offsets.diff() == longest).all()):
            # nothing to be copied
            rows = slice(int(offsets[0]), int(offsets[-1]))
            parts = [part[rows].unflatten(0, (-1, longest)) for part in (panel.values, panel.observed)]
            yield first, *known_series(parts[0], parts[1])
            continue
        steps = torch.arange(-longest, 0, device=known.device)
        inside = steps >= -known[:, None]
        places = (offsets[1:, None] + steps).clamp(min=0)
        yield first, *known_series(panel.values[places], panel.observed[places] & inside[..., None])


def _limit_of_many(probability: Float[np.ndarray, " judged"]) -> float:
    """Return the probability below which as many series lie as have a season at the least.

    Of those that have none half lie above 0.5, give or take: two standard deviations more are reckoned with.
    """
    above = (probability > 0.5).sum()
    seasonal = int(len(probability) - 2 * (above + 2 * above**0.5 + 1))
    return min(_WEAKEST, float(np.sort(probability)[seasonal - 1])) if seasonal > 0 else 0.0
