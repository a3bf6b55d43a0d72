"""The encoder–decoder: the parts composed. It knows neither series nor tokens."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from tsseq2seq.nests import Nest, first_leaf, with_first_leaf
from tsseq2seq.nn.bridge import Bridge
from tsseq2seq.nn.context import ContextVector
from tsseq2seq.nn.decoder import Decoder
from tsseq2seq.nn.decoder_inputs import Steps
from tsseq2seq.nn.decoder_state import DecoderState, Memory
from tsseq2seq.nn.encoders import Encoded, Encoder
from tsseq2seq.nn.segments import last_segments

__all__ = ["EncoderDecoder", "Encoding"]


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
        Makes the decoder's first state of the encoder's final one, or None where there is none to use.
    summary
        Linear layer that makes the decoder's first *hidden* state of the context vector instead; for context
        vectors that are not just the encoder's final state. Without it and without a bridge the decoder
        begins at its cell's first state.
    decoder
        The decoder.
    """

    def __init__(
        self,
        *,
        embedding: nn.Module,
        encoder: Encoder,
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
            recent = residual.values(last_segments(inputs, lengths, residual.reach))
        return Encoding(encoded, covariates, recent)

    def start(self, encoding: Encoding) -> tuple[DecoderState, Memory]:
        """Return the state before the first step, and the memory; one query a row."""
        encoded = encoding.encoded
        context = self.context(encoded)
        recurrent = self._first_state(encoded, context)
        keys = values = mask = coverage = None
        if self.decoder.attention is not None:
            keys, values = self.decoder.attention.read(encoded.states, encoded.mask)
            mask = None if encoded.mask is None else encoded.mask[:, None]
            if self.decoder.coverage:
                # a sum of weights, which are never in half precision
                wide = torch.promote_types(values.dtype, torch.float32)
                coverage = torch.zeros(len(values), 1, values.shape[1], dtype=wide, device=values.device)
        recent = encoding.recent
        history = None if recent is None else recent[:, None, :-1]
        fed = None
        if self.decoder.input_feeding:
            fed = torch.zeros_like(self.decoder.recurrent.output(recurrent))
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

    def _first_state(self, encoded: Encoded, context: Float[Tensor, "B C"]) -> Nest:
        layers, bridge = self.decoder.recurrent, self.bridge
        if self.summary is None:
            if bridge is None:
                return layers.first_state(context)
            return bridge(encoded.final, layers.within_range)
        hidden = self.summary(context).reshape(len(context), 1, layers.num_layers, layers.hidden_size)
        if bridge is not None:
            return bridge(encoded.final, layers.within_range, hidden)
        state = layers.first_state(context)
        return with_first_leaf(state, first_leaf(layers.within_range(with_first_leaf(state, hidden))))
