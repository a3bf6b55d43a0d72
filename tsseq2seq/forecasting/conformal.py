"""Split-conformal calibration: intervals whose coverage does not depend on the model being right."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from tsseq2seq.errors import DataError, ParameterError
from tsseq2seq.settings import check_levels, check_number

__all__ = ["Conformal", "fit_conformal", "windows_needed"]


@dataclass(frozen=True, eq=False)
class Conformal:
    r"""Scores of past forecasts, from which intervals of new forecasts are computed.

    Split conformal prediction takes forecasts of windows that the model was not trained on, and scores them
    by their errors. A new forecast gets the interval that contains the middle share of these errors. Here an
    error is divided by the forecaster's own spread, one below and one above its centre,

    .. math::
        r = (y - c) / s_{\text{above}} \text{ if } y \ge c,
        \text{ else } (y - c) / s_{\text{below}},

    so that intervals are wide where the model's spread is wide. As r increases with y, an interval of r is an
    interval of y. With n windows and level 100 (1 − α), its ends are the ⌊(n + 1) α/2⌋-th and the
    ⌈(n + 1)(1 − α/2)⌉-th smallest scores.

    Attributes
    ----------
    scores
        (n, H, Y), float64, sorted along the first axis: signed scores of n windows at each of H steps
        of Y targets. NaN where the true value was missing, sorted last, so that the number of scores may
        differ between steps.

    Notes
    -----
    If the windows of calibration and the new one are exchangeable (any order of them is equally
    likely), the interval covers with a probability of at least 1 − α, and if no two scores are equal
    also of at most 1 − α + 2/(n + 1). This holds for every model and every distribution, for each step and
    target by itself. It does not hold for all steps of a window at once, and it holds on average over new
    windows, not for each series or season. Given one calibration set, the coverage is a
    Beta(n + 1 − 2k, 2k) variable, k = ⌊(n + 1) α/2⌋.

    Time series are seldom exchangeable. Windows of many similar series, or windows of a stationary series
    that lie far apart, are nearly so. The guarantee is lost if the model was trained on the calibration
    windows, if the process drifts or breaks between them and the forecast, or if they are all of one season
    and the forecast is of another. Overlapping windows of one series are not independent: they are worth
    fewer than their number, and coverage varies more than by the Beta law. The guarantee is also lost if
    whether a value is missing depends on the value.

    References
    ----------
    V. Vovk, A. Gammerman, G. Shafer, "Algorithmic Learning in a Random World", Springer, 2005.
    J. Lei, M. G'Sell, A. Rinaldo, R. Tibshirani, L. Wasserman, "Distribution-free predictive inference
    for regression", JASA 113, 2018; section 5.2: residuals divided by a spread.
    Y. Romano, E. Patterson, E. Candès, "Conformalized quantile regression", NeurIPS 2019: the two tails
    are treated separately.

    Examples
    --------
    >>> errors = np.arange(-9.0, 10.0).reshape(19, 1, 1)
    >>> ones = np.ones_like(errors)
    >>> conformal = fit_conformal(50 + errors, 50 * ones, ones, ones)
    >>> lower, upper = conformal.interval(100 * ones[:1], ones[:1], 2 * ones[:1], level=90)
    >>> round(lower.item(), 6), round(upper.item(), 6)
    (91.0, 118.0)
    """

    scores: np.ndarray

    def __post_init__(self) -> None:
        """Check the shape, and that the scores are sorted."""
        if self.scores.ndim != 3:
            raise ParameterError(
                f"Conformal: scores has the shape {self.scores.shape}; it must be (windows, steps, targets)"
            )
        # a comparison with NaN is False, so a number after a NaN needs its own check
        missing = np.isnan(self.scores)
        if (self.scores[1:] < self.scores[:-1]).any() or (missing[:-1] & ~missing[1:]).any():
            raise ParameterError("Conformal: scores must be sorted along the first axis, NaN last")

    @property
    def counts(self) -> np.ndarray:
        """(H, Y), the number of scores at each step of each target."""
        return (~np.isnan(self.scores)).sum(0)

    @property
    def highest_level(self) -> int:
        """The highest level, in whole percent, for which every step has enough scores; 0 if there is none."""
        fewest = int(self.counts.min())
        return math.floor(100 * (1 - Fraction(2, fewest + 1))) if fewest else 0

    def interval(
        self, centre: np.ndarray, lower_spread: np.ndarray, upper_spread: np.ndarray, level: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the interval around each forecast.

        Parameters
        ----------
        centre
            (m, H', Y), forecasts, of at most as many steps as the calibration has.
        lower_spread, upper_spread
            (m, H', Y), their spreads as for :func:`fit_conformal`.
        level
            Coverage in percent, above 0 and below 100.

        Returns
        -------
        lower, upper
            (m, H', Y) each, float64. The lower end is never above the upper one, and the interval of a
            higher level contains that of a lower one. Where a spread is 0, the end on its side is the centre,
            or infinite if its score is infinite, because many windows with a spread of 0 had an error in
            calibration. Ends are rounded outwards, so that a value with the score of an end is inside.

        Raises
        ------
        ParameterError
            If the level lies outside its range.
        DataError
            If the calibration has too few windows for the level, fewer steps than the forecasts or another
            number of targets; if a forecast is not finite or a spread is negative.
        """
        forecasts = {"centre": centre, "lower_spread": lower_spread, "upper_spread": upper_spread}
        _check_shapes(forecasts)
        _check_forecasts(forecasts)
        steps, targets = self.scores.shape[1:]
        if centre.shape[1] > steps:
            raise DataError(
                f"the forecast has {centre.shape[1]} steps, but the calibration only {steps}; calibrate "
                "with the longer horizon"
            )
        if centre.shape[2] != targets:
            raise DataError(f"the forecast has {centre.shape[2]} targets, but the calibration {targets}")
        low, high = self._ends(level, centre.shape[1])
        below = np.where(low < 0, lower_spread, upper_spread).astype(np.float64)
        above = np.where(high < 0, lower_spread, upper_spread).astype(np.float64)
        centre = centre.astype(np.float64)
        return -_upper_end(-centre, below, -low), _upper_end(centre, above, high)

    def _ends(self, level: float, steps: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the scores (H', Y) at both ends of the interval."""
        share = _tail(level)
        counts = self.counts[:steps]
        ranks = [math.floor((int(count) + 1) * share) for count in counts.flat]
        rank = np.array(ranks, dtype=np.int64).reshape(counts.shape)
        if (rank == 0).any():
            step, target = (int(index) for index in np.argwhere(rank == 0)[0])
            raise DataError(
                f"level {level:g} needs at least {windows_needed(level)} calibration windows; step "
                f"{step + 1} of target {target + 1} has {counts[step, target]} with a known truth. "
                "Calibrate on more windows, or lower the level"
            )
        scores = self.scores[:, :steps]
        low = np.take_along_axis(scores, rank[None] - 1, axis=0)[0]
        high = np.take_along_axis(scores, (counts - rank)[None], axis=0)[0]
        return low, high


def fit_conformal(
    truth: np.ndarray, centre: np.ndarray, lower_spread: np.ndarray, upper_spread: np.ndarray
) -> Conformal:
    """Score the forecasts of calibration windows, as :class:`Conformal` describes.

    Parameters
    ----------
    truth
        (n, H, Y), true values; NaN where missing.
    centre
        (n, H, Y), point forecasts of windows that the model was not trained on.
    lower_spread, upper_spread
        (n, H, Y), at least 0: the expected size of errors below and above the centre, on the same scale as in
        :meth:`Conformal.interval`; for example the distances to two quantiles, or 1 everywhere for intervals
        of equal width. Where a spread is 0, the score is 0 if the truth equals the centre, and infinite
        otherwise.

    Returns
    -------
    Conformal
        The scores, sorted.

    Raises
    ------
    ParameterError
        If the shapes differ or are not three-dimensional.
    DataError
        If there is no window, or a true value is infinite; if, where the true value is not missing, a
        forecast is not finite or a spread is negative.

    Examples
    --------
    >>> truth = np.array([[[5.0]], [[1.0]], [[np.nan]]])
    >>> centre = np.full((3, 1, 1), 2.0)
    >>> fit_conformal(truth, centre, 0.5 * centre, centre).scores.ravel()
    array([-1. ,  1.5,  nan])
    """
    forecasts = {"centre": centre, "lower_spread": lower_spread, "upper_spread": upper_spread}
    _check_shapes({"truth": truth} | forecasts)
    if len(truth) == 0:
        raise DataError("truth has no windows; a calibration needs some")
    if np.isinf(truth).any():
        raise DataError(f"truth is infinite {_where(np.isinf(truth))}; it must be finite, or NaN if missing")
    observed = ~np.isnan(truth)
    _check_forecasts(forecasts, observed)
    error = truth.astype(np.float64) - centre
    # abs, because dividing by -0.0 would reverse the sign of an infinite score
    spread = np.abs(np.where(error >= 0, upper_spread, lower_spread).astype(np.float64))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        score = np.where(error == 0, 0.0, error / spread)
    return Conformal(np.sort(np.where(observed, score, np.nan), axis=0))


def windows_needed(level: float) -> int:
    """Return the smallest number of calibration windows with finite intervals of a level.

    Parameters
    ----------
    level
        Coverage in percent, above 0 and below 100.

    Raises
    ------
    ParameterError
        If the level lies outside its range.

    Examples
    --------
    >>> [windows_needed(level) for level in (80, 90, 95, 99)]
    [9, 19, 39, 199]
    """
    return math.ceil(1 / _tail(level)) - 1


def _tail(level: float) -> Fraction:
    """Return α/2, exactly: with rounding errors rank 1 of 9 windows at level 80 could become 0."""
    check_number("interval", "level", level, low=0, low_open=True, high=100)
    check_levels("interval", [level] if level < 1 else None)
    if level == 100:
        raise ParameterError(
            "interval: level is 100; only an interval without ends covers always. It must be below 100"
        )
    return (100 - Fraction(str(float(level)))) / 200


def _upper_end(centre: np.ndarray, spread: np.ndarray, score: np.ndarray) -> np.ndarray:
    """Return ``centre + score * spread``, rounded up; the centre where the product is inf · 0."""
    infinite = np.isinf(score)
    with np.errstate(over="ignore"):
        reach = np.where(infinite, 0.0, score) * spread
        # Difference, quotient and product have a rounding error of at most half an ulp each. The sum need not
        # be rounded up: rounding is monotone, so it cannot fall below a number that the exact sum reaches.
        up = reach
        for _ in range(3):
            up = np.nextafter(up, np.inf)
        end = centre + np.where(reach > 0, up, np.minimum(up, 0.0))
    # With a spread of 0 only the centre has a finite score. A score of -inf then means all values below the
    # centre, and the end is the centre.
    unbounded = infinite & ((score > 0) | (spread > 0))
    return np.where(unbounded, score, end)


def _check_shapes(arrays: dict[str, np.ndarray]) -> None:
    (first, wanted), *others = ((name, array.shape) for name, array in arrays.items())
    if len(wanted) != 3:
        raise ParameterError(f"{first} has the shape {wanted}; it must be (windows, steps, targets)")
    for name, shape in others:
        if shape != wanted:
            raise ParameterError(f"{name} has the shape {shape}, but {first} has {wanted}; they must agree")


def _check_forecasts(arrays: dict[str, np.ndarray], checked: np.ndarray | bool = True) -> None:
    for name, array in arrays.items():
        wrong = ~np.isfinite(array) & checked
        if wrong.any():
            raise DataError(f"{name} is not finite {_where(wrong)}")
        if name != "centre" and ((array < 0) & checked).any():
            raise DataError(f"{name} is negative {_where((array < 0) & checked)}; a spread is at least 0")


def _where(wrong: np.ndarray) -> str:
    window, step, target = np.argwhere(wrong)[0]
    return f"in window {window}, step {step + 1}, target {target + 1}"
