"""Seq2SeqEnsemble: unlike forecasters as one, which forecasts their median."""

from __future__ import annotations

import copy
import dataclasses
import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import torch
from sklearn.base import clone

from tsseq2seq import persistence
from tsseq2seq.data.frames.columns import FORECAST, Columns
from tsseq2seq.data.frames.frames import (
    Kind,
    give_back,
    give_back_future,
    give_back_long,
    kind_from_parts,
    kind_to_parts,
    read_forecast,
    read_frame,
    read_future,
)
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.errors import ParameterError, ParameterTypeError
from tsseq2seq.estimator import Estimator
from tsseq2seq.evaluation.scoring import negative_mase
from tsseq2seq.forecaster import Frame, Seq2SeqForecaster
from tsseq2seq.forecasting.fitted import FittedSeries
from tsseq2seq.forecasting.forecast_columns import DEFAULT_PATHS
from tsseq2seq.settings import check_number
from tsseq2seq.training.fit_many import fit_together

if TYPE_CHECKING:
    import matplotlib.axes

__all__ = ["Seq2SeqEnsemble"]

_COLUMNS = (
    "id_col", "time_col", "target_col", "past_covariates", "future_covariates", "static_covariates",
)  # fmt: skip
#: What all forecasters of an ensemble must have in common.
_COMMON = ("horizon", "freq", *_COLUMNS)


def _common(name: str) -> Any:  # noqa: ANN401
    """Return a property that is read from the first forecaster, and set in all of them."""

    def read(self: Seq2SeqEnsemble) -> Any:  # noqa: ANN401
        return getattr(self._first(), name)

    def assign(self: Seq2SeqEnsemble, value: object) -> None:
        for forecaster in self.forecasters:
            setattr(forecaster, name, value)

    return property(read, assign, doc=f"``{name}`` of all forecasters.")


@persistence.register
class Seq2SeqEnsemble(Estimator):
    """Forecast by the median of several forecasters.

    Networks of other settings err in other places, so that their median is usually more accurate than the
    best of them, and than as many networks of one kind (``Training(members=…)``). And settings need not be
    chosen where a validation part is too short to tell which are best.

    Parameters
    ----------
    forecasters
        Each with its settings and seed; they must have the horizon, the columns, the frequency and the
        intervals in common. Each counts as one, however many members it has itself. They are not changed.
    max_time
        Seconds from the call of ``fit`` to its return, shared by all alike; it replaces the ``max_time`` of
        each. None: each trains as its ``training`` says.
    jobs
        Forecasters that are fitted at a time, in as many processes, which share the processor's threads:
        narrow networks do not keep several busy. A process takes seconds to start.

    Attributes
    ----------
    forecasters_ : list of Seq2SeqForecaster
        Those that were fitted; after an interrupt fewer than were given.
    frequency_
        The time grid.
    history_ : pandas.DataFrame
        As of each forecaster, with its place in a column ``forecaster``.
    n_steps_ : int
        The fewest steps of a forecaster.
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

    @property
    def fitted_(self) -> FittedSeries:
        """The first forecaster's networks, and the series that all were fitted on."""
        return self.forecasters_[0].fitted_

    def fit(self, df: Frame, *, warm_start: bool = False) -> Seq2SeqEnsemble:
        """Train all forecasters on a frame.

        Parameters
        ----------
        df
            As for :meth:`Seq2SeqForecaster.fit`.
        warm_start
            Go on with the networks fitted before.

        Returns
        -------
        Seq2SeqEnsemble
            This estimator. If something is refused, it is left as it was.

        Raises
        ------
        TsSeq2SeqError
            If a parameter or the frame cannot be used, or the forecasters do not fit together.
        """
        self._check()
        frame, kind = read_frame(df, self._columns())
        if warm_start:
            self._check_fitted()
            models = [copy.copy(model) for model in self.forecasters_]
        else:
            models = [clone(model) for model in self.forecasters]
        fitted = fit_together(models, frame, warm_start=warm_start, max_time=self.max_time, jobs=self.jobs)
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

        The point and the ends of intervals are each the median of the forecasters'.
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
        """Draw sample paths, from each forecaster in turn; see :meth:`Seq2SeqForecaster.sample`."""
        self._check_fitted()
        check_number("sample", "num_samples", num_samples, low=1, integer=True, optional=True)
        frame, future, kind = self._read(df, future)
        paths, count = num_samples or DEFAULT_PATHS, len(self.forecasters_)
        drawn, first = [], 0
        for place, model in enumerate(self.forecasters_[:paths]):
            share = paths // count + (place < paths % count)
            part = model.sample(frame, future, num_samples=share, horizon=horizon)
            part["sample"] += first
            # rows are sorted by series, path and step
            steps = share * model.fitted_.checked_horizon(horizon)
            drawn.append(part.assign(_series=np.arange(len(part)) // steps))
            first += share
        together = pd.concat(drawn, ignore_index=True)
        together = together.sort_values(["_series", "sample"], kind="stable", ignore_index=True)
        return give_back_long(together.drop(columns="_series"), kind, self._columns())

    def score(self, df: Frame, y: object = None) -> float:
        """Return −MASE of the forecasts from the end of what was fitted; higher is better.

        Parameters
        ----------
        df
            What happened after that; see :meth:`Seq2SeqForecaster.score`.
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
        ax: matplotlib.axes.Axes | None = None,
    ) -> matplotlib.axes.Axes:
        """Draw a forecast behind the history of its series; see :meth:`Seq2SeqForecaster.plot`."""
        self._check_fitted()
        frame, _, kind = self._read(df, None)
        long = read_forecast(forecast, kind, self._columns())
        return self.forecasters_[0].plot(long, df=frame, series=series, ax=ax)

    def save(self, path: str | os.PathLike[str], *, optimizer_state: bool = False) -> None:
        """Write the fitted ensemble to a folder; see :meth:`Seq2SeqForecaster.save`."""
        self._check_fitted()
        persistence.save(self, path, {"optimizer_state": optimizer_state})

    def learned(self, *, optimizer_state: bool = False) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
        """Return what ``fit`` learned, for :func:`tsseq2seq.persistence.save`."""
        parts: list[dict[str, Any]] = []
        tensors: dict[str, torch.Tensor] = {}
        known: dict[int, str] = {}
        for place, model in enumerate(self.forecasters_):
            learned, own = model.learned(optimizer_state=optimizer_state)
            # series that several have in common are written once
            shared = {name: known[id(tensor)] for name, tensor in own.items() if id(tensor) in known}
            for name in own.keys() - shared.keys():
                known[id(own[name])] = f"{place}.{name}"
                tensors[f"{place}.{name}"] = own[name]
            parts.append({"parameters": model.get_params(deep=False), "learned": learned, "shared": shared})
        return {"forecasters": parts, "kind": kind_to_parts(self.kind_)}, tensors

    def restore(self, learned: dict[str, Any], tensors: dict[str, torch.Tensor]) -> None:
        """Take up what :meth:`learned` returned, for :func:`tsseq2seq.load`."""
        models = []
        for place, parts in enumerate(learned["forecasters"]):
            prefix = f"{place}."
            own = {name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)}
            own |= {name: tensors[source] for name, source in parts["shared"].items()}
            model = Seq2SeqForecaster(**parts["parameters"])
            model.restore(parts["learned"], own)
            models.append(model)
        self._adopt(models, kind_from_parts(learned["kind"]))

    def _adopt(self, models: list[Seq2SeqForecaster], kind: Kind) -> None:
        _share_series(models)
        self.forecasters_ = models
        self.kind_ = kind
        self.frequency_ = models[0].frequency_
        frames = [model.history_.assign(forecaster=place) for place, model in enumerate(models)]
        self.history_ = pd.concat(frames, ignore_index=True)
        self.n_steps_ = min(model.n_steps_ for model in models)
        self.stopped_ = models[-1].stopped_

    def _check(self) -> None:
        check_number("Seq2SeqEnsemble", "jobs", self.jobs, low=1, integer=True)
        check_number("Seq2SeqEnsemble", "max_time", self.max_time, low=0, low_open=True, optional=True)
        models, first = self.forecasters, self._first()
        for place, model in enumerate(models):
            if not isinstance(model, Seq2SeqForecaster):
                raise ParameterTypeError(
                    f"Seq2SeqEnsemble: forecasters[{place}] is a {type(model).__name__}; it must be a "
                    "Seq2SeqForecaster"
                )
            for name in _COMMON:
                if getattr(model, name) != getattr(first, name):
                    raise ParameterError(
                        f"Seq2SeqEnsemble: forecasters[{place}] has {name}={getattr(model, name)!r}, but the "
                        f"first has {getattr(first, name)!r}; it must be the same for all"
                    )
            if _intervals(model) != _intervals(first):
                raise ParameterError(
                    f"Seq2SeqEnsemble: forecasters[{place}] has the output {model.output!r}, but the first "
                    f"has {first.output!r}, whose intervals are others"
                )

    def _first(self) -> Seq2SeqForecaster:
        models = self.forecasters
        if not isinstance(models, list | tuple) or not models:
            raise ParameterTypeError(
                f"Seq2SeqEnsemble: forecasters is {models!r}; it must be a list of Seq2SeqForecaster"
            )
        return models[0]

    def _columns(self) -> Columns:
        return Columns.of(**{name: getattr(self, name) for name in _COLUMNS})

    def _read(self, df: Frame, future: Frame) -> tuple[pd.DataFrame | None, pd.DataFrame | None, Kind]:
        """Return frames as long ones of pandas, None where nothing is given, and the kind to give back."""
        columns = self._columns()
        frame, kind = (None, self.kind_) if df is None else read_frame(df, columns)
        return frame, None if future is None else read_future(future, columns, kind), kind

    def _median(self, forecast: Callable[[Seq2SeqForecaster], pd.DataFrame]) -> pd.DataFrame:
        frames = [forecast(model) for model in self.forecasters_]
        names = [str(name) for name in frames[0] if str(name).startswith(FORECAST)]
        middle = np.median([frame[names] for frame in frames], axis=0)
        return frames[0].assign(**dict(zip(names, middle.T, strict=True)))


def _intervals(model: Seq2SeqForecaster) -> tuple[bool, tuple[float, ...]]:
    return model.output.sampled, tuple(model.output.probabilities)


def _share_series(models: Sequence[Seq2SeqForecaster]) -> None:
    """Keep the series once, where nothing that shapes them differs: the frame is the same for all."""
    first = models[0]
    for model in models[1:]:
        alike = all(
            getattr(model.training, name) == getattr(first.training, name)
            for name in ("device", "validation_size")
        )
        if alike and model.calendar == first.calendar:
            model.fitted_ = dataclasses.replace(model.fitted_, panel=first.fitted_.panel)
