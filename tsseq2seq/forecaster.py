"""Seq2SeqForecaster: fit on a frame, predict a frame."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import torch

from tsseq2seq import persistence
from tsseq2seq.data.forecast_frame import forecast_frame, level_columns
from tsseq2seq.data.frequency import Frequency
from tsseq2seq.data.long_frame import Columns, read_long_frame
from tsseq2seq.data.panel import Panel, make_panel
from tsseq2seq.data.panel_storage import panel_from_parts, panel_to_parts
from tsseq2seq.data.scaling import SCALINGS, check_scaling
from tsseq2seq.data.windows import (
    Windows,
    WindowShape,
    forecast_windows,
    training_windows,
    validation_windows,
)
from tsseq2seq.errors import DataError, ParameterError, ParameterTypeError
from tsseq2seq.estimator import Estimator
from tsseq2seq.nn.encoder_decoder import SeriesShape, build_forecaster
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import Output, Point
from tsseq2seq.settings import check_choice, check_number
from tsseq2seq.training.defaults import choose
from tsseq2seq.training.devices import resolve_device
from tsseq2seq.training.loop import train
from tsseq2seq.training.seeding import seeded
from tsseq2seq.training.series import SeriesModel
from tsseq2seq.training.series_objective import SeriesObjective
from tsseq2seq.training.training import Training

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Seq2SeqForecaster"]

_NAME = "Seq2Seq"
_LEARNED = ("context_length_", "segment_length_", "season_length_", "network_", "training_", "n_steps_")
# Larger batches leave the processor's caches.
_PREDICTION_CHUNK = 256


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
        Steps that the encoder reads. None: the longest seasonal period found, at least three of the
        shortest and two horizons, as far as half of the history allows.
    segment_length
        Values of one recurrent step. None: the largest divisor of the seasonal period that is not
        above ``horizon``; 1 without a season.
    scaling
        How each window is scaled: ``"window"`` (mean and standard deviation of the context),
        ``"robust"`` (median and interquartile range), ``"log1p"``, ``"series"`` (the whole history
        up to the cutoff) or ``"none"``.
    output
        What is forecast: :class:`Point` or :class:`Quantiles`.
    network
        The architecture.
    training
        The optimisation.
    id_col, time_col, target_col
        Names of the columns. A frame without the id column is one series. Several targets (a list)
        are forecast jointly.
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
        id_col: str = "unique_id",
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
        self._check_parameters()
        panel = self._read(df, None if self.freq is None else Frequency.parse(self.freq))
        choices = choose(
            panel,
            horizon=self.horizon,
            context_length=self.context_length,
            segment_length=self.segment_length,
            network=self.network,
            training=self.training,
        )
        panel = panel.to(resolve_device(self.training.device))
        shape = WindowShape(choices.context_length, self.horizon, choices.segment_length)
        windows, held_out = self._windows(panel, shape, choices.training.validation_size)
        with seeded(self.seed, panel.values.device) as seed:
            model = self._build(choices.network, shape, choices.season_length)
            model.network.to(panel.values.device)
            objective = SeriesObjective(model, windows, held_out, choices.training, seed=seed)
            record = train(objective, choices.training, started=started)
        self.context_length_ = choices.context_length
        self.segment_length_ = choices.segment_length
        self.season_length_ = choices.season_length
        self.network_ = choices.network
        self.training_ = choices.training
        self.frequency_ = panel.frequency
        self.panel_ = panel
        self.model_ = model
        self.n_steps_ = record.n_steps
        self.history_ = pd.DataFrame(record.history)
        return self

    def predict(
        self,
        df: pd.DataFrame | None = None,
        *,
        horizon: int | None = None,
        levels: Sequence[float] | None = None,
    ) -> pd.DataFrame:
        """Forecast the steps after the end of each series.

        Parameters
        ----------
        df
            The whole history to forecast from: newer rows of the series trained on, or other
            series. None: the frame that was given to ``fit``.
        horizon
            Steps to forecast. None: as many as the model was trained for. A longer one needs
            autoregressive decoding.
        levels
            Intervals to return, in percent. None: all that the output has.

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
        names = self._interval_columns(levels)
        panel = self.panel_ if df is None else self._read(df, self.frequency_)
        panel = panel.to(self.panel_.values.device)
        numbers = self._forecast(panel, steps, list(names.values()))
        several = len(panel.targets) > 1
        values = {}
        for place, target in enumerate(panel.targets):
            for column, name in enumerate([_NAME, *names]):
                full = name.replace(_NAME, f"{_NAME}-{target}") if several else name
                values[full] = numbers[:, :, place, column]
        return forecast_frame(panel, self._columns(), values)

    def plot(
        self,
        forecast: pd.DataFrame,
        *,
        df: pd.DataFrame | None = None,
        series: object = None,
        ax: Axes | None = None,
    ) -> Axes:
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
        panel = self.panel_ if df is None else self._read(df, self.frequency_)
        if len(panel.targets) > 1:
            raise ParameterError(
                f"plot draws one target, but the model has {list(panel.targets)}; "
                "use tsseq2seq.plotting.plot_forecast with the columns of one"
            )
        columns = self._columns()
        if columns.id in forecast.columns:
            series = forecast[columns.id].iloc[0] if series is None else series
            forecast = forecast[forecast[columns.id] == series]
        place = 0 if series is None else panel.position(series)
        if len(forecast) == 0:
            raise DataError(f"the forecast has no rows of series {series!r}")
        return plot_forecast(
            panel.frame(place, columns.time),
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
        panel, tensors = panel_to_parts(self.panel_)
        weights = {f"network.{name}": tensor for name, tensor in self.model_.network.state_dict().items()}
        learned = {name: getattr(self, name) for name in _LEARNED}
        return {**learned, "panel": panel, "history": self.history_.to_dict("list")}, tensors | weights

    def restore(self, learned: dict[str, Any], tensors: dict[str, torch.Tensor]) -> None:
        """Take up what :meth:`learned` returned, for :func:`tsseq2seq.load`."""
        for name in _LEARNED:
            setattr(self, name, learned[name])
        device = resolve_device(self.training.device)
        self.panel_ = panel_from_parts(learned["panel"], tensors).to(device)
        self.frequency_ = self.panel_.frequency
        shape = WindowShape(self.context_length_, self.horizon, self.segment_length_)
        self.model_ = self._build(self.network_, shape, self.season_length_)
        weights = {k.removeprefix("network."): v for k, v in tensors.items() if k.startswith("network.")}
        self.model_.network.load_state_dict(weights)
        self.model_.network.to(device).eval()
        self.history_ = pd.DataFrame(learned["history"])

    def _columns(self) -> Columns:
        targets = (self.target_col,) if isinstance(self.target_col, str) else tuple(self.target_col)
        return Columns(self.id_col, self.time_col, targets)

    def _check_parameters(self) -> None:
        name = type(self).__name__
        check_number(name, "horizon", self.horizon, low=1, integer=True)
        for length in ("context_length", "segment_length"):
            check_number(name, length, getattr(self, length), low=1, integer=True, optional=True)
        check_number(name, "seed", self.seed, low=0, integer=True, optional=True)
        check_choice(name, "scaling", self.scaling, SCALINGS)
        for field, kind in (("output", Output), ("network", Network), ("training", Training)):
            value = getattr(self, field)
            if not isinstance(value, kind):
                raise ParameterTypeError(f"{name}: {field} is {value!r}; it must be a {kind.__name__}")
        if not self._columns().targets:
            raise ParameterError(f"{name}: target_col is {self.target_col!r}; it must name a column")
        if self.scaling not in self.output.scalings:
            raise ParameterError(
                f"{name}: scaling is {self.scaling!r}, but {type(self.output).__name__} admits only "
                f"{', '.join(self.output.scalings)}"
            )

    def _read(self, df: pd.DataFrame, frequency: Frequency | None) -> Panel:
        frame = read_long_frame(df, self._columns())
        if frequency is None:
            frequency = Frequency.infer(frame.times, frame.starts, frame.ids)
        panel = make_panel(frame, frequency)
        check_scaling(panel, self.scaling)
        return panel

    def _windows(self, panel: Panel, shape: WindowShape, held_out: int) -> tuple[Windows, Windows | None]:
        moments = self.scaling == "series"
        windows = training_windows(panel, shape, held_out=held_out, moments=moments)
        if len(windows) == 0:
            longest = int(panel.lengths.max())
            raise DataError(
                f"no series is long enough to train on: the longest has {longest} steps, of which "
                f"validation_size={held_out} are held out; at least 2 must be left"
            )
        if not held_out:
            return windows, None
        return windows, validation_windows(panel, shape, held_out=held_out, moments=moments)

    def _build(self, network: Network, shape: WindowShape, season: int | None) -> SeriesModel:
        sizes = SeriesShape(
            segment_length=shape.segment_length,
            steps=shape.horizon_segments,
            targets=len(self._columns().targets),
            season_segments=max(1, (season or 1) // shape.segment_length),
        )
        return SeriesModel(
            build_forecaster(network, self.output, sizes), self.output, self.scaling, shape.segment_length
        )

    def _prediction_horizon(self, horizon: int | None) -> int:
        if horizon is None:
            return int(self.horizon)
        check_number("predict", "horizon", horizon, low=1, integer=True)
        if horizon > self.horizon and self.network_.decoding == "parallel":
            raise ParameterError(
                f"predict: horizon is {horizon}, but the model decodes its {self.horizon} steps in "
                "parallel; fit with a longer horizon, or with Network(decoding='autoregressive')"
            )
        return int(horizon)

    def _interval_columns(self, levels: Sequence[float] | None) -> dict[str, float]:
        available = level_columns(_NAME, self.output.probabilities)
        if levels is None:
            return available
        chosen: dict[str, float] = {}
        for level in levels:
            pair = [f"{_NAME}-lo-{level:g}", f"{_NAME}-hi-{level:g}"]
            if not all(name in available for name in pair):
                have = sorted({float(name.rsplit("-", 1)[1]) for name in available})
                raise ParameterError(
                    f"predict: levels has {level!r}, but {type(self.output).__name__} was trained for "
                    f"{have or 'no intervals'}; fit with output=Quantiles([...]) that bounds it"
                )
            chosen.update({name: available[name] for name in pair})
        return chosen

    @torch.inference_mode()
    def _forecast(self, panel: Panel, horizon: int, probabilities: list[float]) -> np.ndarray:
        """Return forecasts (series, horizon, targets, 1 + quantiles) in original units."""
        shape = WindowShape(self.context_length_, horizon, self.segment_length_)
        windows = forecast_windows(panel, shape, moments=self.scaling == "series")

        def read(parameters: torch.Tensor) -> list[torch.Tensor]:
            quantiles = self.output.quantiles(parameters)
            return [self.output.point(parameters), *[quantiles[level] for level in probabilities]]

        pieces = []
        for start in range(0, len(windows), _PREDICTION_CHUNK):
            stop = min(start + _PREDICTION_CHUNK, len(windows))
            batch = windows.gather(torch.arange(start, stop, device=panel.values.device))
            pieces.append(self.model_.forecast(batch, horizon=horizon, read=read).cpu())
        return torch.cat(pieces).numpy()
