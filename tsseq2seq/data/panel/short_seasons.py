"""Whether a proposed period is there, judged from as few as two periods."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn import functional

from tsseq2seq.data.panel.panel_sample import PanelSample

__all__ = ["repeats_in_few_periods"]

# Calibrated on white noise, random walks and autoregressions of two to six periods of 7, 24 and 52 steps, of
# which at most one in twenty passes (tests/data/panel/test_short_seasons.py).
_DIFFERENCES_ERRORS = 2.3
_WEAKEST = 0.2
_LEVELS = 0.65
_LEVELS_ERRORS = 2.2
_SEASONAL_ERRORS = 2.6
_ABOVE_HALF = 0.8
# What other lags near the period may have more, by accident.
_NEAR = 0.1
# So many series count as independent ones: most panels have much in common.
_INDEPENDENT = 10
# Pairs of steps a period apart that make a correlation.
_LEAST_PAIRS = 6


def repeats_in_few_periods(sample: PanelSample, period: int, shorter: tuple[int, ...] = ()) -> bool:
    """Tell whether series repeat themselves after a period, of which there are two or more.

    Steps that lie a period apart are correlated, in each series by itself, and the correlations averaged.
    Either first differences, which know nothing of trends, are alike: by 2.3 standard errors
    (Bartlett 1946). Or the series themselves are, once a line is taken away: by 0.65, and by 0.8 more than
    steps half a period apart, or by 2.6 standard errors of noise like what is left when the season
    before is taken away. A random walk is alike at all short lags, seldom at a period and not at half of it.

    Parameters
    ----------
    sample
        The series.
    period
        What is asked about, in steps.
    shorter
        Periods found already. Where the period is no multiple of one, as 365 of 7, the mean over
        the shorter one is looked at.

    Returns
    -------
    bool
        False too where there are fewer than two periods.
    """
    if not 2 <= period <= sample.typical_length // 2 or sample.typical_length - period < _LEAST_PAIRS:
        return False
    within = [length for length in shorter if period % length]
    for target in range(sample.values.shape[2]):
        y, observed = _smoothed(sample.values[:, :, target], sample.observed[:, :, target], within)
        if _repeats(y, observed, period, within):
            return True
    return False


def _repeats(y: Tensor, observed: Tensor, period: int, within: list[int]) -> bool:
    if not within and _changes_repeat(y, observed, period):
        return True
    left = _without_line(y, observed)
    alike, pairs, count = _correlation(left, observed, period)
    if pairs < _LEAST_PAIRS:
        return False
    half = _correlation(left, observed, period // 2)[0]
    fewer = min(count, _INDEPENDENT) ** 0.5
    clear = alike >= max(_WEAKEST, _LEVELS / fewer, _LEVELS_ERRORS / pairs**0.5)
    if not (clear and alike - half >= _ABOVE_HALF / fewer):
        # what is left of a season when that of the period before is taken away shows how noise is alike
        changes, known = left[:, period:] - left[:, :-period], observed[:, period:] & observed[:, :-period]
        # of long periods not every lag is looked at
        error = _error(changes, known, range(1, period // 2, max(1, period // 50)), pairs)
        if alike < max(_WEAKEST, _SEASONAL_ERRORS * error) or alike - half < _SEASONAL_ERRORS * error:
            return False
    near = {round(period * share) for share in (0.75, 0.8, 0.85, 0.9, 0.95, 1.05, 1.1, 1.15, 1.2, 1.25)}
    others = [lag for lag in near if lag > 1 and lag + _LEAST_PAIRS <= y.shape[1]]
    return all(alike >= _correlation(left, observed, lag)[0] - _NEAR for lag in others)


def _changes_repeat(y: Tensor, observed: Tensor, period: int) -> bool:
    changes, known = y[:, 1:] - y[:, :-1], observed[:, 1:] & observed[:, :-1]
    alike, pairs, _ = _correlation(changes, known, period)
    # changes of noise are themselves alike from one to the next, which widens the error
    return alike >= max(_WEAKEST, _DIFFERENCES_ERRORS * _error(changes, known, range(1, 3), pairs))


def _error(y: Tensor, observed: Tensor, lags: range, pairs: int) -> float:
    """Return the standard error of a correlation of so many pairs (Bartlett 1946)."""
    alike = lags.step * sum(_correlation(y, observed, lag)[0] ** 2 for lag in lags)
    return float(((1 + 2 * alike) / max(1, pairs)) ** 0.5)


def _smoothed(
    y: Float[Tensor, "series T"], observed: Bool[Tensor, "series T"], periods: list[int]
) -> tuple[Float[Tensor, "series U"], Bool[Tensor, "series U"]]:
    """Return means over each of some periods, where at least half of it is known."""
    for period in periods:
        kernel = y.new_full((1, 1, period), 1 / period)
        filled = torch.stack([y.masked_fill(~observed, 0.0), observed.to(y.dtype)])[:, :, None]
        level, share = functional.conv1d(filled.flatten(0, 1), kernel).unflatten(0, (2, -1))[:, :, 0]
        y, observed = level / share.clamp(min=0.5), share >= 0.5
    return y, observed


def _without_line(
    y: Float[Tensor, "series T"], observed: Bool[Tensor, "series T"]
) -> Float[Tensor, "series T"]:
    """Take away the line through what is known of each series."""
    weights = observed.to(y.dtype)
    count = weights.sum(1, keepdim=True).clamp(min=1)
    steps = torch.arange(y.shape[1], dtype=y.dtype, device=y.device)
    time = (steps - (weights * steps).sum(1, keepdim=True) / count) * weights
    level = (y * weights).sum(1, keepdim=True) / count
    slope = (time * y).sum(1, keepdim=True) / time.square().sum(1, keepdim=True).clamp(min=1)
    left = (y - level - slope * time) * weights
    # of a line only rounding is left
    size = (y.abs() * weights).amax(1, keepdim=True)
    return left.masked_fill(left.abs() <= 1e-5 * size, 0.0)


def _correlation(
    y: Float[Tensor, "series T"], observed: Bool[Tensor, "series T"], lag: int
) -> tuple[float, int, int]:
    """Return the mean correlation of steps a lag apart, of how many pairs and series."""
    if lag < 1 or lag >= y.shape[1]:
        return 0.0, 0, 0
    both = (observed[:, lag:] & observed[:, :-lag]).to(y.dtype)
    pairs = both.sum(1, keepdim=True)
    early, late = (
        (part - (part * both).sum(1, keepdim=True) / pairs.clamp(min=1)) * both
        for part in (y[:, :-lag], y[:, lag:])
    )
    size = (early.square().sum(1) * late.square().sum(1)).sqrt()
    usable = (size > 0) & (pairs[:, 0] >= _LEAST_PAIRS)
    if not bool(usable.any()):
        return 0.0, 0, 0
    each = (early * late).sum(1)[usable] / size[usable]
    return float(each.mean()), int(pairs[usable].sum()), int(np.asarray(usable.cpu()).sum())
