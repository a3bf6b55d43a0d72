"""The data of a forecaster's search: trials train before the first rolling origin and are scored from all."""

from __future__ import annotations

import dataclasses
import functools
import time
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch

from tsseq2seq.data.evenly_spaced import evenly_spaced
from tsseq2seq.data.frames.long_frame import LongFrame, take_series, without_last_steps
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.forecast_frame import for_target
from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.errors import DataError, DataWarning
from tsseq2seq.evaluation.metrics import evaluate
from tsseq2seq.forecasting.cutoffs import History, forecast_cutoffs, make_history
from tsseq2seq.forecasting.defaults import ForecasterSettings, ResolvedSettings, resolve_settings
from tsseq2seq.forecasting.fitted import FittedSeries
from tsseq2seq.forecasting.fitting import make_panels, train_series
from tsseq2seq.forecasting.forecast_columns import DEFAULT_PATHS
from tsseq2seq.forecasting.validation_steps import with_validation_steps
from tsseq2seq.hardware.devices import resolve_device
from tsseq2seq.training.run import Observer
from tsseq2seq.tuning.default_spaces import series_space
from tsseq2seq.tuning.fingerprints import frame_fingerprint
from tsseq2seq.tuning.problem import Outcome, Watch
from tsseq2seq.tuning.resolved_settings import resolved_settings
from tsseq2seq.tuning.trial_checkpoint import trial_checkpoint

__all__ = ["SeriesProblem"]

_METRICS = ("mase", "mae", "rmse", "smape", "mape", "rmsse", "crps")
_ORIGINS = 3
#: Largest number of series to score on; of more, evenly spaced ones are taken.
_MOST_SERIES = 2000


class SeriesProblem:
    """The series of a search, read once for all trials, with their last steps held out.

    Parameters
    ----------
    estimator
        The forecaster as given.
    frame
        The rows of all series.
    frequency
        Frequency of the grid.
    windows
        Cutoffs of each series. None: three, or fewer, so that half of a median history is left to train on.
    step
        Time steps between cutoffs. None: the horizon.

    Raises
    ------
    DataError
        If no series is longer than the part held out.
    """

    metrics = dict.fromkeys(_METRICS, False)
    metric = "mase"
    fixed = (
        "horizon", "freq", "id_col", "time_col", "target_col",
        "past_covariates", "future_covariates", "static_covariates", "weight_col",
    )  # fmt: skip

    def __init__(
        self,
        estimator: Any,  # noqa: ANN401
        frame: LongFrame,
        frequency: Frequency,
        *,
        windows: int | None,
        step: int | None,
    ) -> None:
        self.estimator, self.frequency = estimator, frequency
        self.horizon = ForecasterSettings.of(estimator).horizon
        self.step = self.horizon if step is None else step
        self.windows = self._default_windows(frame) if windows is None else windows
        self.lowest = frame.lowest_of_targets
        self.frame = without_last_steps(frame, frequency, self.horizon + (self.windows - 1) * self.step)
        if self.frame is frame:
            raise DataError(
                f"tune: {self.windows} cutoffs of {self.horizon} steps are held out, and no series is longer"
            )
        trained = np.flatnonzero(frame.ids.isin(self.frame.ids))
        self.scored_series = take_series(frame, trained[evenly_spaced(len(trained), _MOST_SERIES)])
        self.training_rows = self._training_rows()
        self.identity = {"data": frame_fingerprint(frame), "windows": self.windows, "step": self.step}
        self._prepared: dict[str, tuple[FittedSeries, Panel, History]] = {}

    def resolved_settings(self) -> dict[str, Any]:
        """Return the resolved settings of the estimator as given, by nested name."""
        resolved = self._resolved
        chosen = {
            name: getattr(resolved, name)
            for name in ("context_length", "segment_length", "scaling", "network", "training")
        }
        return resolved_settings(self.estimator, chosen | {"lags": list(resolved.lags)})

    def default_space(self) -> dict[str, Any]:
        """Return the default space, which depends on the seasons and lengths of the series."""
        typical = int(np.median(self.frame.row_counts))
        return series_space(
            self._resolved,
            horizon=self.horizon,
            typical=typical,
            least=float(np.fmin.reduce(self.lowest)),
            seasons_given=(self.estimator.network.residual_seasons or 1) > 1,
        )

    @functools.cached_property
    def _resolved(self) -> ResolvedSettings:
        return self._untrained(self.estimator, torch.device("cpu"))[0].resolved

    def check(self, estimator: Any) -> None:  # noqa: ANN401
        """Refuse settings that contradict each other.

        Raises
        ------
        ParameterError, ParameterTypeError
            With the first contradiction.
        """
        ForecasterSettings.of(estimator)

    def run(self, estimator: Any, metrics: Sequence[str], watch: Watch | None) -> Outcome:  # noqa: ANN401
        """Train before the first cutoff and score all cutoffs; ``watch`` gets the score of the last one."""
        device = resolve_device(estimator.training.device)
        untrained, history = self._untrained(estimator, device)
        started = time.monotonic()

        def observe(fitted: FittedSeries) -> Observer:
            def report(percent: int) -> None:
                assert watch is not None
                score = self._scores(fitted, history, metrics[:1], windows=1)[metrics[0]]
                watch(score, percent)

            return report

        fitted, records = train_series(
            untrained,
            device=device,
            seed=estimator.seed,
            started=started,
            observe=None if watch is None else observe,
            checkpoint=trial_checkpoint(estimator),
        )
        seconds = time.monotonic() - started - sum(record.observer_seconds for record in records)
        size = sum(weight.numel() for model in fitted.members for weight in model.parameters())
        scores = self._scores(fitted, history, metrics, windows=self.windows)
        return Outcome(scores, seconds, size, sum(record.steps for record in records), fitted)

    def _default_windows(self, frame: LongFrame) -> int:
        """Return up to three cutoffs that leave half of a median history to train on."""
        half = int(np.median(frame.row_counts)) // 2
        return max(1, min(_ORIGINS, (half - self.horizon) // self.step + 1))

    def _untrained(
        self,
        estimator: Any,  # noqa: ANN401
        device: torch.device,
    ) -> tuple[FittedSeries, History]:
        """Return the series before training, without networks, and the history to score on.

        Both are made once for all trials with the same calendar, validation size, scaling and device.
        """
        asked = with_validation_steps(ForecasterSettings.of(estimator), self.frame)
        key = repr((asked.calendar, asked.training.validation_size, asked.scaling_or_default, device))
        if key not in self._prepared:
            coders, panel, training_panel = make_panels(self.frame, asked, self.frequency)
            resolved = resolve_settings(training_panel, asked, lowest=self.lowest)
            untrained = FittedSeries((), panel.to(device), self.frame.columns, coders, self.horizon, resolved)
            self._prepared[key] = untrained, training_panel, make_history(untrained, self.scored_series)
        untrained, training_panel, history = self._prepared[key]
        resolved = resolve_settings(training_panel, asked, lowest=self.lowest)
        return dataclasses.replace(untrained, resolved=resolved), history

    def _scores(
        self, fitted: FittedSeries, history: History, metrics: Sequence[str], *, windows: int
    ) -> dict[str, float]:
        with warnings.catch_warnings():
            # warnings of short or constant series would be the same in all trials
            warnings.simplefilter("ignore", DataWarning)
            forecasts = forecast_cutoffs(
                fitted,
                history,
                conformal=None,
                horizon=self.horizon,
                windows=windows,
                step=self.step,
                skip=0,
                levels=None,
                paths=DEFAULT_PATHS,
                seed=int(self.estimator.seed or 0),
            )
            parts = [self._score_target(forecasts, target, metrics) for target in history.panel.targets]
        return {name: float(np.mean([part[name] for part in parts])) for name in metrics}

    def _score_target(self, forecasts: pd.DataFrame, target: str, metrics: Sequence[str]) -> dict[str, float]:
        columns = self.frame.columns
        scores = evaluate(
            for_target(forecasts, target) if len(columns.targets) > 1 else forecasts,
            metrics,
            train=self.training_rows,
            season_length=self._resolved.season_length or 1,
            id_col=columns.id,
            time_col=columns.time,
            target_col=target,
        )
        return dict(zip(scores["metric"], scores.iloc[:, 1].astype(float), strict=True))

    def _training_rows(self) -> pd.DataFrame:
        """Return the training rows of the series scored on, by which errors are scaled."""
        columns = self.frame.columns
        frame = take_series(self.frame, np.flatnonzero(self.frame.ids.isin(self.scored_series.ids)))
        data: dict[str, object] = {}
        if frame.has_ids:
            data[str(columns.id)] = frame.ids.repeat(frame.row_counts)
        data[columns.time] = frame.times
        data |= {name: frame.targets[:, column] for column, name in enumerate(columns.targets)}
        return pd.DataFrame(data)
