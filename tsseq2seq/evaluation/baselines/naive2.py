"""Naive2: the naive forecast of the seasonally adjusted series, the benchmark of the M4 competition."""

from __future__ import annotations

from typing import final

import numpy as np

from tsseq2seq.evaluation.baselines.base import Baseline
from tsseq2seq.evaluation.baselines.naive import naive_forecast
from tsseq2seq.evaluation.baselines.seasonal_adjustment import adjust

__all__ = ["Naive2"]


@final
class Naive2(Baseline):
    """Forecast the last seasonally adjusted value, with the season restored.

    A series is adjusted if the autocorrelation at the seasonal lag is significant at 90 %: by the classical
    multiplicative decomposition if all values are positive, by the additive one otherwise. A series of less
    than three seasons counts as not seasonal. The parameters are those of :class:`Baseline`.

    References
    ----------
    Makridakis, Spiliotis and Assimakopoulos, "The M4 Competition: 100,000 time series and 61
    forecasting methods", 2020.

    Examples
    --------
    >>> from tsseq2seq import datasets
    >>> forecast = Naive2(horizon=12).fit(datasets.load("air_passengers")).predict()
    >>> forecast["Naive2"].round(1).tolist()[:3]
    [437.5, 424.7, 484.2]
    """

    @staticmethod
    def forecast_series(
        values: np.ndarray, horizon: int, season: int, levels: tuple[float, ...]
    ) -> np.ndarray:
        """Forecast one series."""
        adjusted = adjust(values, season)
        return adjusted.restore(naive_forecast(adjusted.values, horizon, 1, levels))
