"""Building an encoder–decoder that writes tokens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import nn

from tsseq2seq.data.text.vocabulary import UNK
from tsseq2seq.errors import ParameterError
from tsseq2seq.nn.composing import compose
from tsseq2seq.nn.decoder_inputs import PreviousOutput
from tsseq2seq.nn.encoder_decoder import EncoderDecoder
from tsseq2seq.nn.encoders import Encoder
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import Tokens
from tsseq2seq.nn.pointer_generator import CopyableEmbedding, PointerHead
from tsseq2seq.nn.token_layers import TokenEmbedding, TokenHead
from tsseq2seq.training.teacher_forcing import check_fed
from tsseq2seq.training.training import Training

__all__ = [
    "SourceLayers",
    "TokenShape",
    "build_translator",
    "build_writer",
    "check_token_network",
    "embedding_width",
]


@dataclass(frozen=True)
class SourceLayers:
    """What stands between the sources of a batch and the encoder.

    Attributes
    ----------
    embedding
        Embeds each step.
    output_size
        Width of what the encoder reads.
    around
        Function from the encoder to one that first shortens its inputs. None: all steps are encoded.
    """

    embedding: nn.Module
    output_size: int
    around: Callable[[Encoder], Encoder] | None = None


@dataclass(frozen=True)
class TokenShape:
    """Sizes of a network for tokens.

    Attributes
    ----------
    source, target
        Tokens of the vocabularies.
    tied
        Whether the last layer shares the weights of the decoder's embedding.
    """

    source: int
    target: int
    tied: bool = False


def build_translator(network: Network, shape: TokenShape) -> EncoderDecoder:
    """Compose an encoder–decoder for tokens.

    Parameters
    ----------
    network
        The architecture; ``hidden_size`` must be set. Embeddings have this width if ``embedding_size`` is
        None.
    shape
        Sizes of the vocabularies.

    Examples
    --------
    >>> import torch
    >>> model = build_translator(Network(hidden_size=8, attention="dot", residual=None), TokenShape(20, 30))
    >>> state, memory = model.start(model.encode(torch.ones(5, 3, dtype=torch.int64)))
    >>> model.step(torch.ones(5, 1, dtype=torch.int64), 0, state, memory)[0].shape
    torch.Size([5, 1, 30])
    """
    source = TokenEmbedding(shape.source, embedding_width(network), network.dropout)
    return build_writer(network, SourceLayers(source, source.output_size), shape.target, tied=shape.tied)


def embedding_width(network: Network) -> int:
    """Return the width of the embeddings of sources and targets."""
    return network.embedding_size or network.hidden_size or 0


def build_writer(
    network: Network, source: SourceLayers, target_size: int, *, tied: bool = False
) -> EncoderDecoder:
    """Compose an encoder–decoder that writes tokens, whatever it reads.

    Parameters
    ----------
    network
        The architecture; ``hidden_size`` must be set.
    source
        The layers that read a source.
    target_size
        Tokens of the vocabulary that is written.
    tied
        Whether the last layer shares the weights of the decoder's embedding.
    """
    decoder_width = network.decoder_hidden_size or network.hidden_size or 0
    width = embedding_width(network)
    target: TokenEmbedding
    head: TokenHead
    if network.copy:
        target = CopyableEmbedding(target_size, width, network.dropout, unknown=UNK)
        head = PointerHead(decoder_width, target_size, target if tied else None, unknown=UNK)
    else:
        target = TokenEmbedding(target_size, width, network.dropout)
        head = TokenHead(decoder_width, target_size, target if tied else None)
    inputs: list[tuple[nn.Module, int]] = []
    if network.feed_output:
        inputs.append((PreviousOutput(target), target.output_size))
    composed = compose(
        network,
        embedding=source.embedding,
        embedding_size=source.output_size,
        inputs=inputs,
        head=head,
    )
    if source.around is not None:
        composed.encoder = source.around(composed.encoder)
    return composed


def check_token_network(owner: str, network: Network, training: Training, output: Tokens) -> None:
    """Refuse settings of a network that one of tokens does not have, or that training contradicts.

    Parameters
    ----------
    owner
        Name of the estimator, for messages.
    network
        The network as it was given.
    training, output
        The training and the output as they were given.

    Raises
    ------
    ParameterError
        If decoding is parallel, tokens are not embedded, a base to add to is asked for, or tokens are not fed
        but drawn in training.

    Examples
    --------
    >>> check_token_network("Seq2SeqTranslator", Network(attention="dot"), Training(), Tokens())
    """
    check_fed(owner, training.teacher_forcing, network.unfed())
    if output.tied and not network.feed_output:
        raise ParameterError(
            f"{owner}: output has tied=True, but network has feed_output=False, so that the decoder has no "
            "embedding to share; leave one of them out"
        )
    if network.decoding == "parallel":
        raise ParameterError(f"{owner}: network has decoding='parallel'; it must be 'autoregressive'")
    if network.embedding_size == 0:
        raise ParameterError(
            f"{owner}: network has embedding_size=0, but tokens need an embedding; give its width, or "
            "None for that of the network"
        )
    usual = Network()
    for field in ("residual", "residual_seasons", "residual_weights"):
        value = getattr(network, field)
        if value is not None and value != getattr(usual, field):
            raise ParameterError(
                f"{owner}: network has {field}={value!r}, but tokens are added to no base; leave it out"
            )
