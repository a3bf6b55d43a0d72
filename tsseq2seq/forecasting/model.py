"""SeriesModel: the module of a forecaster, which scales, encodes and decodes a batch of windows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from tsseq2seq.data.panel.batch import Batch
from tsseq2seq.data.panel.features import Features
from tsseq2seq.data.scaling.base import Scaling
from tsseq2seq.data.scaling.scale import Scale
from tsseq2seq.decoding.unroll import unroll
from tsseq2seq.forecasting.scaled_batch import ScaledBatch
from tsseq2seq.forecasting.usual_spread import UsualSpread
from tsseq2seq.nn.covariate_inputs import CovariateInputs
from tsseq2seq.nn.encoder_decoder import EncoderDecoder
from tsseq2seq.nn.losses import ContextLoss, masked_mean, weighed
from tsseq2seq.nn.outputs import Output
from tsseq2seq.nn.outputs.random_streams import RandomStreams
from tsseq2seq.nn.segments import last_segments, to_segments
from tsseq2seq.training.teacher_forcing import feeding_mode

__all__ = ["SeriesInputs", "SeriesModel"]

# After n equal values the next one is another with a probability of about 1 / (n + 1): an interval of 90 %
# without width is honest from here on.
_ENOUGH_EQUAL_VALUES = 20
# Fewer sample paths than this do not tell their own centre.
_ENOUGH_PATHS = 20


@dataclass(frozen=True)
class SeriesInputs:
    """The inputs of the network for a batch of windows, on the windows' scale.

    Attributes
    ----------
    segments
        (B, S, I): the segments of the context: values, masks and covariates.
    lengths
        (B,): number of valid segments. None: all are valid.
    first
        (B, 1, W): values and mask of the context's last segment, the input of the first decoder step.
    covariates
        (B, T, F): covariates of the decoder steps, or None.
    scale
        The scale of each window, to return to original units.
    bases
        (B, T, G): what the decoder steps add to, where it comes with the windows.
    """

    segments: Float[Tensor, "B S I"]
    lengths: Int[Tensor, " B"] | None
    first: Float[Tensor, "B 1 W"]
    covariates: Float[Tensor, "B T F"] | None
    scale: Scale
    bases: Float[Tensor, "B T G"] | None = None


class SeriesModel(nn.Module):
    """An encoder–decoder network with its covariate embeddings, its scaling and its output.

    Parameters
    ----------
    network
        The encoder–decoder.
    covariates
        Embeds covariates. None: there are none.
    output
        The form of a forecast: a point, quantiles or a distribution.
    scaling
        How windows are scaled.
    segment_length
        Time steps of a segment.
    coupled_values
        Number of values that a sample path draws with correlated noise; see
        :func:`~tsseq2seq.forecasting.coupling.fit_coupling`. 0: the output's noise cannot be correlated.
    usual_spread
        How widely the training series vary: the spread of forecasts from a few equal values.
    """

    coupling: Tensor

    def __init__(
        self,
        network: EncoderDecoder,
        *,
        covariates: CovariateInputs | None = None,
        output: Output,
        scaling: Scaling,
        segment_length: int,
        coupled_values: int = 0,
        usual_spread: UsualSpread | None = None,
    ) -> None:
        super().__init__()
        self.network = network
        self.covariates = covariates
        self.output = output
        self.scaling = scaling
        self.segment_length = segment_length
        self.usual_spread = UsualSpread() if usual_spread is None else usual_spread
        # Cholesky factor of the correlation of the noise
        self.register_buffer("coupling", torch.eye(coupled_values))

    def scaled(self, batch: Batch) -> ScaledBatch:
        """Scale each window of a batch."""
        return ScaledBatch.of(batch, self.scaling, self.segment_length)

    def prepare(self, scaled: ScaledBatch) -> SeriesInputs:
        """Return the network's inputs: segments with their covariates, and the decoder's covariates."""
        batch, segments = scaled.batch, scaled.segments
        first = last_segments(segments, batch.lengths, 1)
        decoder_covariates = None
        if self.covariates is not None:
            lagged = None
            if scaled.lagged is not None and scaled.lagged_mask is not None:
                lagged = scaled.lagged, scaled.lagged_mask
            encoder_covariates, decoder_covariates = self.covariates(
                _tensors(batch.past),
                _tensors(batch.future),
                _tensors(batch.static),
                batch.calendar,
                lagged,
                context=batch.context.shape[1],
                steps=batch.target.shape[1] // self.segment_length,
            )
            if encoder_covariates is not None:
                segments = torch.cat([segments, encoder_covariates], dim=-1)
        return SeriesInputs(segments, batch.lengths, first, decoder_covariates, scaled.scale, scaled.bases)

    def forward(
        self,
        scaled: ScaledBatch,
        *,
        truth_probability: float,
        threshold: Float[Tensor, ""] | None = None,
        generator: torch.Generator | None = None,
    ) -> Float[Tensor, ""]:
        """Return the training loss: the mean of the valid :meth:`losses`, weighted."""
        losses, valid = self.losses(
            scaled, truth_probability=truth_probability, threshold=threshold, generator=generator
        )
        return masked_mean(weighed(losses, scaled.loss_weights), valid)

    def losses(
        self,
        scaled: ScaledBatch,
        *,
        truth_probability: float,
        threshold: Float[Tensor, ""] | None = None,
        generator: torch.Generator | None = None,
    ) -> tuple[Float[Tensor, "B *shape"], Bool[Tensor, "B *shape"]]:
        """Return the losses of a batch (for each value or each window), and a mask of the valid ones.

        Missing values are not valid, nor those with a weight of 0, and neither are windows whose context is
        constant, because they have no scale.

        Parameters
        ----------
        scaled
            The scaled windows.
        truth_probability
            Probability of feeding the truth, for each row and decoder step.
        threshold
            The same number as a tensor on the device, for steps recorded as CUDA graphs. None: the number
            itself is used.
        generator
            Draws which decoder steps are fed the truth.
        """
        parameters = self.decode_with_targets(
            self.prepare(scaled), scaled, truth_probability, generator, threshold
        )
        if self.output.context_loss is not None:
            return self._context_losses(self.output.context_loss, parameters, scaled)
        unit = scaled.scale.original_unit if self.output.counts else None
        return self.output.losses(parameters, scaled.target, scaled.loss_mask, unit)

    def _context_losses(
        self, loss: ContextLoss, parameters: Float[Tensor, "B H Y P"], scaled: ScaledBatch
    ) -> tuple[Float[Tensor, " B"], Bool[Tensor, " B"]]:
        """Return the losses of windows in original units, and a mask of those with a valid value."""
        batch, scale, valid = scaled.batch, scaled.scale, scaled.loss_mask
        losses = loss.windows(
            scale.inverse(self.output.point(parameters)),
            (scale.origin + scale.unit * batch.target.double()).masked_fill(~valid, 0.0),
            valid,
            context=scale.origin + scale.unit * batch.context.double(),
            observed=batch.context_mask,
        )
        return losses.float(), valid.any(dim=2).any(dim=1)

    def scores(self, scaled: ScaledBatch) -> tuple[Float[Tensor, "B H Y"], Bool[Tensor, "B H Y"]]:
        """Return the normal scores of the targets under teacher forcing, and a mask of the valid ones.

        See :meth:`~tsseq2seq.nn.outputs.Output.normal_scores`.
        """
        parameters = self.decode_with_targets(self.prepare(scaled), scaled, 1.0, None)
        return self.output.normal_scores(parameters, scaled.target), scaled.known_mask

    def decode_with_targets(
        self,
        inputs: SeriesInputs,
        scaled: ScaledBatch,
        truth_probability: float,
        generator: torch.Generator | None,
        threshold: Float[Tensor, ""] | None = None,
    ) -> Float[Tensor, "B H Y P"]:
        """Return the output's parameters, on the windows' scale, with targets fed as :meth:`losses` says."""
        target = scaled.target
        steps = target.shape[1] // self.segment_length
        truth: Float[Tensor, "B T W"] | None = None
        forced: Bool[Tensor, "B T"] | None = None
        mode = feeding_mode(truth_probability)
        if mode != "free_running":
            truth = to_segments(target, scaled.batch.needed_target_mask, self.segment_length)
        if mode in ("sampling_loop", "two_passes"):
            uniform = torch.rand((len(target), steps), generator=generator, device=target.device)
            forced = uniform < (truth_probability if threshold is None else threshold)
        return self.decode(
            inputs,
            steps=steps,
            truth=truth,
            forced=forced,
            passes=2 if mode == "two_passes" else None,
        )

    def decode(
        self,
        inputs: SeriesInputs,
        *,
        steps: int,
        truth: Float[Tensor, "B T W"] | None = None,
        forced: Bool[Tensor, "B T"] | None = None,
        passes: int | None = None,
    ) -> Float[Tensor, "B H Y P"]:
        """Return the output's parameters for every time step, on the windows' scale.

        Parameters
        ----------
        inputs
            From :meth:`prepare`.
        steps
            Decoder steps.
        truth, forced, passes
            As for :func:`~tsseq2seq.decoding.unroll.unroll`.
        """
        encoding = self.network.encode(inputs.segments, inputs.lengths, inputs.covariates, inputs.bases)
        unrolled = unroll(
            self.network,
            encoding,
            steps=steps,
            first=inputs.first,
            feedback=self._feedback,
            truth=truth,
            forced=forced,
            passes=passes,
        )
        outputs = unrolled.outputs[:, 0]
        rows, steps, length, targets, size = outputs.shape
        return outputs.reshape(rows, steps * length, targets, size)

    def attention_weights(self, batch: Batch) -> Float[Tensor, "B T S"]:
        """Return the attention weights of all decoder steps, free running; the weight of padding is 0.

        Raises
        ------
        TypeError
            If the network has no attention.
        """
        inputs = self.prepare(self.scaled(batch))
        encoding = self.network.encode(inputs.segments, inputs.lengths, inputs.covariates, inputs.bases)
        steps = batch.target.shape[1] // self.segment_length
        unrolled = unroll(self.network, encoding, steps=steps, first=inputs.first, feedback=self._feedback)
        if unrolled.weights is None:
            raise TypeError("the network has no attention")
        return unrolled.weights[:, 0]

    def sample_paths(
        self, batch: Batch, *, horizon: int, paths: int, streams: RandomStreams
    ) -> Float[Tensor, "B N H Y"]:
        """Draw sample paths: the values drawn at a decoder step are the input of the next one.

        Parameters
        ----------
        batch
            The windows; their targets are not used.
        horizon
            Time steps of a path.
        paths
            Paths of each window.
        generator
            Draws the noise.

        Parameters
        ----------
        batch
            The windows; their targets are not looked at.
        horizon, paths
            Steps of a path, and paths of each window.
        streams
            Random numbers of each window.

        Returns
        -------
        Tensor
            (B, N, H, Y) in original units, float64.
        """
        inputs = self.prepare(self.scaled(batch))
        encoding = self.network.encode(inputs.segments, inputs.lengths, inputs.covariates, inputs.bases)
        drawn: list[Tensor] = []

        def draw(outputs: Float[Tensor, "*B G Y P"]) -> Float[Tensor, "*B G Y"]:
            return self._draw(outputs, inputs.scale, streams)

        def feedback(outputs: Tensor) -> Tensor:
            drawn.append(draw(outputs))
            values = drawn[-1].flatten(2)
            return torch.cat([values, torch.ones_like(values)], dim=-1)

        steps = -(-horizon // self.segment_length)
        unrolled = unroll(
            self.network, encoding, steps=steps, first=inputs.first, feedback=feedback, queries=paths
        )
        if self.network.parallel:
            # nothing was fed back, so that all steps can be drawn at once
            scaled = draw(unrolled.outputs.flatten(2, 3))[:, :, :horizon]
        else:
            drawn.append(draw(unrolled.outputs[:, :, -1]))
            scaled = torch.cat(drawn, dim=2)[:, :, :horizon]
        unscaled = [inputs.scale.inverse(scaled[:, path]) for path in range(scaled.shape[1])]
        sampled = torch.stack(unscaled, dim=1)
        spread = self._assumed_spread(batch, inputs.scale)
        if spread is not None:
            noise = scaled.double()
            if paths >= _ENOUGH_PATHS:
                # paths lie around what the values are, however the network would move them
                centre = self.output.centre_of(noise.cpu().numpy())
                noise = noise - torch.from_numpy(centre).to(noise.device)[:, None]
            sampled = sampled + spread[:, None] * noise
        return sampled.round() if self.output.counts else sampled  # the inverse has small rounding errors

    def _draw(
        self, outputs: Float[Tensor, "B Q G Y P"], scale: Scale, streams: RandomStreams
    ) -> Float[Tensor, "B Q G Y"]:
        """Draw values of one or more segments, with correlated noise if the model has a coupling."""
        noise = None
        width = outputs.shape[2] * outputs.shape[3]
        if len(self.coupling):
            noise = streams.normal(outputs[..., 0].flatten(2).shape).to(outputs.dtype)
            noise = (noise @ self.coupling[:width, :width].T).reshape(outputs.shape[:-1])
        unit = scale.original_unit[:, None] if self.output.counts else None
        return self.output.draw(outputs, streams, noise=noise, unit=unit)

    def forecast(
        self, batch: Batch, *, horizon: int, read: Callable[[Tensor], list[Tensor]]
    ) -> Float[Tensor, "B H Y K"]:
        """Forecast, free running, in original units (float64).

        Parameters
        ----------
        batch
            The windows; their targets are not used.
        horizon
            Time steps to forecast.
        read
            Computes K numbers, each (B, H, Y), from the output's parameters, such as the point or quantiles.
        """
        inputs = self.prepare(self.scaled(batch))
        steps = -(-horizon // self.segment_length)
        parameters = self.decode(inputs, steps=steps)[:, :horizon]
        parts = read(parameters)
        originals = [inputs.scale.inverse(part) for part in parts]
        spread = self._assumed_spread(batch, inputs.scale)
        if spread is not None:
            # the point stays where the values are
            originals = [
                original + spread * (part - parts[0]).double()
                for original, part in zip(originals, parts, strict=True)
            ]
        return torch.stack(originals, dim=-1)

    def _assumed_spread(self, batch: Batch, scale: Scale) -> Float[Tensor, "B 1 Y"] | None:
        """Return what a 1 of the network is in original units where a few equal values tell no spread.

        0 where there are enough of them, and where they differ; None: everywhere. A context full of equal
        values is taken at its word, and so are 20 of them.
        """
        if not self.usual_spread.spread or not bool(scale.flat.any()):
            return None
        whole = batch.context.shape[1] - self.segment_length + 1
        observed = batch.context_mask.sum(1, keepdim=True)
        few = scale.flat & (observed < min(whole, _ENOUGH_EQUAL_VALUES)) & ~scale.level.isnan()
        level = scale.origin + scale.unit * scale.level.double()
        return self.usual_spread.at(level) * few

    def _feedback(self, outputs: Float[Tensor, "B Q G Y P"]) -> Float[Tensor, "B Q W"]:
        values = self.output.point(outputs).flatten(2)
        return torch.cat([values, torch.ones_like(values)], dim=-1)


def _tensors(features: Features | None) -> tuple[Tensor, Tensor, Tensor] | None:
    return None if features is None else (features.numbers, features.mask, features.codes)
