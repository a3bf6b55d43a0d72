"""Composing an encoder–decoder from its settings, for series and tokens alike."""

from __future__ import annotations

import torch
from torch import nn

from tsseq2seq.errors import ParameterError
from tsseq2seq.nests import same_structure
from tsseq2seq.nn.attention import build_alignment, build_attention
from tsseq2seq.nn.bridge import Bridge
from tsseq2seq.nn.cells import RecurrentLayers, build_layers
from tsseq2seq.nn.context import CONTEXTS, ContextVector
from tsseq2seq.nn.decoder import Decoder
from tsseq2seq.nn.decoder_inputs import FeedContext, NoInput, PreviousOutput
from tsseq2seq.nn.encoder_decoder import EncoderDecoder
from tsseq2seq.nn.encoders import ENCODERS, Encoder, ReversedEncoder
from tsseq2seq.nn.learned_state import LearnedState
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.pointer_generator import GenerationSwitch
from tsseq2seq.nn.readout import Readout, reads
from tsseq2seq.nn.residuals import Residual

__all__ = ["compose"]


def compose(
    network: Network,
    *,
    embedding: nn.Module,
    embedding_size: int,
    inputs: list[tuple[nn.Module, int]],
    head: nn.Module,
    residual: Residual | None = None,
    parallel: bool = False,
    bottleneck: bool = False,
) -> EncoderDecoder:
    """Compose encoder, context vector, bridge, attention and decoder.

    Parameters
    ----------
    network
        The architecture; ``hidden_size`` must be set.
    embedding, embedding_size
        Embeds the encoder's inputs, and the width of the embedding.
    inputs
        Modules of :mod:`tsseq2seq.nn.decoder_inputs`, each with its width; the context vector is added here.
    head
        Maps the decoder's state, and the base, to the output. With ``network.copy`` it must be a
        :class:`~tsseq2seq.nn.pointer_generator.PointerHead`.
    residual
        Computes the base. None: no base.
    parallel
        Whether all decoder steps run at once.
    bottleneck
        Whether the decoder knows of the inputs by the context vector alone: nothing else of the encoder's
        final state, such as an LSTM's cell state, makes its first state.
    """
    encoder_class = ReversedEncoder if network.reversed_source else ENCODERS[network.encoder]
    encoder: Encoder = encoder_class.from_settings(network, input_size=embedding_size)
    context: ContextVector = CONTEXTS[network.context](
        value_size=encoder.output_size,
        context_size=network.context_size,
    )
    bridge, summary, learned = _first_state(network, encoder, context, bottleneck)
    readout = _readout(network, context, inputs)
    if network.feed_context:
        inputs = [*inputs, (FeedContext(), context.output_size)]
    return EncoderDecoder(
        embedding=embedding,
        encoder=encoder,
        context=context,
        bridge=bridge,
        summary=summary,
        learned=learned,
        decoder=_decoder(network, encoder, inputs or [(NoInput(), 1)], head, residual, parallel, readout),
    )


def _first_state(
    network: Network, encoder: Encoder, context: ContextVector, bottleneck: bool
) -> tuple[Bridge | None, nn.Linear | None, LearnedState | None]:
    """Return what makes the decoder's first state; nothing where it is the first state of its cell.

    The bridge leads from the encoder's final state to it, part by part. Where the context vector is not that
    state itself, a ``summary`` of the vector takes the place of the hidden state. An encoder without a final
    state has the summary alone, and so has a ``bottleneck``. A learned state takes the place of both.
    """
    if network.first_state == "zeros":
        return None, None, None
    with torch.device("meta"):  # only the sizes of its state are needed, no weights
        layers = _decoder_layers(network, input_size=1)
    source, target = encoder.final_state(), layers.first_state(torch.empty(0, 1))
    if network.first_state == "learned":
        return None, None, LearnedState(target)
    has_bridge = not bottleneck and source is not None and same_structure(source, target)
    has_summary = not (has_bridge and context.is_final_state and network.context_size is None)
    bridge = Bridge(source, target, maps_hidden=not has_summary) if has_bridge else None
    summary = nn.Linear(context.output_size, layers.num_layers * layers.hidden_size) if has_summary else None
    return bridge, summary, None


def _readout(network: Network, context: ContextVector, inputs: list[tuple[nn.Module, int]]) -> Readout | None:
    """Return what the head reads beside the state; ``inputs`` hold the previous output, if it is read."""
    if network.output_reads is None:
        return None
    previous = sum(size for module, size in inputs if isinstance(module, PreviousOutput))
    if reads("previous", network.output_reads) and not previous:
        raise ParameterError(
            f"compose: output_reads is {network.output_reads!r} but inputs hold no PreviousOutput to read"
        )
    return Readout(
        network.decoder_hidden_size or network.hidden_size or 0,
        previous_size=previous if reads("previous", network.output_reads) else 0,
        context_size=context.output_size if reads("context", network.output_reads) else 0,
    )


def _decoder_layers(network: Network, *, input_size: int) -> RecurrentLayers:
    return build_layers(
        network.cell,
        input_size,
        network.decoder_hidden_size or network.hidden_size or 0,
        network.decoder_num_layers or (network.num_layers if ENCODERS[network.encoder].is_recurrent else 1),
        dropout=network.dropout,
    )


def _decoder(
    network: Network,
    encoder: Encoder,
    inputs: list[tuple[nn.Module, int]],
    head: nn.Module,
    residual: Residual | None,
    parallel: bool,
    readout: Readout | None,
) -> Decoder:
    width = network.decoder_hidden_size or network.hidden_size or 0
    switch = None
    if network.copy:
        fed = sum(size for module, size in inputs if isinstance(module, PreviousOutput))
        switch = GenerationSwitch(width, encoder.output_size, fed)
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
    return Decoder(
        inputs=[module for module, _ in inputs],
        recurrent=_decoder_layers(network, input_size=input_size),
        head=head,
        attention=attention,
        value_size=encoder.output_size,
        attention_position=network.attention_position,
        alignment=build_alignment(
            network.attention_alignment, query_size=width, window=network.attention_window
        ),
        input_feeding=network.input_feeding,
        residual=residual,
        parallel=parallel,
        dropout=network.dropout,
        readout=readout,
        switch=switch,
    )
