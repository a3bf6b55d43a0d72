"""Seq2SeqEnsemble: the median of several different forecasters."""

from __future__ import annotations

import copy
import dataclasses
import os
from collections.abc import Callable, Sequence
from pathlib import Path
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
    give_back,
    give_back_future,
    give_back_long,
    read_forecast,
    read_frame,
    read_future,
)
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.errors import ModelFileError, ParameterError, ParameterTypeError, TrainingWarning, warn
from tsseq2seq.estimator import Estimator
from tsseq2seq.evaluation.scoring import negative_mase
from tsseq2seq.forecaster import Seq2SeqForecaster
from tsseq2seq.forecaster_views import Frame
from tsseq2seq.forecasting.fitted import FittedSeries
from tsseq2seq.forecasting.forecast_columns import DEFAULT_PATHS
from tsseq2seq.settings import check_number
from tsseq2seq.training.fit_many import fit_many

if TYPE_CHECKING:
    import matplotlib.axes

__all__ = ["Seq2SeqEnsemble"]

_COLUMNS = (
    "id_col", "time_col", "target_col", "past_covariates", "future_covariates", "static_covariates",
    "weight_col",
)  # fmt: skip
#: Parameters that must be the same for all forecasters of an ensemble.
_COMMON = ("horizon", "freq", *_COLUMNS)


def _common(name: str) -> Any:  # noqa: ANN401
    """Return a property that reads a parameter of the first forecaster, and sets it in all of them."""

    def read(self: Seq2SeqEnsemble) -> Any:  # noqa: ANN401
        return getattr(self._first(), name)

    def assign(self: Seq2SeqEnsemble, value: object) -> None:
        for forecaster in self.forecasters:
            setattr(forecaster, name, value)

    return property(read, assign, doc=f"``{name}`` of all forecasters.")


@persistence.register
class Seq2SeqEnsemble(Estimator):
    """Forecast by the median of several forecasters.

    Networks with different settings make different errors. Their median is usually more accurate than the
    best of them, and than as many networks with the same settings (``Training(members=…)``). An ensemble
    also avoids choosing settings where the validation part is too short to show which are best.

    Parameters
    ----------
    forecasters
        The forecasters, each with its settings and seed. Their horizon, columns, frequency and intervals
        must be the same. Each has one vote in the median, whatever its number of members. ``fit`` trains
        copies.
    max_time
        Seconds from the call of ``fit`` to its return, divided equally; it replaces the ``max_time`` of
        each. None: each keeps the limit of its own ``training``.
    jobs
        Forecasters that are fitted at a time, in as many processes. They share the processor's threads,
        because a narrow network cannot use several. A process takes seconds to start.

    Attributes
    ----------
    forecasters_ : list of Seq2SeqForecaster
        The fitted forecasters; after an interrupt fewer than were given.
    frequency_
        The time grid.
    history_ : pandas.DataFrame
        The histories of all forecasters, with the number of each (from 0) in a column ``forecaster``.
    n_steps_ : int
        Training steps made; of the forecasters the fewest.
    stopped_ : str
        Why the last training ended.

    References
    ----------
    L. K. Hansen, P. Salamon, "Neural network ensembles", IEEE TPAMI 12, 1990.
    B. N. Oreshkin, D. Carpov, N. Chapados, Y. Bengio, "N-BEATS", ICLR 2020, section 3.4: the median of
    networks that differ in loss and context.

    Examples
    --------
    >>> from tsseq2seq import Network, Seq2SeqEnsemble, Seq2SeqForecaster, Training, datasets
    >>> short = Training(max_steps=5)
    >>> ensemble = Seq2SeqEnsemble([
    ...     Seq2SeqForecaster(12, training=short),
    ...     Seq2SeqForecaster(12, network=Network(cell="gru", decoding="parallel"), training=short),
    ... ]).fit(datasets.load("air_passengers"))
    >>> ensemble.predict().columns.tolist()
    ['unique_id', 'ds', 'Seq2Seq']
    """

    def __init__(
        self, forecasters: Sequence[Seq2SeqForecaster], *, max_time: float | None = None, jobs: int = 1
    ) -> None:
        self.forecasters = forecasters
        self.max_time = max_time
        self.jobs = jobs

    horizon, freq = _common("horizon"), _common("freq")
    id_col, time_col, target_col = _common("id_col"), _common("time_col"), _common("target_col")
    past_covariates = _common("past_covariates")
    future_covariates = _common("future_covariates")
    static_covariates = _common("static_covariates")
    weight_col = _common("weight_col")

    @property
    def fitted_(self) -> FittedSeries:
        """The first forecaster's networks, and the series that all were fitted on."""
        return self.forecasters_[0].fitted_

    def fit(
        self,
        df: Frame,
        y: object = None,
        *,
        warm_start: bool = False,
        resume: str | os.PathLike[str] | None = None,
    ) -> Seq2SeqEnsemble:
        """Train all forecasters on a frame.

        Parameters
        ----------
        df
            As for :meth:`Seq2SeqForecaster.fit`.
        y
            Not used; scikit-learn's Pipeline and searches pass it.
        warm_start
            Whether to continue from the networks fitted before.
        resume
            The folder of a checkpoint, in which each forecaster has a folder: those that were finished are
            not trained again. None: a new fit.

        Returns
        -------
        Seq2SeqEnsemble
            This estimator. An error leaves it as it was.

        Raises
        ------
        TsSeq2SeqError
            If a parameter or the frame cannot be used, or the forecasters do not agree in what they must.
        """
        self._check()
        frame, kind = read_frame(df, self._all_columns())
        if warm_start:
            self._check_fitted()
            models = [copy.copy(model) for model in self.forecasters_]
        else:
            models = [clone(model) for model in self.forecasters]
        folder = None if resume is None else Path(resume)
        if folder is not None and not any(folder.glob("forecaster-*")):
            _check_nothing_to_resume(folder, models)
        fitted = fit_many(
            models,
            frame,
            warm_start=warm_start,
            resume=folder,
            max_time=self.max_time,
            jobs=self.jobs,
        )
        self._adopt(fitted, kind)
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
        """Forecast the steps after the end of each series; see :meth:`Seq2SeqForecaster.predict`.

        The point forecast and both ends of each interval are medians over the forecasters.
        """
        self._check_fitted()
        frame, future, kind = self._read(df, future)
        options: dict[str, Any] = {"horizon": horizon, "levels": levels, "num_samples": num_samples}
        forecast = self._median(lambda model: model.predict(frame, future, **options))
        return give_back(forecast, kind, self._columns())

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
        """Forecast from several cutoffs of a history; see :meth:`Seq2SeqForecaster.predict_cutoffs`."""
        self._check_fitted()
        frame, _, kind = self._read(df, None)
        options: dict[str, Any] = {
            "windows": windows,
            "step": step,
            "skip": skip,
            "horizon": horizon,
            "levels": levels,
            "num_samples": num_samples,
        }
        forecast = self._median(lambda model: model.predict_cutoffs(frame, **options))
        return give_back_long(forecast, kind, self._columns())

    def sample(
        self,
        df: Frame = None,
        future: Frame = None,
        *,
        num_samples: int | None = None,
        horizon: int | None = None,
    ) -> Frame:
        """Draw sample paths, in equal shares from all forecasters; see :meth:`Seq2SeqForecaster.sample`."""
        self._check_fitted()
        check_number("sample", "num_samples", num_samples, low=1, integer=True, optional=True)
        frame, future, kind = self._read(df, future)
        paths, count = num_samples or DEFAULT_PATHS, len(self.forecasters_)
        frames, first_path = [], 0
        for number, model in enumerate(self.forecasters_[:paths]):
            share = paths // count + (number < paths % count)
            sampled = model.sample(frame, future, num_samples=share, horizon=horizon)
            sampled["sample"] += first_path
            # rows are sorted by series, path and step
            rows_a_series = share * model.fitted_.checked_horizon(horizon)
            frames.append(sampled.assign(_series=np.arange(len(sampled)) // rows_a_series))
            first_path += share
        all_paths = pd.concat(frames, ignore_index=True)
        all_paths = all_paths.sort_values(["_series", "sample"], kind="stable", ignore_index=True)
        return give_back_long(all_paths.drop(columns="_series"), kind, self._columns())

    def score(self, df: Frame, y: object = None) -> float:
        """Return −MASE of the forecasts from the end of the training series; higher is better.

        Parameters
        ----------
        df
            The true values after that end; see :meth:`Seq2SeqForecaster.score`.
        y
            Not used; scikit-learn's searches pass it.
        """
        self._check_fitted()
        columns = self._columns()
        frame, _ = read_frame(df, columns)
        return negative_mase(
            [model.fitted_ for model in self.forecasters_],
            read_long_frame(frame, columns),
            frame,
            paths=DEFAULT_PATHS,
            seed=int(self.forecasters_[0].seed or 0),
        )

    def future_frame(self, df: Frame = None, *, horizon: int | None = None) -> Frame:
        """Return the frame of future covariates to fill in; see :meth:`Seq2SeqForecaster.future_frame`."""
        self._check_fitted()
        frame, _, kind = self._read(df, None)
        rows = self.forecasters_[0].future_frame(frame, horizon=horizon)
        return give_back_future(rows, kind, self._columns())

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
        """Draw a forecast behind the history of its series; see :meth:`Seq2SeqForecaster.plot`."""
        self._check_fitted()
        frame, _, kind = self._read(df, None)
        long = read_forecast(forecast, kind, self._columns())
        return self.forecasters_[0].plot(long, df=frame, series=series, target=target, title=title, ax=ax)

    def save(
        self, path: str | os.PathLike[str], *, optimizer_state: bool = False, history: bool = True
    ) -> None:
        """Write the fitted ensemble to a folder; see :meth:`Seq2SeqForecaster.save`."""
        self._check_fitted()
        persistence.save(self, path, {"optimizer_state": optimizer_state, "history": history})

    def learned(
        self, *, optimizer_state: bool = False, history: bool = True
    ) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
        """Return what ``fit`` learned, for :func:`tsseq2seq.persistence.save`."""
        parts: list[dict[str, Any]] = []
        tensors: dict[str, torch.Tensor] = {}
        written: dict[int, str] = {}  # by the id of a tensor, the name that it is written under
        for number, model in enumerate(self.forecasters_):
            learned, model_tensors = model.learned(optimizer_state=optimizer_state, history=history)
            # several forecasters may hold the same series, which are written once
            shared = {
                name: written[id(tensor)] for name, tensor in model_tensors.items() if id(tensor) in written
            }
            for name in model_tensors.keys() - shared.keys():
                written[id(model_tensors[name])] = f"{number}.{name}"
                tensors[f"{number}.{name}"] = model_tensors[name]
            parts.append({"parameters": model.get_params(deep=False), "learned": learned, "shared": shared})
        return {"forecasters": parts, "kind": frame_kind_to_parts(self.kind_)}, tensors

    def restore(self, learned: dict[str, Any], tensors: dict[str, torch.Tensor]) -> None:
        """Set what :meth:`learned` returned, for :func:`tsseq2seq.load`."""
        models = []
        for number, parts in enumerate(learned["forecasters"]):
            prefix = f"{number}."
            model_tensors = {
                name.removeprefix(prefix): tensor
                for name, tensor in tensors.items()
                if name.startswith(prefix)
            }
            model_tensors |= {name: tensors[source] for name, source in parts["shared"].items()}
            model = Seq2SeqForecaster(**parts["parameters"])
            model.restore(parts["learned"], model_tensors)
            models.append(model)
        self._adopt(models, frame_kind_from_parts(learned["kind"]))

    def _adopt(self, models: list[Seq2SeqForecaster], kind: FrameKind) -> None:
        _share_series(models)
        self.forecasters_ = models
        self.kind_ = kind
        self.frequency_ = models[0].frequency_
        frames = [model.history_.assign(forecaster=number) for number, model in enumerate(models)]
        self.history_ = pd.concat(frames, ignore_index=True)
        self.n_steps_ = min(model.n_steps_ for model in models)
        self.stopped_ = models[-1].stopped_

    def _check(self) -> None:
        check_number("Seq2SeqEnsemble", "jobs", self.jobs, low=1, integer=True)
        check_number("Seq2SeqEnsemble", "max_time", self.max_time, low=0, low_open=True, optional=True)
        models, first = self.forecasters, self._first()
        # pretrained weights have intervals of any level, which suit every other
        alike = [model for model in models if getattr(model, "weights", None) is None]
        for number, model in enumerate(models):
            if not isinstance(model, Seq2SeqForecaster):
                raise ParameterTypeError(
                    f"Seq2SeqEnsemble: forecasters[{number}] is a {type(model).__name__}; it must be a "
                    "Seq2SeqForecaster"
                )
            for name in _COMMON:
                if getattr(model, name) != getattr(first, name):
                    raise ParameterError(
                        f"Seq2SeqEnsemble: forecasters[{number}] has {name}={getattr(model, name)!r}, but "
                        f"the first has {getattr(first, name)!r}; it must be the same for all"
                    )
            if model.weights is None and _intervals(model) != _intervals(alike[0]):
                raise ParameterError(
                    f"Seq2SeqEnsemble: forecasters[{number}] has the output {model.output!r}, but the first "
                    f"has {alike[0].output!r}, whose intervals are others"
                )

    def _first(self) -> Seq2SeqForecaster:
        models = self.forecasters
        if not isinstance(models, list | tuple) or not models:
            raise ParameterTypeError(
                f"Seq2SeqEnsemble: forecasters is {models!r}; it must be a list of Seq2SeqForecaster"
            )
        return models[0]

    def _columns(self) -> Columns:
        return self._all_columns().unweighted

    def _all_columns(self) -> Columns:
        """Return the columns that a fit reads: also that of weights."""
        return Columns.of(**{name: getattr(self, name) for name in _COLUMNS})

    def _read(self, df: Frame, future: Frame) -> tuple[pd.DataFrame | None, pd.DataFrame | None, FrameKind]:
        """Return both frames as long pandas frames (None stays None), and the kind of the frame to return."""
        columns = self._columns()
        frame, kind = (None, self.kind_) if df is None else read_frame(df, columns)
        return frame, None if future is None else read_future(future, columns, kind), kind

    def _median(self, forecast: Callable[[Seq2SeqForecaster], pd.DataFrame]) -> pd.DataFrame:
        frames = [forecast(model) for model in self.forecasters_]
        # without levels a forecaster with pretrained weights has intervals that others may lack
        names = [
            str(name)
            for name in frames[0]
            if str(name).startswith(FORECAST) and all(name in frame for frame in frames)
        ]
        median = np.median([frame[names] for frame in frames], axis=0)
        keys = [name for name in frames[0] if not str(name).startswith(FORECAST)]
        return frames[0][[*keys, *names]].assign(**dict(zip(names, median.T, strict=True)))


def _intervals(model: Seq2SeqForecaster) -> tuple[bool, tuple[float, ...]]:
    return model.output.sampled, tuple(model.output.probabilities)


def _share_series(models: Sequence[Seq2SeqForecaster]) -> None:
    """Have forecasters share one panel, where the parameters that it depends on are equal."""
    first = models[0]
    for model in models[1:]:
        same_training = all(
            getattr(model.training, name) == getattr(first.training, name)
            for name in ("device", "validation_size")
        )
        if same_training and model.calendar == first.calendar:
            model.fitted_ = dataclasses.replace(model.fitted_, panel=first.fitted_.panel)


def _check_nothing_to_resume(folder: Path, models: Sequence[Seq2SeqForecaster]) -> None:
    """Refuse a folder without checkpoints, unless it is the one that they will be written to.

    Raises
    ------
    ModelFileError
        If it is another one.

    Warns
    -----
    TrainingWarning
        If the fit begins anew.
    """
    folders = {Path(one.training.checkpoint).resolve() for one in models if one.training.checkpoint}
    if folder.resolve() not in folders:
        raise ModelFileError(
            f"resume: {folder} holds no checkpoint of an ensemble; forecasters with "
            f"Training(checkpoint={str(folder)!r}) write them"
        )
    warn(f"resume: there is no checkpoint in {folder} yet; the training begins anew", TrainingWarning)
