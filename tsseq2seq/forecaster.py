"""Seq2SeqForecaster: fit on a frame, predict a frame."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
import torch

from tsseq2seq import persistence
from tsseq2seq.data.columns import FORECAST, Columns, read_columns
from tsseq2seq.data.extension import future_frame
from tsseq2seq.data.forecast_frame import forecast_frame, interval_columns, sample_frame
from tsseq2seq.data.frequency import Frequency
from tsseq2seq.data.long_frame import read_long_frame
from tsseq2seq.data.scaling import SCALINGS
from tsseq2seq.errors import DataError, ParameterError, ParameterTypeError, shown
from tsseq2seq.estimator import Estimator
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import Output, Point
from tsseq2seq.settings import check_choice, check_number
from tsseq2seq.training.devices import resolve_device
from tsseq2seq.training.fitted_series import FittedSeries
from tsseq2seq.training.series_fitting import fit_series
from tsseq2seq.training.training import Training

if TYPE_CHECKING:
    import matplotlib.axes

__all__ = ["Seq2SeqForecaster"]


@persistence.register
class Seq2SeqForecaster(Estimator):
    """Forecast one or many time series with an encoder–decoder network.

    Only ``horizon`` must be given; what is None is chosen from the data when ``fit`` is called, and
    the choices are found in ``context_length_``, ``segment_length_``, ``network_``, ``training_``.

    Parameters
    ----------
    horizon
        Steps to forecast.
    context_length
        Steps that the encoder reads. None: seven seasonal periods, fewer where the history is short,
        at least three and two horizons.
    segment_length
        Values of one recurrent step. None: the largest divisor of the seasonal period that is not
        above ``horizon``; 1 without a season.
    scaling
        How each window is scaled: ``"window"`` (mean and standard deviation of the context),
        ``"robust"`` (median and interquartile range), ``"log1p"``, ``"series"`` (the whole history
        up to the cutoff) or ``"none"``.
    output
        What is forecast: :class:`Point`, :class:`Quantiles`, :class:`Normal` or :class:`StudentT`.
    network
        The architecture.
    training
        The optimisation.
    past_covariates, future_covariates, static_covariates
        Names of columns that are known up to the cutoff, known through the horizon, and constant in a
        series. Numbers are standardised; text, categories and booleans are embedded.
    id_col, time_col, target_col
        Names of the columns. ``id_col=None``, or a frame without ``unique_id``: one series. Several
        targets (a list) are forecast jointly.
    freq
        Step of the time grid: a pandas alias (``"h"``, ``"MS"``), an offset, or an integer for
        integer time. None: inferred.
    seed
        Of weights, windows and coins; the same seed gives the same model on the same machine. None:
        a different model each time.

    Attributes
    ----------
    context_length_, segment_length_, season_length_ : int
        The choices made; ``season_length_`` is None where no season was found.
    network_, training_
        The settings with nothing left open.
    fitted_ : FittedSeries
        The model and its surroundings as they were when ``fit`` was called; prediction goes by it.
    frequency_
        The time grid.
    history_ : pandas.DataFrame
        Loss, learning rate, validation error and seconds by step.
    n_steps_ : int
        Steps on which the schedules ran.

    Examples
    --------
    >>> from tsseq2seq import Seq2SeqForecaster, Training, datasets
    >>> df = datasets.load("air_passengers")
    >>> model = Seq2SeqForecaster(horizon=12, training=Training(max_steps=20)).fit(df)
    >>> model.predict().columns.tolist()
    ['unique_id', 'ds', 'Seq2Seq']
    """

    def __init__(
        self,
        horizon: int,
        *,
        context_length: int | None = None,
        segment_length: int | None = None,
        scaling: str = "window",
        output: Output = Point(),
        network: Network = Network(),
        training: Training = Training(),
        past_covariates: Sequence[str] = (),
        future_covariates: Sequence[str] = (),
        static_covariates: Sequence[str] = (),
        id_col: str | None = "unique_id",
        time_col: str = "ds",
        target_col: str | Sequence[str] = "y",
        freq: str | int | pd.DateOffset | None = None,
        seed: int | None = 0,
    ) -> None:
        self.horizon = horizon
        self.context_length = context_length
        self.segment_length = segment_length
        self.scaling = scaling
        self.output = output
        self.network = network
        self.training = training
        self.past_covariates = past_covariates
        self.future_covariates = future_covariates
        self.static_covariates = static_covariates
        self.id_col = id_col
        self.time_col = time_col
        self.target_col = target_col
        self.freq = freq
        self.seed = seed

    def fit(self, df: pd.DataFrame) -> Seq2SeqForecaster:
        """Train on a frame.

        Parameters
        ----------
        df
            One row for each series and time stamp, in any order; NaN where a value is missing.

        Returns
        -------
        Seq2SeqForecaster
            This estimator. If something is refused, it is left as it was.

        Raises
        ------
        TsSeq2SeqError
            If a parameter or the frame cannot be used; the message names the first offence.
        """
        started = time.monotonic()
        columns = self._check_parameters()
        fitted, record = fit_series(
            read_long_frame(df, columns),
            frequency=None if self.freq is None else Frequency.parse(self.freq),
            horizon=self.horizon,
            context_length=self.context_length,
            segment_length=self.segment_length,
            scaling=self.scaling,
            output=self.output,
            network=self.network,
            training=self.training,
            device=resolve_device(self.training.device),
            seed=self.seed,
            started=started,
        )
        self._adopt(fitted, record.n_steps, pd.DataFrame(record.history))
        return self

    def predict(
        self,
        df: pd.DataFrame | None = None,
        future: pd.DataFrame | None = None,
        *,
        horizon: int | None = None,
        levels: Sequence[float] | None = None,
        num_samples: int | None = None,
    ) -> pd.DataFrame:
        """Forecast the steps after the end of each series.

        Parameters
        ----------
        df
            The whole history to forecast from: newer rows of the series trained on, or other
            series. None: the frame that was given to ``fit``.
        future
            The future covariates over the horizon, a row for each series and step; see
            :meth:`future_frame`. Needed if the model has any.
        horizon
            Steps to forecast. None: as many as the model was trained for. A longer one needs
            autoregressive decoding.
        levels
            Intervals to return, in percent. None: all that the output has; 90 for a distribution.
        num_samples
            Sample paths behind the intervals of a distribution. None: 200.

        Returns
        -------
        pandas.DataFrame
            Series, time stamp, ``Seq2Seq``, and ``Seq2Seq-lo-90``, ``Seq2Seq-hi-90`` … with
            quantiles; ``Seq2Seq-load`` for each of several targets.

        Raises
        ------
        NotFittedError
            Before ``fit``.
        TsSeq2SeqError
            If the frame or an argument cannot be used.
        """
        self._check_fitted()
        steps = self._prediction_horizon(horizon)
        output = self.fitted_.output
        intervals = interval_columns(FORECAST, None if output.sampled else output.probabilities, levels)
        panel = self.fitted_.read(df)
        numbers = self.fitted_.forecast(
            panel,
            future,
            steps=steps,
            probabilities=list(intervals.values()),
            paths=self._paths(num_samples),
            seed=int(self.seed or 0),
        )
        values = {}
        for place, target in enumerate(panel.targets):
            for column, name in enumerate([FORECAST, *intervals]):
                full = name if len(panel.targets) == 1 else name.replace(FORECAST, f"{FORECAST}-{target}", 1)
                values[full] = numbers[:, :, place, column]
        return forecast_frame(panel, self.fitted_.columns, values)

    def sample(
        self,
        df: pd.DataFrame | None = None,
        future: pd.DataFrame | None = None,
        *,
        num_samples: int | None = None,
        horizon: int | None = None,
    ) -> pd.DataFrame:
        """Draw sample paths from a distribution output (:class:`Normal`, :class:`StudentT`).

        Parameters
        ----------
        df, future, horizon
            As in :meth:`predict`.
        num_samples
            Paths of each series. None: 200.

        Returns
        -------
        pandas.DataFrame
            Series, ``sample`` (from 0), time stamp and ``Seq2Seq``. The same seed gives the same paths.
        """
        self._check_fitted()
        steps, paths = self._prediction_horizon(horizon), self._paths(num_samples)
        output = self.fitted_.output
        if not output.sampled:
            raise ParameterError(
                f"sample: {type(output).__name__} is no distribution, so no paths can be drawn; fit with "
                "output=Normal() or StudentT()"
            )
        panel = self.fitted_.read(df)
        drawn = self.fitted_.sample(panel, future, steps=steps, paths=paths, seed=int(self.seed or 0))
        names = (
            [FORECAST] if len(panel.targets) == 1 else [f"{FORECAST}-{target}" for target in panel.targets]
        )
        values = {name: drawn[..., place] for place, name in enumerate(names)}
        return sample_frame(panel, self.fitted_.columns, values)

    def future_frame(self, df: pd.DataFrame | None = None, *, horizon: int | None = None) -> pd.DataFrame:
        """Return the frame of future covariates to fill in and pass to :meth:`predict`.

        Parameters
        ----------
        df
            The history to forecast from. None: the frame that was given to ``fit``.
        horizon
            Steps to forecast. None: as many as the model was trained for.
        """
        self._check_fitted()
        steps = self._prediction_horizon(horizon)
        return future_frame(self.fitted_.read(df), self.fitted_.columns, steps)

    def plot(
        self,
        forecast: pd.DataFrame,
        *,
        df: pd.DataFrame | None = None,
        series: object = None,
        ax: matplotlib.axes.Axes | None = None,
    ) -> matplotlib.axes.Axes:
        """Draw a forecast behind the history of its series.

        Parameters
        ----------
        forecast
            What ``predict`` returned.
        df
            The history. None: the frame that was given to ``fit``.
        series
            Which series to draw. None: the first of the forecast.
        ax
            Where to draw. None: a new figure.

        Returns
        -------
        matplotlib.axes.Axes
            The axes drawn on.
        """
        from tsseq2seq.plotting import plot_forecast

        self._check_fitted()
        panel, columns = self.fitted_.read(df), self.fitted_.columns
        if len(panel.targets) > 1:
            raise ParameterError(
                f"plot draws one target, but the model has {list(panel.targets)}; "
                "use tsseq2seq.plotting.plot_forecast with the columns of one"
            )
        if columns.id in forecast.columns:
            series = forecast[columns.id].iloc[0] if series is None else series
            forecast = forecast[forecast[columns.id] == series]
        if len(forecast) == 0:
            raise DataError(f"the forecast has no rows of series {shown(series)}")
        return plot_forecast(
            panel.frame(0 if series is None else panel.position(series), columns.time),
            forecast,
            time_col=columns.time,
            target_col=columns.targets[0],
            title=None if series is None else str(series),
            ax=ax,
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the fitted model to a folder: JSON and safetensors, no pickle.

        The series that it was fitted on are kept, so that ``predict()`` and ``plot`` work after
        :func:`load`. A folder that holds a saved model already is replaced, any other refused.
        """
        self._check_fitted()
        persistence.save(self, path)

    def learned(self) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
        """Return what ``fit`` learned, for :func:`tsseq2seq.persistence.save`."""
        parts, tensors = self.fitted_.to_parts()
        return parts | {"n_steps": self.n_steps_, "history": self.history_.to_dict("list")}, tensors

    def restore(self, learned: dict[str, Any], tensors: dict[str, torch.Tensor]) -> None:
        """Take up what :meth:`learned` returned, for :func:`tsseq2seq.load`."""
        fitted = FittedSeries.from_parts(learned, tensors, resolve_device(self.training.device))
        self._adopt(fitted, learned["n_steps"], pd.DataFrame(learned["history"]))

    def _adopt(self, fitted: FittedSeries, n_steps: int, history: pd.DataFrame) -> None:
        self.fitted_ = fitted
        self.context_length_ = fitted.choices.context_length
        self.segment_length_ = fitted.choices.segment_length
        self.season_length_ = fitted.choices.season_length
        self.network_ = fitted.choices.network
        self.training_ = fitted.choices.training
        self.frequency_ = fitted.panel.frequency
        self.n_steps_ = n_steps
        self.history_ = history

    def _check_parameters(self) -> Columns:
        name = type(self).__name__
        check_number(name, "horizon", self.horizon, low=1, integer=True)
        for length in ("context_length", "segment_length"):
            check_number(name, length, getattr(self, length), low=1, integer=True, optional=True)
        check_number(name, "seed", self.seed, low=0, high=2**63 - 1, integer=True, optional=True)
        check_choice(name, "scaling", self.scaling, SCALINGS)
        for field, kind in (("output", Output), ("network", Network), ("training", Training)):
            value = getattr(self, field)
            if not isinstance(value, kind):
                raise ParameterTypeError(f"{name}: {field} is {value!r}; it must be a {kind.__name__}")
        if self.scaling not in self.output.scalings:
            raise ParameterError(
                f"{name}: scaling is {self.scaling!r}, but {type(self.output).__name__} admits only "
                f"{', '.join(self.output.scalings)}"
            )
        return read_columns(
            id_col=self.id_col,
            time_col=self.time_col,
            target_col=self.target_col,
            past_covariates=self.past_covariates,
            future_covariates=self.future_covariates,
            static_covariates=self.static_covariates,
        )

    def _paths(self, num_samples: int | None) -> int:
        check_number("predict", "num_samples", num_samples, low=1, integer=True, optional=True)
        return 200 if num_samples is None else int(num_samples)

    def _prediction_horizon(self, horizon: int | None) -> int:
        if horizon is None:
            return int(self.fitted_.horizon)
        check_number("predict", "horizon", horizon, low=1, integer=True)
        if horizon > self.fitted_.horizon and self.fitted_.choices.network.decoding == "parallel":
            raise ParameterError(
                f"predict: horizon is {horizon}, but the model decodes its {self.fitted_.horizon} steps in "
                "parallel; fit with a longer horizon, or with Network(decoding='autoregressive')"
            )
        return int(horizon)
