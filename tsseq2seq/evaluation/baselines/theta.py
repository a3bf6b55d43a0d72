"""The theta method."""

from __future__ import annotations

from typing import ClassVar, final

import numpy as np

from tsseq2seq.errors import DataError
from tsseq2seq.evaluation.baselines.base import Baseline
from tsseq2seq.evaluation.baselines.intervals import normal_bounds, root_mean_square
from tsseq2seq.evaluation.baselines.seasonal_adjustment import adjust

__all__ = ["Theta", "one_step_errors"]

_FEWEST = 4


@final
class Theta(Baseline):
    """Forecast by the theta method: exponential smoothing with half the slope of the linear trend.

    statsmodels' ``ThetaModel`` on the seasonally adjusted series (with the test and the decomposition of
    :class:`Naive2`, as in the M4 competition). The intervals are those of the
    equivalent ARIMA(0,1,1) with drift, whose variance after h steps is σ²·(1 + (h − 1)·α²). The
    parameters are those of :class:`Baseline`.

    References
    ----------
    Assimakopoulos and Nikolopoulos, "The theta model", 2000; Hyndman and Billah, "Unmasking the
    theta method", 2003.

    Examples
    --------
    >>> from tsseq2seq import datasets
    >>> Theta(horizon=12).fit(datasets.load("air_passengers")).predict().columns.tolist()
    ['unique_id', 'ds', 'Theta']
    """

    package: ClassVar[str | None] = "statsmodels"

    @staticmethod
    def forecast_series(
        values: np.ndarray, horizon: int, season: int, levels: tuple[float, ...]
    ) -> np.ndarray:
        """Forecast one series.

        Raises
        ------
        DataError
            If it is constant or has fewer than four values.
        """
        from statsmodels.tsa.forecasting.theta import ThetaModel

        if len(values) < _FEWEST or (values == values[0]).all():
            raise DataError(f"it has {len(values)} values" if len(values) < _FEWEST else "it is constant")
        adjusted = adjust(values, season)
        # scaled, since the optimiser's steps are absolute
        unit = np.abs(adjusted.values).mean()
        fitted = ThetaModel(adjusted.values / unit, deseasonalize=False).fit()
        slope, smoothing = (float(number) for number in fitted.params)
        # statsmodels' own intervals have (α − 1)² in place of α², and estimate σ by a slow second model
        errors = one_step_errors(adjusted.values / unit, slope / 2, smoothing)
        deviation = root_mean_square(errors) * np.sqrt(1 + np.arange(horizon) * smoothing**2)
        point = fitted.forecast(horizon, theta=2).to_numpy()
        return adjusted.restore(unit * normal_bounds(point, deviation, levels))


def one_step_errors(values: np.ndarray, drift: float, smoothing: float) -> np.ndarray:
    """Return the errors e of x(t) = x(t − 1) + drift + e(t) − (1 − α)·e(t − 1), (T − 1,)."""
    from scipy.signal import lfilter

    return np.asarray(lfilter([1.0], [1.0, smoothing - 1], np.diff(values) - drift))
