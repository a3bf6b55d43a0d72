"""What fitting a forecaster leaves: the model, and all that is needed to use it on another frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from tsseq2seq.data.columns import Columns, columns_from_parts, columns_to_parts
from tsseq2seq.data.extension import extend
from tsseq2seq.data.features import Coders
from tsseq2seq.data.frequency import Frequency
from tsseq2seq.data.long_frame import LongFrame, read_long_frame
from tsseq2seq.data.panel import Panel, make_panel
from tsseq2seq.data.panel_storage import coders_from_parts, coders_to_parts, panel_from_parts, panel_to_parts
from tsseq2seq.data.scaling import check_scaling
from tsseq2seq.data.windows import Windows, WindowShape, forecast_windows
from tsseq2seq.nn.outputs import Output
from tsseq2seq.training.defaults import Choices
from tsseq2seq.training.seeding import seeded
from tsseq2seq.training.series import SeriesModel
from tsseq2seq.training.series_building import build_series_model
from tsseq2seq.training.series_prediction import forecast_all, sample_all

__all__ = ["FittedSeries", "read_panel"]


def read_panel(frame: LongFrame, frequency: Frequency | None, coders: Coders, scaling: str) -> Panel:
    """Lay a frame on its grid (None: inferred), and refuse values that the scaling cannot take."""
    if frequency is None:
        frequency = Frequency.infer(frame.times, frame.starts, frame.ids)
    panel = make_panel(frame, frequency, coders)
    check_scaling(panel, scaling)
    return panel


@dataclass(frozen=True)
class FittedSeries:
    """A trained model with its surroundings.

    Attributes
    ----------
    model
        The network, in evaluation mode.
    panel
        The series it was trained on.
    columns, coders
        Which columns it reads, and how covariates become numbers and codes.
    horizon
        Steps it was trained to forecast.
    choices
        Lengths and settings with nothing left open.
    output, scaling
        What is forecast, and how windows are scaled.
    """

    model: SeriesModel
    panel: Panel
    columns: Columns
    coders: Coders
    horizon: int
    choices: Choices
    output: Output
    scaling: str

    def read(self, df: pd.DataFrame | None) -> Panel:
        """Lay another frame on the grid; None: the series trained on."""
        if df is None:
            return self.panel
        frame = read_long_frame(df, self.columns)
        panel = read_panel(frame, self.panel.frequency, self.coders, self.scaling)
        return panel.to(self.panel.values.device)

    def forecast(
        self,
        history: Panel,
        future: pd.DataFrame | None,
        *,
        steps: int,
        probabilities: Sequence[float],
        paths: int,
        seed: int,
    ) -> np.ndarray:
        """Forecast the steps after the end of each series.

        Returns
        -------
        numpy.ndarray
            (series, steps, targets, 1 + quantiles): the point forecast, then the quantiles; from
            ``paths`` sample paths where the output is sampled.
        """
        if self.output.sampled:
            drawn = self.sample(history, future, steps=steps, paths=paths, seed=seed)
            return np.moveaxis(np.quantile(drawn, [0.5, *probabilities], axis=1), 0, -1)
        return forecast_all(self.model, self._windows(history, future, steps), probabilities)

    def sample(
        self, history: Panel, future: pd.DataFrame | None, *, steps: int, paths: int, seed: int
    ) -> np.ndarray:
        """Draw sample paths, (series, paths, steps, targets)."""
        return sample_all(self.model, self._windows(history, future, steps), paths=paths, seed=seed)

    def _windows(self, history: Panel, future: pd.DataFrame | None, steps: int) -> Windows:
        panel = extend(history, self.coders, self.columns, future, steps)
        return forecast_windows(
            panel,
            WindowShape(self.choices.context_length, steps, self.choices.segment_length),
            ahead=0 if panel is history else steps,
            moments=self.scaling == "series",
        )

    def to_parts(self) -> tuple[dict[str, Any], dict[str, Tensor]]:
        """Take apart what JSON (with settings) and tensors can hold."""
        panel, tensors = panel_to_parts(self.panel)
        weights = {f"model.{name}": tensor for name, tensor in self.model.state_dict().items()}
        parts = {
            "panel": panel,
            "columns": columns_to_parts(self.columns),
            "coders": coders_to_parts(self.coders),
            "horizon": self.horizon,
            "choices": vars(self.choices),
            "output": self.output,
            "scaling": self.scaling,
        }
        return parts, tensors | weights

    @classmethod
    def from_parts(
        cls, parts: dict[str, Any], tensors: dict[str, Tensor], device: torch.device
    ) -> FittedSeries:
        """Put together again what :meth:`to_parts` returned."""
        choices = Choices(**parts["choices"])
        coders = coders_from_parts(parts["coders"])
        columns = columns_from_parts(parts["columns"])
        with seeded(0, device):  # first weights are drawn, and then overwritten
            model = build_series_model(
                choices.network,
                parts["output"],
                parts["scaling"],
                shape=WindowShape(choices.context_length, parts["horizon"], choices.segment_length),
                targets=len(columns.targets),
                season_length=choices.season_length,
                coders=coders,
            )
        prefix = "model."
        model.load_state_dict({k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)})
        model.to(device).eval()
        panel = panel_from_parts(parts["panel"], tensors).to(device)
        return cls(
            model, panel, columns, coders, parts["horizon"], choices, parts["output"], parts["scaling"]
        )
