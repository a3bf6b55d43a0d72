"""SARIMAX: seasonal ARIMA with orders chosen for each series."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, final

import numpy as np

from tsseq2seq.errors import DataError
from tsseq2seq.evaluation.baselines.base import Baseline
from tsseq2seq.evaluation.baselines.intervals import normal_bounds, root_mean_square
from tsseq2seq.evaluation.baselines.missing import fill_missing
from tsseq2seq.evaluation.baselines.seasonal_adjustment import is_seasonal

__all__ = ["SARIMAX", "SarimaxForm", "fit_sarimax"]

_FEWEST = 10
# The time of estimation is proportional to the length; older values change the coefficients little.
_MOST_STEPS = 2000
# A seasonal difference needs a state for each step of the season; for longer seasons Fourier terms are
# cheaper.
_LONGEST_DIFFERENCE = 24
_HARMONICS = 4
_ORDERS = ((0, 0), (1, 0), (0, 1), (1, 1), (2, 0), (0, 2), (2, 1))
_MOST_ITERATIONS = 50


@dataclass(frozen=True)
class SarimaxForm:
    """The orders of a model.

    Attributes
    ----------
    order, seasonal_order
        As statsmodels takes them: (p, d, q) and (P, D, Q, season).
    trend
        ``"c"`` with a constant (a drift, after a difference), ``"n"`` without.
    season, harmonics
        Seasonal period and harmonics of the Fourier terms; without harmonics there are none.
    """

    order: tuple[int, int, int]
    seasonal_order: tuple[int, int, int, int]
    trend: str
    season: int = 1
    harmonics: tuple[int, ...] = ()

    def terms(self, begin: int, end: int) -> np.ndarray | None:
        """Return the Fourier terms of the steps from ``begin`` to before ``end``, (steps, 2 · harmonics)."""
        return _fourier(begin, end, self.season, self.harmonics) if self.harmonics else None


@final
class SARIMAX(Baseline):
    """Forecast by a seasonal ARIMA model; AICc chooses the orders for each series.

    statsmodels' ``SARIMAX``, with a short search, so that hourly series take seconds. If the series is
    seasonal by the test of :class:`Naive2`, a season of up to 24 steps is differenced, and a longer one is
    modelled by the four strongest pairs of Fourier terms. The KPSS test at 5 % decides on a first difference.
    AICc then chooses (p, q) from seven pairs up to 2, whether there is a drift after one difference, and
    whether there is a seasonal moving average after a seasonal difference. Only the last 2,000 steps are
    used. The Kalman filter skips missing values. The parameters are those of :class:`Baseline`.

    References
    ----------
    Hyndman and Khandakar, "Automatic time series forecasting", 2008.

    Examples
    --------
    >>> from tsseq2seq import datasets
    >>> df = datasets.load("air_passengers")
    >>> SARIMAX(horizon=3, season_length=1).fit(df).predict().columns.tolist()
    ['unique_id', 'ds', 'SARIMAX']
    """

    package: ClassVar[str | None] = "statsmodels"
    needs_complete: ClassVar[bool] = False

    @staticmethod
    def forecast_series(
        values: np.ndarray, horizon: int, season: int, levels: tuple[float, ...]
    ) -> np.ndarray:
        """Forecast one series.

        Raises
        ------
        DataError
            If it has fewer than ten observed values, or does not vary after differencing.
        """
        values = values[-_MOST_STEPS:]
        # scaled, since the optimiser's steps are absolute and it stops early where changes are small
        origin = np.nanmean(values)
        unit = root_mean_square(values[season:] - values[:-season])
        unit = unit if unit > 0 else 1.0
        form, fitted = fit_sarimax((values - origin) / unit, season)
        prediction = fitted.get_forecast(horizon, exog=form.terms(len(values), len(values) + horizon))
        deviation = np.sqrt(prediction.var_pred_mean)
        return normal_bounds(origin + unit * prediction.predicted_mean, unit * deviation, levels)


def fit_sarimax(values: np.ndarray, season: int) -> tuple[SarimaxForm, Any]:
    """Choose the orders of one series and fit the model.

    Parameters
    ----------
    values
        (T,), NaN where missing.
    season
        Seasonal period, in time steps.

    Returns
    -------
    tuple
        The orders, and statsmodels' results, from which to forecast.

    Raises
    ------
    DataError
        If the series has fewer than ten observed values, or does not vary after differencing.
    """
    observed = int((~np.isnan(values)).sum())
    if observed < _FEWEST:
        raise DataError(f"it has {observed} observed values, fewer than {_FEWEST}")
    first = _first_form(values, season)
    differences = first.order[1] + first.seasonal_order[1]
    best = _best(values, [replace(first, order=(p, first.order[1], q)) for p, q in _ORDERS])
    if differences == 1:
        best = _best(values, [replace(best[0], trend="n")], best)
    if first.seasonal_order[1]:
        best = _best(values, [replace(best[0], seasonal_order=(0, 1, 1, season))], best)
    form, estimated = best
    # estimated on the differences, which is quick; forecasts come from the model of the values
    model = _model(values, form, differenced=False)
    return form, model.filter(estimated.params, cov_type="none")


def _first_form(values: np.ndarray, season: int) -> SarimaxForm:
    """Return the form with its differences and Fourier terms, the other orders being 0."""
    from statsmodels.tsa.stattools import kpss

    filled = fill_missing(values, season)
    seasonal = (0, 0, 0, 0)
    harmonics: tuple[int, ...] = ()
    rest = filled
    if is_seasonal(filled, season):
        if season <= _LONGEST_DIFFERENCE:
            seasonal = (0, 1, 0, season)
            rest = filled[season:] - filled[:-season]
        else:
            harmonics = _strongest(filled, season)
            terms = _fourier(0, len(values), season, harmonics)
            rest = filled - terms @ np.linalg.lstsq(terms, filled - filled.mean(), rcond=None)[0]
    if np.ptp(rest) <= 1e-9 * np.abs(filled).max():
        raise DataError("it is constant" if rest is filled else "it repeats itself exactly")
    # lags as Hyndman and Khandakar count them; statsmodels' own choice misses many random walks
    lags = int(3 * np.sqrt(len(rest)) / 13)
    difference = int(kpss(rest, regression="c", nlags=lags)[1] < 0.05)
    trend = "c" if difference + seasonal[1] <= 1 else "n"
    return SarimaxForm((0, difference, 0), seasonal, trend, season, harmonics)


def _best(
    values: np.ndarray, forms: list[SarimaxForm], best: tuple[SarimaxForm, Any] | None = None
) -> tuple[SarimaxForm, Any]:
    """Return the form with the smallest AICc, and its fit to the differences."""
    failure: Exception | None = None
    for form in forms:
        try:
            fitted = _model(values, form, differenced=True).fit(
                disp=False, cov_type="none", maxiter=_MOST_ITERATIONS
            )
        except ValueError as error:  # a decomposition has failed; try the other orders
            failure = error
            continue
        if np.isfinite(fitted.aicc) and (best is None or fitted.aicc < best[1].aicc):
            best = form, fitted
    if best is None:
        raise DataError(f"no order could be estimated ({failure})") from failure
    return best


def _model(values: np.ndarray, form: SarimaxForm, *, differenced: bool) -> Any:  # noqa: ANN401 (statsmodels)
    from statsmodels.tsa.statespace.sarimax import SARIMAX as Model

    return Model(
        values,
        exog=form.terms(0, len(values)),
        order=form.order,
        seasonal_order=form.seasonal_order,
        trend=form.trend,
        simple_differencing=differenced,
        concentrate_scale=True,
    )


def _fourier(begin: int, end: int, season: int, harmonics: tuple[int, ...]) -> np.ndarray:
    angles = 2 * np.pi * np.outer(np.arange(begin, end) % season, harmonics) / season
    return np.hstack([np.sin(angles), np.cos(angles)])


def _strongest(values: np.ndarray, season: int) -> tuple[int, ...]:
    """Return the harmonics of the season with the most power, in ascending order."""
    whole = len(values) // season
    last = values[-whole * season :]
    steps = np.arange(len(last))
    power = np.abs(np.fft.rfft(last - np.polyval(np.polyfit(steps, last, 1), steps))) ** 2
    harmonics = np.arange(1, (season + 1) // 2)
    chosen = harmonics[np.argsort(power[harmonics * whole])[::-1][:_HARMONICS]]
    return tuple(sorted(int(harmonic) for harmonic in chosen))
