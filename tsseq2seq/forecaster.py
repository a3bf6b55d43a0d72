"""Seq2SeqForecaster: fit on a frame, predict a frame."""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import torch
from sklearn.base import clone

from tsseq2seq import persistence
from tsseq2seq.data.frames.columns import FORECAST, Columns
from tsseq2seq.data.frames.frames import (
    FrameKind,
    frame_kind_from_parts,
    frame_kind_to_parts,
    give_back_future,
    give_back_long,
    read_frame,
)
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.data.grid.calendar import Calendar
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.future_frame import future_frame
from tsseq2seq.data.scaling.base import Scaling
from tsseq2seq.errors import ParameterError
from tsseq2seq.evaluation.diagnosis import Diagnosis, diagnose
from tsseq2seq.evaluation.scoring import negative_mase
from tsseq2seq.forecaster_views import ForecasterViews, Frame
from tsseq2seq.forecasting.choices import choices
from tsseq2seq.forecasting.conformal import Conformal
from tsseq2seq.forecasting.cutoffs import calibrate_on, forecast_cutoffs, make_history
from tsseq2seq.forecasting.defaults import ForecasterSettings
from tsseq2seq.forecasting.fitted import FittedSeries
from tsseq2seq.forecasting.fitting import Start, fit_series
from tsseq2seq.forecasting.forecast_columns import (
    DEFAULT_PATHS,
    checked_paths,
    forecast_columns,
    sample_columns,
    warn_of_unknown,
)
from tsseq2seq.forecasting.history_end import read_history_end, read_panel
from tsseq2seq.forecasting.pretrained import warn_of_long_horizon
from tsseq2seq.forecasting.quantile_paths import check_paths
from tsseq2seq.forecasting.scenarios import check_scenarios, search_scenarios
from tsseq2seq.forecasting.seasons import SeasonLength
from tsseq2seq.hardware.devices import resolve_device
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import Output, Point
from tsseq2seq.settings import check_number
from tsseq2seq.stored_checks import check_tensor
from tsseq2seq.training.optimizer_states import states_from_parts, states_to_parts
from tsseq2seq.training.training import Training

if TYPE_CHECKING:
    from tsseq2seq.tuning.series_problem import SeriesProblem

__all__ = ["Seq2SeqForecaster"]


@persistence.register
class Seq2SeqForecaster(ForecasterViews):
    """Forecast one or many time series with an encoder–decoder network.

    Only ``horizon`` must be given. ``fit`` chooses from the data every parameter that is None; the choices
    are in ``context_length_``, ``segment_length_``, ``network_``, ``training_`` ….

    Frames may be long (a row for each series and time stamp), wide (time in the index, a column for
    each series), a Series, an array, or a long frame of polars. Forecasts are returned in the same form.
    See :mod:`tsseq2seq.data.frames.frames`.

    Parameters
    ----------
    horizon
        Time steps to forecast.
    context_length
        Time steps that the encoder reads. None: seven seasonal periods, fewer where the history is short,
        but at least three, and at least two horizons; without a season eight horizons; never more than half
        of a typical history.
    segment_length
        Time steps of a segment, which the encoder reads and the decoder writes at once. None: the largest
        divisor of the seasonal period that is at most ``horizon``; without a season ``horizon`` itself, or an
        equal part of it of at most 16 steps; 1 for :class:`Binned`.
    season_length
        Time steps of a seasonal period, or of several, such as ``[7, 365.25]`` for days: the decoder adds to
        the season before of the shortest, and the others are lags. 1: there is none. None: those that are
        usual at the frequency and that the data show, from two periods on.
    lags
        Each time step of context and horizon is read together with the values that lie so many steps back:
        with ``lags=[168]`` the network sees for each hour the same hour of the week before, even where that
        lies before the context. Values after the cutoff are masked. None: the longer seasonal periods where
        the series have several, such as a day and a week, and a usual one of which there are fewer than two,
        so that it cannot be looked for: the year of 80 weeks.
    stride
        Time steps between the cutoffs of training windows, counted back from the end of each series. 1: all
        windows. A whole season, such as 24 hours, trains only on windows that begin at the phase of the
        wanted forecast. That is easier to learn, but forecasts that begin at another hour are worse.
    scaling
        How each window is scaled: ``"window"`` (mean and standard deviation of the context),
        ``"robust"`` (median and interquartile range), ``"mean"`` (divided by the mean, not centred),
        ``"log1p"`` (as ``"window"``, of log(1 + y); values must be above -1), ``"series"`` (the whole
        history up to the cutoff), ``"last"`` (centred on the last value, in units of the whole history's
        deviation), ``"none"``, or a :class:`~tsseq2seq.data.scaling.base.Scaling` of your own. None:
        ``"log1p"`` for medians and quantiles, if no value is below 0 and changes grow in proportion to the
        level, as sales and prices often do; otherwise ``"window"``, and ``"mean"`` for
        :class:`NegativeBinomial`, :class:`ZeroInflatedNegativeBinomial` and :class:`Tweedie`.
    output
        The form of a forecast: :class:`Point`, :class:`Quantiles`, :class:`Normal`, :class:`StudentT`,
        :class:`NegativeBinomial`, :class:`ZeroInflatedNegativeBinomial`, :class:`Tweedie` or
        :class:`Binned`. ``Point()`` leaves it open: where more than half of the values are exactly 0, none is
        below, and most series are not 0 by their season alone, the median is 0 and no forecast. Then the
        mean is forecast, of ``ZeroInflatedNegativeBinomial(centre="mean")`` if all values are whole numbers
        and of ``Tweedie(centre="mean")`` if not, with intervals, and a warning says so. ``Point("mae")``
        forecasts the median of all data.
    network
        The architecture.
    training
        The optimisation.
    past_covariates, future_covariates, static_covariates
        Names of columns that are known up to the cutoff, known through the horizon, and constant in a
        series. Numbers are standardised; text, categories and booleans are embedded, and are found again
        however they are written (``True``, 1, ``"TRUE"``). What never varied in training has no effect. With
        past covariates a forecast leaves the range of its series by at most half as much again as the
        series itself did within a horizon.
    calendar
        Covariates computed from the time stamps: ``"auto"`` (chosen by the frequency), a list of names, or
        a :class:`Calendar`, which also has the public holidays of a country. None: none.
    id_col, time_col, target_col
        Names of the columns. With ``id_col=None``, or without a column ``unique_id``, the frame is one
        series. Several targets (a list) are forecast jointly.
    weight_col
        Name of a column that says how much each row counts in the loss and in the validation error, at least
        0, such as the value of a sale. With 0 a step is read but not learned. Losses of whole windows
        (``"soft_dtw"`` …) take weights that are 0 or the same throughout a series. Exponential
        smoothing and the network's share are learned without them. None: all the same.
    freq
        Time step of the grid: a pandas alias (``"h"``, ``"MS"``), an offset, or an integer for
        integer time. None: inferred.
    floor, ceiling
        The lowest and the highest value of forecasts, intervals (calibrated ones too), sample paths and
        scenarios; what a network forecasts beyond is brought to it. None: a floor of 0 for each target of
        which no value in training is below 0 (demand, prices, visits), and no ceiling. ``-numpy.inf``: no
        floor.
    network_share
        Share of the network in the forecast, from 0 to 1; the rest is exponential smoothing (see
        :class:`Smoothing`). They err in different places, so that together they err less. None: what the
        network earns on held-out steps of the series, near a half where these are few. It is 1 with a
        ``network`` or a number of training steps of your own, for counts, bins and means (such as
        :class:`Normal`), for more than 200,000 rows or where ``max_time`` is too short for them, and where
        clocks change within a year.
    weights
        The weights to begin from. ``"pretrained"``: those that come with the package, as they are: ``fit``
        trains nothing, but finds the seasons and has exponential smoothing learn; see :meth:`pretrained`.
        ``"fine_tuned"``: those, trained further on the data, as far as that helps on the last horizon. It
        takes 100 steps where ``training`` sets no limit, and a quarter of its learning rate, since the
        weights are good already. None: new networks. With ``"pretrained"``, ``training`` is that of a later
        ``fit(df, warm_start=True)``, and says where to compute.
    seed
        Seed of first weights, random windows and teacher forcing; the same seed gives the same model on the
        same machine. None: a different model each time.

    Attributes
    ----------
    context_length_, segment_length_, season_length_, lags_
        The resolved settings; ``season_length_`` is None if no season was found.
    scaling_, output_, network_, training_
        The resolved settings.
    fitted_ : FittedSeries
        The networks, the panel and the resolved settings. Forecasts use these; parameters set after ``fit``
        have no effect on them.
    choices_ : tuple of str
        What was chosen from the data and why, a sentence for each choice.
    network_share_ : float
        Share of the network in the forecast.
    conformal_ : Conformal or None
        The calibration. None before :meth:`calibrate`.
    frequency_
        The time grid.
    history_ : pandas.DataFrame
        A row for each report of the training: training step, loss, learning rate, validation error and
        seconds; with several members also ``member``.
    n_steps_ : int
        Training steps made; of several members the fewest.
    stopped_ : str
        Why training ended: ``"steps"``, ``"time"``, ``"patience"``, ``"callback"`` or ``"interrupt"``.

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
        season_length: SeasonLength = None,
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
        weight_col: str | None = None,
        freq: str | int | pd.DateOffset | None = None,
        floor: float | None = None,
        ceiling: float | None = None,
        network_share: float | None = None,
        weights: str | None = None,
        seed: int | None = 0,
    ) -> None:
        self.horizon = horizon
        self.context_length = context_length
        self.segment_length = segment_length
        self.season_length = season_length
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
        self.weight_col = weight_col
        self.freq = freq
        self.floor = floor
        self.ceiling = ceiling
        self.network_share = network_share
        self.weights = weights
        self.seed = seed

    @classmethod
    def pretrained(cls, horizon: int = 12, **parameters: Any) -> Seq2SeqForecaster:  # noqa: ANN401
        """Return a forecaster whose weights come with the package: it forecasts any series at once.

        ``predict(df)`` needs no ``fit``. The network was trained on generated series alone; it corrects
        exponential smoothing, which learns from ``df`` in a second. It reads no covariates, and one target.
        Where a long panel has patterns of its own, a network trained on it is better; ``fit(df,
        warm_start=True)`` trains these weights further, as far as that helps.

        Parameters
        ----------
        horizon
            Time steps to forecast; ``predict(df, horizon=…)`` may ask for others.
        **parameters
            Further parameters, such as ``id_col``, ``freq``, ``season_length`` or ``floor``.

        Examples
        --------
        >>> from tsseq2seq import datasets
        >>> model = Seq2SeqForecaster.pretrained()
        >>> forecast = model.predict(datasets.load("air_passengers"), horizon=24, levels=[80])
        >>> forecast.columns.tolist(), len(forecast)
        (['unique_id', 'ds', 'Seq2Seq', 'Seq2Seq-lo-80', 'Seq2Seq-hi-80'], 24)
        """
        return cls(horizon, **{"weights": "pretrained"} | parameters)

    def fit(
        self,
        df: Frame,
        y: object = None,
        *,
        warm_start: bool = False,
        optimizer_state: bool = False,
        resume: str | os.PathLike[str] | None = None,
    ) -> Seq2SeqForecaster:
        """Train on a frame.

        Parameters
        ----------
        df
            The history of all series, NaN where a value is missing; rows in any order.
        y
            Not used: the target is a column of ``df``. scikit-learn's Pipeline and searches pass it.
        warm_start
            Whether to continue from the networks fitted before, on the same series or on others
            (fine-tuning), or with ``weights`` from those that come with the package. Parameters that
            determine the networks must not change; ``training`` may.
        optimizer_state
            Whether a warm start also continues from the optimiser's state. Ten steps and ten more are still
            not the same as twenty: the schedules of learning rate and teacher forcing start again (with
            another warm-up), averages of the weights start again, and the seed draws the same windows again.
        resume
            The folder of a checkpoint: the fit that wrote it is continued, on the same data with the same
            settings; see ``checkpoint`` of :class:`Training`. None: a new fit.

        Returns
        -------
        Seq2SeqForecaster
            This estimator. An error leaves it as it was.

        Raises
        ------
        TsSeq2SeqError
            If a parameter or the frame cannot be used; the message names the first fault. One of them: fewer
            than five windows with a whole horizon, where intervals are wanted.

        Warns
        -----
        TrainingWarning
            If as few windows are left for a point forecast, ``max_time`` was over after a handful of steps,
            or the loss grew.
        """
        started = time.monotonic()
        asked, columns = ForecasterSettings.of(self), self._columns()
        start = self._start(warm_start, optimizer_state)
        if warm_start and asked.weights is not None:
            asked = dataclasses.replace(asked, weights="fine_tuned")
        checkpoint = self._checkpoint(resume)
        frame, kind = read_frame(df, columns)
        fitted, records = fit_series(
            read_long_frame(frame, columns),
            asked,
            freq=self.freq,
            device=resolve_device(self.training.device),
            seed=self.seed,
            started=started,
            start=start,
            checkpoint=checkpoint,
        )
        self._adopt(fitted, kind)
        self.optimizer_states_ = tuple(record.optimizer_state for record in records)
        self._note_training(records, checkpoint)
        self._note_choices()
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
            The whole history to forecast from: newer rows of the training series, or other
            series. None: the frame that was given to ``fit``.
        future
            The future covariates over the horizon, a row for each series and time step; see
            :meth:`future_frame`. Needed if the model has future covariates.
        horizon
            Time steps to forecast. None: as many as the model was trained for. A longer horizon needs
            autoregressive decoding.
        levels
            Levels of the intervals to return, in percent. None: all that the output has; 80 and 90 for
            quantiles that are interpolated, as those of :meth:`pretrained`; 90 for a distribution and after
            :meth:`calibrate`. A point forecast in which exponential smoothing has a
            part (the default) has those asked for here, from the errors of smoothing at earlier cutoffs.
            Where a series begins with a few equal values, they are as wide as the training series vary.
        num_samples
            Sample paths behind the intervals of a distribution. None: 200.

        Returns
        -------
        pandas.DataFrame, or a frame of the form of ``df``
            Series, time stamp, ``Seq2Seq``, and ``Seq2Seq-lo-90``, ``Seq2Seq-hi-90`` … with
            intervals. With several targets, a column ``Seq2Seq-load`` … for each.

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
        model, df = self._on(df, horizon=horizon)
        end = read_history_end(model.fitted_, df, future, model.kind_, horizon=horizon)
        if self.weights is not None and end.steps > model.fitted_.horizon:
            warn_of_long_horizon(end.steps)
        values = forecast_columns(
            model.fitted_,
            end.windows,
            conformal=model.conformal_,
            levels=levels,
            paths=checked_paths(num_samples),
            seed=self._sampling_seed(),
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
        """Draw sample paths: whole futures of each series.

        A distribution (:class:`Normal`, :class:`StudentT` …) draws each step after what it drew before. Of
        quantiles, and of a point beside exponential smoothing (the default), each step has the intervals of
        :meth:`predict`, and steps go together as they did in earlier forecasts of the training series.

        Parameters
        ----------
        df, future, horizon
            As in :meth:`predict`.
        num_samples
            Paths of each series. None: 200.

        Returns
        -------
        pandas.DataFrame, or polars' for a polars frame
            Series, ``sample`` (from 0), time stamp and ``Seq2Seq``. The same seed gives the same paths: those
            of a series depend on its name, its values and the time of its cutoff alone, not on the series
            beside it, their order or the machine.

        Raises
        ------
        ParameterError
            If the output is a point in which exponential smoothing has no part.

        Examples
        --------
        >>> from tsseq2seq import datasets
        >>> model = Seq2SeqForecaster.pretrained()
        >>> paths = model.sample(datasets.load("air_passengers"), num_samples=500)
        >>> year = paths.groupby("sample")["Seq2Seq"].sum()  # twelve months together have an interval, too
        >>> len(year), bool(year.quantile(0.1) < year.quantile(0.9))
        (500, True)
        """
        model, df = self._on(df, horizon=horizon)
        paths = checked_paths(num_samples)
        check_paths(model.fitted_)
        end = read_history_end(model.fitted_, df, future, model.kind_, horizon=horizon)
        drawn = sample_columns(model.fitted_, end.windows, paths=paths, seed=self._sampling_seed())
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

        Needs ``output=Binned()`` and autoregressive decoding. Quantiles give a range for each time step by
        itself; a scenario gives values that are likely together.

        Parameters
        ----------
        df, future, horizon
            As in :meth:`predict`.
        n
            Scenarios of each series.
        diverse
            True: sample scenarios without replacement (stochastic beam search). False: search for the
            likeliest, which are often much alike.

        Returns
        -------
        pandas.DataFrame, or polars' for a polars frame
            Series, ``scenario`` (from 0, the likeliest first; with ``diverse`` as drawn), time stamp,
            ``Seq2Seq`` and ``log_probability`` of the whole scenario.
        """
        model, df = self._on(df, horizon=horizon)
        check_number("scenarios", "n", n, low=1, integer=True)
        check_scenarios(model.fitted_.members, len(model.fitted_.columns.targets))
        end = read_history_end(model.fitted_, df, future, model.kind_, horizon=horizon)
        seed = self._sampling_seed() if diverse else None
        values, scores = search_scenarios(model.fitted_.members, end.windows, count=n, seed=seed)
        values = model.fitted_.resolved.bounds.hold(values[..., None])[..., 0]
        warn_of_unknown(end.windows, np.isnan(values).any((1, 2))[:, None])
        repeated = scores[:, :, None].repeat(end.steps, axis=2)
        return end.paths({FORECAST: values, "log_probability": repeated}, number="scenario")

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
        """Forecast from several cutoffs of a history, each time from the values up to the cutoff alone.

        The model is not trained again and may have been trained on the values after a cutoff; see
        :func:`~tsseq2seq.backtest` for honest errors.

        Parameters
        ----------
        df
            The history, with future covariates among its columns.
        windows
            Cutoffs of each series; the last lies a horizon before its end.
        step
            Time steps between cutoffs. None: a horizon.
        skip
            Cutoffs to leave out at the end, so that a long list can be forecast in parts.
        horizon, levels, num_samples
            As in :meth:`predict`.

        Returns
        -------
        pandas.DataFrame, or polars' for a polars frame
            Series, time stamp, ``cutoff`` (the last known time stamp), the target and the forecasts.
        """
        if self.weights == "pretrained" and not self._is_fitted:
            return self._on(df, horizon=horizon)[0].predict_cutoffs(
                df,
                windows=windows,
                step=step,
                skip=skip,
                horizon=horizon,
                levels=levels,
                num_samples=num_samples,
            )
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
            seed=self._sampling_seed(),
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
            Cutoffs of each series at which trials are scored; trials train on the values before the first.
            None: three, or as many as leave half of a typical history for training.
        step
            Time steps between cutoffs. None: a horizon.
        """
        from tsseq2seq.tuning.series_problem import SeriesProblem

        ForecasterSettings.of(self)
        self._check_new("tune")
        columns = self._columns()
        frame, _ = read_frame(df, columns)
        rows = read_long_frame(frame, columns)
        return SeriesProblem(self, rows, Frequency.of(self.freq, rows), windows=windows, step=step)

    def calibrate(
        self, df: Frame, *, windows: int | None = None, step: int | None = None
    ) -> Seq2SeqForecaster:
        """Calibrate intervals on windows that the model was not trained on (split conformal prediction).

        Every output then has intervals of any level. Their coverage equals their level if the calibration
        windows and the forecast windows are exchangeable; see :class:`Conformal`. After biased forecasts an
        interval may lie beside the point forecast.

        Parameters
        ----------
        df
            Other series than the training series, or the training series with newer rows; of these only
            windows after the training data are used.
        windows
            Most windows of each series. None: all with a whole context.
        step
            Time steps between cutoffs. None: a horizon, so that no two windows share targets.

        Returns
        -------
        Seq2SeqForecaster
            This estimator. A later ``fit`` removes the calibration.
        """
        if self.weights == "pretrained" and not self._is_fitted:
            raise ParameterError(
                "calibrate: weights is 'pretrained' and nothing was fitted, so that it is not known on which "
                "rows forecasts begin; call fit with the rows before those to calibrate on"
            )
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
            seed=self._sampling_seed(),
        )
        return self

    def score(self, df: Frame, y: object = None) -> float:
        """Return −MASE of the forecasts from the end of the training series; higher is better.

        Parameters
        ----------
        df
            The true values after that end, joined on series and time stamp, with future covariates among
            its columns.
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
            seed=self._sampling_seed(),
        )

    def future_frame(self, df: Frame = None, *, horizon: int | None = None) -> Frame:
        """Return the frame of future covariates to fill in and pass to :meth:`predict`.

        Parameters
        ----------
        df
            The history to forecast from. None: the frame that was given to ``fit``.
        horizon
            Steps to forecast. None: as many as the model was trained for.

        Returns
        -------
        pandas.DataFrame, or polars' if that came in
            Series, time stamp and a column of nothing for each future covariate, of the type that it has
            in the history. What cannot be empty has the type that can: booleans are nullable, integers
            are floats. What is left empty counts as missing.

        Examples
        --------
        >>> import pandas as pd
        >>> df = pd.DataFrame({"ds": pd.date_range("2024", periods=40), "y": range(40)})
        >>> df["promo"] = df["ds"].dt.day_of_week == 5
        >>> model = Seq2SeqForecaster(
        ...     horizon=3, future_covariates=["promo"], training=Training(max_steps=2, progress=False)
        ... ).fit(df)
        >>> future = model.future_frame()  # Saturday to Monday
        >>> future["promo"] = False
        >>> future.loc[future["ds"].dt.day_of_week == 5, "promo"] = True
        >>> future["promo"].tolist()
        [True, False, False]
        """
        model, df = self._on(df, horizon=horizon)
        steps = model.fitted_.checked_horizon(horizon)
        panel, kind = read_panel(model.fitted_, df, model.kind_)
        columns = model.fitted_.columns
        return give_back_future(future_frame(panel, columns, steps), kind, columns)

    def diagnose(self, df: Frame) -> Diagnosis:
        """Describe a frame, and what training on it would cost, before training.

        Parameters
        ----------
        df
            The frame that ``fit`` would be given.

        Returns
        -------
        Diagnosis
            Lengths, gaps and seasons, resolved settings, padding, and the memory and time that training
            takes. Print it, or take its ``to_frame()``.
        """
        self._check_new("diagnose")
        columns = self._columns()
        frame, _ = read_frame(df, columns)
        return diagnose(
            read_long_frame(frame, columns),
            ForecasterSettings.of(self),
            freq=self.freq,
            device=resolve_device(self.training.device),
        )

    def save(
        self, path: str | os.PathLike[str], *, optimizer_state: bool = False, history: bool = True
    ) -> None:
        """Write the fitted model to a folder: JSON and safetensors, no pickle.

        Parameters
        ----------
        path
            The folder. Of one that holds a saved model, the two files of the model are replaced, at once and
            only when they are complete, and all else stays; any other that is not empty is refused.
        optimizer_state
            Whether to save the optimiser's state, for a later warm start; it is twice as large as the
            networks.
        history
            Whether to save the series trained on, so that ``predict()`` and ``plot`` work after :func:`load`
            without a frame. False makes the folder smaller, and keeps the series' values and names out of it;
            categories of covariates stay.
        """
        self._check_fitted()
        persistence.save(self, path, {"optimizer_state": optimizer_state, "history": history})

    def learned(
        self, *, optimizer_state: bool = False, history: bool = True
    ) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
        """Return what ``fit`` learned, for :func:`tsseq2seq.persistence.save`."""
        parts, tensors = (self.fitted_ if history else self.fitted_.without_history()).to_parts()
        parts |= {"kind": frame_kind_to_parts(self.kind_)} | self._training_parts()
        if self.conformal_ is not None:
            tensors["conformal"] = torch.from_numpy(self.conformal_.scores)
        if optimizer_state:
            parts["optimizers"], states = states_to_parts(self.optimizer_states_)
            tensors |= states
        return parts, tensors

    def restore(self, learned: dict[str, Any], tensors: dict[str, torch.Tensor]) -> None:
        """Set what :meth:`learned` returned, for :func:`tsseq2seq.load`."""
        fitted = FittedSeries.from_parts(learned, tensors, resolve_device(self.training.device))
        self._adopt(fitted, frame_kind_from_parts(learned["kind"]))
        self._restore_training(learned)
        self._note_choices()
        self.optimizer_states_ = states_from_parts(learned.get("optimizers", []), tensors)
        if "conformal" in tensors:
            scores = tensors["conformal"]
            shape = len(scores), fitted.horizon, len(fitted.panel.targets)
            check_tensor("conformal", scores, shape, torch.float64, finite=False)
            self.conformal_ = Conformal(scores.numpy())

    def _adopt(self, fitted: FittedSeries, kind: FrameKind) -> None:
        self.fitted_ = fitted
        self.kind_ = kind
        self.conformal_ = None
        for name in ("context_length", "segment_length", "season_length", "scaling", "lags"):
            setattr(self, f"{name}_", getattr(fitted.resolved, name))
        self.network_share_ = fitted.network_share
        self.output_ = fitted.resolved.output
        self.network_ = fitted.resolved.network
        self.training_ = fitted.resolved.training
        self.frequency_ = fitted.panel.frequency

    def _note_choices(self) -> None:
        """Say what was chosen, of a training that is noted already."""
        asked = ForecasterSettings.of(self)
        if asked.weights is not None:
            # a warm start trains weights further that were to be used as they are
            asked = dataclasses.replace(asked, weights="fine_tuned" if self.n_steps_ else "pretrained")
        self.choices_ = choices(self.fitted_, asked)

    def _columns(self) -> Columns:
        return Columns.of(
            id_col=self.id_col,
            time_col=self.time_col,
            target_col=self.target_col,
            past_covariates=self.past_covariates,
            future_covariates=self.future_covariates,
            static_covariates=self.static_covariates,
            weight_col=self.weight_col,
        )

    def _start(self, warm_start: bool, optimizer_state: bool) -> Start:
        if not warm_start:
            if optimizer_state:
                raise ParameterError("fit: optimizer_state is True without warm_start; set both or neither")
            return Start()
        if self.weights is not None:
            if optimizer_state:
                raise ParameterError(
                    f"fit: optimizer_state is True, but weights={self.weights!r} come without an optimiser's "
                    "state; leave it out"
                )
            return Start(self.fitted_ if self._is_fitted else None)
        self._check_fitted()
        if optimizer_state and not self.optimizer_states_:
            raise ParameterError(
                "fit: optimizer_state is True, but the model was saved without the optimiser's state; "
                "save it with optimizer_state=True"
            )
        return Start(self.fitted_, self.optimizer_states_ if optimizer_state else ())

    def _check_new(self, method: str) -> None:
        """Refuse what is of new networks alone, where weights come with the package."""
        if self.weights is not None:
            raise ParameterError(
                f"{method}: weights is {self.weights!r}, but {method} is of networks that are built and "
                "trained on df alone; set weights=None, or compare forecasters with leaderboard"
            )

    @property
    def _is_fitted(self) -> bool:
        return hasattr(self, "history_")

    def _on(self, df: Frame, *, horizon: int | None = None) -> tuple[Seq2SeqForecaster, Frame]:
        """Return the fitted forecaster, and the frame that it still has to read; None: the one it has.

        Pretrained weights that were not fitted are put on the frame, for this forecast alone.
        """
        if self.weights != "pretrained" or self._is_fitted or df is None:
            self._check_fitted()
            return self, df
        model = clone(self)
        if horizon is not None:
            model.horizon = horizon
        return model.fit(df), None

    def _sampling_seed(self) -> int:
        """Return the seed of paths, sampled scenarios and shuffled covariates; 0 if ``seed`` is None."""
        return int(self.seed or 0)
