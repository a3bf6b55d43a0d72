"""WindowModel: the module of an autoencoder, which encodes windows into latent vectors and decodes them."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from tsseq2seq.data.panel.batch import Batch
from tsseq2seq.data.scaling.base import Scaling
from tsseq2seq.decoding.unroll import unroll
from tsseq2seq.nn.covariate_inputs import CovariateInputs
from tsseq2seq.nn.decoder_inputs import PreviousOutput
from tsseq2seq.nn.encoder_decoder import EncoderDecoder
from tsseq2seq.nn.losses import masked_mean, weighed
from tsseq2seq.nn.outputs import Output
from tsseq2seq.nn.segments import to_segments
from tsseq2seq.reconstruction.from_latent import FromLatent
from tsseq2seq.reconstruction.scaled_windows import ScaledWindows
from tsseq2seq.training.teacher_forcing import feeding_mode

__all__ = ["WindowModel"]


class WindowModel(nn.Module):
    """An autoencoder of windows.

    Parameters
    ----------
    network
        The encoder–decoder; its context vector is the latent vector.
    covariates
        Cuts calendar features into segments. None: there are none.
    output
        What the decoder writes, and the loss.
    scaling
        How windows are scaled.
    segment_length, targets
        Time steps of a segment, and targets.
    reverse
        Whether the decoder writes the window from its end (Srivastava et al. 2015).
    noise
        Share of the values that training hides from the encoder, at random (Vincent et al. 2008).
    """

    def __init__(
        self,
        network: EncoderDecoder,
        *,
        covariates: CovariateInputs | None,
        output: Output,
        scaling: Scaling,
        segment_length: int,
        targets: int,
        reverse: bool,
        noise: float,
    ) -> None:
        super().__init__()
        self.network = network
        self.covariates = covariates
        self.output = output
        self.scaling = scaling
        self.segment_length = segment_length
        self.targets = targets
        self.reverse = reverse
        self.noise = noise

    def scaled(self, batch: Batch) -> ScaledWindows:
        """Scale each window of a batch."""
        return ScaledWindows.of(batch, self.scaling)

    def forward(
        self, scaled: ScaledWindows, *, truth_probability: float, generator: torch.Generator | None = None
    ) -> Float[Tensor, ""]:
        """Return the training loss: the weighted mean of valid :meth:`losses`, values hidden at random."""
        hidden = None
        if self.noise:
            uniform = torch.rand(scaled.values.shape, generator=generator, device=scaled.values.device)
            hidden = uniform < self.noise
        losses, valid = self.losses(scaled, truth_probability, generator, hidden)
        return masked_mean(weighed(losses, scaled.weights), valid)

    def losses(
        self,
        scaled: ScaledWindows,
        truth_probability: float = 0.0,
        generator: torch.Generator | None = None,
        hidden: Bool[Tensor, "B W Y"] | None = None,
    ) -> tuple[Float[Tensor, "B *shape"], Bool[Tensor, "B *shape"]]:
        """Return the losses of a batch, and a mask of the valid ones.

        Parameters
        ----------
        scaled
            The windows.
        truth_probability
            Probability that a decoder step is fed the true segment before it, rather than its own output.
        generator
            Draws which steps are.
        hidden
            True at values that the encoder does not see. They count in the loss. None: nowhere.
        """
        latent = self.encode(scaled, hidden)
        truth = forced = None
        mode = feeding_mode(truth_probability)
        if mode != "free_running":
            truth = to_segments(
                self._in_order(scaled.values), self._mask_in_order(scaled), self.segment_length
            )
        if mode in ("sampling_loop", "two_passes"):
            uniform = torch.rand(truth.shape[:2], generator=generator, device=latent.device)  # type: ignore[union-attr]
            forced = uniform < truth_probability
        parameters = self._decode(
            latent,
            scaled.calendar,
            scaled.values.shape[1],
            truth=truth,
            forced=forced,
            passes=2 if mode == "two_passes" else None,
        )
        return self.output.losses(parameters, scaled.values, scaled.loss_mask)

    def encode(
        self, scaled: ScaledWindows, hidden: Bool[Tensor, "B W Y"] | None = None
    ) -> Float[Tensor, "B C"]:
        """Return the latent vectors of windows."""
        values, mask = scaled.values, scaled.mask
        if hidden is not None:
            values = values.masked_fill(hidden, 0.0)
            mask = ~hidden if mask is None else mask & ~hidden
        segments = to_segments(values, mask, self.segment_length)
        calendar = self._calendar_segments(scaled.calendar)
        if calendar is not None:
            segments = torch.cat([segments, calendar], dim=-1)
        return self.network.context(self.network.encode(segments).encoded)

    def decode(
        self, latent: Float[Tensor, "B C"], calendar: Float[Tensor, "B W F"] | None, steps: int
    ) -> Float[Tensor, "B W Y"]:
        """Return windows of so many steps for latent vectors, on the windows' scale."""
        return self.output.point(self._decode(latent, calendar, steps))

    def reconstruct(self, scaled: ScaledWindows) -> Float[Tensor, "B W Y"]:
        """Return the reconstructions of windows, in original units (float64)."""
        numbers = self.decode(self.encode(scaled), scaled.calendar, scaled.values.shape[1])
        return scaled.scale.inverse(numbers)

    def _decode(
        self,
        latent: Float[Tensor, "B C"],
        calendar: Float[Tensor, "B W F"] | None,
        steps: int,
        *,
        truth: Float[Tensor, "B T G"] | None = None,
        forced: Bool[Tensor, "B T"] | None = None,
        passes: int | None = None,
    ) -> Float[Tensor, "B W Y P"]:
        covariates = self._calendar_segments(None if calendar is None else self._in_order(calendar))
        count = steps // self.segment_length
        first = latent.new_zeros(len(latent), 1, 2 * self.segment_length * self.targets)
        if truth is None and not self._reads_its_output:
            # what is fed back goes nowhere: all steps run in one pass
            truth = first.expand(-1, count, -1)
        unrolled = unroll(
            FromLatent(self.network),
            (latent, covariates),
            steps=count,
            first=first,
            feedback=self._feedback,
            truth=truth,
            forced=forced,
            passes=passes,
        )
        outputs = unrolled.outputs[:, 0]
        return self._in_order(outputs.reshape(len(latent), steps, *outputs.shape[3:]))

    @property
    def _reads_its_output(self) -> bool:
        return any(isinstance(part, PreviousOutput) for part in self.network.decoder.inputs)

    def _in_order(self, values: Tensor) -> Tensor:
        """Return the steps in the order of decoding, or back from it."""
        return values.flip(1) if self.reverse else values

    def _mask_in_order(self, scaled: ScaledWindows) -> Bool[Tensor, "B W Y"] | None:
        return None if scaled.mask is None else self._in_order(scaled.mask)

    def _calendar_segments(self, calendar: Float[Tensor, "B W F"] | None) -> Float[Tensor, "B T J"] | None:
        if self.covariates is None or calendar is None:
            return None
        steps = calendar.shape[1]
        segments, _ = self.covariates(
            None, None, None, calendar, context=steps, steps=steps // self.segment_length
        )
        return segments

    def _feedback(self, outputs: Float[Tensor, "B Q G Y P"]) -> Float[Tensor, "B Q W"]:
        values = self.output.point(outputs).flatten(2)
        return torch.cat([values, torch.ones_like(values)], dim=-1)
