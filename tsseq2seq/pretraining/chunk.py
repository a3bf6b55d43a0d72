"""Chunk: windows of generated series as the network reads them, ready to be mixed with others into batches.

Series of one panel share their periods and horizon. Batches of one panel alone would pull the network to and
fro, so each is mixed from several chunks; shorter horizons are padded, and padding is not valid.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn import functional

from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.data.panel.windows import Windows, WindowShape
from tsseq2seq.forecasting.model import SeriesInputs, SeriesModel
from tsseq2seq.forecasting.pretrained_design import CONTEXT_LENGTH, SEGMENT_LENGTH, pretrained_lags
from tsseq2seq.smoothing.base import SmoothingBase
from tsseq2seq.smoothing.panel_table import PanelTable

__all__ = ["Chunk"]

# A base or a target further than so many deviations from its context's mean teaches nothing but itself.
_FURTHEST = 30.0
# Errors are measured in units of what a season, or a step, changes; of smaller changes than this share of the
# context's deviation, or greater ones, only this is taken.
_LEAST_CHANGE, _MOST_CHANGE = 0.05, 2.0


@dataclass(frozen=True)
class Chunk:
    """Windows on their own scales.

    Attributes
    ----------
    segments
        (B, S, I): the encoder's inputs.
    lengths
        (B,): number of valid segments.
    first
        (B, 1, W): the last segment of the context.
    covariates
        (B, T, F): what the decoder steps read beside the base.
    bases
        (B, T, G): exponential smoothing's forecasts.
    target, valid
        (B, H, 1): what came, and which of it counts.
    weight
        (B,): how much an error of 1 on the window's scale counts.
    """

    segments: Float[Tensor, "B S I"]
    lengths: Int[Tensor, " B"]
    first: Float[Tensor, "B 1 W"]
    covariates: Float[Tensor, "B T F"]
    bases: Float[Tensor, "B T G"]
    target: Float[Tensor, "B H 1"]
    valid: Bool[Tensor, "B H 1"]
    weight: Float[Tensor, " B"]

    @classmethod
    def of(
        cls,
        panel: Panel,
        base: SmoothingBase,
        model: SeriesModel,
        *,
        windows: int,
        generator: torch.Generator,
    ) -> Chunk:
        """Cut windows at random cutoffs of a panel.

        Parameters
        ----------
        panel
            The series.
        base
            Exponential smoothing, with the seasonal periods of the series and the horizon of the windows.
        model
            Scales the windows and cuts them into segments; its weights are not used.
        windows
            How many windows to cut.
        generator
            Draws the cutoffs.
        """
        horizon, periods = base.horizon, base.periods
        shape = WindowShape(CONTEXT_LENGTH, horizon, SEGMENT_LENGTH, pretrained_lags(periods))
        last = (panel.lengths - horizon).maximum(panel.lengths // 2).clamp(min=1)
        first = torch.full_like(last, 2).minimum(last)
        every = Windows(panel, shape, first_cutoff=first, last_cutoff=last)
        every = every.with_bases(PanelTable.of(base, panel))
        chosen = _spread_over_series(every, windows, generator)
        scaled = model.scaled(every.gather(chosen))
        inputs: SeriesInputs = model.prepare(scaled)
        lengths = inputs.lengths
        if lengths is None:
            lengths = torch.full((len(chosen),), inputs.segments.shape[1])
        assert inputs.covariates is not None
        assert inputs.bases is not None
        valid = scaled.known_mask & (scaled.target.abs() <= _FURTHEST)
        usable = (
            valid.flatten(1).any(1)
            & (inputs.bases.flatten(1).abs().amax(1) <= _FURTHEST)
            & (scaled.batch.context_mask.flatten(1).sum(1) >= 2)
        )
        made = cls(
            inputs.segments,
            lengths,
            inputs.first,
            inputs.covariates,
            inputs.bases,
            scaled.target.masked_fill(~valid, 0.0),
            valid,
            _weight(inputs.segments, periods),
        )
        return made.rows(usable.nonzero()[:, 0])

    def __len__(self) -> int:
        """Return the number of windows."""
        return len(self.lengths)

    @property
    def inputs(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """What an encoding is made of: segments, their lengths, the decoder's covariates and bases."""
        return self.segments, self.lengths, self.covariates, self.bases

    @property
    def steps(self) -> int:
        """Decoder steps."""
        return self.bases.shape[1]

    def rows(self, index: Int[Tensor, " n"] | slice) -> Chunk:
        """Return some of the windows."""
        return Chunk(**{field.name: getattr(self, field.name)[index] for field in dataclasses.fields(self)})

    def to(self, device: torch.device) -> Chunk:
        """Return the windows on a device."""
        return Chunk(
            **{field.name: getattr(self, field.name).to(device) for field in dataclasses.fields(self)}
        )

    @staticmethod
    def joined(chunks: Sequence[Chunk]) -> Chunk:
        """Return the windows of several chunks; those of shorter horizons are padded."""
        steps = max(chunk.steps for chunk in chunks)

        def padded(name: str) -> Tensor:
            parts = [getattr(chunk, name) for chunk in chunks]
            if name in ("covariates", "bases"):
                parts = [functional.pad(part, (0, 0, 0, steps - part.shape[1])) for part in parts]
            elif name in ("target", "valid"):
                parts = [
                    functional.pad(part, (0, 0, 0, steps * SEGMENT_LENGTH - part.shape[1])) for part in parts
                ]
            return torch.cat(parts)

        return Chunk(**{field.name: padded(field.name) for field in dataclasses.fields(Chunk)})


def _spread_over_series(windows: Windows, count: int, generator: torch.Generator) -> Int[Tensor, " count"]:
    """Draw windows, as many of each series, at random cutoffs: long series do not count more."""
    series = torch.arange(count) % len(windows.counts)
    before = windows.cumulative - windows.counts
    place = torch.rand(count, generator=generator, dtype=torch.float64)
    return before[series] + (place * windows.counts[series]).long()


def _weight(segments: Float[Tensor, "B S I"], periods: Sequence[int]) -> Float[Tensor, " B"]:
    """Return 1 / the mean change of a context over a season (or a step), on the window's scale.

    Errors then count as in the mean absolute scaled error.
    """
    values = segments[:, :, :SEGMENT_LENGTH].flatten(1)
    mask = segments[:, :, SEGMENT_LENGTH : 2 * SEGMENT_LENGTH].flatten(1)
    lag = periods[0] if periods else 1
    lag = lag if lag < values.shape[1] else 1
    both = mask[:, lag:] * mask[:, :-lag]
    known = both.sum(1)
    change = ((values[:, lag:] - values[:, :-lag]).abs() * both).sum(1) / known.clamp(min=1)
    change = torch.where(known > 0, change, 1.0)
    return 1 / change.clamp(_LEAST_CHANGE, _MOST_CHANGE)
