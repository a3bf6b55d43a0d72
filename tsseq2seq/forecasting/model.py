"""What a forecaster does with a batch of windows: scale, encode, unroll; loss or forecast."""

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
from tsseq2seq.nn.losses import masked_mean
from tsseq2seq.nn.outputs import Output
from tsseq2seq.nn.outputs.random_streams import RandomStreams
from tsseq2seq.nn.segments import last_segments, to_segments
from tsseq2seq.training.teacher_forcing import feeding

__all__ = ["SeriesInputs", "SeriesModel"]

# After n equal values the next one is another with a probability of about 1 / (n + 1): an interval of 90 %
# without width is honest from here on.
_ENOUGH_EQUAL_VALUES = 20


@dataclass(frozen=True)
class SeriesInputs:
    """A batch on the network's scale, cut into segments.

    Attributes
    ----------
    segments
        (B, S, W): the context, values and masks.
    lengths
        (B,), valid segments; None: all.
    first
        (B, 1, W): the context's last segment, which enters the first decoder step.
    covariates
        (B, T, J), what is known of the decoder's steps, or None.
    scale
        The way back.
    """

    segments: Float[Tensor, "B S I"]
    lengths: Int[Tensor, " B"] | None
    first: Float[Tensor, "B 1 W"]
    covariates: Float[Tensor, "B T J"] | None
    scale: Scale


class SeriesModel(nn.Module):
    """A network with the covariates, the scaling and the output that it was built for.

    Parameters
    ----------
    network
        The encoder–decoder.
    covariates
        Embeds covariates, or None.
    output
        What is forecast.
    scaling
        How windows are scaled.
    segment_length
        Values of a segment.
    coupled_values
        How many values are drawn together in sample paths, their noise coupled by
        :func:`~tsseq2seq.forecasting.coupling.fit_coupling`; 0 where the output's noise cannot be.
    usual_spread
        How widely the series trained on vary: the spread of forecasts from a few equal values.
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
        # the Cholesky factor of the noise's correlation
        self.register_buffer("coupling", torch.eye(coupled_values))

    def scaled(self, batch: Batch) -> ScaledBatch:
        """Put a batch on the network's scale."""
        return ScaledBatch.of(batch, self.scaling, self.segment_length)

    def prepare(self, scaled: ScaledBatch) -> SeriesInputs:
        """Put the covariates beside the segments."""
        batch, segments = scaled.batch, scaled.segments
        first = last_segments(segments, batch.lengths, 1)
        ahead = None
        if self.covariates is not None:
            lagged = None
            if scaled.lagged is not None and scaled.lagged_mask is not None:
                lagged = scaled.lagged, scaled.lagged_mask
            beside, ahead = self.covariates(
                _triple(batch.past),
                _triple(batch.future),
                _triple(batch.static),
                batch.calendar,
                lagged,
                context=batch.context.shape[1],
                steps=batch.target.shape[1] // self.segment_length,
            )
            if beside is not None:
                segments = torch.cat([segments, beside], dim=-1)
        return SeriesInputs(segments, batch.lengths, first, ahead, scaled.scale)

    def forward(
        self,
        scaled: ScaledBatch,
        *,
        truth_probability: float,
        threshold: Float[Tensor, ""] | None = None,
        generator: torch.Generator | None = None,
    ) -> Float[Tensor, ""]:
        """Return what training makes smaller: the mean of :meth:`losses` over those that count."""
        losses, counted = self.losses(
            scaled, truth_probability=truth_probability, threshold=threshold, generator=generator
        )
        return masked_mean(losses, counted)

    def losses(
        self,
        scaled: ScaledBatch,
        *,
        truth_probability: float,
        threshold: Float[Tensor, ""] | None = None,
        generator: torch.Generator | None = None,
    ) -> tuple[Float[Tensor, "B *shape"], Bool[Tensor, "B *shape"]]:
        """Return the losses of a batch (of its values or its windows), and which of them count.

        Values that were not observed do not, nor do windows whose context does not vary: they teach
        nothing about shape and have no scale.

        Parameters
        ----------
        scaled
            The windows, on the network's scale.
        truth_probability
            Probability of feeding the truth at each element.
        threshold
            The same number on the device, where it may change without another kernel being run. None: it
            is taken as it is.
        generator
            Throws the coins.
        """
        parameters = self.decode_known(self.prepare(scaled), scaled, truth_probability, generator, threshold)
        unit = scaled.scale.original_unit if self.output.counts else None
        return self.output.losses(parameters, scaled.target, scaled.counted, unit)

    def scores(self, scaled: ScaledBatch) -> tuple[Float[Tensor, "B H Y"], Bool[Tensor, "B H Y"]]:
        """Return where targets lie in their distributions under teacher forcing, and which count.

        See :meth:`~tsseq2seq.nn.outputs.Output.normal_scores`.
        """
        parameters = self.decode_known(self.prepare(scaled), scaled, 1.0, None)
        return self.output.normal_scores(parameters, scaled.target), scaled.counted

    def decode_known(
        self,
        inputs: SeriesInputs,
        scaled: ScaledBatch,
        truth_probability: float,
        generator: torch.Generator | None,
        threshold: Float[Tensor, ""] | None = None,
    ) -> Float[Tensor, "B H Y P"]:
        """Decode a batch whose targets are known, on the network's scale."""
        target = scaled.target
        steps = target.shape[1] // self.segment_length
        truth: Float[Tensor, "B T W"] | None = None
        forced: Bool[Tensor, "B T"] | None = None
        way = feeding(truth_probability)
        if way != "own":
            truth = to_segments(target, scaled.batch.needed_target_mask, self.segment_length)
        if way in ("coins", "passes"):
            coins = torch.rand((len(target), steps), generator=generator, device=target.device)
            forced = coins < (truth_probability if threshold is None else threshold)
        return self.decode(
            inputs,
            steps=steps,
            truth=truth,
            forced=forced,
            passes=2 if way == "passes" else None,
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
        """Return the output's parameters for every step, on the network's scale."""
        encoding = self.network.encode(inputs.segments, inputs.lengths, inputs.covariates)
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

    def attend(self, batch: Batch) -> Float[Tensor, "B T S"]:
        """Return the attention weights of all decoder steps, free running; padding weighs 0."""
        inputs = self.prepare(self.scaled(batch))
        encoding = self.network.encode(inputs.segments, inputs.lengths, inputs.covariates)
        steps = batch.target.shape[1] // self.segment_length
        unrolled = unroll(self.network, encoding, steps=steps, first=inputs.first, feedback=self._feedback)
        if unrolled.weights is None:
            raise TypeError("the network has no attention")
        return unrolled.weights[:, 0]

    def sample_paths(
        self, batch: Batch, *, horizon: int, paths: int, streams: RandomStreams
    ) -> Float[Tensor, "B N H Y"]:
        """Draw sample paths: what is drawn at a step is what enters the next one.

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
        encoding = self.network.encode(inputs.segments, inputs.lengths, inputs.covariates)
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
            # nothing was fed back, and all steps are drawn together
            scaled = draw(unrolled.outputs.flatten(2, 3))[:, :, :horizon]
        else:
            drawn.append(draw(unrolled.outputs[:, :, -1]))
            scaled = torch.cat(drawn, dim=2)[:, :, :horizon]
        rows = [inputs.scale.inverse(scaled[:, path]) for path in range(scaled.shape[1])]
        sampled = torch.stack(rows, dim=1)
        spread = self._assumed_spread(batch, inputs.scale)
        if spread is not None:
            sampled = sampled + spread[:, None] * scaled.double()
        return sampled.round() if self.output.counts else sampled  # scaling back rounds by a little

    def _draw(
        self, outputs: Float[Tensor, "B Q G Y P"], scale: Scale, streams: RandomStreams
    ) -> Float[Tensor, "B Q G Y"]:
        """Draw steps together, their noise coupled as it was in training."""
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
        """Forecast, free running, in the original units (float64).

        Parameters
        ----------
        batch
            The windows; their targets are not looked at.
        horizon
            Steps to forecast.
        read
            What to take from the output's parameters, each (B, H, Y).
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


def _triple(features: Features | None) -> tuple[Tensor, Tensor, Tensor] | None:
    return None if features is None else (features.numbers, features.mask, features.codes)
