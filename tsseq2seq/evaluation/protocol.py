"""Protocols of the forecasters that can be evaluated: this library's, the baselines, or your own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

__all__ = ["CutoffForecaster", "Forecaster"]


@runtime_checkable
class Forecaster(Protocol):
    """An estimator that is fitted on a long frame and forecasts the steps after each series' end."""

    horizon: int
    id_col: str | None
    time_col: str
    target_col: Any

    def fit(self, df: Any) -> Any:  # noqa: ANN401
        """Fit on a frame and return the estimator."""
        ...

    def predict(
        self,
        df: Any = None,  # noqa: ANN401
        future: Any = None,  # noqa: ANN401
        *,
        horizon: int | None = None,
        levels: Sequence[float] | None = None,
    ) -> Any:  # noqa: ANN401
        """Forecast from the end of a frame. None: from the end of the frame of the fit."""
        ...


@runtime_checkable
class CutoffForecaster(Forecaster, Protocol):
    """A forecaster that can forecast from many cutoffs in one pass."""

    def predict_cutoffs(
        self,
        df: Any,  # noqa: ANN401
        *,
        windows: int = 1,
        step: int | None = None,
        skip: int = 0,
        levels: Sequence[float] | None = None,
    ) -> Any:  # noqa: ANN401
        """Forecast from the last cutoffs of each series; see ``Seq2SeqForecaster.predict_cutoffs``."""
        ...
