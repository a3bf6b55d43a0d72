"""Seasonal adjustment as in the M4 competition: the seasonality test and the classical decomposition."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["SeasonalAdjustment", "adjust", "is_seasonal", "seasonal_indices"]

# The normal quantile that M4 takes for its test at 90 %.
_CRITICAL = 1.645


@dataclass(frozen=True)
class SeasonalAdjustment:
    """A seasonally adjusted series with its seasonal indices.

    Attributes
    ----------
    values
        (T,), the adjusted series.
    indices
        (season,), one for each phase from the start of the series. None: the series is not seasonal.
    multiplicative
        Whether the indices are multiplicative; otherwise they are additive.
    """

    values: np.ndarray
    indices: np.ndarray | None
    multiplicative: bool

    def restore(self, bounds: np.ndarray) -> np.ndarray:
        """Restore the season in forecasts, (horizon, columns), of the steps after the end."""
        if self.indices is None:
            return bounds
        phases = (len(self.values) + np.arange(len(bounds))) % len(self.indices)
        ahead = self.indices[phases][:, None]
        return bounds * ahead if self.multiplicative else bounds + ahead


def adjust(values: np.ndarray, season: int) -> SeasonalAdjustment:
    """Return a complete series, seasonally adjusted if it is seasonal.

    The decomposition is multiplicative if all values and all indices are positive, as in M4, otherwise
    additive.
    """
    if not is_seasonal(values, season):
        return SeasonalAdjustment(values, None, False)
    phases = np.arange(len(values)) % season
    if values.min() > 0:
        factors = seasonal_indices(values, season, multiplicative=True)
        if factors.min() > 0:
            return SeasonalAdjustment(values / factors[phases], factors, True)
    terms = seasonal_indices(values, season, multiplicative=False)
    return SeasonalAdjustment(values - terms[phases], terms, False)


def is_seasonal(values: np.ndarray, season: int) -> bool:
    """Return whether the autocorrelation at the seasonal lag is significant at 90 %.

    The limit is Bartlett's: 1.645 · √((1 + 2 · the squared autocorrelations at shorter lags) / T).

    Parameters
    ----------
    values
        (T,), complete. A constant series, or one of less than three seasons, is not seasonal.
    season
        Seasonal period, in time steps.

    References
    ----------
    Makridakis, Spiliotis and Assimakopoulos, "The M4 Competition", 2020, on Naive2.
    """
    if season < 2 or len(values) < 3 * season:
        return False
    centred = values - values.mean()
    total = centred @ centred
    # the variation is within the rounding of floats
    if total <= len(values) * (1e-12 * np.abs(values).max()) ** 2:
        return False
    correlations = np.array([centred[lag:] @ centred[:-lag] for lag in range(1, season + 1)]) / total
    limit = _CRITICAL * np.sqrt((1 + 2 * np.sum(correlations[:-1] ** 2)) / len(values))
    return bool(abs(correlations[-1]) > limit)


def seasonal_indices(values: np.ndarray, season: int, *, multiplicative: bool) -> np.ndarray:
    """Return the seasonal indices of the classical decomposition.

    Multiplicative indices are ratios to a centred moving average over one season, averaged by phase and
    normalised to a mean of 1. Additive indices are differences from it, normalised to a mean of 0.

    Parameters
    ----------
    values
        (T,), complete, of at least two seasons.
    season
        Seasonal period, in time steps.
    multiplicative
        Whether the indices are multiplicative.

    Returns
    -------
    ndarray
        (season,), one for each phase from the start of the series.
    """
    weights = np.ones(season) if season % 2 else np.concatenate([[0.5], np.ones(season - 1), [0.5]])
    trend = np.convolve(values, weights / season, mode="valid")
    inner = slice(season // 2, season // 2 + len(trend))
    detrended = values[inner] / trend if multiplicative else values[inner] - trend
    phases = np.arange(len(values))[inner] % season
    sums = np.bincount(phases, detrended, minlength=season)
    indices = sums / np.bincount(phases, minlength=season)
    return indices / indices.mean() if multiplicative else indices - indices.mean()
