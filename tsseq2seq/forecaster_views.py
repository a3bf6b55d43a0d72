"""ForecasterViews: what a fitted forecaster shows of its networks and of its forecasts."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import pandas as pd

from tsseq2seq.data.frames.frames import FrameKind, read_forecast
from tsseq2seq.data.panel.forecast_frame import for_target
from tsseq2seq.errors import DataError, ParameterError, shown
from tsseq2seq.estimator import Estimator
from tsseq2seq.evaluation import views
from tsseq2seq.evaluation.encoder_states import encoder_states
from tsseq2seq.forecasting.fitted import FittedSeries
from tsseq2seq.forecasting.history_end import read_history_end, read_panel
from tsseq2seq.settings import check_number

if TYPE_CHECKING:
    import matplotlib.axes

__all__ = ["ForecasterViews", "Frame"]

#: Any frame that :func:`~tsseq2seq.data.frames.frames.read_frame` takes.
Frame: TypeAlias = Any


class ForecasterViews(Estimator, ABC):
    """Base of the forecaster: the methods that look into it, and change nothing."""

    fitted_: FittedSeries
    kind_: FrameKind

    @abstractmethod
    def _on(self, df: Frame, *, horizon: int | None = None) -> tuple[ForecasterViews, Frame]:
        """Return the fitted forecaster, and the frame that it still has to read; None: the one it has."""

    @abstractmethod
    def _sampling_seed(self) -> int:
        """Return the seed of whatever is drawn."""

    def attention(self, df: Frame = None, future: Frame = None) -> pd.DataFrame:
        """Return the attention weights of a forecast from the end of each series.

        Parameters
        ----------
        df, future
            As in :meth:`predict`.

        Returns
        -------
        pandas.DataFrame
            Series, ``step`` (of the horizon, from 1), ``lag`` (steps before the first forecast step) and
            ``weight``; see :func:`~tsseq2seq.plotting.plot_attention`. With segments, a row stands for a
            segment of the horizon and a segment of the context: it has the first step of the one and the
            smallest lag of the other.
        """
        model, df = self._on(df)
        end = read_history_end(model.fitted_, df, future, model.kind_)
        return views.attention_frame(model.fitted_, end.windows)

    def encode(self, df: Frame = None, future: Frame = None) -> pd.DataFrame:
        """Return what the encoder makes of the end of each series: its states, and the context vector.

        Parameters
        ----------
        df, future
            As in :meth:`predict`.

        Returns
        -------
        pandas.DataFrame
            A row for each number: series, ``member``, ``part`` (``"state"`` or ``"context"``), ``lag`` (time
            steps from the end of a state's segment to the first forecast step; missing for the context
            vector), ``unit`` and ``value``.

        Examples
        --------
        >>> from tsseq2seq import Network, Seq2SeqForecaster, Training, datasets
        >>> training = Training(max_steps=2, progress=False)
        >>> model = Seq2SeqForecaster(12, network=Network(hidden_size=8), training=training)
        >>> states = model.fit(datasets.load("air_passengers")).encode()
        >>> states[states["part"] == "context"]["unit"].max()
        np.int64(7)
        """
        model, df = self._on(df)
        end = read_history_end(model.fitted_, df, future, model.kind_)
        return encoder_states(model.fitted_, end.windows)

    def exposure_bias(self, df: Frame = None, *, windows: int | None = None) -> pd.DataFrame:
        """Compare errors under teacher forcing with those of free running, for each step of the horizon.

        Parameters
        ----------
        df
            The history whose windows are forecast. None: the frame that was given to ``fit``.
        windows
            Most windows of each series, counted from its end. None: all. If there are more than 1,024 in
            all, 1,024 evenly spaced ones are taken.

        Returns
        -------
        pandas.DataFrame
            ``step``, ``teacher_forced`` and ``free_running``: mean absolute errors of the point forecast on
            the windows' scale. If free running is much worse, scheduled sampling may help.
        """
        model, df = self._on(df)
        check_number("exposure_bias", "windows", windows, low=1, integer=True, optional=True)
        panel, _ = read_panel(model.fitted_, df, model.kind_)
        return views.exposure_bias(
            model.fitted_, model.fitted_.cutoff_windows(panel, windows=windows, step=1)
        )

    def covariate_importance(
        self,
        df: Frame = None,
        *,
        windows: int | None = None,
        repeats: int = 5,
    ) -> pd.DataFrame:
        """Return how much the error grows when a covariate is shuffled between windows.

        Parameters
        ----------
        df, windows
            As in :meth:`exposure_bias`.
        repeats
            How often each covariate is shuffled.

        Returns
        -------
        pandas.DataFrame
            ``covariate``, ``role``, ``importance`` (share by which the mean absolute error grows; 0
            for an unused covariate) and ``deviation`` over the repeats, the most important first.
        """
        model, df = self._on(df)
        check_number("covariate_importance", "windows", windows, low=1, integer=True, optional=True)
        check_number("covariate_importance", "repeats", repeats, low=1, integer=True)
        panel, _ = read_panel(model.fitted_, df, model.kind_)
        chosen = model.fitted_.cutoff_windows(panel, windows=windows, step=1)
        return views.covariate_importance(model.fitted_, chosen, repeats=repeats, seed=self._sampling_seed())

    def plot(
        self,
        forecast: Frame,
        *,
        df: Frame = None,
        series: object = None,
        target: str | None = None,
        title: str | None = None,
        ax: matplotlib.axes.Axes | None = None,
    ) -> matplotlib.axes.Axes:
        """Draw a forecast behind the history of its series.

        Parameters
        ----------
        forecast
            A frame that ``predict`` returned.
        df
            The history. None: the frame that was given to ``fit``.
        series
            Which series to draw. None: the first of the forecast.
        target
            Which of several targets to draw.
        title
            Title above the plot. None: the name of the series, and of how many it is the first.
        ax
            Where to draw. None: a new figure.

        Returns
        -------
        matplotlib.axes.Axes
            The axes drawn on.
        """
        from tsseq2seq.plotting import plot_forecast
        from tsseq2seq.plotting.style import of_several

        model, df = self._on(df)
        (panel, kind), columns = read_panel(model.fitted_, df, model.kind_), model.fitted_.columns
        target = _one_target(target, panel.targets)
        forecast = read_forecast(forecast, kind, columns)
        if len(panel.targets) > 1:
            forecast = for_target(forecast, target)
        if columns.id in forecast.columns:
            if series is None and len(forecast):
                series = forecast[columns.id].iloc[0]
                title = of_several(series, forecast[columns.id].nunique()) if title is None else title
            forecast = forecast[forecast[columns.id] == series]
        if len(forecast) == 0:
            raise DataError(f"the forecast has no rows of series {shown(series)}")
        return plot_forecast(
            panel.frame(0 if series is None else panel.series_number(series), columns.time),
            forecast,
            time_col=columns.time,
            target_col=target,
            title=str(series) if title is None and series is not None else title,
            ax=ax,
        )

    def report(
        self, df: Frame, path: str | os.PathLike[str], *, windows: int = 3, title: str = "Forecast report"
    ) -> None:
        """Write a page on a frame, its forecast and how good such forecasts were: one HTML file.

        It fetches nothing when it is opened. It tells what is in the data, whether the network is worth it
        beside two simple models, the forecast of each series in a chart that can be zoomed, errors and
        coverage by step, residuals, covariates, attention, and all that was chosen.

        Parameters
        ----------
        df
            The history.
        path
            The file to write, ending in .html.
        windows
            Cutoffs of the backtest.
        title
            The heading.

        Raises
        ------
        ParameterError
            If the path cannot be written, or there are several targets or future covariates.
        """
        from tsseq2seq.report import find, write_report
        from tsseq2seq.report.page import check_path

        check_path(path)
        check_number("report", "windows", windows, low=1, integer=True)
        write_report(find(self, df, windows=windows), path, title=title)


def _one_target(target: str | None, targets: Sequence[str]) -> str:
    """Return the target that a plot draws; of several one must be named."""
    if target is None and len(targets) == 1:
        return targets[0]
    if target not in targets:
        raise ParameterError(
            f"plot draws one target, but target is {target!r}; it must be one of {list(targets)}"
        )
    return str(target)
