"""PretrainingObjective: the loss of windows of generated series, and the error of those held back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tsseq2seq.decoding.unroll import unroll
from tsseq2seq.forecasting.model import SeriesModel
from tsseq2seq.pretraining.chunk import Chunk
from tsseq2seq.training.state import State

__all__ = ["PretrainingModule", "PretrainingObjective"]

# A window further off than this, in units of its weight, does not pull harder.
_MOST_LOSS = 20.0


class PretrainingModule(nn.Module):
    """The network to train, whose ``forward`` is the loss of a batch.

    Parameters
    ----------
    model
        The network.
    """

    def __init__(self, model: SeriesModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, batch: Chunk) -> Float[Tensor, ""]:
        """Return the mean loss of the windows; each counts alike, however many steps of it are valid."""
        return self.losses(batch).clamp(max=_MOST_LOSS).mean()

    def losses(self, batch: Chunk) -> Float[Tensor, " B"]:
        """Return the weighted loss of each window."""
        encoding = self.model.network.encode(*batch.inputs)
        # no output is fed back, so that what stands in its place does not matter, and one pass suffices
        nothing = batch.first.expand(-1, batch.steps, -1)
        unrolled = unroll(
            self.model.network,
            encoding,
            steps=batch.steps,
            first=batch.first,
            feedback=_unused,
            truth=nothing,
        )
        parameters = unrolled.outputs[:, 0].flatten(1, 2)
        losses, valid = self.model.output.losses(parameters, batch.target, batch.valid, None)
        valid = valid.to(losses.dtype)
        mean = (losses * valid).flatten(1).sum(1) / valid.flatten(1).sum(1).clamp(min=1)
        return mean * batch.weight


def _unused(outputs: Tensor) -> Tensor:
    raise RuntimeError("the pretrained network feeds no output back")


@dataclass
class PretrainingObjective:
    """What the training loop trains: batches mixed from several chunks.

    Attributes
    ----------
    module
        The network with its loss.
    chunks
        Returns an iterator over the chunks from a number on; the same numbers are the same chunks.
    held_back
        Chunks to validate on.
    mixed
        Chunks that a batch is mixed from.
    batch_size
        Windows of a batch.
    """

    module: PretrainingModule
    chunks: Callable[[int], Iterator[Chunk]]
    held_back: Sequence[Chunk]
    mixed: int
    batch_size: int
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    _open: list[Chunk] = field(default_factory=list)
    _places: list[list[int]] = field(default_factory=list)
    _next: int = 0
    _source: Iterator[Chunk] | None = None

    def batch_loss(self, step: int, total: int) -> Float[Tensor, ""]:
        """Return the loss of the next batch."""
        loss: Tensor = self.module(self._batch())
        return loss

    def validate(self) -> float | None:
        """Return the mean loss of the windows held back."""
        if not self.held_back:
            return None
        losses = torch.cat([self.module.losses(chunk).clamp(max=_MOST_LOSS) for chunk in self.held_back])
        return float(losses.mean())

    def state(self) -> State:
        """Return which chunks are open, and how far each has been read."""
        return {"places": [list(place) for place in self._places], "next": self._next}

    def load_state(self, state: State) -> None:
        """Continue from a state; its open chunks are made again."""
        self._places = [list(place) for place in state["places"]]
        self._open = [next(self.chunks(number)) for number, _ in self._places]
        self._next, self._source = state["next"], None

    def _batch(self) -> Chunk:
        rows = self.batch_size // self.mixed
        parts = []
        while len(self._open) < self.mixed:
            self._draw()
        for place in range(self.mixed):
            number, done = self._places[place]
            parts.append(self._open[place].rows(slice(done, done + rows)).to(self.device))
            self._places[place] = [number, done + rows]
        for place in reversed(range(self.mixed)):
            if self._places[place][1] + rows > len(self._open[place]):
                del self._open[place], self._places[place]
        return Chunk.joined(parts)

    def _draw(self) -> None:
        """Open the next chunk; one with too few usable windows is left out."""
        if self._source is None:
            self._source = self.chunks(self._next)
        chunk = next(self._source)
        number, self._next = self._next, self._next + 1
        if len(chunk) >= self.batch_size // self.mixed:
            self._open.append(chunk)
            self._places.append([number, 0])
