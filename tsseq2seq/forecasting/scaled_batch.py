"""ScaledBatch: a batch of scaled windows, cut into segments; RandomBatches: an iterator over random ones.

Gathering and scaling windows takes many small operations, whose cost depends on their number more than on
their size. So training draws and scales the windows of several training steps at once.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from tsseq2seq.data.panel.batch import Batch
from tsseq2seq.data.panel.windows import Windows
from tsseq2seq.data.scaling.base import Scaling
from tsseq2seq.data.scaling.scale import Scale
from tsseq2seq.nn.segments import to_segments
from tsseq2seq.training.state import State

__all__ = ["RandomBatches", "ScaledBatch"]

# About so many numbers are drawn at once, unless a single batch has more.
_NUMBERS_AHEAD = 2**22

_Part = TypeVar("_Part")


@dataclass(frozen=True)
class ScaledBatch:
    """Windows, each on its own scale.

    Attributes
    ----------
    batch
        The windows in the panel's units.
    scale
        The scale of each window.
    segments
        (B, S, W): the segments of the context, values and mask; missing values are 0.
    target
        (B, H, Y): the targets; missing values are 0.
    lagged, lagged_mask
        (B, context + horizon, lags · targets): lagged values, 0 where the mask is False. None without lags.
    bases
        (B, steps, G): the forecasts to add to, one segment for each decoder step. None: there are none.
    """

    batch: Batch
    scale: Scale
    segments: Float[Tensor, "B S W"]
    target: Float[Tensor, "B H Y"]
    lagged: Float[Tensor, "B T lagged"] | None = None
    lagged_mask: Bool[Tensor, "B T lagged"] | None = None
    bases: Float[Tensor, "B steps G"] | None = None

    @classmethod
    def of(cls, batch: Batch, scaling: Scaling, segment_length: int) -> ScaledBatch:
        """Scale each window by its own statistics, and cut its context into segments.

        See :meth:`~tsseq2seq.data.scaling.base.Scaling.scale_context` and
        :func:`~tsseq2seq.nn.segments.to_segments`.
        """
        scale, context = scaling.scale_context(batch)
        observed = batch.needed_context_mask
        lagged = mask = None
        if batch.lagged is not None and batch.lagged_mask is not None:
            mask = batch.lagged_mask.flatten(2)
            parts = [scale.transform(part) for part in batch.lagged.unbind(2)]
            lagged = torch.cat(parts, dim=-1).masked_fill(~mask, 0.0)
        bases = None
        if batch.bases is not None:
            rows, steps, targets = batch.bases.shape
            scaled_bases = scale.transform(batch.bases)
            bases = scaled_bases.reshape(rows, steps // segment_length, segment_length * targets)
        return cls(
            batch,
            scale,
            to_segments(_zeroed(context, observed), observed, segment_length),
            _zeroed(scale.transform(batch.target), batch.needed_target_mask),
            lagged,
            mask,
            bases,
        )

    @property
    def known_mask(self) -> Bool[Tensor, "B H Y"]:
        """True at the targets that have a number: observed ones, of windows whose context varies."""
        mask, varies = self.batch.needed_target_mask, ~self.scale.flat
        return varies.expand_as(self.target) if mask is None else mask & varies

    @property
    def loss_mask(self) -> Bool[Tensor, "B H Y"]:
        """True at the targets that count in the loss: those known whose weight is not 0."""
        weights = self.loss_weights
        return self.known_mask if weights is None else self.known_mask & (weights > 0)[..., None]

    @property
    def loss_weights(self) -> Float[Tensor, "B H"] | None:
        """How much each step of the horizon counts in the loss. None: all the same."""
        weights = self.batch.weights
        return None if weights is None else weights[:, self.batch.context.shape[1] :]

    @property
    def numbers(self) -> int:
        """Number of elements of all its tensors."""
        return sum(tensor.numel() for tensor in _tensors(self))

    def split(self, rows: int) -> Iterator[ScaledBatch]:
        """Split into batches of so many windows, in their order."""
        return _split(self, rows)


class RandomBatches:
    """An endless iterator over batches of windows drawn with replacement, each window equally likely.

    On a CPU the windows of several small batches are drawn at once. On other devices each batch is drawn when
    it is needed, because training steps may be recorded.

    Parameters
    ----------
    windows
        The windows to draw from.
    scale
        Scales a batch.
    size
        Windows of a batch.
    generator
        Draws the windows.
    most_ahead
        Most batches that are drawn at once on a CPU; on other devices it is 1.
    """

    def __init__(
        self,
        windows: Windows,
        scale: Callable[[Batch], ScaledBatch],
        *,
        size: int,
        generator: torch.Generator,
        most_ahead: int,
    ) -> None:
        self.windows = windows
        self.scale = scale
        self.size = size
        self.generator = generator
        self.most_ahead = most_ahead if generator.device.type == "cpu" else 1
        self.ahead = 1  # batches of the next draw
        self.index: Int[Tensor, " N"] | None = None  # windows of the last draw
        self.drawn: list[ScaledBatch] = []  # batches not yet returned, the next one last

    def __iter__(self) -> RandomBatches:
        """Return itself."""
        return self

    def __next__(self) -> ScaledBatch:
        """Return the next batch; if none is left, draw some."""
        if not self.drawn:
            count, device = self.ahead * self.size, self.generator.device
            self.index = torch.randint(len(self.windows), (count,), generator=self.generator, device=device)
            numbers_a_batch = self._gather(self.index) // self.ahead
            self.ahead = min(self.most_ahead, max(1, _NUMBERS_AHEAD // numbers_a_batch))
        return self.drawn.pop()

    def state(self) -> State:
        """Return the windows of the last draw, and how many of its batches are left."""
        return {"ahead": self.ahead, "index": self.index, "left": len(self.drawn)}

    def load_state(self, state: State) -> None:
        """Continue from a state; the windows of its last draw are gathered again."""
        self.ahead, self.index, self.drawn = state["ahead"], None, []
        if state["left"]:
            self.index = state["index"].to(self.generator.device)
            self._gather(self.index)
            del self.drawn[state["left"] :]

    def _gather(self, index: Int[Tensor, " N"]) -> int:
        """Gather and scale windows, and return how many numbers they have."""
        scaled = self.scale(self.windows.gather(index))
        self.drawn = [*scaled.split(self.size)][::-1]
        return scaled.numbers


def _zeroed(values: Float[Tensor, "B T Y"], mask: Bool[Tensor, "B T Y"] | None) -> Float[Tensor, "B T Y"]:
    return values if mask is None else values.masked_fill(~mask, 0.0)


def _split(part: _Part, rows: int) -> Iterator[_Part]:
    """Split all tensors of a dataclass, and of dataclasses in it, along their first dimension."""
    columns: list[Iterable[Any]] = []
    fields = dataclasses.fields(part)  # type: ignore[arg-type]
    if not fields:
        return itertools.repeat(part)
    for field in fields:
        value = getattr(part, field.name)
        if isinstance(value, Tensor):
            columns.append(value.split(rows))
        elif dataclasses.is_dataclass(value):
            columns.append(_split(value, rows))
        else:
            columns.append(itertools.repeat(value))
    return (type(part)(*values) for values in zip(*columns, strict=False))


def _tensors(part: object) -> Iterator[Tensor]:
    for field in dataclasses.fields(part):  # type: ignore[arg-type]
        value = getattr(part, field.name)
        if isinstance(value, Tensor):
            yield value
        elif dataclasses.is_dataclass(value):
            yield from _tensors(value)
