"""FittedSeries: the networks of a fitted forecaster, with all that forecasts from any frame need."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from tsseq2seq.data.frames.columns import Columns, columns_from_parts, columns_to_parts
from tsseq2seq.data.frames.long_frame import LongFrame, read_long_frame
from tsseq2seq.data.grid.frequency import Frequency, FrequencyLike
from tsseq2seq.data.panel.amounts import check_amounts
from tsseq2seq.data.panel.counts import check_counts
from tsseq2seq.data.panel.features import Coders
from tsseq2seq.data.panel.future_frame import extend_panel
from tsseq2seq.data.panel.history_times import check_history_times
from tsseq2seq.data.panel.panel import Panel, make_panel
from tsseq2seq.data.panel.panel_storage import (
    coders_from_parts,
    coders_to_parts,
    panel_from_parts,
    panel_to_parts,
)
from tsseq2seq.data.panel.sparse_grid import warn_of_holes
from tsseq2seq.data.panel.window_index import cutoff_windows, forecast_windows
from tsseq2seq.data.panel.windows import Windows, WindowShape
from tsseq2seq.data.series_rows import row_offsets, steps_of_rows
from tsseq2seq.errors import DataWarning, ParameterError, warn
from tsseq2seq.forecasting.blend import Blend
from tsseq2seq.forecasting.bounds import Bounds
from tsseq2seq.forecasting.building import build_series_model
from tsseq2seq.forecasting.correction import Correction
from tsseq2seq.forecasting.defaults import LONGEST, ForecasterSettings, ResolvedSettings
from tsseq2seq.forecasting.model import SeriesModel
from tsseq2seq.forecasting.usual_spread import UsualSpread
from tsseq2seq.settings import check_number
from tsseq2seq.smoothing.base import SmoothingBase
from tsseq2seq.smoothing.cutoff_forecasts import CutoffForecasts
from tsseq2seq.smoothing.panel_table import PanelTable
from tsseq2seq.smoothing.storage import smoothing_from_parts, smoothing_to_parts
from tsseq2seq.stored_checks import check_fields
from tsseq2seq.training.saved_members import members_from_tensors, members_to_tensors

__all__ = ["FittedSeries", "make_checked_panel"]


def make_checked_panel(
    frame: LongFrame,
    freq: FrequencyLike | Frequency | None,
    coders: Coders,
    settings: ForecasterSettings | ResolvedSettings,
    *,
    positions: np.ndarray | None = None,
) -> Panel:
    """Return the panel of a frame (``freq`` None: inferred), and refuse values that the settings exclude."""
    panel = make_panel(frame, Frequency.of(freq, frame), coders, positions=positions)
    settings.resolved_scaling.check(panel)
    if settings.output.counts:
        check_counts(panel)
    if settings.output.amounts:
        check_amounts(panel)
    return panel


@dataclass(frozen=True)
class FittedSeries:
    """Trained networks, with their series, columns and resolved settings.

    Attributes
    ----------
    members
        The networks, in evaluation mode; several if they were trained as an ensemble.
    panel
        The training series.
    columns, coders
        The columns to read, and the coders that turn covariates into numbers and codes.
    horizon
        Time steps that the networks were trained to forecast.
    resolved
        The resolved settings.
    smoothing
        Exponential smoothing with what it learned of the series. None: it has no part in the forecasts.
    network_share
        Share of the networks in the forecasts; the rest is exponential smoothing.
    correction
        The pretrained network, which corrects exponential smoothing where that is not the base of networks.
        None: it has no part in the forecasts.
    """

    members: tuple[SeriesModel, ...]
    panel: Panel
    columns: Columns
    coders: Coders
    horizon: int
    resolved: ResolvedSettings
    smoothing: SmoothingBase | None = None
    network_share: float = 1.0
    correction: Correction | None = None

    @property
    def blend(self) -> Blend | None:
        """Exponential smoothing, of which forecasts are partly. None: the networks forecast alone."""
        if self.smoothing is None or self.network_share == 1:
            return None
        return Blend(self.smoothing, self.network_share, self.correction)

    def with_bases(self, windows: Windows) -> Windows:
        """Return windows to train on, with what networks that add to smoothing add to at any cutoff."""
        if self.resolved.network.residual != "smoothing":
            return windows
        return windows.with_bases(PanelTable.of(self._checked_base(windows), windows.panel))

    def with_forecasts(self, windows: Windows) -> Windows:
        """Return windows to forecast, with what networks that add to smoothing add to at their cutoffs."""
        if self.resolved.network.residual != "smoothing":
            return windows
        base, panel = self._checked_base(windows), windows.panel
        # of a longer series cutoffs know only the last steps; of many cutoffs the table takes less memory
        if int(panel.lengths.max()) > base.memory or len(windows) > 2 * panel.count:
            return self.with_bases(windows)
        steps = windows.shape.horizon_segments * windows.shape.segment_length
        probabilities = self.resolved.output.probabilities
        return windows.with_bases(CutoffForecasts.of(base, windows, probabilities, steps=steps))

    def _checked_base(self, windows: Windows) -> SmoothingBase:
        """Return the smoothing that the networks add to; windows whose clocks change are refused."""
        if windows.clock is not None:
            raise ParameterError(
                "Network: residual is 'smoothing', but clocks change within the series; use "
                "residual='season', or time stamps in UTC"
            )
        # a network that is only timed needs no base that has learned
        return self.smoothing or SmoothingBase.unlearned(self.resolved.smoothed_periods, self.horizon)

    def read(self, df: pd.DataFrame | None) -> Panel:
        """Return the panel of another frame; for None the training series."""
        if df is None:
            return self.history
        panel, _ = self.lay(read_long_frame(df, self.columns))
        return panel.to(self.panel.values.device)

    def lay(self, frame: LongFrame) -> tuple[Panel, np.ndarray]:
        """Lay the rows of another frame on the grid.

        Returns
        -------
        panel, positions
            The series, and the step of each row, counted from the first row of its series.

        Raises
        ------
        FrequencyError, DataError
            If rows lie off the grid or are regular on a coarser one, or the settings exclude a value.
        """
        frequency = self.panel.frequency
        positions = frequency.positions(frame.times, frame.starts, frame.ids)
        check_history_times(self.panel, frame, positions)
        panel = make_checked_panel(frame, frequency, self.coders, self.resolved, positions=positions)
        warn_of_holes(panel, frame)
        return panel, positions

    @property
    def history(self) -> Panel:
        """The series trained on.

        Raises
        ------
        ParameterError
            If the model was saved without them.
        """
        if self.panel.count == 0:
            raise ParameterError(
                "df is None, but the model was saved with history=False, so the series trained on are not in "
                "it; pass the history to forecast from"
            )
        return self.panel

    def without_history(self) -> FittedSeries:
        """Return the same networks without the series that they were trained on."""
        return dataclasses.replace(self, panel=self.panel.without_series())

    def shape(self, horizon: int | None = None) -> WindowShape:
        """Return the lengths of a window; ``horizon`` None: that of training."""
        return self.resolved.shape(self.horizon if horizon is None else horizon)

    def checked_horizon(self, horizon: int | None) -> int:
        """Check a horizon, and return it; None: that of training.

        Raises
        ------
        ParameterError, ParameterTypeError
            If it is not an integer, at least 1, or if it is longer than that of training and decoding is
            parallel.
        """
        if horizon is None:
            return int(self.horizon)
        check_number("predict", "horizon", horizon, low=1, high=LONGEST, integer=True)
        if horizon > self.horizon and self.resolved.network.decoding == "parallel":
            raise ParameterError(
                f"predict: horizon is {horizon}, but the model decodes its {self.horizon} steps in "
                "parallel; fit with a longer horizon, or with Network(decoding='autoregressive')"
            )
        return int(horizon)

    def forecast_windows(
        self, history: Panel, future: pd.DataFrame | None, steps: int, *, needed: np.ndarray | None = None
    ) -> Windows:
        """Return one window for each series, at the end of its history.

        Parameters
        ----------
        history
            The series.
        future
            Rows with future covariates. None: no rows.
        steps
            Time steps to forecast.
        needed
            Time steps of each series for which ``future`` must have rows. None: all ``steps``.
        """
        panel = extend_panel(history, self.coders, self.columns, future, steps, needed=needed)
        windows = forecast_windows(
            panel,
            self.shape(steps),
            future_steps=steps if self.coders.future is not None else 0,
            moments=self.resolved.resolved_scaling.needs_history,
        )
        return self.with_forecasts(windows)

    def cutoff_windows(
        self,
        history: Panel,
        *,
        horizon: int | None = None,
        windows: int | None = None,
        step: int | None = None,
        skip: int = 0,
        unseen: bool = False,
    ) -> Windows:
        """Return windows whose targets lie in a history.

        Parameters
        ----------
        history
            The series.
        horizon
            Time steps to forecast. None: that of training.
        windows
            Most cutoffs of each series. None: all with a whole context.
        step
            Time steps between cutoffs. None: a horizon.
        skip
            Cutoffs to leave out at the end.
        unseen
            Whether to return only windows whose targets lie after the training data.
        """
        shape = self.shape(horizon)
        chosen = cutoff_windows(
            history,
            shape,
            windows=windows,
            step=shape.horizon if step is None else step,
            skip=skip,
            earliest=self.after_training(history) if unseen else None,
            moments=self.resolved.resolved_scaling.needs_history,
        )
        return self.with_forecasts(chosen)

    def after_training(self, history: Panel) -> Tensor:
        """Return the first cutoff of each series that has all its training data before it; at least 1."""
        first_cutoff = np.ones(history.count, dtype=np.int64)
        if self.panel.count == 0:
            warn(
                "the model was saved with history=False, so it is not known which rows of df it was trained "
                "on; all are taken as new ones",
                DataWarning,
            )
        training_index = self.panel.ids.get_indexer(history.ids)
        trained = np.flatnonzero(training_index >= 0)
        if len(trained):
            lengths = history.lengths.cpu().numpy()[trained]
            steps = steps_of_rows(lengths)
            times = self.panel.frequency.advance(history.starts[trained].repeat(lengths), steps)
            in_training = times <= self.panel.ends()[training_index[trained]].repeat(lengths)
            counts = np.add.reduceat(np.asarray(in_training, dtype=np.int64), row_offsets(lengths)[:-1])
            first_cutoff[trained] = np.maximum(1, counts)
        return torch.from_numpy(first_cutoff).to(history.values.device)

    def to_parts(self) -> tuple[dict[str, Any], dict[str, Tensor]]:
        """Return all fields as values that JSON (with settings) can hold, and as tensors."""
        panel, tensors = panel_to_parts(self.panel)
        tensors |= members_to_tensors(self.members)
        smoothing = None
        if self.smoothing is not None:
            smoothing, learned = smoothing_to_parts(self.smoothing)
            tensors |= learned
        correction = None
        if self.correction is not None:
            correction, pretrained = self.correction.to_parts()
            tensors |= pretrained
        parts = {
            "smoothing": smoothing,
            "correction": correction,
            "network_share": self.network_share,
            "panel": panel,
            "columns": columns_to_parts(self.columns),
            "coders": coders_to_parts(self.coders),
            "horizon": self.horizon,
            "members": len(self.members),
            "choices": vars(self.resolved)
            | {"bounds": vars(self.resolved.bounds), "usual_spread": vars(self.resolved.usual_spread)},
        }
        return parts, tensors

    @classmethod
    def from_parts(
        cls, parts: dict[str, Any], tensors: dict[str, Tensor], device: torch.device
    ) -> FittedSeries:
        """Undo :meth:`to_parts`."""
        check_number("model", "horizon", parts["horizon"], low=1, high=LONGEST, integer=True)
        check_number("model", "network_share", parts.get("network_share", 1.0), low=0, high=1)
        resolved = _resolved_from_parts(parts["choices"])
        coders = coders_from_parts(parts["coders"])
        panel = panel_from_parts(parts["panel"], tensors, coders)
        members = members_from_tensors(
            lambda: build_series_model(panel, coders, resolved, parts["horizon"]),
            parts["members"],
            tensors,
            device,
        )
        columns = columns_from_parts(parts["columns"])
        stored, correction = parts.get("smoothing"), parts.get("correction")
        return cls(
            members,
            panel.to(device),
            columns,
            coders,
            parts["horizon"],
            resolved,
            smoothing=None if stored is None else smoothing_from_parts(stored, tensors),
            network_share=parts.get("network_share", 1.0),
            correction=None if correction is None else Correction.from_parts(correction, tensors, device),
        )


def _resolved_from_parts(parts: dict[str, Any]) -> ResolvedSettings:
    """Put resolved settings together again; JSON makes lists of what were tuples."""

    def tuples(name: str) -> dict[str, tuple[float, ...]]:
        return {key: tuple(values) for key, values in parts.get(name, {}).items()}

    own = {"bounds": Bounds(**tuples("bounds")), "usual_spread": UsualSpread(**tuples("usual_spread"))}
    own_tuples = {name: tuple(parts.get(name, ())) for name in ("lags", "periods", "group_periods")}
    return check_fields(ResolvedSettings(**parts | own | own_tuples))
