"""TrainingTask: the windows that a forecaster's networks are trained and validated on."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from tsseq2seq.data.panel.step_weights import check_weights_of_windows, target_rows, with_unit_weights
from tsseq2seq.data.panel.window_index import training_windows, validation_windows
from tsseq2seq.data.panel.windows import Windows
from tsseq2seq.errors import DataError
from tsseq2seq.forecasting.binning import with_edges
from tsseq2seq.forecasting.building import build_series_model
from tsseq2seq.forecasting.enough_windows import check_enough_windows
from tsseq2seq.forecasting.fitted import FittedSeries
from tsseq2seq.forecasting.model import SeriesModel
from tsseq2seq.forecasting.objective import SeriesObjective

__all__ = ["TrainingTask"]


@dataclass(frozen=True)
class TrainingTask:
    """The training and validation windows of a panel, with the settings.

    Attributes
    ----------
    series
        Panel, columns and resolved settings; a binned output has its edges.
    windows
        The windows to train on.
    held_out
        The windows to validate on. None if ``validation_size`` is 0.
    """

    series: FittedSeries
    windows: Windows
    held_out: Windows | None

    @classmethod
    def of(cls, series: FittedSeries) -> TrainingTask:
        """Make the windows of a panel, and set the edges of a binned output from them.

        Parameters
        ----------
        series
            The panel, on the device to train on, and the resolved settings, with or without networks.

        Raises
        ------
        DataError
            If the panel has no observed value, no series is long enough for a training window, or too few
            windows are left for intervals; if all weights of what is trained on or held out are 0.
        ParameterError
            If weights vary within a series, and the loss is one of whole windows.
        """
        resolved = series.resolved
        windows, held_out = _windows(series)
        output = with_edges(resolved.output, windows, resolved.resolved_scaling)
        with_output = dataclasses.replace(series, resolved=dataclasses.replace(resolved, output=output))
        return cls(with_output, windows, held_out)

    def objective(self, model: SeriesModel | None = None, *, seed: int) -> SeriesObjective:
        """Return the objective of one network.

        Parameters
        ----------
        model
            The network. None: a new one, whose weights depend on torch's random state.
        seed
            Seed of the windows drawn and of teacher forcing.
        """
        panel, resolved = self.series.panel, self.series.resolved
        if model is None:
            model = build_series_model(panel, self.series.coders, resolved, self.series.horizon)
        model = model.to(panel.values.device)
        return SeriesObjective(model, self.windows, self.held_out, resolved.training, seed=seed)


def _windows(series: FittedSeries) -> tuple[Windows, Windows | None]:
    """Return the training windows, and the validation windows (None if nothing is held out)."""
    panel, resolved, shape = series.panel, series.resolved, series.shape()
    if not bool(panel.observed.any()):
        raise DataError(f"column {panel.targets[0]!r} is missing in all {len(panel.values)} steps")
    held_out = resolved.training.held_out(int(panel.lengths.float().median()))
    moments = resolved.resolved_scaling.needs_history
    windows = training_windows(panel, shape, held_out=held_out, stride=resolved.stride, moments=moments)
    if len(windows) == 0:
        raise DataError(
            f"no series is long enough to train on: the longest has {int(panel.lengths.max())} steps, of "
            f"which {held_out} are held out for validation; at least 2 must be left"
        )
    check_enough_windows(windows, resolved.output, held_out=held_out)
    if resolved.output.of_windows:
        check_weights_of_windows(panel, getattr(resolved.output, "loss", resolved.output))
    windows = with_unit_weights(windows, target_rows(windows), "to train on")
    windows = series.with_bases(windows)
    if not held_out:
        return windows, None
    validated = validation_windows(panel, shape, held_out=held_out, moments=moments)
    validated = with_unit_weights(validated, target_rows(validated), "held out")
    return windows, validated if windows.bases is None else validated.with_bases(windows.bases)
