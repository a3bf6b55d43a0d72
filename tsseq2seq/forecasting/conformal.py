"""Split-conformal calibration: intervals whose coverage does not rest on a model being right."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from tsseq2seq.errors import DataError, ParameterError
from tsseq2seq.settings import check_number

__all__ = ["Conformal", "fit_conformal", "windows_needed"]


@dataclass(frozen=True, eq=False)
class Conformal:
    r"""Scores of past forecasts, by which the intervals of new ones are laid out.

    Split conformal prediction takes forecasts of windows that the model did not learn from, measures
    by how much each missed, and gives a new forecast the interval that holds the middle share of these
    misses. Here a miss is counted in spreads that the forecaster states itself, one below and one
    above its centre,

    .. math::
        r = (y - c) / s_{\text{above}} \text{ if } y \ge c,
        \text{ else } (y - c) / s_{\text{below}},

    so that intervals stay wide where the model is unsure. As r grows with y, an interval of r is one
    of y. With n windows and level 100 (1 − α), its ends are the ⌊(n + 1) α/2⌋-th and the
    ⌈(n + 1)(1 − α/2)⌉-th smallest scores.

    Attributes
    ----------
    scores
        (n, H, Y), float64, sorted along the first axis: signed scores of n windows at each of H steps
        of Y targets. NaN where the truth was missing, after all others, so that the number of scores
        may differ from step to step.

    Notes
    -----
    If the windows of calibration and the new one are exchangeable (any order of them is equally
    likely), the interval covers with a probability of at least 1 − α, and if no two scores are equal
    also of at most 1 − α + 2/(n + 1). This holds for every model, good or bad, and every distribution,
    for each step and target by itself; not for all steps of a window at once, and on average over new
    windows, not for each series or season. Given one calibration set, the coverage scatters around
    that as a Beta(n + 1 − 2k, 2k) variable, k = ⌊(n + 1) α/2⌋.

    Time series are seldom exchangeable. Windows of many series that are alike, or windows of a
    stationary series that lie far apart, come near it. The guarantee is lost if the model has seen the
    windows of calibration, if the process drifts or breaks between them and the forecast, or if they
    are all of one season and the forecast is of another. Overlapping windows of one series are not
    independent: they hold less than their number says, so coverage scatters more than by the Beta law.
    Nor does the guarantee hold if values are missing because of what they are.

    References
    ----------
    V. Vovk, A. Gammerman, G. Shafer, "Algorithmic Learning in a Random World", Springer, 2005.
    J. Lei, M. G'Sell, A. Rinaldo, R. Tibshirani, L. Wasserman, "Distribution-free predictive inference
    for regression", JASA 113, 2018; section 5.2 scales residuals by a spread.
    Y. Romano, E. Patterson, E. Candès, "Conformalized quantile regression", NeurIPS 2019, which treats
    the two tails apart.

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
        # a comparison with NaN is False, so only a number after a NaN needs a look of its own
        missing = np.isnan(self.scores)
        if (self.scores[1:] < self.scores[:-1]).any() or (missing[:-1] & ~missing[1:]).any():
            raise ParameterError("Conformal: scores must be sorted along the first axis, NaN last")

    @property
    def counts(self) -> np.ndarray:
        """(H, Y), the number of scores at each step of each target."""
        return (~np.isnan(self.scores)).sum(0)

    @property
    def highest_level(self) -> int:
        """The highest level, in whole percent, that the windows of every step suffice for; 0 for one."""
        fewest = int(self.counts.min())
        return math.floor(100 * (1 - Fraction(2, fewest + 1))) if fewest else 0

    def interval(
        self, centre: np.ndarray, lower_spread: np.ndarray, upper_spread: np.ndarray, level: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the interval around each forecast.

        Parameters
        ----------
        centre
            (m, H', Y), forecasts, at most as many steps ahead as the calibration has.
        lower_spread, upper_spread
            (m, H', Y), their spreads as for :func:`fit_conformal`.
        level
            Coverage in percent, above 0 and below 100.

        Returns
        -------
        lower, upper
            (m, H', Y) each, float64; the lower end is never above the upper one, and a higher level
            holds the interval of a lower one. Where a spread is 0, the end on its side is the centre,
            or infinite if the score there is, because in calibration so many windows with a spread of
            0 missed. Ends are rounded outwards, so that a truth whose score is that of the end is inside.

        Raises
        ------
        ParameterError
            If the level lies outside its range.
        DataError
            If the calibration has too few windows for the level, or fewer steps or other targets than
            the forecasts, or a forecast is not finite or a spread negative.
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
            step, target = (int(place) for place in np.argwhere(rank == 0)[0])
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
        (n, H, Y), what happened; NaN where it is not known.
    centre
        (n, H, Y), point forecasts of windows that the model was not trained on.
    lower_spread, upper_spread
        (n, H, Y), at least 0: how far the truth may lie below and above the centre, on any scale that
        is the same in :meth:`Conformal.interval`; for example the distances to two quantiles, or 1
        everywhere for intervals of the same width. Where a spread is 0, the score is 0 if the truth
        equals the centre, and infinite otherwise.

    Returns
    -------
    Conformal
        The scores, sorted.

    Raises
    ------
    ParameterError
        If the shapes differ or are not three-dimensional.
    DataError
        If there is no window, a truth is infinite, or with a known truth a forecast is not finite or
        a spread negative.

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
    known = ~np.isnan(truth)
    _check_forecasts(forecasts, known)
    error = truth.astype(np.float64) - centre
    # without the sign of -0.0, which would turn an infinite score round
    spread = np.abs(np.where(error >= 0, upper_spread, lower_spread).astype(np.float64))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        score = np.where(error == 0, 0.0, error / spread)
    return Conformal(np.sort(np.where(known, score, np.nan), axis=0))


def windows_needed(level: float) -> int:
    """Return the number of calibration windows from which on intervals of a level are finite.

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
    """Return α/2 without rounding: 10 windows at level 80 have one in each tail, not 0.999."""
    check_number("interval", "level", level, low=0, low_open=True, high=100)
    if level == 100:
        raise ParameterError(
            "interval: level is 100; only an interval without ends covers always. It must be below 100"
        )
    return (100 - Fraction(str(float(level)))) / 200


def _upper_end(centre: np.ndarray, spread: np.ndarray, score: np.ndarray) -> np.ndarray:
    """Return ``centre + score * spread``, rounded up; the centre where that is 0 · inf."""
    infinite = np.isinf(score)
    with np.errstate(over="ignore"):
        reach = np.where(infinite, 0.0, score) * spread
        # Difference, quotient and product round by at most half a step each. The sum need not be
        # rounded up: it cannot fall below a number that the exact one reaches.
        up = reach
        for _ in range(3):
            up = np.nextafter(up, np.inf)
        end = centre + np.where(reach > 0, up, np.minimum(up, 0.0))
    # A spread of 0 gives infinite scores to all but the centre. The end below such a centre would be open.
    unbounded = infinite & ((score > 0) | (spread > 0))
    return np.where(unbounded, score, end)


def _check_shapes(arrays: dict[str, np.ndarray]) -> None:
    (first, wanted), *others = ((name, array.shape) for name, array in arrays.items())
    if len(wanted) != 3:
        raise ParameterError(f"{first} has the shape {wanted}; it must be (windows, steps, targets)")
    for name, shape in others:
        if shape != wanted:
            raise ParameterError(f"{name} has the shape {shape}, but {first} has {wanted}; they must agree")


def _check_forecasts(arrays: dict[str, np.ndarray], known: np.ndarray | bool = True) -> None:
    for name, array in arrays.items():
        wrong = ~np.isfinite(array) & known
        if wrong.any():
            raise DataError(f"{name} is not finite {_where(wrong)}")
        if name != "centre" and ((array < 0) & known).any():
            raise DataError(f"{name} is negative {_where((array < 0) & known)}; a spread is at least 0")


def _where(wrong: np.ndarray) -> str:
    window, step, target = np.argwhere(wrong)[0]
    return f"in window {window}, step {step + 1}, target {target + 1}"
