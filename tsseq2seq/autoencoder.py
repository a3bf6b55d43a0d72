"""Seq2SeqAutoencoder: windows of series, through a narrow vector and back; anomalies come back badly."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd
import torch
from sklearn.base import TransformerMixin

from tsseq2seq import persistence
from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.frames import give_back_long
from tsseq2seq.data.grid.calendar import Calendar
from tsseq2seq.data.scaling.base import Scaling
from tsseq2seq.estimator import Estimator
from tsseq2seq.hardware.devices import resolve_device
from tsseq2seq.nn.network import Network
from tsseq2seq.reconstruction.defaults import AutoencoderSettings
from tsseq2seq.reconstruction.fitted import FittedWindows
from tsseq2seq.reconstruction.fitting import fit_windows
from tsseq2seq.reconstruction.latent_output import (
    decoded,
    in_output_form,
    latent_names,
    latent_of,
    output_form,
    windows_frame,
)
from tsseq2seq.reconstruction.reading import read_rows, read_windows
from tsseq2seq.reconstruction.results import check_result_names, imputed, reconstructed, scored
from tsseq2seq.settings import check_choice
from tsseq2seq.training.training import Training

if TYPE_CHECKING:
    import matplotlib.axes

__all__ = ["Seq2SeqAutoencoder"]

#: Any frame that :func:`~tsseq2seq.data.frames.frames.read_frame` takes, or an array of windows.
Frame: TypeAlias = Any

_NETWORK = Network(feed_output=False, feed_context=True, initial_state=False, residual=None)


@persistence.register
class Seq2SeqAutoencoder(TransformerMixin, Estimator, auto_wrap_output_keys=None):
    """Find anomalies, fill gaps and compress windows of time series with an encoder–decoder network.

    The encoder reads a window and leaves a latent vector of a few numbers, from which the decoder writes the
    window again. There is room for what is usual only: where the reconstruction is far from the values, they
    are unusual. Nothing has to be labelled.

    Frames are those of :class:`~tsseq2seq.Seq2SeqForecaster`: long, wide, a Series, an array of one
    dimension, or a long frame of polars; results are returned in the same form. An array of two dimensions
    holds a window in each row, as scikit-learn has it.

    Parameters
    ----------
    window_length
        Time steps of a window. None: the longest season of which a typical series has eight (a week of hours
        or half-hours), several of a season shorter than 24 steps, and 32 steps without a season.
    segment_length
        Time steps that are read or written in one recurrent step; it divides ``window_length``. None: the
        largest divisor of the shortest season that leaves at least six.
    latent_size
        Numbers of a latent vector. The fewer, the less that is unusual comes back. None: 4, and 2 for each
        further target; 4 more without a calendar.
    order
        ``"forward"``, or ``"reversed"``: the decoder writes a window from its end (Srivastava et al. 2015).
    noise
        Share of the values that training hides from the encoder, at random; the decoder has to write them
        all the same (Vincent et al. 2008). 0.
    false_alarms
        Share of usual time steps that shall count as anomalies. The threshold is taken from a fifth of the
        series, which training leaves out.
    scaling
        As of :class:`~tsseq2seq.Seq2SeqForecaster`, with the window in place of the context. ``"series"``
        scales all windows of a series by the mean and the deviation of all of it. None: ``"series"``, or
        ``"window"`` where the level wanders.
    calendar
        Features of the time stamps, which encoder and decoder read. ``"auto"``: those that suit the
        frequency, of cycles that the series have three times, such as the hour and the weekday; none for
        integer time. None: none.
    loss
        ``"mae"``, which passes over what is unusual, ``"mse"``, ``"huber"``, or as of
        :class:`~tsseq2seq.Point`.
    network
        The architecture. By default the latent vector enters every decoder step, and nothing else does but
        the calendar. With ``feed_output`` the decoder also reads what it wrote before. It has no attention
        and no residual, which would lead past the latent vector.
    training
        The optimisation; None means 600 steps of up to 128 windows. ``validation_size`` counts time steps at
        the end of each series, a window at least.
    id_col, time_col, target_col
        Names of the columns, as of :class:`~tsseq2seq.Seq2SeqForecaster`. Several targets (a list) are read
        and written together, and have one score.
    weight_col
        Name of a column that says how much each row counts in the loss and in the validation error, at least
        0. With 0 a step is read but not learned, nor is the threshold taken from it. Losses of whole windows
        (``"soft_dtw"`` …) take weights that are 0 or the same throughout a series. None: all the same.
    freq
        Time step of the grid. None: inferred.
    seed
        Seed of first weights, random windows and noise; the same seed gives the same model on the same
        machine. None: a different model each time.

    Attributes
    ----------
    window_length_, segment_length_, latent_size_, season_length_, scaling_, calendar_, network_, training_
        The resolved settings.
    threshold_ : float
        Steps with a higher score count as anomalies.
    calibration_steps_ : int
        Number of steps that the threshold was taken from.
    fitted_ : FittedWindows
        The networks, the series and the resolved settings.
    frequency_
        The time grid.
    history_, n_steps_, stopped_
        As of :class:`~tsseq2seq.Seq2SeqForecaster`.

    References
    ----------
    Srivastava, Mansimov & Salakhutdinov, "Unsupervised learning of video representations using LSTMs"
    (2015); Malhotra et al., "LSTM-based encoder-decoder for multi-sensor anomaly detection" (2016); Vincent
    et al., "Extracting and composing robust features with denoising autoencoders" (2008).

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from tsseq2seq import Seq2SeqAutoencoder
    >>> hours = pd.date_range("2024-01-01", periods=24 * 60, freq="h")
    >>> noise = np.random.default_rng(0).normal(0, 0.1, len(hours))
    >>> df = pd.DataFrame({"ds": hours, "y": np.sin(2 * np.pi * hours.hour / 24) + noise})
    >>> df.loc[1000, "y"] += 3
    >>> model = Seq2SeqAutoencoder(window_length=24).fit(df)
    >>> scores = model.anomaly_scores(df)
    >>> scores.columns.tolist()
    ['ds', 'y', 'reconstruction', 'score', 'is_anomaly']
    >>> int(scores["score"].idxmax())
    1000
    """

    def __init__(
        self,
        window_length: int | None = None,
        *,
        segment_length: int | None = None,
        latent_size: int | None = None,
        order: str = "forward",
        noise: float = 0.0,
        false_alarms: float = 0.01,
        scaling: str | Scaling | None = None,
        calendar: str | Sequence[str] | Calendar | None = "auto",
        loss: Any = "mae",  # noqa: ANN401 (as of Point)
        network: Network = _NETWORK,
        training: Training = Training(),
        id_col: str | None = "unique_id",
        time_col: str = "ds",
        target_col: str | Sequence[str] = "y",
        weight_col: str | None = None,
        freq: str | int | pd.DateOffset | None = None,
        seed: int | None = 0,
    ) -> None:
        self.window_length = window_length
        self.segment_length = segment_length
        self.latent_size = latent_size
        self.order = order
        self.noise = noise
        self.false_alarms = false_alarms
        self.scaling = scaling
        self.calendar = calendar
        self.loss = loss
        self.network = network
        self.training = training
        self.id_col = id_col
        self.time_col = time_col
        self.target_col = target_col
        self.weight_col = weight_col
        self.freq = freq
        self.seed = seed

    def fit(
        self,
        df: Frame,
        y: object = None,
        *,
        resume: str | os.PathLike[str] | None = None,
        warm_start: bool = False,
    ) -> Seq2SeqAutoencoder:
        """Train on a frame, or on an array of windows.

        Parameters
        ----------
        df
            The series, NaN where a value is missing; rows in any order. They may hold anomalies, if these
            are few.
        y
            Not used; scikit-learn's Pipeline passes it.
        resume
            The folder of a checkpoint: the fit that wrote it is continued, on the same data with the same
            settings; see ``checkpoint`` of :class:`Training`. None: a new fit.
        warm_start
            Whether to continue from the networks fitted before, on these data or on others (fine-tuning).
            Windows, calendar and scaling are those of the earlier fit. Settings that determine the networks
            must not change; ``training`` may, but for its members.

        Returns
        -------
        Seq2SeqAutoencoder
            This estimator. An error leaves it as it was.

        Raises
        ------
        TsSeq2SeqError
            If a parameter or the frame cannot be used; the message names the first fault.

        Warns
        -----
        DataWarning
            If too few steps are held back for the rate of false alarms.
        """
        started = time.monotonic()
        asked, columns = AutoencoderSettings.of(self), self._columns()
        rows = read_rows(df, columns, asked.window_length)
        if rows.width is not None:
            asked = asked.with_window(rows.width)
        previous: FittedWindows | None = self._earlier(warm_start)
        checkpoint = self._checkpoint(resume)
        fitted, records = fit_windows(
            rows.frame,
            asked,
            freq=self.freq,
            device=resolve_device(self.training.device),
            seed=self.seed,
            started=started,
            stride=1 if rows.width is None else rows.width,
            previous=previous,
            checkpoint=checkpoint,
        )
        self._adopt(fitted)
        self._note_training(records, checkpoint)
        return self

    def reconstruct(self, df: Frame) -> Frame:
        """Return what the network makes of each time step.

        Each step lies in about eight windows; the mean of their reconstructions is taken, in which a window
        counts by its number of observed values.

        Parameters
        ----------
        df
            Series, or windows; those trained on or others. Each series must be as long as a window.

        Returns
        -------
        pandas.DataFrame, or a frame of the form of ``df``
            Series, time stamp and ``reconstruction``, with a row for each step of the grid. With several
            targets a column ``reconstruction-load`` … for each. Of windows an array like them.
        """
        self._check_fitted()
        return reconstructed(read_windows(self.fitted_, df))

    def anomaly_scores(self, df: Frame) -> Frame:
        """Return how unusual each time step is.

        The score is the absolute error of the reconstruction in units of the usual error of the series: the
        median error of the steps that training left out. So it is comparable between series. Of several
        targets it is the root mean square of theirs.

        Parameters
        ----------
        df
            As for :meth:`reconstruct`.

        Returns
        -------
        pandas.DataFrame, or a frame of the form of ``df``
            Series, time stamp, the targets, ``reconstruction``, ``score`` and ``is_anomaly`` (whether the
            score is above ``threshold_``), with a row for each step of the grid. Missing values have no
            score. Arrays hold these quantities, from the targets on, along a last axis.
        """
        self._check_fitted()
        return scored(read_windows(self.fitted_, df))

    def impute(self, df: Frame) -> Frame:
        """Fill missing values with their reconstruction; observed values are left as they are, bit for bit.

        Parameters
        ----------
        df
            As for :meth:`reconstruct`. NaN is filled, and so is a time step without a row.

        Returns
        -------
        pandas.DataFrame, or a frame of the form of ``df``
            Series, time stamp and the targets, with a row for each step of the grid.

        Warns
        -----
        DataWarning
            If values stay missing, since no window around them has an observed value.
        """
        self._check_fitted()
        return imputed(read_windows(self.fitted_, df))

    def transform(self, df: Frame) -> Any:  # noqa: ANN401 (an array, or what set_output asks for)
        """Return the latent vectors of windows that lie end to end.

        Parameters
        ----------
        df
            As for :meth:`reconstruct`. The windows of a series are counted back from its end, and the steps
            before the first are left out; :meth:`windows` tells where each lies.

        Returns
        -------
        numpy.ndarray
            (windows, ``latent_size_``), float32; of several members their vectors side by side.
        """
        self._check_fitted()
        reading = read_windows(self.fitted_, df)
        return in_output_form(latent_of(reading), output_form(self), reading)

    def inverse_transform(
        self,
        latent: Any,  # noqa: ANN401 (an array)
        *,
        starts: object = None,
        series: object = None,
    ) -> np.ndarray:
        """Return the windows that the decoder writes for latent vectors.

        Parameters
        ----------
        latent
            (windows, ``latent_size_``).
        starts
            The first time stamp of each window. Needed if the model reads the calendar.
        series
            The name of each window's series. Needed with ``scaling_ == "series"``, if there are several.

        Returns
        -------
        numpy.ndarray
            (windows, ``window_length_``), or (windows, ``window_length_``, targets) of several targets. In
            original units if ``scaling_`` is ``"series"`` or ``"none"``; else on the scale of the window,
            which its latent vector does not tell.
        """
        self._check_fitted()
        return decoded(self.fitted_, latent, starts, series)

    def windows(self, df: Frame) -> Frame:
        """Return where the windows of :meth:`transform` lie, in the same order.

        Parameters
        ----------
        df
            As for :meth:`transform`.

        Returns
        -------
        pandas.DataFrame, or polars' for a polars frame
            Series, ``start`` and ``end`` (the first and the last time stamp).
        """
        self._check_fitted()
        reading = read_windows(self.fitted_, df)
        return give_back_long(windows_frame(reading), reading.rows.kind, self.fitted_.columns)

    def get_feature_names_out(self, input_features: object = None) -> np.ndarray:
        """Return the names of the latent numbers: ``latent0``, ``latent1`` …; nothing is read."""
        self._check_fitted()
        return latent_names(self.fitted_.latent_width)

    def set_output(self, *, transform: str | None = None) -> Seq2SeqAutoencoder:
        """Set what :meth:`transform` returns.

        Parameters
        ----------
        transform
            ``"default"`` (an array), ``"pandas"`` (a frame; its index has the series and the start of each
            window) or ``"polars"``. None: as before.
        """
        check_choice("set_output", "transform", transform, (None, "default", "pandas", "polars"))
        if transform is not None:
            self._sklearn_output_config = {"transform": transform}
        return self

    def plot(
        self,
        scores: Frame,
        *,
        series: object = None,
        target: str | None = None,
        title: str | None = None,
        ax: matplotlib.axes.Axes | None = None,
    ) -> matplotlib.axes.Axes:
        """Draw a series, its reconstruction and its anomalies.

        Parameters
        ----------
        scores
            A long frame that :meth:`anomaly_scores` returned.
        series
            Which series to draw. None: the first.
        target
            Which of several targets to draw. None: the first.
        title
            Title above the plot. None: the name of the series.
        ax
            Where to draw. None: a new figure.

        Returns
        -------
        matplotlib.axes.Axes
            The axes drawn on.
        """
        from tsseq2seq.plotting import plot_anomalies

        self._check_fitted()
        columns = self.fitted_.columns
        return plot_anomalies(
            scores,
            id_col=columns.id,
            time_col=columns.time,
            target_col=columns.targets[0] if target is None else target,
            series=series,
            title=title,
            ax=ax,
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the fitted model to a folder: JSON and safetensors, no pickle.

        Of a folder that holds a saved model, the two files of the model are replaced, and all else stays; any
        other that is not empty is refused. The series trained
        on are in it.
        """
        self._check_fitted()
        persistence.save(self, path)

    def learned(self) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
        """Return what ``fit`` learned, for :func:`tsseq2seq.persistence.save`."""
        parts, tensors = self.fitted_.to_parts()
        return parts | self._training_parts(), tensors

    def restore(self, learned: dict[str, Any], tensors: dict[str, torch.Tensor]) -> None:
        """Set what :meth:`learned` returned, for :func:`tsseq2seq.load`."""
        self._adopt(FittedWindows.from_parts(learned, tensors, resolve_device(self.training.device)))
        self._restore_training(learned)

    def _adopt(self, fitted: FittedWindows) -> None:
        self.fitted_ = fitted
        for name in ("window_length", "segment_length", "latent_size", "season_length", "scaling"):
            setattr(self, f"{name}_", getattr(fitted.resolved, name))
        self.network_ = fitted.resolved.network
        self.training_ = fitted.resolved.training
        self.calendar_ = fitted.coders.calendar
        self.threshold_ = fitted.calibration.threshold
        self.calibration_steps_ = fitted.calibration.steps
        self.frequency_ = fitted.panel.frequency

    def _columns(self) -> Columns:
        columns = Columns.of(
            id_col=self.id_col,
            time_col=self.time_col,
            target_col=self.target_col,
            weight_col=self.weight_col,
        )
        check_result_names(columns)
        return columns
