"""build_autoencoder: an encoder–decoder whose decoder knows of the window by the context vector alone."""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from tsseq2seq.nn.composing import compose
from tsseq2seq.nn.decoder_inputs import DecoderCovariates, Position, PreviousOutput
from tsseq2seq.nn.encoder_decoder import EncoderDecoder
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import Output
from tsseq2seq.nn.segments import SegmentEmbedding, SegmentHead

__all__ = ["AutoencoderShape", "build_autoencoder"]


@dataclass(frozen=True)
class AutoencoderShape:
    """Sizes of the windows that an autoencoder reads and writes.

    Attributes
    ----------
    segment_length
        Time steps of a segment.
    segments
        Segments of a window.
    targets
        Number of targets.
    covariates
        Number of calendar inputs of each segment.
    """

    segment_length: int
    segments: int
    targets: int = 1
    covariates: int = 0


def build_autoencoder(network: Network, output: Output, shape: AutoencoderShape) -> EncoderDecoder:
    """Compose an encoder–decoder for windows; its context vector is the latent vector.

    Parameters
    ----------
    network
        The architecture; ``hidden_size`` must be set, and ``context_size`` is the latent size.
    output
        What the decoder writes.
    shape
        Sizes of a window.

    Examples
    --------
    >>> import torch
    >>> from tsseq2seq.nn.outputs import Point
    >>> network = Network(hidden_size=8, context_size=3, feed_context=True, feed_output=False, residual=None)
    >>> model = build_autoencoder(network, Point(), AutoencoderShape(segment_length=4, segments=6))
    >>> model.context(model.encode(torch.zeros(5, 6, 8)).encoded).shape
    torch.Size([5, 3])
    """
    width = network.hidden_size or 0
    decoder_width = network.decoder_hidden_size or width
    size = network.embedding_size
    if size is None:
        size = width if shape.segment_length > 1 else 0
    segment_width = 2 * shape.segment_length * shape.targets
    embedding = SegmentEmbedding(segment_width + shape.covariates, size)
    inputs: list[tuple[nn.Module, int]] = []
    parallel = network.decoding == "parallel"
    if parallel:
        inputs.append((Position(shape.segments, decoder_width), decoder_width))
    elif network.feed_output:
        previous = SegmentEmbedding(segment_width, size)
        inputs.append((PreviousOutput(previous), previous.output_size))
    if shape.covariates:
        inputs.append((DecoderCovariates(), shape.covariates))
    return compose(
        network,
        embedding=embedding,
        embedding_size=embedding.output_size,
        inputs=inputs,
        head=SegmentHead(
            output, hidden_size=decoder_width, length=shape.segment_length, targets=shape.targets
        ),
        parallel=parallel,
        bottleneck=True,
    )
