"""The training objective of a synthesizer: batches of pairs of similar lengths, in epochs."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tsseq2seq.data.text.token_batches import BucketedEpochs, bucketed_batches
from tsseq2seq.synthesis.frames import FramePairs
from tsseq2seq.synthesis.model import FrameModel
from tsseq2seq.training.state import State
from tsseq2seq.training.teacher_forcing import truth_probability
from tsseq2seq.training.training import Training

__all__ = ["FrameObjective"]


class FrameObjective:
    """Losses of batches, drawn without replacement in each epoch.

    Parameters
    ----------
    model
        The model in training.
    pairs, held_out
        Pairs for training, and for validation (None: no validation).
    training
        Settings, of which batch size (in pairs of mean length) and teacher forcing are read.
    seed
        Seed of the batches and of scheduled sampling.
    """

    def __init__(
        self,
        model: FrameModel,
        pairs: FramePairs,
        held_out: FramePairs | None,
        training: Training,
        *,
        seed: int,
    ) -> None:
        self.model = model
        self.module: nn.Module = model
        self.pairs = pairs
        self.held_out = held_out
        self.training = training
        self.device = pairs.sources.device
        steps = pairs.sources.steps + pairs.targets.steps
        self.budget = max(1, round((training.batch_size or 1) * steps / len(pairs)))
        self.generator = torch.Generator(self.device).manual_seed(seed)
        order = torch.Generator().manual_seed(seed)
        self.batches = BucketedEpochs(pairs.by_lengths, tokens=self.budget, generator=order)

    @property
    def steps_an_epoch(self) -> int:
        """Number of batches in which every pair occurs once."""
        pairs = self.pairs.by_lengths
        return sum(1 for _ in bucketed_batches(pairs, tokens=self.budget, generator=None, shuffle=False))

    def batch_loss(self, step: int, total: int) -> Float[Tensor, ""]:
        """Return the loss of the next batch."""
        schedule = self.training.teacher_forcing
        probability = 1.0 if schedule is None else truth_probability(schedule, step, total)
        batch = self.pairs.batch(next(self.batches).to(self.device))
        loss: Tensor = self.model(batch, truth_probability=probability, generator=self.generator)
        return loss

    def validate(self) -> float | None:
        """Return the mean loss of the frames held out, under teacher forcing; None if there are none."""
        if self.held_out is None:
            return None
        total, count = 0.0, 0
        for index in self.held_out.batches(4 * self.budget):
            loss, frames = self._validation_loss(self.held_out, index)
            total, count = total + loss * frames, count + frames
        return total / count

    def validate_part(self) -> float:
        """Validate on the first batch, and return its share of all frames that are held out."""
        if self.held_out is None:
            return 1.0
        _, frames = self._validation_loss(self.held_out, next(self.held_out.batches(4 * self.budget)))
        return frames / self.held_out.targets.steps

    def state(self) -> State:
        """Return the state of the random numbers and of the batches."""
        return {"generator": self.generator.get_state(), "batches": self.batches.state()}

    def load_state(self, state: State) -> None:
        """Continue from a state."""
        self.generator.set_state(state["generator"])
        self.batches.load_state(state["batches"])

    @torch.no_grad()
    def _validation_loss(self, held_out: FramePairs, index: Tensor) -> tuple[float, int]:
        """Return the mean loss of a batch, and the number of its frames."""
        batch = held_out.batch(index)
        return float(self.model(batch)), int(batch.target_lengths.sum())
