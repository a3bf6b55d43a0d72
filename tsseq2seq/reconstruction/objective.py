"""WindowObjective: the loss of random windows, and the error of the windows held out."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tsseq2seq.data.panel.windows import Windows
from tsseq2seq.nn.losses import weighted_sums
from tsseq2seq.reconstruction.covering import in_chunks
from tsseq2seq.reconstruction.model import WindowModel
from tsseq2seq.training.state import State
from tsseq2seq.training.teacher_forcing import truth_probability
from tsseq2seq.training.training import Training

__all__ = ["WindowObjective"]


class WindowObjective:
    """The training objective of an autoencoder: the loss of windows drawn with replacement.

    Parameters
    ----------
    model
        The model to train.
    windows, held_out
        The windows to train on, and those to validate on (None: no validation).
    training
        The settings, of which batch size and teacher forcing are used.
    seed
        Seed of the windows drawn, of the noise and of teacher forcing.
    """

    def __init__(
        self, model: WindowModel, windows: Windows, held_out: Windows | None, training: Training, *, seed: int
    ) -> None:
        self.model = model
        self.module: nn.Module = model
        self.windows = windows
        self.held_out = held_out
        self.training = training
        self.device = windows.panel.values.device
        self.generator = torch.Generator(self.device).manual_seed(seed)

    @property
    def steps_an_epoch(self) -> int:
        """Number of batches that have as many windows as there are."""
        return -(-len(self.windows) // (self.training.batch_size or 1))

    def batch_loss(self, step: int, total: int) -> Float[Tensor, ""]:
        """Return the loss of a random batch."""
        size = (self.training.batch_size or 1,)
        index = torch.randint(len(self.windows), size, generator=self.generator, device=self.device)
        schedule = self.training.teacher_forcing
        probability = 0.0 if schedule is None else truth_probability(schedule, step, total)
        loss: Tensor = self.model(
            self.model.scaled(self.windows.gather(index)),
            truth_probability=probability,
            generator=self.generator,
        )
        return loss

    def validate(self) -> float | None:
        """Return the weighted mean loss of all values of the windows held out; None if there are none."""
        if self.held_out is None:
            return None
        total, count = 0.0, 0.0
        for _, batch in in_chunks(self.held_out):
            scaled = self.model.scaled(batch)
            summed, weight = weighted_sums(*self.model.losses(scaled), scaled.weights)
            total, count = total + summed, count + weight
        return total / count if count else None

    def state(self) -> State:
        """Return what the next windows and random numbers depend on."""
        return {"generator": self.generator.get_state()}

    def load_state(self, state: State) -> None:
        """Continue from a state."""
        self.generator.set_state(state["generator"])
