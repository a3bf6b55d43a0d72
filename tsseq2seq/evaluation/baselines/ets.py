"""ETS: exponential smoothing in state space form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np
import pandas as pd

from tsseq2seq.errors import DataError
from tsseq2seq.evaluation.baselines.base import Baseline
from tsseq2seq.evaluation.baselines.intervals import normal_bounds

__all__ = ["ETS", "EtsForm", "fit_ets"]

# statsmodels' heuristic start values need so many observations, and more with a season.
_FEWEST = 10
# Start values are estimated for seasons up to this length; longer seasons have too many.
_LONGEST_ESTIMATED = 12
_SIMULATED_PATHS = 1000


@dataclass(frozen=True)
class EtsForm:
    """A form of the model, in the taxonomy of Hyndman et al.: error, trend, damping, season.

    Values are statsmodels': ``"add"``, ``"mul"``, or None for a component that is left out.
    """

    error: str
    trend: str | None
    damped: bool
    seasonal: str | None


_PLAIN = tuple(
    EtsForm("add", trend, damped, None) for trend, damped in ((None, False), ("add", False), ("add", True))
)
_ADDITIVE = tuple(EtsForm("add", form.trend, form.damped, "add") for form in _PLAIN)
_MULTIPLICATIVE = tuple(EtsForm("mul", form.trend, form.damped, "mul") for form in _PLAIN)


@final
class ETS(Baseline):
    """Forecast by exponential smoothing; AICc chooses the form for each series.

    statsmodels' ``ETSModel`` in nine forms: no trend, a linear trend or a damped trend; each without a
    season, with an additive season, and (if all values are positive) with a multiplicative season and error.
    The forms are compared with heuristic start values. If the season has up to 12 steps, the start values of
    the chosen form are then estimated. Intervals are exact for additive forms; for the others they come from
    1,000 simulated paths. The parameters are those of :class:`Baseline`.

    References
    ----------
    Hyndman, Koehler, Ord and Snyder, "Forecasting with exponential smoothing", 2008.

    Examples
    --------
    >>> from tsseq2seq import datasets
    >>> forecast = ETS(horizon=12).fit(datasets.load("air_passengers")).predict(levels=[80])
    >>> forecast.columns.tolist()
    ['unique_id', 'ds', 'ETS', 'ETS-lo-80', 'ETS-hi-80']
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
            If it is constant or has fewer than ten values.
        """
        # scaled, since the optimiser's steps are absolute; AICc compares the same at any scale
        unit = np.abs(values).mean() or 1.0
        form, fitted = fit_ets(values / unit, season)
        point = fitted.forecast(horizon).to_numpy()
        if levels and form.error == "mul":
            return unit * _simulated_bounds(fitted, point, levels)
        deviation = np.zeros(horizon)
        if levels:
            prediction = fitted.get_prediction(len(values), len(values) + horizon - 1)
            deviation = np.sqrt(np.asarray(prediction.forecast_variance))
        return unit * normal_bounds(point, deviation, levels)


def fit_ets(values: np.ndarray, season: int) -> tuple[EtsForm, Any]:
    """Choose the form of one series by AICc and fit it.

    Parameters
    ----------
    values
        (T,), complete.
    season
        Seasonal period, in time steps.

    Returns
    -------
    tuple
        The form, and statsmodels' results.

    Raises
    ------
    DataError
        If the series is constant or has fewer than ten values.
    """
    if len(values) < _FEWEST:
        raise DataError(f"it has {len(values)} values, fewer than {_FEWEST}")
    if (values == values[0]).all():
        raise DataError("it is constant")
    fits = [(form, _fit(values, season, form, "heuristic")) for form in _forms(values, season)]
    form, best = min(fits, key=lambda fit: fit[1].aicc if np.isfinite(fit[1].aicc) else np.inf)
    if season <= _LONGEST_ESTIMATED:
        estimated = _fit(values, season, form, "estimated")
        if estimated.llf >= best.llf:
            best = estimated
    return form, best


def _forms(values: np.ndarray, season: int) -> Sequence[EtsForm]:
    if season < 2 or len(values) < max(2 * season, _FEWEST + season // 2 * 2):
        return _PLAIN
    return (*_PLAIN, *_ADDITIVE, *(_MULTIPLICATIVE if values.min() > 0 else ()))


def _fit(values: np.ndarray, season: int, form: EtsForm, start: str) -> Any:  # noqa: ANN401 (statsmodels)
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    model = ETSModel(
        pd.Series(values),  # given an array, statsmodels forecasts no variance
        error=form.error,
        trend=form.trend,
        damped_trend=form.damped,
        seasonal=form.seasonal,
        seasonal_periods=season if form.seasonal else None,
        initialization_method=start,
    )
    return model.fit(disp=False)


def _simulated_bounds(fitted: Any, point: np.ndarray, levels: tuple[float, ...]) -> np.ndarray:  # noqa: ANN401
    shape = (len(point), _SIMULATED_PATHS)
    errors = np.random.default_rng(0).normal(scale=np.sqrt(fitted.mse), size=shape)
    paths = fitted.simulate(len(point), anchor="end", repetitions=_SIMULATED_PATHS, random_errors=errors)
    quantiles = [(1 + side * level / 100) / 2 for level in levels for side in (-1, 1)]
    return np.column_stack([point, *np.quantile(paths, quantiles, axis=1)])
