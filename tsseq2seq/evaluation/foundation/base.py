"""FoundationModel: what the wrappers have in common: all series in one call, quantiles in."""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from statistics import NormalDist
from types import ModuleType
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from jaxtyping import Float

from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.data.panel.wall_clock import WallClock
from tsseq2seq.errors import DataError, MissingDependencyError
from tsseq2seq.evaluation.baselines.base import Baseline
from tsseq2seq.evaluation.baselines.local_forecasts import LocalForecast

__all__ = ["DECILES", "FoundationModel", "between_quantiles"]

#: The probabilities of the quantiles that most of these models forecast.
DECILES = tuple(round(0.1 * tenth, 1) for tenth in range(1, 10))
_NORMAL = NormalDist()


class FoundationModel(Baseline, ABC):
    """Base class of the wrappers. ``fit`` trains nothing: it reads the series, as for any baseline.

    A subclass says how its model is loaded, and what quantiles it forecasts. The model is loaded at the first
    forecast. Intervals of other levels lie between two quantiles on the scale of a normal distribution, and
    beyond the outermost as far as a normal distribution's tail would reach.

    Parameters
    ----------
    horizon, season_length, id_col, time_col, target_col, freq, jobs
        As for :class:`~tsseq2seq.evaluation.baselines.base.Baseline`; the season is told to nobody.
    model
        The name under which the package finds the weights, a folder that holds them, or a model that is
        loaded already.

    Examples
    --------
    >>> class Last(FoundationModel):
    ...     needs, installed_as, probabilities = "nothing", "nothing", (0.1, 0.5, 0.9)
    ...     def load_model(self, package):
    ...         return package
    ...     def quantiles(self, model, histories, horizon):
    ...         last = np.array([values[-1] for values in histories])
    ...         return np.broadcast_to(last[:, None, None] + [-1, 0, 1], (len(last), horizon, 3))
    >>> Last(2, "loaded".upper).fit([1.0, 5.0]).predict().tolist()
    [5.0, 5.0]
    """

    needs_complete: ClassVar[bool] = False
    #: The package, and the name under which an index has it.
    needs: ClassVar[str]
    installed_as: ClassVar[str]
    #: The probabilities of :meth:`quantiles`.
    probabilities: ClassVar[tuple[float, ...]] = DECILES

    def __init__(
        self,
        horizon: int,
        model: Any = None,  # noqa: ANN401 (a name, or what the package loads)
        *,
        season_length: int | None = None,
        id_col: str | None = "unique_id",
        time_col: str = "ds",
        target_col: str = "y",
        freq: str | int | pd.DateOffset | None = None,
        jobs: int = 1,
    ) -> None:
        super().__init__(
            horizon,
            season_length=season_length,
            id_col=id_col,
            time_col=time_col,
            target_col=target_col,
            freq=freq,
            jobs=jobs,
        )
        self.model = model

    @abstractmethod
    def load_model(self, package: ModuleType) -> Any:  # noqa: ANN401
        """Return the model that ``model`` names."""

    @abstractmethod
    def quantiles(
        self,
        model: Any,  # noqa: ANN401
        histories: Sequence[np.ndarray],
        horizon: int,
    ) -> Float[np.ndarray, "B H Q"]:
        """Forecast the quantiles of :attr:`probabilities`.

        Parameters
        ----------
        model
            The loaded model.
        histories
            (T,) each: values of a series from its first observed one on; NaN where missing.
        horizon
            Time steps to forecast.
        """

    def _forecasts(
        self, panel: Panel, clock: WallClock | None, steps: int, levels: tuple[float, ...]
    ) -> list[LocalForecast]:
        """Forecast every series of a panel in one call; one without any value is NaN."""
        histories = self._histories(panel, clock)
        known = [place for place, values in enumerate(histories) if np.isfinite(values).any()]
        numbers = np.full((panel.count, steps, 1 + 2 * len(levels)), np.nan)
        if known:
            found = self.quantiles(self._model(), [histories[place] for place in known], steps)
            wanted = [0.5, *((1 + side * level / 100) / 2 for level in levels for side in (-1, 1))]
            numbers[known] = between_quantiles(np.asarray(found, dtype=float), self.probabilities, wanted)
        return [LocalForecast(bounds) for bounds in numbers]

    def _model(self) -> Any:  # noqa: ANN401
        """Return the model, loaded once."""
        if not isinstance(self.model, str | None):
            return self.model
        if getattr(self, "_loaded_as", self) != self.model:
            self._loaded, self._loaded_as = self.load_model(self._package()), self.model
        return self._loaded

    def _package(self) -> ModuleType:
        try:
            return importlib.import_module(self.needs)
        except ImportError as error:
            raise MissingDependencyError(
                f"{type(self).__name__} needs the package '{self.needs}', which cannot be imported "
                f"({error}). Install it with: pip install {self.installed_as}; its weights and its licence "
                "are its own"
            ) from error

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the loaded model, which another process loads itself."""
        state = dict(super().__getstate__())
        for name in ("_loaded", "_loaded_as"):
            state.pop(name, None)
        return state

    @staticmethod
    def forecast_series(
        values: np.ndarray, horizon: int, season: int, levels: tuple[float, ...]
    ) -> np.ndarray:
        """Refuse: all series are forecast in one call.

        Raises
        ------
        DataError
            Always.
        """
        raise DataError("it is forecast with the others")


def between_quantiles(
    quantiles: Float[np.ndarray, "B H Q"], probabilities: Sequence[float], wanted: Sequence[float]
) -> Float[np.ndarray, "B H W"]:
    """Return quantiles of any probabilities, on lines between those at hand, by their normal scores.

    Examples
    --------
    >>> deciles = np.array([[[-1.0, 0.0, 1.0]]])
    >>> between_quantiles(deciles, (0.1, 0.5, 0.9), [0.5, 0.9]).tolist()
    [[[0.0, 1.0]]]
    """
    knots = np.array([_NORMAL.inv_cdf(probability) for probability in probabilities])
    scores = np.array([_NORMAL.inv_cdf(probability) for probability in wanted])
    after = np.searchsorted(knots, scores).clip(1, len(knots) - 1)
    share = (scores - knots[after - 1]) / (knots[after] - knots[after - 1])
    low, high = quantiles[..., after - 1], quantiles[..., after]
    return low + share * (high - low)
