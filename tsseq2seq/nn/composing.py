"""Composing an encoder–decoder: the parts that series and tokens have in common."""

from __future__ import annotations

from torch import nn

from tsseq2seq.nn.attention import build_attention
from tsseq2seq.nn.bridge import Bridge
from tsseq2seq.nn.context import ContextVector
from tsseq2seq.nn.decoder import Decoder
from tsseq2seq.nn.decoder_inputs import FeedContext, NoInput
from tsseq2seq.nn.encoder import RecurrentEncoder
from tsseq2seq.nn.encoder_decoder import EncoderDecoder
from tsseq2seq.nn.learned_seasons import LearnedSeasons
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.recurrent import RecurrentStack
from tsseq2seq.nn.residual import Residual

__all__ = ["compose"]


def compose(
    network: Network,
    *,
    embedding: nn.Module,
    embedding_size: int,
    inputs: list[tuple[nn.Module, int]],
    head: nn.Module,
    residual: Residual | LearnedSeasons | None = None,
    parallel: bool = False,
) -> EncoderDecoder:
    """Compose encoder, context vector, bridge, attention and decoder around what reads and writes.

    Parameters
    ----------
    network
        The architecture; ``hidden_size`` must be set.
    embedding, embedding_size
        What the encoder's inputs pass through first, and the width that it gives.
    inputs
        What enters each decoder step besides the context vector, with its width.
    head
        From the decoder's state to the output.
    residual
        What outputs are added to, or None.
    parallel
        Whether all steps are decoded at once.
    """
    width = network.hidden_size or 0
    encoder = RecurrentEncoder(
        network.cell,
        input_size=embedding_size,
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
    bridge, summary = _first_state(network, encoder, context)
    if network.feed_context:
        inputs = [*inputs, (FeedContext(), context.output_size)]
    return EncoderDecoder(
        embedding=embedding,
        encoder=encoder,
        context=context,
        bridge=bridge,
        summary=summary,
        decoder=_decoder(network, encoder, inputs or [(NoInput(), 1)], head, residual, parallel),
    )


def _first_state(
    network: Network, encoder: RecurrentEncoder, context: ContextVector
) -> tuple[Bridge | None, nn.Linear | None]:
    """Return what makes the decoder's first state of the encoder's last, or of the context vector."""
    if not network.initial_state:
        return None, None
    width = network.decoder_hidden_size or network.hidden_size or 0
    layers = network.decoder_num_layers or network.num_layers
    pooled = network.context != "last" or network.context_size is not None
    bridge = Bridge(
        encoder_size=encoder.output_size,
        encoder_layers=network.num_layers,
        decoder_size=width,
        decoder_layers=layers,
        has_cell=network.cell == "lstm",
        maps_hidden=not pooled,
    )
    return bridge, nn.Linear(context.output_size, layers * width) if pooled else None


def _decoder(
    network: Network,
    encoder: RecurrentEncoder,
    inputs: list[tuple[nn.Module, int]],
    head: nn.Module,
    residual: Residual | LearnedSeasons | None,
    parallel: bool,
) -> Decoder:
    width = network.decoder_hidden_size or network.hidden_size or 0
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
        recurrent=RecurrentStack(
            network.cell,
            input_size=input_size,
            hidden_size=width,
            num_layers=network.decoder_num_layers or network.num_layers,
            dropout=network.dropout,
        ),
        head=head,
        attention=attention,
        value_size=encoder.output_size,
        attention_position=network.attention_position,
        input_feeding=network.input_feeding,
        residual=residual,
        parallel=parallel,
        dropout=network.dropout,
    )
