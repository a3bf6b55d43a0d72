"""The seasonal naive method."""

from __future__ import annotations

from typing import ClassVar, final

import numpy as np

from tsseq2seq.evaluation.baselines.base import Baseline
from tsseq2seq.evaluation.baselines.naive import naive_forecast

__all__ = ["SeasonalNaive"]


@final
class SeasonalNaive(Baseline):
    """Forecast the last observed value of the same phase of the season.

    Without a season (``season_length=1``) that is the last value. Missing values are skipped, not filled.
    Intervals are normal, with the deviation of the changes from season to season. The parameters are those of
    :class:`Baseline`.

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"ds": range(6), "y": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]})
    >>> SeasonalNaive(horizon=2, season_length=3).fit(df).predict()
       ds  SeasonalNaive
    0   6            4.0
    1   7            5.0
    """

    needs_complete: ClassVar[bool] = False

    @staticmethod
    def forecast_series(
        values: np.ndarray, horizon: int, season: int, levels: tuple[float, ...]
    ) -> np.ndarray:
        """Forecast one series; see :func:`naive_forecast`."""
        return naive_forecast(values, horizon, season, levels)
