"""The model of a synthesizer: the loss of a batch, and its frames under teacher forcing."""

from __future__ import annotations

from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional

from tsseq2seq.decoding.unroll import unroll
from tsseq2seq.nn.encoder_decoder import EncoderDecoder
from tsseq2seq.nn.losses.elementwise import LOSSES, masked_mean
from tsseq2seq.synthesis.frames import FrameBatch

__all__ = ["FrameModel"]


class FrameModel(nn.Module):
    """A network from tokens to frames, with its loss.

    Parameters
    ----------
    network
        The encoder–decoder; its outputs are (B, Q, r, F + 1).
    features, frames_per_step
        Numbers of a frame, F; frames of a decoder step, r.
    loss
        Elementwise loss of the frames: ``"mae"``, ``"mse"`` or ``"huber"``.
    """

    def __init__(self, network: EncoderDecoder, *, features: int, frames_per_step: int, loss: str) -> None:
        super().__init__()
        self.network = network
        self.features = features
        self.frames_per_step = frames_per_step
        self.loss = loss

    def forward(
        self, batch: FrameBatch, *, truth_probability: float = 1.0, generator: torch.Generator | None = None
    ) -> Float[Tensor, ""]:
        """Return the training loss.

        It is the mean loss of all standardised numbers, plus the mean binary cross-entropy of "is this the
        last frame?", both over all frames that are not padding.

        Parameters
        ----------
        batch
            The pairs.
        truth_probability
            Probability that the true last frame enters a decoder step, rather than the model's own.
        generator
            Generator of the random numbers. None: torch's own.
        """
        outputs = self.decode(batch, truth_probability=truth_probability, generator=generator)
        mask = batch.target_mask
        truth = batch.target.masked_fill(~mask[..., None], 0.0)
        errors = LOSSES[self.loss](outputs[..., :-1], truth).mean(-1)
        ends = functional.binary_cross_entropy_with_logits(
            outputs[..., -1], batch.target_ends.to(outputs.dtype), reduction="none"
        )
        if batch.weights is not None:
            errors, ends = batch.weights[:, None] * errors, batch.weights[:, None] * ends
        return masked_mean(errors, mask) + masked_mean(ends, mask)

    def decode(
        self, batch: FrameBatch, *, truth_probability: float = 1.0, generator: torch.Generator | None = None
    ) -> Float[Tensor, "B T values"]:
        """Return what the network says of each frame of the targets: F numbers, and the logit of the end."""
        frames = batch.target.shape[1]
        steps = -(-frames // self.frames_per_step)
        # padding may hold anything, and a weight of 0 would not cancel a NaN
        truth = batch.target.masked_fill(~batch.target_mask[..., None], 0.0)
        truth = functional.pad(truth, (0, 0, 0, steps * self.frames_per_step - frames))
        forced = None
        if truth_probability < 1:
            uniform = torch.rand(len(truth), steps, generator=generator, device=truth.device)
            forced = uniform < truth_probability
        unrolled = unroll(
            self.network,
            self.encode(batch.source, batch.source_lengths),
            steps=steps,
            first=self.first(len(truth)),
            feedback=self.last_frame,
            truth=truth[:, self.frames_per_step - 1 :: self.frames_per_step],
            forced=forced,
            # two fused passes approximate the loop while the truth is fed in at least half of the steps
            passes=2 if truth_probability >= 0.5 else None,
        )
        return unrolled.outputs[:, 0].flatten(1, 2)[:, :frames]

    def encode(self, source: Int[Tensor, "B S"], lengths: Int[Tensor, " B"]) -> Any:  # noqa: ANN401
        """Encode texts."""
        return self.network.encode(source, lengths)

    def first(self, rows: int) -> Float[Tensor, "B 1 F"]:
        """Return the input of the first decoder step: the mean frame of training."""
        weight = next(self.parameters())
        return torch.zeros(rows, 1, self.features, device=weight.device, dtype=weight.dtype)

    @staticmethod
    def last_frame(outputs: Float[Tensor, "B Q r values"]) -> Float[Tensor, "B Q F"]:
        """Return what of an output enters the next decoder step: its last frame."""
        return outputs[:, :, -1, :-1]
