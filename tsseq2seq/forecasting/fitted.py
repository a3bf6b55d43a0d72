"""What fitting a forecaster leaves: its networks, and all that is needed to use them on another frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from tsseq2seq.data.frames.columns import Columns, columns_from_parts, columns_to_parts
from tsseq2seq.data.frames.long_frame import LongFrame, read_long_frame
from tsseq2seq.data.grid.frequency import Frequency, FrequencyLike
from tsseq2seq.data.panel.counts import check_counts
from tsseq2seq.data.panel.features import Coders
from tsseq2seq.data.panel.future_frame import extend
from tsseq2seq.data.panel.panel import Panel, make_panel
from tsseq2seq.data.panel.panel_storage import (
    coders_from_parts,
    coders_to_parts,
    panel_from_parts,
    panel_to_parts,
)
from tsseq2seq.data.panel.window_index import cutoff_windows, forecast_windows
from tsseq2seq.data.panel.windows import Windows, WindowShape
from tsseq2seq.data.series_rows import row_offsets, steps_of_rows
from tsseq2seq.errors import ParameterError
from tsseq2seq.forecasting.bounds import Bounds
from tsseq2seq.forecasting.building import build_series_model
from tsseq2seq.forecasting.defaults import ForecasterSettings, ResolvedSettings
from tsseq2seq.forecasting.model import SeriesModel
from tsseq2seq.forecasting.usual_spread import UsualSpread
from tsseq2seq.settings import check_number
from tsseq2seq.training.seeding import seeded

__all__ = ["FittedSeries", "make_checked_panel"]


def make_checked_panel(
    frame: LongFrame,
    freq: FrequencyLike | Frequency | None,
    coders: Coders,
    settings: ForecasterSettings | ResolvedSettings,
) -> Panel:
    """Lay a frame on its grid (None: inferred), and refuse values that the settings cannot take."""
    panel = make_panel(frame, Frequency.of(freq, frame), coders)
    settings.resolved_scaling.check(panel)
    if settings.output.counts:
        check_counts(panel)
    return panel


@dataclass(frozen=True)
class FittedSeries:
    """Trained networks with their surroundings.

    Attributes
    ----------
    members
        The networks, in evaluation mode; one, unless several were trained as an ensemble.
    panel
        The series they were trained on.
    columns, coders
        Which columns they read, and how covariates become numbers and codes.
    horizon
        Steps they were trained to forecast.
    resolved
        Lengths and settings with nothing left open.
    """

    members: tuple[SeriesModel, ...]
    panel: Panel
    columns: Columns
    coders: Coders
    horizon: int
    resolved: ResolvedSettings

    def read(self, df: pd.DataFrame | None) -> Panel:
        """Lay another frame on the grid; None: the series trained on."""
        if df is None:
            return self.panel
        frame = read_long_frame(df, self.columns)
        panel = make_checked_panel(frame, self.panel.frequency, self.coders, self.resolved)
        return panel.to(self.panel.values.device)

    def shape(self, horizon: int | None = None) -> WindowShape:
        """Return the lengths of a window; ``horizon`` None: as trained."""
        return self.resolved.shape(self.horizon if horizon is None else horizon)

    def checked_horizon(self, horizon: int | None) -> int:
        """Return how many steps to forecast; None: as many as trained.

        Raises
        ------
        ParameterError, ParameterTypeError
            If it is no number of steps, or longer than what was trained and decoded in parallel.
        """
        if horizon is None:
            return int(self.horizon)
        check_number("predict", "horizon", horizon, low=1, integer=True)
        if horizon > self.horizon and self.resolved.network.decoding == "parallel":
            raise ParameterError(
                f"predict: horizon is {horizon}, but the model decodes its {self.horizon} steps in "
                "parallel; fit with a longer horizon, or with Network(decoding='autoregressive')"
            )
        return int(horizon)

    def forecast_windows(
        self, history: Panel, future: pd.DataFrame | None, steps: int, *, needed: np.ndarray | None = None
    ) -> Windows:
        """Return one window a series, for the ``steps`` after its end.

        Of the rows of ``future``, those of the first ``needed`` steps of each series must be there (None:
        of all).
        """
        panel = extend(history, self.coders, self.columns, future, steps, needed=needed)
        return forecast_windows(
            panel,
            self.shape(steps),
            ahead=steps if self.coders.future is not None else 0,
            moments=self.resolved.resolved_scaling.needs_history,
        )

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
            Steps forecast. None: as trained.
        windows
            Cutoffs of each series at the most. None: all with a whole context.
        step
            Steps between cutoffs. None: a horizon.
        skip
            Cutoffs left out at the end.
        unseen
            Whether only targets after the training data of a series are wanted.
        """
        shape = self.shape(horizon)
        return cutoff_windows(
            history,
            shape,
            windows=windows,
            step=shape.horizon if step is None else step,
            skip=skip,
            least=self.after_training(history) if unseen else None,
            moments=self.resolved.resolved_scaling.needs_history,
        )

    def after_training(self, history: Panel) -> Tensor:
        """Return the first cutoff of each series before which all training data lies; at least 1."""
        least = np.ones(history.count, dtype=np.int64)
        seen = self.panel.ids.get_indexer(history.ids)
        known = np.flatnonzero(seen >= 0)
        if len(known):
            lengths = history.lengths.cpu().numpy()[known]
            steps = steps_of_rows(lengths)
            times = self.panel.frequency.advance(history.starts[known].repeat(lengths), steps)
            trained = times <= self.panel.ends()[seen[known]].repeat(lengths)
            counts = np.add.reduceat(np.asarray(trained, dtype=np.int64), row_offsets(lengths)[:-1])
            least[known] = np.maximum(1, counts)
        return torch.from_numpy(least).to(history.values.device)

    def to_parts(self) -> tuple[dict[str, Any], dict[str, Tensor]]:
        """Take apart what JSON (with settings) and tensors can hold."""
        panel, tensors = panel_to_parts(self.panel)
        for place, model in enumerate(self.members):
            tensors |= {f"model.{place}.{name}": tensor for name, tensor in model.state_dict().items()}
        parts = {
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
        """Put together again what :meth:`to_parts` returned."""
        resolved = _resolved_from_parts(parts["choices"])
        coders = coders_from_parts(parts["coders"])
        panel = panel_from_parts(parts["panel"], tensors, coders)
        members = []
        for place in range(parts["members"]):
            with seeded(0, device):  # first weights are drawn, and then overwritten
                model = build_series_model(panel, coders, resolved, parts["horizon"])
            prefix = f"model.{place}."
            own = {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
            model.load_state_dict(own)
            members.append(model.to(device).eval())
        columns = columns_from_parts(parts["columns"])
        return cls(tuple(members), panel.to(device), columns, coders, parts["horizon"], resolved)


def _resolved_from_parts(parts: dict[str, Any]) -> ResolvedSettings:
    """Put resolved settings together again; JSON makes lists of what were tuples."""

    def tuples(name: str) -> dict[str, tuple[float, ...]]:
        return {key: tuple(values) for key, values in parts.get(name, {}).items()}

    own = {"bounds": Bounds(**tuples("bounds")), "usual_spread": UsualSpread(**tuples("usual_spread"))}
    return ResolvedSettings(**parts | own | {"lags": tuple(parts["lags"])})
