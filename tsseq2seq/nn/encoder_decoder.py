"""The encoder–decoder: encoder, context vector, bridge and decoder, for series and tokens alike."""

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
from tsseq2seq.nn.learned_state import LearnedState
from tsseq2seq.nn.pointer_generator import Copyable
from tsseq2seq.nn.segments import last_segments

__all__ = ["EncoderDecoder", "Encoding"]


@dataclass(frozen=True)
class Encoding:
    """An encoded batch: what the decoder needs of it.

    Attributes
    ----------
    encoded
        The encoder's states.
    covariates
        (B, T, J), the future and static covariates of the decoder steps; None without covariates.
    recent
        (B, K, D), the last segments of the context, the oldest first, or the bases of all decoder steps where
        they are given; None without a residual.
    copyable
        What can be copied of the sources; None without a copy mechanism.
    """

    encoded: Encoded
    covariates: Float[Tensor, "B T J"] | None = None
    recent: Float[Tensor, "B K D"] | None = None
    copyable: Copyable | None = None


class EncoderDecoder(nn.Module):
    """Encoder, context vector, bridge and decoder; a :class:`~tsseq2seq.decoding.stepper.FusedStepper`.

    Parameters
    ----------
    embedding
        Embeds the encoder's inputs.
    encoder
        Encodes the embedded inputs.
    context
        Pools the encoder's states into the context vector.
    bridge
        Maps the encoder's final state to the decoder's first. None if the encoder has no final state that
        fits, or if the first state is not the encoder's.
    summary
        Linear layer from the context vector to the decoder's first *hidden* state, for context vectors other
        than the encoder's final state. Without a summary and a bridge, the decoder starts from the first
        state of its cell.
    decoder
        The decoder.
    learned
        A first state that is a parameter. None: the first state is that of bridge, summary or cell.
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
        learned: LearnedState | None = None,
    ) -> None:
        super().__init__()
        self.embedding = embedding
        self.encoder = encoder
        self.context = context
        self.bridge = bridge
        self.summary = summary
        self.learned = learned
        self.decoder = decoder

    @property
    def fused(self) -> bool:
        """Whether :meth:`run` may be used."""
        return self.decoder.fused

    @property
    def parallel(self) -> bool:
        """Whether all decoder steps run at once."""
        return self.decoder.parallel

    def encode(
        self,
        inputs: Tensor,
        lengths: Int[Tensor, " B"] | None = None,
        covariates: Float[Tensor, "B T J"] | None = None,
        bases: Float[Tensor, "B T values"] | None = None,
    ) -> Encoding:
        """Encode a batch.

        Parameters
        ----------
        inputs
            (B, S, …): segments or tokens; in each row the valid ones come first, then padding. With a copy
            mechanism (B, S, 2): tokens, and their numbers in the extended vocabulary.
        lengths
            Number of valid steps of each row. None: all steps are valid.
        covariates
            Future and static covariates of the decoder steps.
        bases
            The bases of the decoder steps, for a residual that is given them.
        """
        copyable = None
        if self.decoder.switch is not None:
            inputs, numbers = inputs.unbind(-1)
            copyable = Copyable.of(numbers, len(self.decoder.head.bias))  # type: ignore[arg-type]
        encoded = self.encoder(self.embedding(inputs), lengths)
        residual = self.decoder.residual
        recent = None
        if residual is not None and residual.given:
            recent = bases
        elif residual is not None:
            recent = residual.values(last_segments(inputs, lengths, residual.reach))
        return Encoding(encoded, covariates, recent, copyable)

    def start(self, encoding: Encoding) -> tuple[DecoderState, Memory]:
        """Return the state before the first decoder step, with one query a row, and the memory."""
        encoded = encoding.encoded
        context = self.context(encoded)
        recurrent = self.first_state(encoded.final, context)
        keys = values = mask = coverage = None
        if self.decoder.attention is not None:
            keys, values = self.decoder.attention.read(encoded.states, encoded.mask)
            mask = None if encoded.mask is None else encoded.mask[:, None]
            if self.decoder.coverage:
                # weights are in float32 at least, and so is their sum
                wide = torch.promote_types(values.dtype, torch.float32)
                coverage = torch.zeros(len(values), 1, values.shape[1], dtype=wide, device=values.device)
        recent = encoding.recent
        residual = self.decoder.residual
        history = None if residual is None or recent is None or residual.given else recent[:, None, :-1]
        attentional = None
        if self.decoder.input_feeding:
            attentional = torch.zeros_like(self.decoder.recurrent.output(recurrent))
        memory = Memory(context, keys, values, mask, encoding.covariates, recent, encoding.copyable)
        return DecoderState(recurrent, history, attentional, coverage), memory

    def step(
        self, previous: Tensor, t: Steps, state: DecoderState, memory: Memory
    ) -> tuple[Tensor, DecoderState, Float[Tensor, "B Q S"] | None]:
        """Advance every query by one decoder step; see :meth:`Decoder.step`."""
        return self.decoder.step(previous, t, state, memory)

    def run(
        self, previous: Tensor, state: DecoderState, memory: Memory
    ) -> tuple[Tensor, DecoderState, Float[Tensor, "B T S"] | None]:
        """Run decoder steps whose previous outputs are known; see :meth:`Decoder.run`."""
        return self.decoder.run(previous, state, memory)

    def first_state(self, final: Nest, context: Float[Tensor, "B C"]) -> Nest:
        """Return the recurrent layers' first state, given the encoder's final state and the context vector.

        Without a bridge the final state has no part in it.
        """
        layers, bridge = self.decoder.recurrent, self.bridge
        if self.learned is not None:
            return self.learned(len(context), layers.within_range)
        if self.summary is None:
            if bridge is None:
                return layers.first_state(context)
            return bridge(final, layers.within_range)
        hidden = self.summary(context).reshape(len(context), 1, layers.num_layers, layers.hidden_size)
        if bridge is not None:
            return bridge(final, layers.within_range, hidden)
        state = layers.first_state(context)
        return with_first_leaf(state, first_leaf(layers.within_range(with_first_leaf(state, hidden))))
