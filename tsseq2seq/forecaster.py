"""Seq2SeqForecaster: fit on a frame, predict a frame."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd
import torch

from tsseq2seq import persistence
from tsseq2seq.data.frames.columns import FORECAST, Columns
from tsseq2seq.data.frames.frames import (
    Kind,
    give_back_long,
    kind_from_parts,
    kind_to_parts,
    read_forecast,
    read_frame,
)
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.data.grid.calendar import Calendar
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.future_frame import future_frame
from tsseq2seq.data.scaling.base import Scaling
from tsseq2seq.errors import DataError, ParameterError, shown
from tsseq2seq.estimator import Estimator
from tsseq2seq.evaluation import views
from tsseq2seq.evaluation.diagnosis import Diagnosis, diagnose
from tsseq2seq.evaluation.scoring import negative_mase
from tsseq2seq.forecasting.conformal import Conformal
from tsseq2seq.forecasting.cutoffs import calibrate_on, forecast_cutoffs, make_history
from tsseq2seq.forecasting.defaults import ForecasterSettings
from tsseq2seq.forecasting.fitted import FittedSeries
from tsseq2seq.forecasting.fitting import Start, fit_series
from tsseq2seq.forecasting.forecast_columns import (
    DEFAULT_PATHS,
    check_sampled,
    checked_paths,
    forecast_columns,
    sample_columns,
    warn_of_unknown,
)
from tsseq2seq.forecasting.history_end import read_history_end, read_panel
from tsseq2seq.forecasting.scenarios import check_scenarios, scenarios_all
from tsseq2seq.hardware.devices import resolve_device
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import Output, Point
from tsseq2seq.settings import check_number
from tsseq2seq.training.members import history_of
from tsseq2seq.training.optimizer_states import states_from_parts, states_to_parts
from tsseq2seq.training.training import Training

if TYPE_CHECKING:
    import matplotlib.axes

    from tsseq2seq.tuning.series_problem import SeriesProblem

__all__ = ["Seq2SeqForecaster"]

#: Any frame that :func:`~tsseq2seq.data.frames.frames.read_frame` takes.
Frame: TypeAlias = Any


@persistence.register
class Seq2SeqForecaster(Estimator):
    """Forecast one or many time series with an encoder–decoder network.

    Only ``horizon`` must be given; what is None is chosen from the data when ``fit`` is called, and
    what was chosen is found in ``context_length_``, ``segment_length_``, ``network_``, ``training_`` ….

    Frames may be long (a row for each series and time stamp), wide (time in the index, a column for
    each series), a Series, an array, or a long frame of polars; forecasts are of the kind that came
    in. See :mod:`tsseq2seq.data.frames.frames`.

    Parameters
    ----------
    horizon
        Steps to forecast.
    context_length
        Steps that the encoder reads. None: seven seasonal periods, fewer where the history is short,
        at least three and two horizons.
    segment_length
        Values of one recurrent step. None: the largest divisor of the seasonal period that is not
        above ``horizon``; 1 without a season, and for :class:`Binned`.
    lags
        Values that lie so many steps back are read beside every step, those of the horizon too:
        ``lags=[168]`` shows the forecaster of an hour the same hour a week before, even where that is
        before the context. What would lie after the cutoff is masked. None: the longer seasonal period
        where the series have two, such as a week beside a day.
    stride
        Windows trained on have their cutoffs whole multiples of it before the end of a series. 1: all
        windows. A season, such as 24 hours, lets the forecaster learn only what starts at the same phase as
        the forecast wanted, which is easier; forecasts that start at another hour then are worse.
    scaling
        How each window is scaled: ``"window"`` (mean and standard deviation of the context),
        ``"robust"`` (median and interquartile range), ``"mean"`` (divided by the mean, not centred),
        ``"log1p"`` (as ``"window"``, of log(1 + y); values must be above -1), ``"series"`` (the whole
        history up to the cutoff), ``"last"`` (centred on the last value, in units of the whole history's
        deviation), ``"none"``, or a :class:`~tsseq2seq.data.scaling.base.Scaling` of your own. None:
        ``"log1p"`` for medians and quantiles where no value is below 0 and changes are a share of the
        level, as with most that is bought or paid for, rather than of one size at all levels; otherwise
        ``"window"``, and ``"mean"`` for :class:`NegativeBinomial`.
    output
        What is forecast: :class:`Point`, :class:`Quantiles`, :class:`Normal`, :class:`StudentT`,
        :class:`NegativeBinomial` or :class:`Binned`.
    network
        The architecture.
    training
        The optimisation.
    past_covariates, future_covariates, static_covariates
        Names of columns that are known up to the cutoff, known through the horizon, and constant in a
        series. Numbers are standardised; text, categories and booleans are embedded.
    calendar
        What the time stamps themselves tell: ``"auto"`` (chosen by the frequency), a list of names, or
        a :class:`Calendar`, which also knows the public holidays of a country. None: nothing.
    id_col, time_col, target_col
        Names of the columns. ``id_col=None``, or a frame without ``unique_id``: one series. Several
        targets (a list) are forecast jointly.
    freq
        Step of the time grid: a pandas alias (``"h"``, ``"MS"``), an offset, or an integer for
        integer time. None: inferred.
    floor, ceiling
        The lowest and the highest value of forecasts, intervals (calibrated ones too), sample paths and
        scenarios; what a network forecasts beyond is brought to it. None: a floor of 0 for each target of
        which no value in training is below 0 (demand, prices, visits), and no ceiling. ``-numpy.inf``: no
        floor.
    seed
        Of weights, windows and coins; the same seed gives the same model on the same machine. None:
        a different model each time.

    Attributes
    ----------
    context_length_, segment_length_, season_length_, lags_
        What was chosen; ``season_length_`` is None where no season was found.
    scaling_, output_, network_, training_
        The settings with nothing left open.
    fitted_ : FittedSeries
        The networks and their surroundings as they were when ``fit`` was called; prediction goes by it.
    conformal_ : Conformal or None
        What :meth:`calibrate` learned.
    frequency_
        The time grid.
    history_ : pandas.DataFrame
        Loss, learning rate, validation error and seconds by step (and member, if there are several).
    n_steps_ : int
        Gradient steps made; of several members the fewest.
    stopped_ : str
        Why training ended: ``"steps"``, ``"time"``, ``"patience"`` or ``"interrupt"``.

    Examples
    --------
    >>> from tsseq2seq import Seq2SeqForecaster, Training, datasets
    >>> df = datasets.load("air_passengers")
    >>> model = Seq2SeqForecaster(horizon=12, training=Training(max_steps=20)).fit(df)
    >>> model.predict().columns.tolist()
    ['unique_id', 'ds', 'Seq2Seq']
    """

    conformal_: Conformal | None

    def __init__(
        self,
        horizon: int,
        *,
        context_length: int | None = None,
        segment_length: int | None = None,
        lags: Sequence[int] | None = None,
        stride: int = 1,
        scaling: str | Scaling | None = None,
        output: Output = Point(),
        network: Network = Network(),
        training: Training = Training(),
        past_covariates: Sequence[str] = (),
        future_covariates: Sequence[str] = (),
        static_covariates: Sequence[str] = (),
        calendar: str | Sequence[str] | Calendar | None = None,
        id_col: str | None = "unique_id",
        time_col: str = "ds",
        target_col: str | Sequence[str] = "y",
        freq: str | int | pd.DateOffset | None = None,
        floor: float | None = None,
        ceiling: float | None = None,
        seed: int | None = 0,
    ) -> None:
        self.horizon = horizon
        self.context_length = context_length
        self.segment_length = segment_length
        self.lags = lags
        self.stride = stride
        self.scaling = scaling
        self.output = output
        self.network = network
        self.training = training
        self.past_covariates = past_covariates
        self.future_covariates = future_covariates
        self.static_covariates = static_covariates
        self.calendar = calendar
        self.id_col = id_col
        self.time_col = time_col
        self.target_col = target_col
        self.freq = freq
        self.floor = floor
        self.ceiling = ceiling
        self.seed = seed

    def fit(self, df: Frame, *, warm_start: bool = False, optimizer_state: bool = False) -> Seq2SeqForecaster:
        """Train on a frame.

        Parameters
        ----------
        df
            The history of all series, NaN where a value is missing; rows in any order.
        warm_start
            Go on with the networks fitted before, on the same series or on others (fine-tuning). What
            shapes the networks must be as it was; ``training`` may change.
        optimizer_state
            With ``warm_start``: keep what the optimiser remembers of past gradients. Ten steps and ten more
            are still not twenty: the schedules of learning rate and teacher forcing run anew (with another
            warm-up), averages of the weights begin anew, and the seed draws the same windows again.

        Returns
        -------
        Seq2SeqForecaster
            This estimator. If something is refused, it is left as it was.

        Raises
        ------
        TsSeq2SeqError
            If a parameter or the frame cannot be used; the message names the first offence. Among them:
            fewer than five windows with a whole horizon, where intervals are wanted.

        Warns
        -----
        TrainingWarning
            If as few windows are left for a point forecast, ``max_time`` was over after a handful of steps,
            or the loss grew.
        """
        started = time.monotonic()
        asked, columns = ForecasterSettings.of(self), self._columns()
        start = self._start(warm_start, optimizer_state)
        frame, kind = read_frame(df, columns)
        fitted, records = fit_series(
            read_long_frame(frame, columns),
            asked,
            freq=self.freq,
            device=resolve_device(self.training.device),
            seed=self.seed,
            started=started,
            start=start,
        )
        self._adopt(fitted, kind)
        self.optimizer_states_ = tuple(record.optimizer_state for record in records)
        self.n_steps_, self.stopped_, self.history_ = history_of(records)
        return self

    def predict(
        self,
        df: Frame = None,
        future: Frame = None,
        *,
        horizon: int | None = None,
        levels: Sequence[float] | None = None,
        num_samples: int | None = None,
    ) -> Frame:
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
            Intervals to return, in percent. None: all that the output has; 90 for a distribution and
            after :meth:`calibrate`. Where a series begins with a few equal values, they are as wide as
            the series trained on vary.
        num_samples
            Sample paths behind the intervals of a distribution. None: 200.

        Returns
        -------
        pandas.DataFrame or the kind of ``df``
            Series, time stamp, ``Seq2Seq``, and ``Seq2Seq-lo-90``, ``Seq2Seq-hi-90`` … with
            intervals; ``Seq2Seq-load`` for each of several targets.

        Raises
        ------
        NotFittedError
            Before ``fit``.
        TsSeq2SeqError
            If the frame or an argument cannot be used.

        Warns
        -----
        DataWarning
            If nothing is known of a series, whose forecasts are then NaN.
        """
        self._check_fitted()
        end = read_history_end(self.fitted_, df, future, self.kind_, horizon=horizon)
        values = forecast_columns(
            self.fitted_,
            end.windows,
            conformal=self.conformal_,
            levels=levels,
            paths=checked_paths(num_samples),
            seed=self._draw_seed(),
        )
        return end.forecasts(values)

    def sample(
        self,
        df: Frame = None,
        future: Frame = None,
        *,
        num_samples: int | None = None,
        horizon: int | None = None,
    ) -> Frame:
        """Draw sample paths from a distribution output (:class:`Normal`, :class:`StudentT` …).

        Parameters
        ----------
        df, future, horizon
            As in :meth:`predict`.
        num_samples
            Paths of each series. None: 200.

        Returns
        -------
        pandas.DataFrame, or polars' if that came in
            Series, ``sample`` (from 0), time stamp and ``Seq2Seq``. The same seed gives the same paths: those
            of a series depend on its name, its values and the time of its cutoff alone, not on the series
            beside it, their order or the machine.
        """
        self._check_fitted()
        paths = checked_paths(num_samples)
        check_sampled(self.fitted_.resolved.output)
        end = read_history_end(self.fitted_, df, future, self.kind_, horizon=horizon)
        drawn = sample_columns(self.fitted_, end.windows, paths=paths, seed=self._draw_seed())
        return end.paths(drawn, number="sample")

    def scenarios(
        self,
        df: Frame = None,
        future: Frame = None,
        *,
        n: int = 5,
        diverse: bool = False,
        horizon: int | None = None,
    ) -> Frame:
        """Return the likeliest whole futures of each series, found by beam search over its bins.

        Needs ``output=Binned()`` and autoregressive decoding. Where quantiles say how far each step may
        go, a scenario says which steps go together.

        Parameters
        ----------
        df, future, horizon
            As in :meth:`predict`.
        n
            Scenarios of each series.
        diverse
            Whether to sample without replacement (stochastic beam search) rather than search for the
            likeliest, which are often much alike.

        Returns
        -------
        pandas.DataFrame, or polars' if that came in
            Series, ``scenario`` (from 0, the likeliest first; with ``diverse`` as drawn), time stamp,
            ``Seq2Seq`` and ``log_probability`` of the whole scenario.
        """
        self._check_fitted()
        check_number("scenarios", "n", n, low=1, integer=True)
        check_scenarios(self.fitted_.members, len(self.fitted_.columns.targets))
        end = read_history_end(self.fitted_, df, future, self.kind_, horizon=horizon)
        seed = self._draw_seed() if diverse else None
        values, scores = scenarios_all(self.fitted_.members, end.windows, count=n, seed=seed)
        values = self.fitted_.resolved.bounds.hold(values[..., None])[..., 0]
        warn_of_unknown(end.windows, np.isnan(values).any((1, 2))[:, None])
        of_each_step = scores[:, :, None].repeat(end.steps, axis=2)
        return end.paths({FORECAST: values, "log_probability": of_each_step}, number="scenario")

    def predict_cutoffs(
        self,
        df: Frame,
        *,
        windows: int = 1,
        step: int | None = None,
        skip: int = 0,
        horizon: int | None = None,
        levels: Sequence[float] | None = None,
        num_samples: int | None = None,
    ) -> Frame:
        """Forecast from several cutoffs of a history, as if what came after were not known.

        The model stays as it is, whatever it was trained on; :func:`~tsseq2seq.backtest` sees to that.

        Parameters
        ----------
        df
            The history, with future covariates among its columns.
        windows
            Cutoffs of each series; the last lies a horizon before its end.
        step
            Steps between cutoffs. None: a horizon.
        skip
            Cutoffs left out at the end, so that many can be forecast part by part.
        horizon, levels, num_samples
            As in :meth:`predict`.

        Returns
        -------
        pandas.DataFrame, or polars' if that came in
            Series, time stamp, ``cutoff`` (the last time stamp known), the target and the forecasts.
        """
        self._check_fitted()
        check_number("predict_cutoffs", "windows", windows, low=1, integer=True)
        check_number("predict_cutoffs", "step", step, low=1, integer=True, optional=True)
        check_number("predict_cutoffs", "skip", skip, low=0, integer=True)
        steps, columns = self.fitted_.checked_horizon(horizon), self.fitted_.columns
        frame, kind = read_frame(df, columns)
        forecasts = forecast_cutoffs(
            self.fitted_,
            make_history(self.fitted_, read_long_frame(frame, columns)),
            conformal=self.conformal_,
            horizon=steps,
            windows=windows,
            step=steps if step is None else step,
            skip=skip,
            levels=levels,
            paths=checked_paths(num_samples),
            seed=self._draw_seed(),
        )
        return give_back_long(forecasts, kind, columns)

    def tuning_problem(
        self, df: Frame, *, windows: int | None = None, step: int | None = None
    ) -> SeriesProblem:
        """Read a frame once for all trials of :func:`~tsseq2seq.tune`.

        Parameters
        ----------
        df
            As for :meth:`fit`.
        windows
            Cutoffs of each series on which trials are scored; they learn from what lies before the first.
            None: three, or as many as leave half of a typical history to learn from.
        step
            Steps between cutoffs. None: a horizon.
        """
        from tsseq2seq.tuning.series_problem import SeriesProblem

        ForecasterSettings.of(self)
        columns = self._columns()
        frame, _ = read_frame(df, columns)
        rows = read_long_frame(frame, columns)
        return SeriesProblem(self, rows, Frequency.of(self.freq, rows), windows=windows, step=step)

    def calibrate(
        self, df: Frame, *, windows: int | None = None, step: int | None = None
    ) -> Seq2SeqForecaster:
        """Learn intervals from forecasts of what the model was not trained on (split conformal).

        Intervals of any level can then be had from any output, and cover as often as they say where
        the windows of calibration and the ones forecast are exchangeable; see :class:`Conformal`. Where
        forecasts were biased, an interval need not hold the point.

        Parameters
        ----------
        df
            Series that the model was not fitted on, or the ones that it was with newer rows; only
            windows after the training data count there.
        windows
            Windows of each series at the most. None: all with a whole context.
        step
            Steps between windows. None: a horizon, so that no two share targets.

        Returns
        -------
        Seq2SeqForecaster
            This estimator. A later ``fit`` forgets the calibration.
        """
        self._check_fitted()
        check_number("calibrate", "windows", windows, low=1, integer=True, optional=True)
        check_number("calibrate", "step", step, low=1, integer=True, optional=True)
        frame, _ = read_frame(df, self.fitted_.columns)
        self.conformal_ = calibrate_on(
            self.fitted_,
            make_history(self.fitted_, read_long_frame(frame, self.fitted_.columns)),
            windows=windows,
            step=step,
            paths=DEFAULT_PATHS,
            seed=self._draw_seed(),
        )
        return self

    def score(self, df: Frame, y: object = None) -> float:
        """Return −MASE of the forecasts from the end of what was fitted; higher is better.

        Parameters
        ----------
        df
            What happened after that, joined on series and time stamp; future covariates are taken from
            it as well.
        y
            Not used; scikit-learn's searches pass it.
        """
        self._check_fitted()
        frame, _ = read_frame(df, self.fitted_.columns)
        return negative_mase(
            [self.fitted_],
            read_long_frame(frame, self.fitted_.columns),
            frame,
            paths=DEFAULT_PATHS,
            seed=self._draw_seed(),
        )

    def future_frame(self, df: Frame = None, *, horizon: int | None = None) -> pd.DataFrame:
        """Return the frame of future covariates to fill in and pass to :meth:`predict`.

        Parameters
        ----------
        df
            The history to forecast from. None: the frame that was given to ``fit``.
        horizon
            Steps to forecast. None: as many as the model was trained for.
        """
        self._check_fitted()
        steps = self.fitted_.checked_horizon(horizon)
        panel, kind = read_panel(self.fitted_, df, self.kind_)
        return give_back_long(future_frame(panel, self.fitted_.columns, steps), kind, self.fitted_.columns)

    def diagnose(self, df: Frame) -> Diagnosis:
        """Say before training what is in a frame and what training on it will mean.

        Parameters
        ----------
        df
            What ``fit`` would be given.

        Returns
        -------
        Diagnosis
            Lengths, gaps and seasons found, settings chosen, what will be padded, and the memory and
            time that training takes. Print it, or take its ``to_frame()``.
        """
        columns = self._columns()
        frame, _ = read_frame(df, columns)
        return diagnose(
            read_long_frame(frame, columns),
            ForecasterSettings.of(self),
            freq=self.freq,
            device=resolve_device(self.training.device),
        )

    def attention(self, df: Frame = None, future: Frame = None) -> pd.DataFrame:
        """Return what the decoder attends to when it forecasts the end of each series.

        Parameters
        ----------
        df, future
            As in :meth:`predict`.

        Returns
        -------
        pandas.DataFrame
            Series, ``step`` (of the horizon, from 1), ``lag`` (steps before the first one forecast) and
            ``weight``; see :func:`~tsseq2seq.plotting.plot_attention`. With segments, a row stands for
            two of them: their first step and their smallest lag.
        """
        self._check_fitted()
        end = read_history_end(self.fitted_, df, future, self.kind_)
        return views.attention_frame(self.fitted_, end.windows)

    def exposure_bias(self, df: Frame = None, *, windows: int | None = None) -> pd.DataFrame:
        """Compare errors under teacher forcing with those of free running, step by step.

        Parameters
        ----------
        df
            The history whose windows are forecast. None: the frame that was given to ``fit``.
        windows
            Windows of each series at the most, from the end. None: all. Of more than 1,024 in all, as
            many are taken, evenly.

        Returns
        -------
        pandas.DataFrame
            ``step``, ``teacher_forced`` and ``free_running``: mean absolute errors of the point on
            the windows' scale. Where free running is much worse, scheduled sampling may help.
        """
        self._check_fitted()
        check_number("exposure_bias", "windows", windows, low=1, integer=True, optional=True)
        panel, _ = read_panel(self.fitted_, df, self.kind_)
        return views.exposure_bias(self.fitted_, self.fitted_.cutoff_windows(panel, windows=windows, step=1))

    def covariate_importance(
        self,
        df: Frame = None,
        *,
        windows: int | None = None,
        repeats: int = 5,
    ) -> pd.DataFrame:
        """Return how much worse forecasts get when a covariate is that of another window.

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
            means that it is not used) and ``deviation`` over the repeats, the most important first.
        """
        self._check_fitted()
        check_number("covariate_importance", "windows", windows, low=1, integer=True, optional=True)
        check_number("covariate_importance", "repeats", repeats, low=1, integer=True)
        panel, _ = read_panel(self.fitted_, df, self.kind_)
        chosen = self.fitted_.cutoff_windows(panel, windows=windows, step=1)
        return views.covariate_importance(self.fitted_, chosen, repeats=repeats, seed=self._draw_seed())

    def plot(
        self,
        forecast: Frame,
        *,
        df: Frame = None,
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
        (panel, kind), columns = read_panel(self.fitted_, df, self.kind_), self.fitted_.columns
        if len(panel.targets) > 1:
            raise ParameterError(
                f"plot draws one target, but the model has {list(panel.targets)}; "
                "use tsseq2seq.plotting.plot_forecast with the columns of one"
            )
        forecast = read_forecast(forecast, kind, columns)
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

    def save(self, path: str | os.PathLike[str], *, optimizer_state: bool = False) -> None:
        """Write the fitted model to a folder: JSON and safetensors, no pickle.

        The series that it was fitted on are kept, so that ``predict()`` and ``plot`` work after
        :func:`load`. A folder that holds a saved model already is replaced, any other refused.

        Parameters
        ----------
        path
            The folder.
        optimizer_state
            Whether the optimiser's state is kept, for a later warm start; it is twice as large as the
            networks.
        """
        self._check_fitted()
        persistence.save(self, path, {"optimizer_state": optimizer_state})

    def learned(self, *, optimizer_state: bool = False) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
        """Return what ``fit`` learned, for :func:`tsseq2seq.persistence.save`."""
        parts, tensors = self.fitted_.to_parts()
        parts |= {
            "kind": kind_to_parts(self.kind_),
            "n_steps": self.n_steps_,
            "stopped": self.stopped_,
            "history": self.history_.to_dict("list"),
        }
        if self.conformal_ is not None:
            tensors["conformal"] = torch.from_numpy(self.conformal_.scores)
        if optimizer_state:
            parts["optimizers"], states = states_to_parts(self.optimizer_states_)
            tensors |= states
        return parts, tensors

    def restore(self, learned: dict[str, Any], tensors: dict[str, torch.Tensor]) -> None:
        """Take up what :meth:`learned` returned, for :func:`tsseq2seq.load`."""
        fitted = FittedSeries.from_parts(learned, tensors, resolve_device(self.training.device))
        self._adopt(fitted, kind_from_parts(learned["kind"]))
        self.n_steps_ = learned["n_steps"]
        self.stopped_ = learned["stopped"]
        self.history_ = pd.DataFrame(learned["history"])
        self.optimizer_states_ = states_from_parts(learned.get("optimizers", []), tensors)
        if "conformal" in tensors:
            self.conformal_ = Conformal(tensors["conformal"].numpy())

    def _adopt(self, fitted: FittedSeries, kind: Kind) -> None:
        self.fitted_ = fitted
        self.kind_ = kind
        self.conformal_ = None
        for name in ("context_length", "segment_length", "season_length", "scaling", "lags"):
            setattr(self, f"{name}_", getattr(fitted.resolved, name))
        self.output_ = fitted.resolved.output
        self.network_ = fitted.resolved.network
        self.training_ = fitted.resolved.training
        self.frequency_ = fitted.panel.frequency

    def _columns(self) -> Columns:
        return Columns.of(
            id_col=self.id_col,
            time_col=self.time_col,
            target_col=self.target_col,
            past_covariates=self.past_covariates,
            future_covariates=self.future_covariates,
            static_covariates=self.static_covariates,
        )

    def _start(self, warm_start: bool, optimizer_state: bool) -> Start:
        if not warm_start:
            if optimizer_state:
                raise ParameterError("fit: optimizer_state is True without warm_start, so nothing goes on")
            return Start()
        self._check_fitted()
        if optimizer_state and not self.optimizer_states_:
            raise ParameterError(
                "fit: optimizer_state is True, but the model was saved without the optimiser's state; "
                "save it with optimizer_state=True"
            )
        return Start(self.fitted_, self.optimizer_states_ if optimizer_state else ())

    def _draw_seed(self) -> int:
        """Return the seed of what is drawn when the fitted model is used."""
        return int(self.seed or 0)
