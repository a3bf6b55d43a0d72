"""The encoder–decoder: the parts composed, and how they are built from settings.

:class:`EncoderDecoder` knows neither series nor tokens. :func:`build_forecaster` composes one that
reads and writes segments of series.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from tsseq2seq.nn.attention import build_attention
from tsseq2seq.nn.bridge import Bridge
from tsseq2seq.nn.context import ContextVector
from tsseq2seq.nn.decoder import Decoder
from tsseq2seq.nn.decoder_inputs import FeedContext, KnownCovariates, NoInput, Position, PreviousOutput, Steps
from tsseq2seq.nn.decoder_state import DecoderState, Memory
from tsseq2seq.nn.encoder import Encoded, RecurrentEncoder
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import Output
from tsseq2seq.nn.recurrent import RecurrentStack, RecurrentState
from tsseq2seq.nn.residual import Residual
from tsseq2seq.nn.segments import SegmentEmbedding, SegmentHead, last_segments

__all__ = ["EncoderDecoder", "Encoding", "SeriesShape", "build_forecaster"]


@dataclass(frozen=True)
class Encoding:
    """An encoded batch: all that decoding it needs.

    Attributes
    ----------
    encoded
        What the encoder made.
    covariates
        (B, T, J), what is known of the decoder's steps, or None.
    recent
        (B, K, D), the last segments' values, which a residual decoder adds to, or None.
    """

    encoded: Encoded
    covariates: Float[Tensor, "B T J"] | None = None
    recent: Float[Tensor, "B K D"] | None = None


class EncoderDecoder(nn.Module):
    """Encoder, context vector, bridge and decoder; a ``Stepper`` for everything that decodes.

    Parameters
    ----------
    embedding
        What the encoder's inputs pass through first.
    encoder
        Reads the embedded inputs.
    context
        Pools the encoder's states into the context vector.
    bridge
        Makes the decoder's first state of the encoder's last, or None to start from zeros.
    summary
        Linear layer that makes the decoder's first *hidden* state of the context vector instead of
        the encoder's last state; for context vectors that are not just that state.
    decoder
        The decoder.
    """

    def __init__(
        self,
        *,
        embedding: nn.Module,
        encoder: RecurrentEncoder,
        context: ContextVector,
        bridge: Bridge | None,
        summary: nn.Linear | None,
        decoder: Decoder,
    ) -> None:
        super().__init__()
        self.embedding = embedding
        self.encoder = encoder
        self.context = context
        self.bridge = bridge
        self.summary = summary
        self.decoder = decoder

    @property
    def fused(self) -> bool:
        """Whether known previous outputs allow one fused pass."""
        return self.decoder.fused

    @property
    def parallel(self) -> bool:
        """Whether all steps are decoded at once."""
        return self.decoder.parallel

    def encode(
        self,
        inputs: Tensor,
        lengths: Int[Tensor, " B"] | None = None,
        covariates: Float[Tensor, "B T J"] | None = None,
    ) -> Encoding:
        """Read a batch.

        Parameters
        ----------
        inputs
            (B, S, …): segments or tokens, valid ones first in each row.
        lengths
            How many are valid; None: all.
        covariates
            What is known of the decoder's steps.
        """
        encoded = self.encoder(self.embedding(inputs), lengths)
        residual = self.decoder.residual
        recent = None
        if residual is not None:
            recent = residual.values(last_segments(inputs, lengths, residual.lag))
        return Encoding(encoded, covariates, recent)

    def start(self, encoding: Encoding) -> tuple[DecoderState, Memory]:
        """Return the state before the first step, and the memory; one query a row."""
        encoded = encoding.encoded
        context = self.context(encoded)
        recurrent = self._first_state(encoded, context)
        keys = values = mask = coverage = None
        if self.decoder.attention is not None:
            keys, values = self.decoder.attention.read(encoded.states, encoded.mask)
            mask = encoded.mask[:, None]
            if self.decoder.coverage:
                # a sum of weights, which are never in half precision
                wide = torch.promote_types(values.dtype, torch.float32)
                coverage = torch.zeros(mask.shape, dtype=wide, device=values.device)
        recent = encoding.recent
        history = None if recent is None else recent[:, None, :-1]
        fed = torch.zeros_like(recurrent.top) if self.decoder.input_feeding else None
        memory = Memory(context, keys, values, mask, encoding.covariates, recent)
        return DecoderState(recurrent, history, fed, coverage), memory

    def step(
        self, previous: Tensor, t: Steps, state: DecoderState, memory: Memory
    ) -> tuple[Tensor, DecoderState, Float[Tensor, "B Q S"] | None]:
        """Advance every query by one step; see :meth:`Decoder.step`."""
        return self.decoder.step(previous, t, state, memory)

    def run(
        self, previous: Tensor, state: DecoderState, memory: Memory
    ) -> tuple[Tensor, DecoderState, Float[Tensor, "B T S"] | None]:
        """Run steps whose previous outputs are known; see :meth:`Decoder.run`."""
        return self.decoder.run(previous, state, memory)

    def _first_state(self, encoded: Encoded, context: Float[Tensor, "B C"]) -> RecurrentState:
        if self.bridge is None:
            return self.decoder.recurrent.zeros(context)
        state = self.bridge(encoded.final)
        if self.summary is None:
            return state
        hidden = torch.tanh(self.summary(context)).reshape(state.hidden.shape)
        return RecurrentState(hidden, state.cell)


@dataclass(frozen=True)
class SeriesShape:
    """Sizes of the series that a forecaster reads and writes.

    Attributes
    ----------
    segment_length
        Values of a segment.
    steps
        Segments of the horizon.
    targets
        Target variables.
    season_segments
        Segments of a seasonal period; the lag of a ``"season"`` residual.
    encoder_covariates, decoder_covariates
        Numbers that enter each encoder or decoder step besides the targets.
    """

    segment_length: int
    steps: int
    targets: int = 1
    season_segments: int = 1
    encoder_covariates: int = 0
    decoder_covariates: int = 0

    @property
    def segment_width(self) -> int:
        """Values and mask of a segment."""
        return 2 * self.segment_length * self.targets


def build_forecaster(network: Network, output: Output, shape: SeriesShape) -> EncoderDecoder:
    """Compose an encoder–decoder for series.

    Parameters
    ----------
    network
        The architecture; ``hidden_size`` must be set.
    output
        What is forecast.
    shape
        Sizes of the data.

    Examples
    --------
    >>> from tsseq2seq.nn.outputs import Point
    >>> shape = SeriesShape(segment_length=12, steps=2)
    >>> model = build_forecaster(Network(hidden_size=16), Point(), shape)
    >>> state, memory = model.start(model.encode(torch.zeros(5, 3, 24)))
    >>> parameters, state, _ = model.step(torch.zeros(5, 1, 24), 0, state, memory)
    >>> parameters.shape      # rows, queries, segment length, targets, parameters
    torch.Size([5, 1, 12, 1, 1])
    """
    width = network.hidden_size or 0
    embedding_size = network.embedding_size
    if embedding_size is None:
        embedding_size = width if shape.segment_length > 1 else 0
    embedding = SegmentEmbedding(shape.segment_width + shape.encoder_covariates, embedding_size)
    encoder = RecurrentEncoder(
        network.cell,
        input_size=embedding.output_size,
        hidden_size=width,
        num_layers=network.num_layers,
        bidirectional=network.bidirectional,
        dropout=network.dropout,
    )
    context = ContextVector(
        network.context,
        value_size=encoder.output_size,
        # where the vector enters nothing, there is nothing to project
        context_size=network.context_size if network.initial_state or network.feed_context else None,
    )
    decoder_width = network.decoder_hidden_size or width
    decoder_layers = network.decoder_num_layers or network.num_layers
    bridge = summary = None
    if network.initial_state:
        pooled = network.context != "last" or network.context_size is not None
        bridge = Bridge(
            encoder_size=encoder.output_size,
            encoder_layers=network.num_layers,
            decoder_size=decoder_width,
            decoder_layers=decoder_layers,
            has_cell=network.cell == "lstm",
            maps_hidden=not pooled,
        )
        if pooled:
            summary = nn.Linear(context.output_size, decoder_layers * decoder_width)
    decoder = _build_decoder(network, output, shape, embedding_size, encoder, context)
    return EncoderDecoder(
        embedding=embedding, encoder=encoder, context=context, bridge=bridge, summary=summary, decoder=decoder
    )


def _build_decoder(
    network: Network,
    output: Output,
    shape: SeriesShape,
    embedding_size: int,
    encoder: RecurrentEncoder,
    context: ContextVector,
) -> Decoder:
    width = network.decoder_hidden_size or network.hidden_size or 0
    parallel = network.decoding == "parallel"
    inputs: list[tuple[nn.Module, int]] = []
    if parallel:
        inputs.append((Position(shape.steps, width), width))
    elif network.feed_output:
        embedding = SegmentEmbedding(shape.segment_width, embedding_size)
        inputs.append((PreviousOutput(embedding), embedding.output_size))
    if network.feed_context:
        inputs.append((FeedContext(), context.output_size))
    if shape.decoder_covariates:
        inputs.append((KnownCovariates(), shape.decoder_covariates))
    if not inputs:
        inputs.append((NoInput(), 1))
    attention, before = None, False
    if network.attention is not None:
        attention = build_attention(
            network.attention,
            query_size=width,
            value_size=encoder.output_size,
            attention_size=network.attention_size,
            heads=network.attention_heads,
            coverage=network.attention_coverage,
        )
        before = network.attention_position == "before"
    input_size = sum(size for _, size in inputs)
    input_size += (encoder.output_size if before else 0) + (width if network.input_feeding else 0)
    residual = None
    if network.residual is not None:
        residual = Residual(
            network.residual, lag=shape.season_segments, length=shape.segment_length, targets=shape.targets
        )
    return Decoder(
        inputs=[module for module, _ in inputs],
        recurrent=RecurrentStack(
            network.cell,
            input_size=input_size,
            hidden_size=width,
            num_layers=network.decoder_num_layers or network.num_layers,
            dropout=network.dropout,
        ),
        head=SegmentHead(output, hidden_size=width, length=shape.segment_length, targets=shape.targets),
        attention=attention,
        value_size=encoder.output_size,
        attention_position=network.attention_position,
        input_feeding=network.input_feeding,
        residual=residual,
        parallel=parallel,
        dropout=network.dropout,
    )
