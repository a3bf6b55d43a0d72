"""SeriesObjective: the loss of random training windows, and the error of the held-out windows."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tsseq2seq.data.panel.windows import Windows
from tsseq2seq.forecasting.model import SeriesModel
from tsseq2seq.forecasting.scaled_batch import RandomBatches
from tsseq2seq.nn.losses import weighted_sums
from tsseq2seq.training.state import State
from tsseq2seq.training.teacher_forcing import feeding_mode, truth_probability
from tsseq2seq.training.time_budget import CALIBRATION_STEPS
from tsseq2seq.training.training import Training

__all__ = ["SeriesObjective"]

_VALIDATION_CHUNK = 512


class SeriesObjective:
    """The training objective of a forecaster: the loss of windows drawn with replacement.

    Parameters
    ----------
    model
        The model to train.
    windows, held_out
        The windows to train on, and those to validate on (None: no validation).
    training
        The settings, of which batch size and teacher forcing are used.
    seed
        Seed of the windows drawn and of teacher forcing.
    """

    def __init__(
        self, model: SeriesModel, windows: Windows, held_out: Windows | None, training: Training, *, seed: int
    ) -> None:
        self.model = model
        self.module: nn.Module = model
        self.windows = windows
        self.held_out = held_out
        self.training = training
        self.device = windows.panel.values.device
        self.generator = torch.Generator(self.device).manual_seed(seed)
        self.batches = RandomBatches(
            windows,
            model.scaled,
            size=training.batch_size or 1,
            generator=self.generator,
            most_ahead=CALIBRATION_STEPS,  # more would save few operations
        )
        self.threshold = torch.zeros((), device=self.device)

    def batch_loss(self, step: int, total: int) -> Float[Tensor, ""]:
        """Return the loss of a random batch."""
        return self._next_loss(self._probability(step, total))

    @property
    def steps_an_epoch(self) -> int:
        """Number of batches that have as many windows as there are cutoffs."""
        return -(-len(self.windows) // (self.training.batch_size or 1))

    @property
    def reason_not_capturable(self) -> str | None:
        """Why steps cannot be recorded; see :class:`~tsseq2seq.training.captured_steps.Capturable`."""
        if self.windows.padded:
            return "some windows are padded, and how far the encoder reads depends on the batch"
        if not self.model.scaling.capturable:
            return (
                f"scaling is {self.model.scaling.name!r}, whose statistics are not taken on the device alone"
            )
        if not getattr(self.model.output, "elementwise", True):
            return "the loss is not one of those known by name and of single values, and may look at numbers"
        return None

    def graph_name(self, step: int, total: int) -> str:
        """Return the feeding mode of a step, which determines the kernels that it runs."""
        return feeding_mode(self._probability(step, total))

    def set_device_numbers(self, step: int, total: int) -> None:
        """Write a step's probability of feeding the truth to the device."""
        self.threshold.fill_(self._probability(step, total))

    def captured_batch_loss(self, step: int, total: int) -> Float[Tensor, ""]:
        """Return the loss of a random batch, with the probability on the device."""
        return self._next_loss(self._probability(step, total), self.threshold)

    def _probability(self, step: int, total: int) -> float:
        schedule = self.training.teacher_forcing
        return 0.0 if schedule is None else truth_probability(schedule, step, total)

    def _next_loss(self, probability: float, threshold: Float[Tensor, ""] | None = None) -> Float[Tensor, ""]:
        loss: Tensor = self.model(
            next(self.batches),
            truth_probability=probability,
            threshold=threshold,
            generator=self.generator,
        )
        return loss

    def validate(self) -> float | None:
        """Return the mean free-running loss of all values of the held-out windows, weighted.

        None if there are no held-out windows, or none of their values is valid.
        """
        if self.held_out is None:
            return None
        total, count = 0.0, 0.0
        for start in range(0, len(self.held_out), _VALIDATION_CHUNK):
            loss, valid = self._validation_loss(self.held_out, start)
            total, count = total + loss, count + valid
        return total / count if count else None

    def validate_part(self) -> float:
        """Validate on the first chunk, and return its share of all that is held out."""
        if self.held_out is None or not len(self.held_out):
            return 1.0
        self._validation_loss(self.held_out, 0)
        return min(1.0, _VALIDATION_CHUNK / len(self.held_out))

    def _validation_loss(self, held_out: Windows, start: int) -> tuple[float, float]:
        """Return the summed loss of a chunk of windows, and how many values or windows it is of, weighted."""
        stop = min(start + _VALIDATION_CHUNK, len(held_out))
        batch = held_out.gather(torch.arange(start, stop, device=self.device))
        scaled = self.model.scaled(batch)
        losses, valid = self.model.losses(scaled, truth_probability=0.0)
        return weighted_sums(losses, valid, scaled.loss_weights)

    def state(self) -> State:
        """Return what the next windows and random numbers depend on."""
        return {"generator": self.generator.get_state(), "batches": self.batches.state()}

    def load_state(self, state: State) -> None:
        """Continue from a state."""
        self.generator.set_state(state["generator"])
        self.batches.load_state(state["batches"])
