"""What the networks of a forecaster are trained on: its windows, and the objective that draws from them."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

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
    """The windows that networks learn from, and the settings that they are trained with.

    Attributes
    ----------
    series
        All that a network needs; a binned output has its edges.
    windows
        What to train on.
    held_out
        What to validate on; None where ``validation_size`` is 0.
    """

    series: FittedSeries
    windows: Windows
    held_out: Windows | None

    @classmethod
    def of(cls, series: FittedSeries) -> TrainingTask:
        """Find the windows of a panel, and give a binned output its edges from them.

        Parameters
        ----------
        series
            The panel, on the device where networks are trained, and the settings; with networks or without.

        Raises
        ------
        DataError
            If nothing was observed, all is held out, or too few windows are left for intervals.
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
            The network. None: a new one, whose weights are drawn from torch's random state.
        seed
            Of the windows drawn and the coins thrown.
        """
        panel, resolved = self.series.panel, self.series.resolved
        if model is None:
            model = build_series_model(panel, self.series.coders, resolved, self.series.horizon)
        model = model.to(panel.values.device)
        return SeriesObjective(model, self.windows, self.held_out, resolved.training, seed=seed)


def _windows(series: FittedSeries) -> tuple[Windows, Windows | None]:
    """Return the windows to train on, and those to validate on if anything is held out."""
    panel, resolved, shape = series.panel, series.resolved, series.shape()
    if not bool(panel.observed.any()):
        raise DataError(f"column {panel.targets[0]!r} is missing in all {len(panel.values)} steps")
    held_out, moments = resolved.training.validation_size, resolved.resolved_scaling.needs_history
    windows = training_windows(panel, shape, held_out=held_out, stride=resolved.stride, moments=moments)
    if len(windows) == 0:
        raise DataError(
            f"no series is long enough to train on: the longest has {int(panel.lengths.max())} steps, of "
            f"which validation_size={held_out} are held out; at least 2 must be left"
        )
    check_enough_windows(windows, resolved.output, held_out=held_out)
    if not held_out:
        return windows, None
    return windows, validation_windows(panel, shape, held_out=held_out, moments=moments)
