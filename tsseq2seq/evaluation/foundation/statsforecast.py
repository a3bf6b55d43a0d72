"""StatsForecastModel: any model of the package statsforecast, such as AutoETS or AutoCES."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, final

import numpy as np
import pandas as pd

from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.data.panel.wall_clock import WallClock
from tsseq2seq.errors import DataError, ParameterTypeError
from tsseq2seq.evaluation.baselines.base import Baseline
from tsseq2seq.evaluation.baselines.local_forecasts import LocalForecast

__all__ = ["StatsForecastModel"]


@final
class StatsForecastModel(Baseline):
    """Forecast each series with a model of StatsForecast.

    Parameters
    ----------
    horizon, season_length, id_col, time_col, target_col, freq, jobs
        As for :class:`~tsseq2seq.evaluation.baselines.base.Baseline`; ``jobs`` is not used.
    make
        Returns the model, given ``season_length``: a class such as ``statsforecast.models.AutoETS``, or a
        function of yours.

    Examples
    --------
    >>> from tsseq2seq import datasets
    >>> class Mean:  # as a model of statsforecast
    ...     def __init__(self, season_length):
    ...         self.season_length = season_length
    ...     def forecast(self, y, h, level=None):
    ...         return {"mean": np.full(h, y.mean())}
    >>> model = StatsForecastModel(12, Mean).fit(datasets.load("air_passengers"))
    >>> model.predict()["StatsForecastModel"].round().unique().tolist()
    [280.0]
    """

    needs_complete: ClassVar[bool] = True

    def __init__(
        self,
        horizon: int,
        make: Callable[..., Any],
        *,
        season_length: int | None = None,
        id_col: str | None = "unique_id",
        time_col: str = "ds",
        target_col: str = "y",
        freq: str | int | pd.DateOffset | None = None,
        jobs: int = 1,
    ) -> None:
        super().__init__(
            horizon,
            season_length=season_length,
            id_col=id_col,
            time_col=time_col,
            target_col=target_col,
            freq=freq,
            jobs=jobs,
        )
        self.make = make

    def _forecasts(
        self, panel: Panel, clock: WallClock | None, steps: int, levels: tuple[float, ...]
    ) -> list[LocalForecast]:
        """Forecast every series by itself; one without any value is NaN."""
        if not callable(self.make):
            raise ParameterTypeError(
                f"StatsForecastModel: make is {self.make!r}; it must be a class of statsforecast.models, or "
                "a function that returns a model"
            )
        model = self.make(season_length=self.season_length_)
        made = []
        for values in self._histories(panel, clock):
            if len(values) and np.isfinite(values).any():
                made.append(LocalForecast(_forecast(model, values, steps, levels)))
            else:
                made.append(LocalForecast(np.full((steps, 1 + 2 * len(levels)), np.nan)))
        return made

    @staticmethod
    def forecast_series(
        values: np.ndarray, horizon: int, season: int, levels: tuple[float, ...]
    ) -> np.ndarray:
        """Refuse: what forecasts belongs to the estimator.

        Raises
        ------
        DataError
            Always.
        """
        raise DataError("it is forecast by the estimator's own model")


def _forecast(model: Any, values: np.ndarray, steps: int, levels: tuple[float, ...]) -> np.ndarray:  # noqa: ANN401
    """Return the point and the ends of intervals of one series."""
    asked = [int(level) if float(level).is_integer() else level for level in levels]
    found = model.forecast(y=values, h=steps, level=asked) if asked else model.forecast(y=values, h=steps)
    ends = [found[f"{side}-{level}"] for level in asked for side in ("lo", "hi")]
    return np.stack([found["mean"], *ends], axis=1)
