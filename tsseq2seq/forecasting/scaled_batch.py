"""A batch on the network's scale, before anything learned touches it; drawn at random, some batches ahead.

What a step does to its windows is many small operations, whose cost is in their number and not in their
size. So training draws and scales the windows of several steps at once.
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

# About so many numbers are drawn together, unless a single batch has more.
_NUMBERS_AHEAD = 2**22

_Part = TypeVar("_Part")


@dataclass(frozen=True)
class ScaledBatch:
    """Windows on the network's scale.

    Attributes
    ----------
    batch
        The windows in the panel's units.
    scale
        The way back.
    segments
        (B, S, W): the context cut into segments, with its mask beside the values, 0 where a value was not
        observed.
    target
        (B, H, Y), 0 likewise.
    lagged, lagged_mask
        (B, C + H, L·Y), those of all lags and targets side by side, 0 where the mask is False. None
        without lags.
    """

    batch: Batch
    scale: Scale
    segments: Float[Tensor, "B S W"]
    target: Float[Tensor, "B H Y"]
    lagged: Float[Tensor, "B T G"] | None = None
    lagged_mask: Bool[Tensor, "B T G"] | None = None

    @classmethod
    def of(cls, batch: Batch, scaling: Scaling, segment_length: int) -> ScaledBatch:
        """Scale each window by its own statistics, and cut its context into segments of so many steps.

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
        return cls(
            batch,
            scale,
            to_segments(_zeroed(context, observed), observed, segment_length),
            _zeroed(scale.transform(batch.target), batch.needed_target_mask),
            lagged,
            mask,
        )

    @property
    def counted(self) -> Bool[Tensor, "B H Y"]:
        """Which targets count: those that were observed, of windows whose context has a scale."""
        mask, varies = self.batch.needed_target_mask, ~self.scale.flat
        return varies.expand_as(self.target) if mask is None else mask & varies

    @property
    def numbers(self) -> int:
        """How many numbers there are in all its tensors."""
        return sum(tensor.numel() for tensor in _tensors(self))

    def split(self, rows: int) -> Iterator[ScaledBatch]:
        """Cut into batches of so many windows, in their order."""
        return _split(self, rows)


class RandomBatches:
    """Windows drawn with replacement, each equally likely: an iterator without an end.

    On a processor the windows of several batches are drawn together, where they are small. On other devices,
    where launches may be recorded, each batch is drawn when it is asked for.

    Parameters
    ----------
    windows
        What to draw from.
    scale
        Puts them on the network's scale.
    size
        Windows of a batch.
    generator
        What to draw with.
    most_ahead
        Batches drawn together at most; on other devices than a processor 1.
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
        self.ahead = 1
        self.index: Int[Tensor, " N"] | None = None  # of the windows drawn together
        self.drawn: list[ScaledBatch] = []  # those not yet taken; the next one stands last

    def __iter__(self) -> RandomBatches:
        """Return itself."""
        return self

    def __next__(self) -> ScaledBatch:
        """Return the next batch; draw some if there is none."""
        if not self.drawn:
            count, device = self.ahead * self.size, self.generator.device
            self.index = torch.randint(len(self.windows), (count,), generator=self.generator, device=device)
            each = self._gather(self.index) // self.ahead
            self.ahead = min(self.most_ahead, max(1, _NUMBERS_AHEAD // each))
        return self.drawn.pop()

    def state(self) -> State:
        """Return which windows were drawn ahead, and how many batches of them are left."""
        return {"ahead": self.ahead, "index": self.index, "left": len(self.drawn)}

    def load_state(self, state: State) -> None:
        """Go on from a state: the windows drawn ahead are gathered again."""
        self.ahead, self.index, self.drawn = state["ahead"], None, []
        if state["left"]:
            self.index = state["index"].to(self.generator.device)
            self._gather(self.index)
            del self.drawn[state["left"] :]

    def _gather(self, index: Int[Tensor, " N"]) -> int:
        """Gather and scale windows, and return how many numbers they have."""
        several = self.scale(self.windows.gather(index))
        self.drawn = [*several.split(self.size)][::-1]
        return several.numbers


def _zeroed(values: Float[Tensor, "B T Y"], mask: Bool[Tensor, "B T Y"] | None) -> Float[Tensor, "B T Y"]:
    return values if mask is None else values.masked_fill(~mask, 0.0)


def _split(part: _Part, rows: int) -> Iterator[_Part]:
    """Cut the tensors of a dataclass, and of the dataclasses in it, along their first dimension."""
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
