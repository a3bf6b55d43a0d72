"""Building an encoder–decoder for tokens."""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from tsseq2seq.errors import ParameterError
from tsseq2seq.nn.composing import compose
from tsseq2seq.nn.decoder_inputs import PreviousOutput
from tsseq2seq.nn.encoder_decoder import EncoderDecoder
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.token_layers import TokenEmbedding, TokenHead

__all__ = ["TokenShape", "build_translator", "check_token_network"]


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
    width = network.hidden_size or 0
    embedding_size = network.embedding_size or width
    decoder_width = network.decoder_hidden_size or width
    source = TokenEmbedding(shape.source, embedding_size, network.dropout)
    target = TokenEmbedding(shape.target, embedding_size, network.dropout)
    inputs: list[tuple[nn.Module, int]] = []
    if network.feed_output:
        inputs.append((PreviousOutput(target), target.output_size))
    return compose(
        network,
        embedding=source,
        embedding_size=source.output_size,
        inputs=inputs,
        head=TokenHead(decoder_width, shape.target, target if shape.tied else None),
    )


def check_token_network(owner: str, network: Network) -> None:
    """Refuse settings of a network that one of tokens does not have.

    Parameters
    ----------
    owner
        Name of the estimator, for messages.
    network
        The network as it was given.

    Raises
    ------
    ParameterError
        If decoding is parallel, tokens are not embedded, or a base to add to is asked for.

    Examples
    --------
    >>> check_token_network("Seq2SeqTranslator", Network(attention="dot"))
    """
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
