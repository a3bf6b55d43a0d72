"""SktimeForecaster: a Seq2SeqForecaster among sktime's forecasters. Needs ``tsseq2seq[sktime]``."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pandas as pd
from sklearn.base import clone

from tsseq2seq.adapters.sktime_frames import Names, covariates_ahead, history_frame, ids_of, series_of
from tsseq2seq.data.frames.columns import FORECAST, Columns
from tsseq2seq.errors import DataError, ParameterError, ParameterTypeError, require
from tsseq2seq.forecaster import Seq2SeqForecaster
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import Normal, Point
from tsseq2seq.training.training import Training

require("sktime", extra="sktime", purpose="tsseq2seq.adapters.sktime")

from sktime.datatypes import update_data  # noqa: E402 (first the message that says how to install it)
from sktime.forecasting.base import BaseForecaster  # noqa: E402

__all__ = ["SktimeForecaster"]

_CONTAINERS = ["pd.DataFrame", "pd-multiindex", "pd_multiindex_hier"]
_COLUMNS = Columns()


class SktimeForecaster(BaseForecaster):
    """A :class:`~tsseq2seq.Seq2SeqForecaster` with sktime's methods.

    One network learns of all series of a panel or a hierarchy, and of all targets together; sktime does not
    fit one for each. All index types are forecast in kind: periods, time stamps, integers.

    Parameters
    ----------
    forecaster
        What to fit; a copy of it is. Its ``horizon`` is what it is trained for: a longer ``fh`` needs
        autoregressive decoding. Its ``id_col``, ``time_col`` and ``target_col`` have no meaning here.

        The columns of X are future covariates, known over the horizon, unless the forecaster says which are
        ``past_covariates``, ``future_covariates`` and ``static_covariates``; then it must name all of them,
        as text.

    Attributes
    ----------
    forecaster_ : Seq2SeqForecaster
        The fitted one.

    Notes
    -----
    ``update`` with ``update_params=True`` goes on training from the weights that are there
    (``fit(warm_start=True)``), on all that was seen up to the cutoff; with False the new values are only
    forecast from. There are no forecasts of the past. A series that ends before the others is forecast from
    the end of the others: what lies between is missing.

    Quantiles are those of sample paths where the output is a distribution. Elsewhere only those that the
    model has: of :class:`~tsseq2seq.Quantiles` the ones it was trained for, of a point forecast those of
    exponential smoothing if that has a part in it; 0.5 is then the point forecast.

    Examples
    --------
    >>> from sktime.datasets import load_airline
    >>> from tsseq2seq import Seq2SeqForecaster, Training
    >>> from tsseq2seq.adapters.sktime import SktimeForecaster
    >>> training = Training(max_steps=20, progress=False)
    >>> model = SktimeForecaster(Seq2SeqForecaster(horizon=12, training=training))
    >>> forecast = model.fit(load_airline()).predict(fh=[1, 12])
    >>> forecast.index.astype(str).tolist()
    ['1961-01', '1961-12']
    """

    _tags: ClassVar[dict[str, Any]] = {
        "authors": ["The tsseq2seq contributors"],
        "maintainers": ["The tsseq2seq contributors"],
        "python_dependencies": ["torch"],
        "y_inner_mtype": _CONTAINERS,
        "X_inner_mtype": _CONTAINERS,
        "capability:multivariate": True,
        "capability:exogenous": True,
        "capability:categorical_in_X": True,
        "capability:missing_values": True,
        "capability:insample": False,
        "capability:pred_int": True,
        "capability:pred_int:insample": False,
        "capability:update": True,
        "requires-fh-in-fit": False,
        "X-y-must-have-same-index": True,
    }
    # the history is kept here: sktime is about to stop keeping it
    _config: ClassVar[dict[str, Any]] = {"remember_data": False}

    def __init__(self, forecaster: Seq2SeqForecaster) -> None:
        self.forecaster = forecaster
        super().__init__()
        self._y = self._X = None  # sktime's own memory, for those who switch it on
        # whether smoothing gives a point forecast intervals is known after fit
        self.set_tags(**{"capability:pred_int": not isinstance(getattr(forecaster, "output", None), Point)})

    def _fit(self, y: pd.DataFrame, X: pd.DataFrame | None, fh: object) -> SktimeForecaster:
        if not isinstance(self.forecaster, Seq2SeqForecaster):
            raise ParameterTypeError(
                f"SktimeForecaster: forecaster is of type {type(self.forecaster).__name__}; it must be a "
                "Seq2SeqForecaster"
            )
        self._names = Names.of(y, X)
        self._seen_y, self._seen_X = y, X
        targets = list(self._names.targets)
        model = clone(self.forecaster).set_params(
            id_col=_COLUMNS.id,
            time_col=_COLUMNS.time,
            target_col=targets if len(targets) > 1 else targets[0],
            freq=_step(y.index) if self.forecaster.freq is None else self.forecaster.freq,
            **_roles(self.forecaster, self._names),
        )
        self.forecaster_ = model.fit(history_frame(y, X, self._names))
        if self.forecaster_.fitted_.smoothing is not None:
            self.set_tags(**{"capability:pred_int": True})
        return self

    def _update(
        self, y: pd.DataFrame, X: pd.DataFrame | None = None, update_params: bool = True
    ) -> SktimeForecaster:
        self._seen_y = update_data(self._seen_y, y)
        if X is not None and self._seen_X is not None:
            self._seen_X = update_data(self._seen_X, X)
        if update_params:
            self.forecaster_.fit(self._history(), warm_start=True)
        return self

    def _predict(self, fh: Any, X: pd.DataFrame | None) -> pd.DataFrame:  # noqa: ANN401
        history, future, steps = self._ahead(fh, X)
        forecast = self.forecaster_.predict(history, future, horizon=int(steps.max()) + 1)
        values = [self._rows(forecast, name)[:, steps] for name in self._points()]
        return pd.DataFrame(
            np.stack([one.ravel() for one in values], axis=1), self._index(fh), self._get_varnames()
        )

    def _predict_quantiles(self, fh: Any, X: pd.DataFrame | None, alpha: list[float]) -> pd.DataFrame:  # noqa: ANN401
        history, future, steps = self._ahead(fh, X)
        horizon = int(steps.max()) + 1
        if self.forecaster_.output_.sampled:
            paths = self.forecaster_.sample(history, future, horizon=horizon)
            number = paths["sample"].nunique()
            values = {}
            for name in self._points():
                drawn = self._rows(paths, name).reshape(-1, number, horizon)
                for share, quantile in zip(alpha, np.quantile(drawn, alpha, axis=1), strict=True):
                    values[name, share] = quantile
        else:
            levels = sorted({_level(share) for share in alpha} - {0.0})
            forecast = self.forecaster_.predict(history, future, horizon=horizon, levels=levels)
            values = {
                (name, share): self._rows(forecast, name + _suffix(share))
                for name in self._points()
                for share in alpha
            }
        columns = pd.MultiIndex.from_product([self._get_varnames(), alpha])
        stacked = np.stack([one[:, steps].ravel() for one in values.values()], axis=1)
        return pd.DataFrame(stacked, self._index(fh), columns)

    def _history(self) -> pd.DataFrame:
        """Return what was seen up to the cutoff, which sktime moves back where it goes through a history."""
        return history_frame(self._seen_y, self._seen_X, self._names, cutoff=self.cutoff[0])

    def _ahead(
        self,
        fh: Any,  # noqa: ANN401
        X: pd.DataFrame | None,
    ) -> tuple[pd.DataFrame, pd.DataFrame | None, np.ndarray]:
        """Return history, future covariates, and the steps that are asked for, counted from 0."""
        history, steps = self._history(), np.asarray(fh.to_indexer(self.cutoff))
        if X is None or not self.forecaster_.future_covariates:
            if X is not None and self._seen_X is None:
                raise DataError("predict got X, but the model was fitted without it; fit with X as well")
            return history, None, steps
        template = self.forecaster_.future_frame(history, horizon=int(steps.max()) + 1)
        wanted = list(fh.to_absolute_index(self.cutoff))
        return history, covariates_ahead(template, X, self._names, wanted), steps

    def _points(self) -> list[str]:
        targets = self._names.targets
        return [FORECAST] if len(targets) == 1 else [f"{FORECAST}-{name}" for name in targets]

    def _rows(self, forecast: pd.DataFrame, name: str) -> np.ndarray:
        """Return a column of a forecast, a row for each series, in the order of y."""
        series = series_of(self._seen_y.index)
        if series is None:
            return forecast[name].to_numpy()[None]
        parts = {str(one): part.to_numpy() for one, part in forecast.groupby(_COLUMNS.id)[name]}
        return np.stack([parts[one] for one in ids_of(series)])

    def _index(self, fh: Any) -> pd.Index:  # noqa: ANN401
        """Return the index of a forecast: that of y, with the time stamps that are asked for."""
        times, series = fh.to_absolute_index(self.cutoff), series_of(self._seen_y.index)
        if series is None:
            return times
        rows = [
            (*(one if isinstance(one, tuple) else (one,)), time) for one in series for time in list(times)
        ]
        return pd.MultiIndex.from_tuples(rows, names=self._seen_y.index.names)

    @classmethod
    def get_test_params(cls, parameter_set: str = "default") -> list[dict[str, Any]]:
        """Return parameters for sktime's tests: a distribution, a point forecast, and with smoothing."""
        training = Training(max_steps=2, progress=False)
        network = Network(hidden_size=4)
        return [
            {"forecaster": Seq2SeqForecaster(5, output=Normal(), network=network, training=training)},
            {"forecaster": Seq2SeqForecaster(5, network=network, training=training, network_share=0.5)},
        ]


def _roles(forecaster: Seq2SeqForecaster, names: Names) -> dict[str, list[str]]:
    """Return the covariates by role: all are future ones, unless the forecaster names them."""
    roles = ("past_covariates", "future_covariates", "static_covariates")
    given = {role: [str(name) for name in getattr(forecaster, role)] for role in roles}
    named = {name for some in given.values() for name in some}
    if not named:
        return {**given, "future_covariates": list(names.covariates)}
    for name in names.covariates:
        if name not in named:
            raise ParameterError(
                f"SktimeForecaster: X has a column {name!r}, which is none of the forecaster's "
                "past_covariates, future_covariates and static_covariates; name it there, or drop it from X"
            )
    return given


def _step(index: pd.Index) -> int | str | None:
    """Return the time step, where the index says it: integers are counted by one, as sktime does."""
    times = index.levels[-1] if isinstance(index, pd.MultiIndex) else index
    if pd.api.types.is_integer_dtype(times):
        return 1
    return getattr(times, "freqstr", None) if isinstance(times, pd.DatetimeIndex) else None


def _level(share: float) -> float:
    return round(abs(1 - 2 * share) * 100, 6)


def _suffix(share: float) -> str:
    level = _level(share)
    return "" if level == 0 else f"-{'lo' if share < 0.5 else 'hi'}-{level:g}"
