"""FittedWindows: the networks of a fitted autoencoder, with all that scores of any frame need."""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from tsseq2seq.data.frames.columns import Columns, columns_from_parts, columns_to_parts
from tsseq2seq.data.panel.batch import Batch
from tsseq2seq.data.panel.features import Coders
from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.data.panel.panel_storage import (
    coders_from_parts,
    coders_to_parts,
    panel_from_parts,
    panel_to_parts,
)
from tsseq2seq.errors import ModelFileError, shown
from tsseq2seq.reconstruction.building import build_window_model
from tsseq2seq.reconstruction.calibration import Calibration, step_scores
from tsseq2seq.reconstruction.covering import covering_windows, in_chunks, merged, windows_of
from tsseq2seq.reconstruction.defaults import ResolvedWindows
from tsseq2seq.reconstruction.levels import Levels, indices_of_known
from tsseq2seq.reconstruction.model import WindowModel
from tsseq2seq.settings import check_number
from tsseq2seq.stored_checks import check_fields, check_tensor
from tsseq2seq.training.saved_members import members_from_tensors, members_to_tensors

__all__ = ["FittedWindows"]


@dataclass(frozen=True)
class FittedWindows:
    """Trained networks, with their series, columns, resolved settings and calibration.

    Attributes
    ----------
    members
        The networks, in evaluation mode.
    panel
        The training series.
    columns, coders
        The columns to read, and the calendar.
    resolved
        The resolved settings.
    levels
        By what each training series is scaled as a whole.
    calibration
        Usual errors, and the threshold.
    stride
        Time steps between the windows trained on.
    """

    members: tuple[WindowModel, ...]
    panel: Panel
    columns: Columns
    coders: Coders
    resolved: ResolvedWindows
    levels: Levels
    calibration: Calibration
    stride: int = 1

    @torch.inference_mode()
    def reconstruction(
        self, panel: Panel, levels: Levels, *, step: int | None = None
    ) -> Float[Tensor, "rows Y"]:
        """Return the reconstruction of each step of a panel, in original units; NaN where there is none.

        Parameters
        ----------
        panel
            The series.
        levels
            Their levels; see :meth:`levels_of`.
        step
            Time steps between the windows. None: an eighth of a window.
        """
        windows = covering_windows(
            panel,
            self.resolved.shape,
            stride=self.resolved.stride if step is None else step,
            moments=levels.moments(panel),
        )
        return merged(windows, self._reconstruct)

    @torch.inference_mode()
    def seconds_of_scores(self) -> float:
        """Return about how long the reconstruction of the training series takes, as measured on a part."""
        step = self.stride if self.stride > 1 else self.resolved.stride
        windows = windows_of(
            self.panel, self.resolved.shape, stride=step, moments=self.levels.moments(self.panel)
        )
        seconds = 0.0
        # the first time is slower than all others
        for _ in range(2):
            begun = time.monotonic()
            index, batch = next(in_chunks(windows))
            self._reconstruct(batch)
            seconds = (time.monotonic() - begun) * len(windows) / len(index)
        return seconds

    def errors(self, panel: Panel, levels: Levels, *, step: int | None = None) -> np.ndarray:
        """Return the absolute error of each step, (rows, Y); NaN where it was not observed."""
        return np.abs(original_values(panel) - self.reconstruction(panel, levels, step=step).cpu().numpy())

    def scores(self, panel: Panel, levels: Levels, errors: np.ndarray) -> np.ndarray:
        """Return the score of each step, (rows,), given the absolute errors; NaN where there is none."""
        known = indices_of_known(self.panel, panel)
        usual = (
            np.where((known >= 0)[:, None], self.calibration.own[known], self.calibration.pooled)
            * levels.spread.cpu().numpy()
        )
        return step_scores(errors, np.repeat(usual, panel.lengths.cpu().numpy(), axis=0))

    def levels_of(self, panel: Panel) -> Levels:
        """Return the levels of a panel: those of training where a series was trained on, else its own."""
        return self.levels.known(self.panel, panel)

    @torch.inference_mode()
    def latent(self, panel: Panel, levels: Levels, *, step: int) -> np.ndarray:
        """Return the latent vectors of windows so many steps apart, (windows, members × latent size)."""
        windows = windows_of(panel, self.resolved.shape, stride=step, moments=levels.moments(panel))
        pieces = [
            torch.cat([model.encode(model.scaled(batch)) for model in self.members], dim=1)
            for _, batch in in_chunks(windows)
        ]
        return torch.cat(pieces).cpu().numpy() if pieces else np.empty((0, self.latent_width), np.float32)

    @torch.inference_mode()
    def decode(
        self, latent: Float[Tensor, "B C"], calendar: Float[Tensor, "B W F"] | None
    ) -> Float[Tensor, "B W Y"]:
        """Return the windows of latent vectors, on the windows' scale: the mean of the members'."""
        parts = latent.chunk(len(self.members), dim=1)
        steps = self.resolved.window_length
        decoded = [
            model.decode(part, calendar, steps) for model, part in zip(self.members, parts, strict=True)
        ]
        return torch.stack(decoded).mean(0)

    @property
    def latent_width(self) -> int:
        """Numbers of a latent vector; of several members those of all, side by side."""
        return self.resolved.latent_size * len(self.members)

    @property
    def device(self) -> torch.device:
        """The device of the networks."""
        return self.panel.values.device

    def _reconstruct(self, batch: Batch) -> Float[Tensor, "B W Y"]:
        parts = [model.reconstruct(model.scaled(batch)) for model in self.members]
        return parts[0] if len(parts) == 1 else torch.stack(parts).mean(0)

    def to_parts(self) -> tuple[dict[str, Any], dict[str, Tensor]]:
        """Return all fields as values that JSON (with settings) can hold, and as tensors."""
        panel, tensors = panel_to_parts(self.panel)
        tensors |= members_to_tensors(self.members)
        tensors |= {
            "levels.mean": self.levels.mean,
            "levels.spread": self.levels.spread,
            "calibration.own": torch.from_numpy(self.calibration.own),
            "calibration.pooled": torch.from_numpy(self.calibration.pooled),
        }
        parts = {
            "panel": panel,
            "columns": columns_to_parts(self.columns),
            "coders": coders_to_parts(self.coders),
            "members": len(self.members),
            "stride": self.stride,
            "threshold": self.calibration.threshold,
            "calibration_steps": self.calibration.steps,
            "choices": {
                field.name: getattr(self.resolved, field.name) for field in dataclasses.fields(self.resolved)
            },
        }
        return parts, tensors

    @classmethod
    def from_parts(
        cls, parts: dict[str, Any], tensors: dict[str, Tensor], device: torch.device
    ) -> FittedWindows:
        """Undo :meth:`to_parts`."""
        resolved = check_fields(ResolvedWindows(**parts["choices"]))
        coders = coders_from_parts(parts["coders"])
        panel = panel_from_parts(parts["panel"], tensors, coders)
        _check_stored(parts, tensors, panel)
        if resolved.latent_size != resolved.network.context_size:
            raise ModelFileError(
                f"latent_size is {resolved.latent_size}, but the network's is {resolved.network.context_size}"
            )
        features = 0 if panel.calendar is None else panel.calendar.rows.shape[1]
        members = members_from_tensors(
            lambda: build_window_model(resolved, targets=len(panel.targets), calendar=features),
            parts["members"],
            tensors,
            device,
        )
        return cls(
            members,
            panel.to(device),
            columns_from_parts(parts["columns"]),
            coders,
            resolved,
            Levels(tensors["levels.mean"].to(device), tensors["levels.spread"].to(device)),
            Calibration(
                tensors["calibration.own"].numpy(),
                tensors["calibration.pooled"].numpy(),
                parts["threshold"],
                parts["calibration_steps"],
            ),
            parts["stride"],
        )


def _check_stored(parts: dict[str, Any], tensors: dict[str, Tensor], panel: Panel) -> None:
    """Refuse levels and usual errors of other series than the panel's, and numbers out of bounds."""
    of_series = panel.count, len(panel.targets)
    for name, shape in {
        "levels.mean": of_series,
        "levels.spread": of_series,
        "calibration.own": of_series,
        "calibration.pooled": of_series[1:],
    }.items():
        # where nothing was observed, there is no level
        check_tensor(name, tensors[name], shape, torch.float64, finite=False)
    check_number("model", "stride", parts["stride"], low=1, integer=True)
    check_number("model", "calibration_steps", parts["calibration_steps"], low=0, integer=True)
    if not isinstance(parts["threshold"], float):
        raise ModelFileError(f"threshold is {shown(parts['threshold'])}; it must be a number")


def original_values(panel: Panel) -> np.ndarray:
    """Return the original values of all series, (rows, Y), float64; NaN where missing."""
    lengths = panel.lengths
    origin = panel.origin.repeat_interleave(lengths, 0)
    unit = panel.unit.repeat_interleave(lengths, 0)
    values = origin + unit * panel.values.double()
    return values.masked_fill(~panel.observed, torch.nan).cpu().numpy()
