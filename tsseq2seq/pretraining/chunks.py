"""Chunks: an endless numbered row of chunks of generated series, made by processes beside the training.

The number of a chunk determines its series, its cutoffs and its horizon, whoever makes it: a training that is
resumed, with any number of processes, reads the same chunks.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float
from torch.utils.data import DataLoader, Dataset

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import LongFrame
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.panel import Panel, make_panel
from tsseq2seq.data.series_rows import row_offsets
from tsseq2seq.forecasting.pretrained_design import PRETRAINED_SIZES, build_pretrained
from tsseq2seq.pretraining.chunk import Chunk
from tsseq2seq.pretraining.generator import Generator
from tsseq2seq.pretraining.settings import Pretraining
from tsseq2seq.smoothing.base import SmoothingBase

__all__ = ["Chunks", "panel_of"]

# Panels to validate on have numbers from here on, which no training reaches.
_HELD_BACK = 1_000_000_000


@dataclass(frozen=True)
class Chunks(Dataset):  # type: ignore[type-arg]
    """Chunks by their number.

    Parameters
    ----------
    settings
        The settings of the pretraining.
    generator
        Makes the series.
    """

    settings: Pretraining
    generator: Generator = field(default_factory=Generator)

    def __getitem__(self, number: int) -> Chunk:
        """Return the chunk of a number."""
        seed = self.settings.seed + number
        made, draws = self.generator.panel(seed), torch.Generator().manual_seed(seed)
        horizon = self._horizon(made.values.shape[1], draws)
        model = build_pretrained(PRETRAINED_SIZES[self.settings.size])
        with torch.no_grad():
            known = panel_of(made.values[: _learned_from(len(made.values), draws)])
            base = SmoothingBase.learned(known, tuple(made.periods), horizon, seed=seed)
            panel = panel_of(made.values)
            return Chunk.of(panel, base, model, windows=self.settings.windows, generator=draws)

    def held_back(self) -> list[Chunk]:
        """Return the chunks to validate on."""
        rows = slice(self.settings.batch_size)
        return [self[_HELD_BACK + number].rows(rows) for number in range(self.settings.held_back)]

    def beginning_at(self, number: int, *, processes: int = 0) -> Iterator[Chunk]:
        """Return an iterator over the chunks from a number on.

        Parameters
        ----------
        number
            The first one.
        processes
            Processes that make them ahead. 0: they are made when they are asked for.
        """
        loader = DataLoader(
            self,
            batch_size=None,
            sampler=range(number, _HELD_BACK),
            num_workers=processes,
            collate_fn=_as_it_is,
            worker_init_fn=_one_thread if processes else None,
        )
        return iter(loader)

    def _horizon(self, steps: int, draws: torch.Generator) -> int:
        """Draw how many steps ahead windows of a panel reach: at most half of its steps."""
        shortest, longest = self.settings.shortest_horizon, self.settings.longest_horizon
        place = float(torch.rand((), generator=draws, dtype=torch.float64))
        drawn = round(math.exp(math.log(shortest) + place * (math.log(longest) - math.log(shortest))))
        return max(1, min(drawn, steps // 2))


def panel_of(values: Float[np.ndarray, "N T"]) -> Panel:
    """Return the panel of series in rows; NaN is missing, and a series begins at its first value."""
    begun = np.cumsum(~np.isnan(values), axis=1) > 0
    series, steps = np.nonzero(begun)
    counts = begun.sum(1)
    kept = counts > 0
    frame = LongFrame(
        ids=pd.Index(np.flatnonzero(kept)),
        has_ids=True,
        times=pd.Index(steps),
        starts=row_offsets(counts[kept])[:-1],
        targets=values[series, steps][:, None].astype(np.float64),
        columns=Columns(),
        covariates=pd.DataFrame(index=range(len(series))),
    )
    return make_panel(frame, Frequency.of(1, frame))


def _learned_from(series: int, draws: torch.Generator) -> int:
    """Draw how many series smoothing learns from: users have one as well as hundreds."""
    place = float(torch.rand((), generator=draws, dtype=torch.float64))
    return max(1, round(series**place))


def _as_it_is(chunk: Any) -> Any:  # noqa: ANN401 (as the loader's signature has it)
    return chunk


def _one_thread(worker: int) -> None:
    torch.set_num_threads(1)
