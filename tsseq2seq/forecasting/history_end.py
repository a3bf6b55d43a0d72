"""HistoryEnd: the window at the end of each series, with the way from a frame and back to one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tsseq2seq.data.frames.frames import FrameKind, give_back, give_back_long, read_frame, read_future
from tsseq2seq.data.panel.forecast_frame import forecast_frame, sample_frame
from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.data.panel.windows import Windows
from tsseq2seq.errors import ParameterError
from tsseq2seq.forecasting.fitted import FittedSeries

__all__ = ["HistoryEnd", "read_history_end", "read_panel"]


@dataclass(frozen=True)
class HistoryEnd:
    """One window for each series, at the end of its history.

    Attributes
    ----------
    fitted
        The networks.
    panel, kind
        The history, and the kind of its frame.
    windows
        The windows to forecast.
    """

    fitted: FittedSeries
    panel: Panel
    kind: FrameKind
    windows: Windows

    @property
    def steps(self) -> int:
        """Time steps to forecast."""
        return self.windows.shape.horizon

    def forecasts(self, values: dict[str, np.ndarray]) -> Any:  # noqa: ANN401 (any kind of frame)
        """Return columns of forecasts, (series, horizon) each, as a frame of the history's kind."""
        columns = self.fitted.columns
        return give_back(forecast_frame(self.panel, columns, values), self.kind, columns)

    def paths(self, values: Mapping[str, np.ndarray], *, number: str) -> Any:  # noqa: ANN401
        """Return sample paths or scenarios, (series, paths, horizon) each, as a long frame.

        ``number`` is the name of the column with the number of each path.
        """
        columns = self.fitted.columns
        long = sample_frame(self.panel, columns, dict(values), name=number)
        return give_back_long(long, self.kind, columns)


def read_panel(fitted: FittedSeries, df: Any, kind: FrameKind) -> tuple[Panel, FrameKind]:  # noqa: ANN401
    """Return the panel of a frame, and the frame's kind; for None the training series, and ``kind``."""
    if df is None:
        return fitted.history, kind
    frame, kind = read_frame(df, fitted.columns)
    return fitted.read(frame), kind


def read_history_end(
    fitted: FittedSeries,
    df: Any,  # noqa: ANN401 (any kind of frame)
    future: Any,  # noqa: ANN401
    kind: FrameKind,
    *,
    horizon: int | None = None,
) -> HistoryEnd:
    """Read a history, and its future covariates, into the windows to forecast.

    Parameters
    ----------
    fitted
        The networks.
    df
        The history. None: the training series.
    future
        Future covariates. None: none.
    kind
        The kind of the training frame.
    horizon
        Time steps to forecast. None: as many as the networks were trained for.

    Raises
    ------
    ParameterError
        If future covariates are given, but the model has none.
    """
    steps = fitted.checked_horizon(horizon)
    panel, kind = read_panel(fitted, df, kind)
    return HistoryEnd(
        fitted, panel, kind, fitted.forecast_windows(panel, _future(fitted, future, kind), steps)
    )


def _future(fitted: FittedSeries, future: Any, kind: FrameKind) -> pd.DataFrame | None:  # noqa: ANN401
    if future is None:
        return None
    if not fitted.columns.future:
        raise ParameterError(
            "predict: future is given, but the model has no future covariates, so it would not be used; "
            "name its columns in future_covariates and fit again"
        )
    return read_future(future, fitted.columns, kind)
